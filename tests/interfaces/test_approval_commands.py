"""What an approver looks at, at the command line: what changed, who did what, tests."""

import sqlite3
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

from tests.interfaces.conftest import Run

from tigc_mail.delivery.trial import MARKS


def test_a_diff_is_quiet_and_0_where_nothing_changed(run: Run, news: Path, approved: str) -> None:
    told = run("-w", news, "campaign", "diff", approved)
    assert told.code == 0
    assert f"Nothing changed since {approved}" in told.out


def test_a_diff_shows_the_lines_and_is_1_where_something_changed(
    run: Run, news: Path, approved: str
) -> None:
    rules = news / "audiences" / "public.yaml"
    rules.write_text(rules.read_text("utf-8").replace("TLP:CLEAR", "TLP:GREEN", 1), "utf-8")
    told = run("-w", news, "campaign", "diff", approved)
    assert told.code == 1
    assert "-audience public: ceiling TLP:CLEAR" in told.out.splitlines()
    assert "+audience public: ceiling TLP:GREEN" in told.out.splitlines()
    changes = run("-w", news, "campaign", "diff", approved, "--json").json["changes"]
    assert "the rules of audiences and blocks" in changes


def test_the_status_says_that_an_approval_does_not_hold(
    run: Run, news: Path, approved: str
) -> None:
    sender = news / "audiences" / "public.yaml"
    whole = sender.read_text("utf-8")
    sender.write_text(whole.replace("list_id: ", "list_id: other.", 1), "utf-8")
    told = run("-w", news, "campaign", "status", approved)
    assert (told.code, told.err) == (0, "")
    assert "That approval does not hold now, and nothing would be sent:" in told.out
    assert "- the message for public in es" in told.out
    assert f"tigc-mail campaign diff {approved}" in told.out
    asked = run("-w", news, "campaign", "status", approved, "--json").json
    assert (asked["state"], asked["approval_holds"]) == ("approved", False)
    (changed,) = asked["changed"]
    assert changed.startswith("the message for public in es")
    assert changed.endswith(" changed")
    every = run("-w", news, "campaign", "status")
    assert "ben (void now)" in every.out
    sender.write_text(whole, "utf-8")
    asked = run("-w", news, "campaign", "status", approved, "--json").json
    assert (asked["approval_holds"], asked["changed"]) == (True, [])
    assert "does not hold now" not in run("-w", news, "campaign", "status", approved).out


def test_other_recipients_are_shown_too(run: Run, news: Path, approved: str) -> None:
    with closing(sqlite3.connect(news / "tigc-mail.db")) as connection, connection:
        connection.execute("UPDATE deliveries SET contact_id = 99 WHERE id = 1")
    told = run("-w", news, "campaign", "diff", approved)
    assert told.code == 1
    assert "the deliveries are others now" in told.out


def test_the_log_tells_who_did_what(run: Run, news: Path, approved: str) -> None:
    entries = run("-w", news, "campaign", "log", approved, "--json").json
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        ("ana", "draft"),
        ("ben", "approved"),
    ]
    told = run("-w", news, "campaign", "log", approved)
    assert f"entry {entries[-1]['number']}, {entries[-1]['digest']}" in told.out


def test_the_digest_is_the_same_in_create_approve_and_status(
    run: Run, news: Path, draft: str
) -> None:
    digest = run("-w", news, "campaign", "approve", draft, "--by", "ben", "--json").json["digest"]
    status = run("-w", news, "campaign", "status", draft, "--json").json
    assert status["approved_digest"] == digest
    assert digest[:16] in run("-w", news, "campaign", "status", draft).out
    anew = run("-w", news, "campaign", "approve", draft, "--by", "cy", "--digest", digest[:8])
    assert anew.code == 0


def test_a_test_is_written_and_the_account_is_as_it_was(run: Run, news: Path, draft: str) -> None:
    before = run("-w", news, "campaign", "status", draft, "--json").json
    words = ("--to", "x@example.org", "--audience", "public", "--json")
    told = run("-w", news, "campaign", "test", draft, *words)
    assert told.err == ""
    assert (told.code, {one["outcome"] for one in told.json["tests"]}) == (0, {"accepted"})
    files = [*(news / "outbox").glob("test-*.eml")]
    assert len(files) == len(told.json["tests"])
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert mail["Subject"].startswith(MARKS[mail["Content-Language"]])
    assert run("-w", news, "campaign", "status", draft, "--json").json == before


def test_a_test_that_somebody_may_not_read_is_refused(run: Run, news: Path, draft: str) -> None:
    words = ("--to", "x@example.org", "--audience", "law-enforcement")
    told = run("-w", news, "campaign", "test", draft, *words)
    assert told.code == 1
    assert "1 of the addresses is not of that audience" in told.err
    assert "x@example.org" not in told.err
    assert not [*(news / "outbox").glob("*")]
