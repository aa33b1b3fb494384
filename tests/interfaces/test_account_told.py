"""What commands say of the account of a campaign, in words that hold later, too."""

from pathlib import Path

import pytest
from tests.delivery.world import lay_down
from tests.interfaces.conftest import Run
from tests.interfaces.world import replace_in

from tigc_mail import Workspace

HEAD = "email,sector,locale,consent_basis,consent_at,tags\n"

PEOPLE = """\
officer@example.org,,fr,consent,2026-01-01,officer
trader@example.org,private-sector,ar,consent,2026-01-01,
both@example.org,private-sector,es,consent,2026-01-01,officer
all@example.org,public,es,consent,2026-01-01,officer
reader@example.org,public,,consent,2026-01-01,
silent@example.org,public,,,,
stranger@example.org,government,,consent,2026-01-01,
"""


def enrol(folder: Path, people: str) -> None:
    file = folder.parent / "people.csv"
    file.write_text(HEAD + people, "utf-8")
    assert not Workspace.open(folder).contacts.import_file(file).rejected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with three audiences and some people in them, in several, or in none."""
    made = lay_down(tmp_path / "news")
    replace_in(made / "editions/news/edition.yaml", "not_after: 2026-12-31T23:00:00Z\n", "")
    enrol(made, PEOPLE)
    return made


def create(run: Run, folder: Path, *words: str) -> str:
    made = run("-w", folder, "campaign", "create", "news", "--author", "ana", *words, "--json")
    return str(made.json["campaign"])


def approved(run: Run, folder: Path, *words: str) -> str:
    name = create(run, folder, *words)
    assert run("-w", folder, "campaign", "approve", name, "--by", "ben").code == 0
    return name


def test_the_language_that_is_read_instead_is_named(folder: Path, run: Run) -> None:
    told = run("-w", folder, "campaign", "create", "news", "--author", "ana").out
    instead = "news is not in the language of some, who get English instead"
    assert f"{instead}: 1 reads ar, 2 read es.\n" in told


def test_one_who_has_the_edition_already_is_told_as_one(folder: Path, run: Run) -> None:
    for audience in ("public", "police"):
        first = approved(run, folder, "--audience", audience)
        assert run("-w", folder, "campaign", "send", first).code == 0
    told = run("-w", folder, "campaign", "status", create(run, folder, "--audience", "public")).out
    assert "2 of them were sent news before, by the campaign news-" in told
    assert f"1 of them was sent news before, by the campaign {first}.\n" in told


def test_a_send_into_the_outbox_says_that_nothing_left_this_machine(folder: Path, run: Run) -> None:
    name = approved(run, folder)
    assert "outbox" not in run("-w", folder, "campaign", "status", name).out
    told = run("-w", folder, "campaign", "send", name).out
    files = len([*(folder / "outbox").glob("*.eml")])
    assert f"Written to news/outbox/ ({files} files); nothing left this machine.\n" in told
    status = run("-w", folder, "campaign", "status", name)
    assert f"Taken by: outbox {files}.\n" in status.out
    counted = run("-w", folder, "campaign", "status", name, "--json").json
    assert (counted["providers"], files) == ({"outbox": 5}, 5)


def test_what_another_provider_took_is_not_said_to_be_in_the_outbox(folder: Path, run: Run) -> None:
    name = approved(run, folder)
    told = run("-w", folder, "campaign", "send", name, "--provider", "discard").out
    assert "Taken by: discard 5.\n" in told
    assert "nothing left this machine" not in told


def test_a_diff_notes_what_contacts_changed_and_its_exit_code_is_as_before(
    folder: Path, run: Run
) -> None:
    name = approved(run, folder)
    enrol(folder, "officer@example.org,,en,consent,2026-01-01,officer\n")
    told = run("-w", folder, "campaign", "diff", name)
    assert told.code == 0
    one = "Note: 1 planned recipient would get it in another language now.\n"
    assert one in told.out
    assert f"Nothing of what is sent changed since {name}" in told.out
    enrol(
        folder,
        "new@example.org,public,,consent,2026-01-01,\n"
        "newer@example.org,public,,consent,2026-01-01,\n",
    )
    told = run("-w", folder, "campaign", "diff", name)
    assert "Note: 2 contacts would be recipients now and are not planned; " in told.out
    asked = run("-w", folder, "campaign", "diff", name, "--json")
    drift = {"unplanned": 2, "other_language": 1}
    assert (asked.code, asked.json) == (0, {"campaign": name, "changes": {}, "drift": drift})
    assert run("-w", folder, "campaign", "send", name).code == 0


def test_a_campaign_that_writes_to_nobody_again_counts_who_has_it(folder: Path, run: Run) -> None:
    first = approved(run, folder, "--audience", "public")
    assert run("-w", folder, "campaign", "send", first).code == 0
    words = ("campaign", "create", "news", "--author", "ana", "--not-again")
    made = run("-w", folder, *words, "--json").json
    assert (made["planned"], made["excluded"]["already-sent"]) == (3, 2)
    told = run("-w", folder, "campaign", "status", made["campaign"]).out
    assert "already-sent" in told
    assert "sent news before" not in told
    assert run("-w", folder, "campaign", "verify", made["campaign"]).code == 0
    assert "not_again: True" in run("-w", folder, "campaign", "log", made["campaign"]).out


def test_who_is_left_out_gets_nothing_and_the_sum_is_that_of_all_contacts(
    folder: Path, run: Run
) -> None:
    told = run("-w", folder, "campaign", "create", "news", "--author", "ana").out
    table = told.split("Who is left out")[1]
    assert "in-an-earlier-audience" not in told
    rows = [line.split() for line in table.splitlines() if "│ news" in line]
    assert [[cell for cell in row if cell != "│"] for row in rows] == [
        ["news", "public", "no-consent", "1"],
        ["news", "none", "of", "them", "in-no-audience", "1"],
    ]
    assert "7 contacts = 5 planned + 2 left out.\n" in told
    once = "it once, through the first that shows anything.\n"
    assert f"2 of the planned are in several audiences, and get {once}" in told
    words = ("--author", "ana", "--audience", "police", "--audience", "traders")
    told = run("-w", folder, "campaign", "create", "news", *words).out
    assert "7 contacts = 4 planned + 3 left out.\n" in told
    assert f"1 of the planned is in several audiences, and gets {once}" in told


def test_a_program_is_told_the_same_sum_and_the_reasons_as_before(folder: Path, run: Run) -> None:
    found = run("-w", folder, "campaign", "create", "news", "--author", "ana", "--json").json
    reasons = {"in-an-earlier-audience": 2, "no-consent": 1, "in-no-audience": 1}
    assert found["excluded"] == reasons
    assert (found["contacts"], found["planned"], found["in_several"]) == (7, 5, 2)
