"""What is recorded of one contact by a command: consent, suppression, tags, values."""

from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import ADDRESS, state_of

from tigc_mail import Workspace
from tigc_mail.people.importing import CHUNK, Import

LEA = "lea@example.org"
SAID = ("--source", "telephone call")


def test_a_withdrawal_is_recorded_and_shown(run: Run, news: Path) -> None:
    told = run("-w", news, "contacts", "withdraw", LEA.upper(), *SAID, "--at", "2026-05-02")
    assert (told.code, told.err) == (0, "")
    assert "Recorded. Contact 1: withdrawn since 2026-05-02 00:00 UTC (telephone call)" in told.out
    assert not ADDRESS.search(told.out)
    shown = run("-w", news, "contacts", "show", LEA)
    assert "Consent: withdrawn since 2026-05-02 00:00 UTC (telephone call)" in shown.out
    assert "Suppression: none" in shown.out


def test_a_withdrawal_done_already_is_no_error_and_said_so(run: Run, news: Path) -> None:
    first = run("-w", news, "contacts", "withdraw", LEA, *SAID, "--json").json
    assert (first["contact"], first["recorded"]) == (1, True)
    assert first["consent"]["event"] == "withdrawn"
    told = run("-w", news, "contacts", "withdraw", LEA, "--source", "a letter")
    assert told.code == 0
    assert "Done already, nothing is changed. Contact 1: withdrawn" in told.out
    again = run("-w", news, "contacts", "withdraw", LEA, "--source", "a letter", "--json")
    assert (again.code, again.json) == (0, {**first, "recorded": False})
    shown = run("-w", news, "contacts", "show", LEA, "--json").json
    assert [entry["event"] for entry in shown["consents"]] == ["granted", "withdrawn"]
    assert shown["consent"] == shown["consents"][-1] == first["consent"]


def test_the_withdrawal_of_who_never_consented_is_kept_and_said_so(run: Run, news: Path) -> None:
    told = run("-w", news, "contacts", "withdraw", "omar@example.org", *SAID)
    assert told.code == 0
    assert "No consent was on record" in told.out
    row = "email,consent_basis\nomar@example.org,consent\n"
    (news / "omar.csv").write_text(row, "utf-8")
    run("-w", news, "contacts", "import", news / "omar.csv")
    shown = run("-w", news, "contacts", "show", "omar@example.org", "--json").json
    assert shown["consent_basis"] is None


def test_a_suppression_is_recorded_and_shown(run: Run, news: Path) -> None:
    first = run("-w", news, "contacts", "suppress", LEA.upper(), "--reason", "bounced")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Recorded. Contact 1: bounced, since ")
    assert not ADDRESS.search(first.out)
    told = run("-w", news, "contacts", "suppress", LEA, "--reason", "complained", "--json")
    assert told.code == 0
    assert (told.json["contact"], told.json["recorded"]) == (1, False)
    assert told.json["suppression"]["reason"] == "bounced"
    assert told.json["suppression"]["source"] == "command line"
    shown = run("-w", news, "contacts", "show", LEA)
    assert "Suppression: bounced, since " in shown.out
    in_json = run("-w", news, "contacts", "show", LEA, "--json").json
    assert in_json["suppression"] == told.json["suppression"]
    assert in_json["consent"]["event"] == "granted"


def test_an_address_that_no_contact_has_is_suppressed_too(run: Run, news: Path) -> None:
    words = ("contacts", "suppress", "old@example.org", "--reason", "bounced")
    told = run("-w", news, *words, "--source", "postmaster")
    assert told.code == 0
    assert "Recorded. No contact has this address: bounced" in told.out
    again = run("-w", news, *words, "--json").json
    assert (again["contact"], again["recorded"]) == (None, False)
    assert again["suppression"]["source"] == "postmaster"
    shown = run("-w", news, "contacts", "show", "old@example.org")
    assert shown.code == 2
    assert "it is suppressed: bounced" in shown.err


def test_a_plan_leaves_out_who_withdrew_and_who_is_suppressed_and_says_why(
    run: Run, news: Path
) -> None:
    run("-w", news, "contacts", "withdraw", LEA, *SAID)
    run("-w", news, "contacts", "suppress", "hugo@example.org", "--reason", "bounced")
    made = run("-w", news, "campaign", "create", "2026-11-newsletter", "--author", "ana", "--json")
    assert made.json["planned"] == 3
    excluded = run("-w", news, "campaign", "status", made.json["campaign"], "--json").json
    assert excluded["excluded"] == {"no-consent": 1, "suppressed": 1, "withdrawn": 1}


def test_tags_are_given_and_taken_away(run: Run, news: Path) -> None:
    words = ("contacts", "tag", LEA.upper(), "--add", "press", "--add", "desk", "--remove")
    told = run("-w", news, *words, "liaison")
    assert (told.code, told.err) == (0, "")
    assert told.out == "Contact 1: added desk, press; removed liaison. Tags now: desk, press\n"
    assert run("-w", news, "contacts", "show", LEA, "--json").json["tags"] == ["desk", "press"]


