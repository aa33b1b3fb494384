"""The same work on both databases, from Python and from the command line."""

from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.databases import BOTH
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small

from tigc_mail import Workspace

PEOPLE = """\
email,sector,locale,consent_basis,consent_at,tags,desk
Ana@bücher.example,public,fr,consent,2026-01-01,press;b,north
ben@example.org,public,en,consent,2026-01-01,,
cleo@example.org,public,ar,,,,
dora@example.org,government,en,consent,2026-01-01,,
ben@example.org,public,en,consent,2026-01-01,,
no address,public,en,consent,2026-01-01,,
"""


@pytest.fixture
def folder(database: str, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small workspace on a database that the environment names, with a file of contacts."""
    url = make_url(database)
    if url.get_backend_name() == "postgresql":  # by its usual name, and with a secret in it
        url = url.set(drivername="postgresql", password="s3cret")
    monkeypatch.setenv("TIGC_MAIL_DATABASE_URL", url.render_as_string(hide_password=False))
    (tmp_path / "contacts.csv").write_text(PEOPLE, "utf-8")
    return small.folder


@BOTH
def test_a_campaign_goes_from_a_file_of_contacts_to_a_proven_account(folder: Path) -> None:
    workspace = Workspace.open(folder)
    report = workspace.contacts.import_file(folder.parent / "contacts.csv")
    assert (report.accepted, [row.line for row in report.rejected]) == (4, [6, 7])
    campaign = workspace.campaigns.create("news", author="ana")
    campaign.approve(by="ben")
    told: list[int] = []
    status = campaign.send(progress=told.append)
    assert (status.state, status.states, sum(told)) == ("finished", {"accepted": 2}, 2)
    assert status.excluded == {"no-consent": 1, "in-no-audience": 1}
    assert status.languages == {"readers": {"en": {"accepted": 1}, "fr": {"accepted": 1}}}
    assert campaign.verify() == ()
    assert [entry.action for entry in campaign.log()] == [
        "draft",
        "approved",
        "sending",
        "finished",
    ]
    assert len(list((folder / "outbox").glob("*.eml"))) == 2
    again = Workspace.open(folder)
    assert again.campaigns.get(campaign.id).send().states == {"accepted": 2}
    assert (again.contacts.attributes(), again.contacts.count()) == (("desk",), 4)


@BOTH
def test_the_commands_say_the_same(folder: Path, run: Run) -> None:
    def answer(*words: str) -> dict[str, object]:
        told = run("-w", folder, *words, "--json")
        assert "s3cret" not in told.out + told.err
        found: dict[str, object] = told.json
        return found

    assert answer("contacts", "import", "contacts.csv")["accepted"] == 4
    assert run("-w", folder, "audiences", "explain", "ana@bücher.example").code == 0
    made = answer("campaign", "create", "news", "--author", "ana")
    name = str(made["campaign"])
    assert made["planned"] == 2
    assert run("-w", folder, "campaign", "approve", name, "--by", "ben").code == 0
    assert run("-w", folder, "campaign", "send", name).code == 0
    status = answer("campaign", "status", name)
    assert (status["state"], status["states"]) == ("finished", {"accepted": 2})
    assert run("-w", folder, "campaign", "verify", name).code == 0
