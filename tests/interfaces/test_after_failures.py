"""After a send that failed: how it stands, what to do, and which outcomes are unknown."""

import csv
import re
import sqlite3
from contextlib import closing
from itertools import repeat
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import ADDRESS, WRITTEN_TO

from tigc_mail.interfaces.cli import unsettled as unsettled_module
from tigc_mail.testing.sendgrid import KEY, FakeSendGrid, Point
from tigc_mail.testing.smtp import FakeSmtp


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a provider needs, and no patience with it."""
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", "a key for nothing but tests")
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("TIGC_MAIL_RETRY", '{"provider": {"attempts": 1}}')


def sent_to(run: Run, news: Path, campaign: str, point: Point, *words: str) -> list[str]:
    """Send through a SendGrid that fails, and return what was said of it."""
    with pytest.MonkeyPatch.context() as patch, FakeSendGrid(script=repeat(point)) as fake:
        patch.setenv("TIGC_MAIL_SENDGRID_HOST", fake.url)
        ended = run("-w", news, "campaign", "send", campaign, "--provider", "sendgrid", *words)
    assert (ended.code, ended.out) == (1, "")
    return ended.err.splitlines()


def resumption(campaign: str, provider: str = "sendgrid") -> str:
    return f"tigc-mail campaign resume {campaign} --provider {provider}"


def settlement(campaign: str) -> str:
    return (
        f"tigc-mail campaign status {campaign} --unknown names those whose outcome is unknown; look"
        f" at the provider's record, then tigc-mail campaign settle {campaign}"
    )


def test_after_a_wrong_key_it_is_told_how_it_stands_and_how_it_goes_on(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", "SG.wrong")
    error, stands, then = sent_to(run, news, approved, "accept")
    assert error.startswith("Error: sendgrid: does not take the key.")
    assert stands == f"{approved} is paused: 0 sent, 0 not known, {WRITTEN_TO} left."
    assert then == f"Then: {resumption(approved)}"


def test_after_a_refused_sender_those_sent_before_are_counted(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(news / "tigc-mail.db")) as connection, connection:
        connection.execute("UPDATE campaigns SET state = 'sending'")
        for state in ("claimed", "accepted"):
            connection.execute("UPDATE deliveries SET state = ? WHERE id = 1", (state,))
    with FakeSmtp(act=lambda _: "sender refused") as fake:
        monkeypatch.setenv("TIGC_MAIL_SMTP_URL", fake.url)
        ended = run("-w", news, "campaign", "send", approved, "--provider", "smtp", "--json")
    error, stands, then = ended.err.splitlines()
    assert (ended.code, ended.out) == (1, "")
    assert "the server refuses the sender: 550 5.7.1" in error
    assert stands == f"{approved} is paused: 1 sent, 0 not known, {WRITTEN_TO - 1} left."
    assert then == f"Then: {resumption(approved, 'smtp')}"


@pytest.mark.parametrize("point", ["html", "after accepting", "502"])
def test_after_an_answer_that_says_nothing_the_unknown_are_counted_and_to_be_settled(
    run: Run, news: Path, approved: str, point: Point
) -> None:
    error, stands, *then = sent_to(run, news, approved, point)
    assert error.startswith("Error: sendgrid: ")
    assert not error.endswith("Wait.")
    states = run("-w", news, "campaign", "status", approved, "--json").json["states"]
    assert states["unknown"] > 0
    counted = f"0 sent, {states['unknown']} not known, {states.get('planned', 0)} left"
    assert stands == f"{approved} is paused: {counted}."
    assert then == [f"Then: {resumption(approved)}", f"Then: {settlement(approved)}"]


def test_after_a_broken_connection_waiting_is_no_cure(run: Run, news: Path, approved: str) -> None:
    error, *_ = sent_to(run, news, approved, "after accepting")
    assert error == (
        "Error: sendgrid: the connection broke after the request was sent. Whether these messages "
        "were sent stands in SendGrid's own record: look there, then settle them with tigc-mail "
        "campaign settle."
    )


def test_the_status_says_what_to_do_for_as_long_as_there_is_something(
    run: Run, news: Path, approved: str
) -> None:
    assert "Next:" not in run("-w", news, "campaign", "status", approved).out
    sent_to(run, news, approved, "after accepting")
    told = run("-w", news, "campaign", "status", approved).out.splitlines()
    assert told[-2:] == [f"Next: {resumption(approved)}", f"Next: {settlement(approved)}"]
    run("-w", news, "campaign", "settle", approved, "--as", "sent")
    told = run("-w", news, "campaign", "status", approved).out.splitlines()
    assert told[-2:] == ["", f"Next: {resumption(approved)}"]
    ended = run("-w", news, "campaign", "resume", approved, "--provider", "outbox")
    assert ended.out.splitlines()[-1] == f"Next: tigc-mail campaign verify {approved}"
    assert "Next:" not in run("-w", news, "campaign", "status", approved).out


def test_where_nothing_was_begun_only_the_error_is_told(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIGC_MAIL_SENDGRID_API_KEY")
    ended = run("-w", news, "campaign", "send", approved, "--provider", "sendgrid")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)


# Which are unknown


@pytest.fixture
def lost(run: Run, news: Path, approved: str) -> str:
    """The id of a campaign of which some outcomes are unknown."""
    sent_to(run, news, approved, "after accepting")
    return approved


def test_the_unknown_are_named_by_their_ids_alone(
    run: Run, news: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = run("-w", news, "campaign", "status", lost, "--json").json["states"]["unknown"]
    rows = run("-w", news, "campaign", "status", lost, "--unknown", "--json").json
    assert len(rows) == count
    assert {row["provider"] for row in rows} == {"sendgrid"}
    assert {row["reason"] for row in rows} == {"the connection broke after the request was sent"}
    assert all(re.fullmatch(rf"{lost}-\d", row["delivery_id"]) for row in rows)
    monkeypatch.setattr(unsettled_module, "_PART", 1)
    monkeypatch.setenv("COLUMNS", "160")
    told = run("-w", news, "campaign", "status", lost, "--unknown")
    assert (told.code, ADDRESS.search(told.out)) == (0, None)
    for row in rows:
        assert row["delivery_id"] in told.out
    assert f"{count} in all. Look them up in the provider's own record." in told.out
    assert f"Next: tigc-mail campaign settle {lost} --template FILE.csv" in told.out


def test_where_none_is_unknown_it_is_said(run: Run, news: Path, approved: str) -> None:
    told = run("-w", news, "campaign", "status", approved, "--unknown")
    assert told.out == f"No delivery of {approved} has an unknown outcome.\n"
    assert run("-w", news, "campaign", "status", approved, "--unknown", "--json").json == []
    file = news / "look-up.csv"
    told = run("-w", news, "campaign", "settle", approved, "--template", file)
    assert (told.code, "no file is written" in told.out, file.exists()) == (0, True, False)


def test_the_unknown_of_no_campaign_are_a_wrong_word(run: Run, news: Path) -> None:
    told = run("-w", news, "campaign", "status", "--unknown")
    assert (told.code, "Error: --unknown: no campaign is named." in told.err) == (2, True)


def test_a_template_is_filled_in_and_settles(run: Run, news: Path, lost: str) -> None:
    file = news / "look-up.csv"
    told = run("-w", news, "campaign", "settle", lost, "--template", file)
    assert told.code == 0
    assert f"Next: tigc-mail campaign settle {lost} --csv {file}" in told.out.splitlines()
    written = file.read_text("utf-8-sig")
    assert ADDRESS.search(written) is None
    rows = list(csv.DictReader(written.splitlines()))
    unknown = run("-w", news, "campaign", "status", lost, "--unknown", "--json").json
    assert [row["delivery_id"] for row in rows] == [row["delivery_id"] for row in unknown]
    again = run("-w", news, "campaign", "settle", lost, "--template", file)
    assert (again.code, "is there already" in again.err) == (2, True)
    file.write_text(written.replace(",,", ",sent,"), "utf-8")
    settled = run("-w", news, "campaign", "settle", lost, "--csv", file, "--json")
    assert (settled.code, settled.json["settled"], settled.json["unknown"]) == (0, len(rows), 0)


def test_programs_are_told_of_the_template(run: Run, news: Path, lost: str) -> None:
    count = run("-w", news, "campaign", "status", lost, "--json").json["states"]["unknown"]
    file = news / "look-up.csv"
    told = run("-w", news, "campaign", "settle", lost, "--template", file, "--json")
    assert told.json == {"campaign": lost, "file": str(file), "unknown": count}
