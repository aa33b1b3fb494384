"""Pausing, resuming, cancelling and settling at the command line."""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from io import StringIO
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


def test_what_a_dead_process_left_says_what_goes_on_with_it(
    run: Run, news: Path, sending: str
) -> None:
    told = run("-w", news, "campaign", "status", sending).out
    assert "No process sends it now." in told.splitlines()
    assert "Expected to be handed over" not in told
    assert f"Next: tigc-mail campaign send {sending}" in told
    assert run("-w", news, "campaign", "status", sending, "--json").json["unattended"] is True
    refused = run("-w", news, "campaign", "resume", sending)
    assert refused.code == 1
    go_on = f"go on with: tigc-mail campaign send {sending} --provider"
    assert go_on in " ".join(refused.err.split())
    assert run("-w", news, "campaign", "send", sending, "--json").json["unattended"] is True
    left = run("-w", news, "campaign", "status", sending).out  # an outcome that nobody knows
    assert f"tigc-mail campaign send {sending}" not in left


def test_a_campaign_is_cancelled_once(run: Run, news: Path, sending: str) -> None:
    told = run("-w", news, "campaign", "cancel", sending, "--json")
    assert told.code == 0
    assert told.json["states"] == {"cancelled": WRITTEN_TO - 1, "claimed": 1}
    again = run("-w", news, "campaign", "cancel", sending)
    assert again.code != 0
    assert "is cancelled already" in " ".join(again.err.split())


@pytest.mark.parametrize(
    "words",
    [[], ["--as", "sent", "--csv", "activity.csv"], ["--csv", "a.csv", "--template", "b.csv"]],
)
def test_settling_takes_one_word_or_one_file(
    run: Run, news: Path, sending: str, words: Sequence[str]
) -> None:
    told = run("-w", news, "campaign", "settle", sending, *words)
    assert told.code == 2
    assert "one of these is needed, and no more" in told.err


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


class Terminal(StringIO):
    """Somebody at a terminal, who types."""

    def isatty(self) -> bool:
        return True


def states(run: Run, news: Path, campaign: str) -> dict[str, int]:
    told = run("-w", news, "campaign", "status", campaign, "--json")
    return dict(told.json["states"])


NOT_SENT = ("--as", "not-sent", "--json")


def test_at_a_terminal_it_is_asked_before_anybody_may_get_it_twice(
    run: Run, news: Path, sending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = states(run, news, sending)
    for answer in ("n\n", "\n"):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        refused = run("-w", news, "campaign", "settle", sending, *NOT_SENT)
        assert (refused.code, refused.out.strip()) == (1, "")
        assert f"1 deliveries of {sending} are planned again." in refused.err
        assert "Nothing was settled." in refused.err
        assert states(run, news, sending) == before
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    settled = run("-w", news, "campaign", "settle", sending, *NOT_SENT)
    assert (settled.code, settled.json["settled"]) == (0, 1)
    assert states(run, news, sending) == {"planned": WRITTEN_TO}


@pytest.mark.parametrize(
    ("typing", "words"),
    [
        (True, (*NOT_SENT, "--yes")),
        (True, ("--as", "sent", "--json")),
        (False, NOT_SENT),
    ],
)
def test_who_says_yes_is_not_asked_nor_a_program_nor_what_doubles_nothing(
    run: Run,
    news: Path,
    sending: str,
    monkeypatch: pytest.MonkeyPatch,
    typing: bool,  # noqa: FBT001
    words: Sequence[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n") if typing else StringIO("n\n"))
    settled = run("-w", news, "campaign", "settle", sending, *words)
    assert (settled.code, settled.json["settled"], settled.err) == (0, 1, "")


def test_where_nothing_is_unknown_nothing_is_asked(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    settled = run("-w", news, "campaign", "settle", approved, *NOT_SENT)
    assert (settled.code, settled.json["settled"]) == (0, 0)