def test_a_tag_that_was_not_there_is_no_error_and_said_so(run: Run, news: Path) -> None:
    words = ("contacts", "tag", LEA, "--remove", "liason")
    told = run("-w", news, *words)
    assert told.code == 0
    assert "They had no liason. Did you mean `liaison`?" in told.out
    assert "done already, nothing is changed. Tags now: liaison" in told.out
    assert run("-w", news, *words, "--json").json == {
        "contact": 1,
        "added": [],
        "removed": [],
        "tags": ["liaison"],
    }


def test_who_loses_the_tag_of_an_audience_leaves_it_at_once(run: Run, news: Path) -> None:
    tag = ("contacts", "tag", "gina@example.org")
    officers = []
    for change in ("--add", "--remove"):
        run("-w", news, *tag, change, "liaison-officer")
        counted = run("-w", news, "audiences", "count", "--json").json
        officers.append(counted["audiences"]["law-enforcement"])
    assert officers == [3, 2]


def test_values_are_cleared(run: Run, news: Path) -> None:
    words = ("contacts", "clear", LEA, "role", "desk")
    told = run("-w", news, *words, "sectr")
    assert (told.code, told.err) == (0, "")
    assert "They had no sectr. Did you mean `sector`?" in told.out
    assert "Contact 1: cleared role, desk." in told.out
    shown = run("-w", news, "contacts", "show", LEA, "--json").json
    assert (shown["role"], shown["attributes"]) == ("", {})
    assert "empty already, nothing is changed" in run("-w", news, *words).out
    again = run("-w", news, "contacts", "clear", LEA, "country", "role", "--json").json
    assert again == {"contact": 1, "cleared": ["country"]}


def test_who_loses_the_sector_of_an_audience_leaves_it_however_the_column_is_called(
    run: Run, news: Path
) -> None:
    told = run("-w", news, "contacts", "clear", LEA, " Sector")
    assert (told.code, told.out) == (0, "Contact 1: cleared sector.\n")
    explained = run("-w", news, "audiences", "explain", LEA, "--json").json
    assert "law-enforcement" not in explained["in"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("withdraw", "nobody@example.org", *SAID), "EMAIL: there is no contact with this"),
        (("withdraw", "nobody", *SAID), "EMAIL: there is no contact with this"),
        (("withdraw", LEA, "--source", " "), "--source: is empty"),
        (("withdraw", LEA, *SAID, "--at", "soon"), "--at: is not a date"),
        (("withdraw", LEA, *SAID, "--at", "2999-01-01"), "--at: lies in the future"),
        (("withdraw", LEA, *SAID, "--at", "2024-01-14"), "--at: the consent on record is later"),
        (("suppress", "nobody", "--reason", "bounced"), "EMAIL: is not an e-mail address"),
        (("suppress", LEA, "--reason", "a\nb"), "--reason: holds a line break"),
        (("suppress", LEA, "--reason", "x", "--source", ""), "--source: is empty"),
        (("tag", "nobody@example.org", "--add", "a"), "EMAIL: there is no contact with this"),
        (("tag", LEA), "--add, --remove: no tag is named"),
        (("tag", LEA, "--add", "a", "--remove", "a"), "--remove: a tag is to be given, too"),
        (("clear", "nobody@example.org", "role"), "EMAIL: there is no contact with this"),
        (("clear", LEA, "role", "Tags"), "FIELD: tags cannot be cleared. Take tags away"),
        (("withdraw", LEA), "Missing option '--source'"),
        (("suppress", LEA), "Missing option '--reason'"),
    ],
)
def test_what_cannot_be_recorded_is_wrong_usage_and_changes_nothing(
    run: Run, news: Path, words: tuple[str, ...], told: str
) -> None:
    before = state_of(news)
    answer = run("-w", news, "contacts", *words)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err
    assert not ADDRESS.search(answer.err.replace("name@example.org", ""))
    assert state_of(news) == before


def test_python_tells_what_a_command_recorded(run: Run, news: Path) -> None:
    run("-w", news, "contacts", "withdraw", LEA, *SAID)
    (entry,) = Workspace.open(news).contacts.consents(1)[1:]
    assert (entry.event, entry.source) == ("withdrawn", "telephone call")


def test_an_import_that_is_interrupted_takes_nothing_in_and_says_so(
    run: Run, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(running: Import, chunk: Any) -> None:
        taken(running, chunk)
        if running.accepted > CHUNK:
            raise KeyboardInterrupt

    taken = Import._take
    monkeypatch.setattr(Import, "_take", take)
    rows = "".join(f"reader{number}@example.org\n" for number in range(3 * CHUNK))
    (news / "many.csv").write_text(f"email\n{rows}", "utf-8")
    told = run("-w", news, "contacts", "import", news / "many.csv")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("Interrupted. Run the same command again")
    monkeypatch.undo()
    assert run("-w", news, "contacts", "show", "reader1@example.org").code == 2
