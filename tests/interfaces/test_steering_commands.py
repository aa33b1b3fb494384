"""Pausing, resuming, cancelling and settling at the command line."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import WRITTEN_TO


@pytest.fixture
def sending(news: Path, approved: str) -> str:
    """The id of a campaign whose sender died; nobody knows what became of its first delivery."""
    with closing(sqlite3.connect(news / "tigc-mail.db")) as connection, connection:
        connection.execute("UPDATE campaigns SET state = 'sending'")
        connection.execute(
            "UPDATE deliveries SET state = 'claimed', provider = 'gone' WHERE id = 1"
        )
    return approved


def test_a_campaign_is_paused_and_resumed(run: Run, news: Path, sending: str) -> None:
    told = run("-w", news, "campaign", "pause", sending, "--by", "ana", "--reason", "A date")
    assert (told.code, told.err) == (0, "")
    assert f"{sending} is paused: {WRITTEN_TO} of {WRITTEN_TO} are not sent." in told.out
    refused = run("-w", news, "campaign", "send", sending)
    assert refused.code != 0
    assert "was paused by ana: A date" in " ".join(refused.err.split())
    resumed = run("-w", news, "campaign", "resume", sending, "--provider", "discard", "--json")
    assert resumed.json["states"] == {"accepted": WRITTEN_TO - 1, "unknown": 1}


def test_a_campaign_is_cancelled_once(run: Run, news: Path, sending: str) -> None:
    told = run("-w", news, "campaign", "cancel", sending, "--json")
    assert told.code == 0
    assert told.json["states"] == {"cancelled": WRITTEN_TO - 1, "claimed": 1}
    again = run("-w", news, "campaign", "cancel", sending)
    assert again.code != 0
    assert "is cancelled already" in " ".join(again.err.split())


@pytest.mark.parametrize("words", [[], ["--as", "sent", "--csv", "activity.csv"]])
def test_settling_takes_one_word_or_one_file(
    run: Run, news: Path, sending: str, words: Sequence[str]
) -> None:
    told = run("-w", news, "campaign", "settle", sending, *words)
    assert told.code == 2
    assert "one of both is needed" in told.err


def test_settling_says_what_is_left(run: Run, news: Path, sending: str, tmp_path: Path) -> None:
    file = tmp_path / "activity.csv"
    file.write_text("delivery_id,event\nother-1,sent\n", "utf-8")
    told = run("-w", news, "campaign", "settle", sending, "--csv", file, "--json")
    assert told.code == 1
    assert (told.json["settled"], told.json["unknown"]) == (0, 1)
    assert [row["line"] for row in told.json["rejected"]] == [2]
    settled = run("-w", news, "campaign", "settle", sending, "--as", "sent")
    assert settled.code == 0
    assert "1 settled, 0 with an unknown outcome left" in settled.out
