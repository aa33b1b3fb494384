"""The campaigns of the preview: what the ledger says is told as it changes, and looking changes nothing."""

import json
import sqlite3
from contextlib import closing
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from tests.interfaces.preview.looping import run
from tests.interfaces.small import Small
from tests.interfaces.world import ADDRESS, CONTACTS, recorded

from tigc_mail import Workspace
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.windows import SendWindow
from tigc_mail.interfaces.limits import told_limits
from tigc_mail.interfaces.preview import campaigns
from tigc_mail.interfaces.preview.campaigns import Lookout, news


@pytest.fixture
def workspace(small: Small) -> Workspace:
    """A small workspace with a few people."""
    (small.folder / "tigc-mail.toml").write_text(
        "[pace.outbox]\nrecipients_per_second = 50\nrecipients_per_day = 1000\n", "utf-8"
    )
    file = small.folder / "contacts.csv"
    file.write_text(CONTACTS, "utf-8")
    workspace = Workspace.open(small.folder)
    workspace.contacts.import_file(file)
    return workspace


@pytest.fixture
def campaign(workspace: Workspace) -> Campaign:
    """A campaign that nobody has approved yet."""
    return workspace.campaigns.create("news", author="ana")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once, and wait for no database."""
    monkeypatch.setattr(campaigns, "EVERY", 0.0)
    monkeypatch.setattr(campaigns, "SHARE", 0.0)
    monkeypatch.setattr(campaigns, "PATIENCE", 0.05)


def test_a_campaign_is_told_in_full(workspace: Workspace, campaign: Campaign) -> None:
    campaign.approve(by="ben")
    campaign.send(by="ana")
    told = Lookout(workspace.folder).look(campaign.id)
    assert told["order"] == [campaign.id]
    assert told[f"row {campaign.id}"]["state"] == "finished"
    status = told["status"]
    assert (status["author"], status["approved_by"], status["provider"]) == ("ana", "ben", "outbox")
    assert status["states"] == {"accepted": 1}
    assert status["audiences"] == {"readers": {"accepted": 1}}
    left_out = [("readers", "no-consent", 1), ("none of them", "in-no-audience", 4)]
    assert status["left_out"] == left_out
    assert status["sums"] == ["6 contacts = 1 planned + 5 left out"]
    assert status["today"] == {"taken": 1, "limit": 1000}
    (pace,) = told["pace"]
    assert pace["provider"] == "outbox"
    assert pace["limits"] == [["recipients a second", "50"], ["recipients a day", "1,000"]]
    assert [entry["action"] for entry in told["log"]] == [
        "draft",
        "approved",
        "sending",
        "finished",
    ]
    assert told["faults"] == []


def test_no_address_is_told(workspace: Workspace, campaign: Campaign) -> None:
    campaign.approve(by="ben")
    campaign.send_test(["colleague@example.org"], by="ana")
    campaign.send(by="ana")
    told = json.dumps(Lookout(workspace.folder).look(campaign.id))
    assert "test" in told
    assert not ADDRESS.search(told)


def test_what_is_on_its_way_is_counted_in_the_list(
    workspace: Workspace, campaign: Campaign
) -> None:
    lookout = Lookout(workspace.folder)
    assert lookout.look()[f"row {campaign.id}"]["states"] == {}
    campaign.approve(by="ben")
    with closing(sqlite3.connect(workspace.folder / "tigc-mail.db")) as database, database:
        database.execute("UPDATE campaigns SET state = 'sending'")
    assert lookout.look()[f"row {campaign.id}"]["states"] == {"planned": 1}


def test_a_stream_tells_all_once_and_then_what_changed(
    workspace: Workspace, campaign: Campaign
) -> None:
    """Another process would approve and send it: what it writes is seen by the next look."""

    async def listened() -> tuple[Any, Any, Any]:
        heard = news(Lookout(workspace.folder), campaign.id)
        _, first = await anext(heard)
        campaign.approve(by="ben")
        _, second = await anext(heard)
        campaign.send(by="ana")
        _, third = await anext(heard)
        return first, second, third

    first, second, third = run(listened())
    row = f"row {campaign.id}"
    assert first.keys() == {row, "order", "status", "pace", "log", "faults"}
    assert second.keys() == {row, "status", "log"}
    assert second[row]["state"] == "approved"
    assert third["status"]["states"] == {"accepted": 1}


def test_a_campaign_is_asked_for_in_full_only_where_it_may_be_another(
    workspace: Workspace, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    really = Campaign.status
    monkeypatch.setattr(Campaign, "status", lambda self: (asked.append(self.id), really(self))[1])
    lookout = Lookout(workspace.folder)
    first = lookout.look(campaign.id)
    assert lookout.look(campaign.id) == first
    assert len(asked) == 1
    campaign.approve(by="ben")
    assert lookout.look(campaign.id)["status"]["approved_by"] == "ben"
    assert len(asked) == 2
    monkeypatch.setattr(campaigns, "FRESH", 0.0)
    lookout.look(campaign.id)
    assert len(asked) == 3


def test_looking_makes_no_database_and_sees_the_one_that_comes(small: Small) -> None:
    lookout = Lookout(small.folder)
    assert lookout.look() == {"faults": [], "order": []}
    assert not list(small.folder.glob("*.db*"))
    (small.folder / "tigc-mail.db").touch()
    assert lookout.look() == {"faults": [], "order": []}
    assert (small.folder / "tigc-mail.db").stat().st_size == 0
    (small.folder / "tigc-mail.db").unlink()
    workspace = Workspace.open(small.folder)
    file = small.folder / "contacts.csv"
    file.write_text(CONTACTS, "utf-8")
    workspace.contacts.import_file(file)
    created = workspace.campaigns.create("news", author="ana")
    assert lookout.look()["order"] == [created.id]


def test_looking_writes_nothing(workspace: Workspace, campaign: Campaign) -> None:
    database = workspace.folder / "tigc-mail.db"
    before = recorded(database)
    lookout = Lookout(workspace.folder)
    statements: list[str] = []
    opened = lookout._workspace()
    assert opened is not None
    engine = opened._engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    lookout.look(campaign.id)
    assert statements
    assert {each.split()[0] for each in statements} <= {"SELECT", "BEGIN", "WITH"}
    assert recorded(database) == before


def test_a_database_that_another_program_holds_is_told_and_seen_again_when_free(
    workspace: Workspace, campaign: Campaign
) -> None:
    folder = workspace.folder
    lookout = Lookout(folder)
    workspace._engine.dispose()
    with closing(sqlite3.connect(folder / "tigc-mail.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        (fault,) = lookout.look(campaign.id)["faults"]
        assert fault["cause"] == "another program holds the database"
        assert fault["cure"]
    assert lookout.look(campaign.id)["faults"] == []


def test_a_database_of_a_later_version_is_told_and_left_as_it_is(
    workspace: Workspace, campaign: Campaign
) -> None:
    database = workspace.folder / "tigc-mail.db"
    workspace._engine.dispose()
    with closing(sqlite3.connect(database)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    before = recorded(database)
    (fault,) = Lookout(workspace.folder).look(campaign.id)["faults"]
    assert fault["cause"].startswith("the database is newer than this version")
    assert recorded(database) == before


def test_what_is_no_database_is_told(small: Small) -> None:
    (small.folder / "tigc-mail.db").write_text("no database at all, but a text " * 90, "utf-8")
    (fault,) = Lookout(small.folder).look()["faults"]
    assert fault["cause"] == "is not a database of ours"


def test_wrong_settings_and_unknown_campaigns_are_told_and_mended(
    workspace: Workspace, campaign: Campaign
) -> None:
    lookout = Lookout(workspace.folder)
    told = lookout.look("elsewhere-a1b2c3")
    assert told["order"] == [campaign.id]
    (fault,) = told["faults"]
    assert fault["cause"] == "there is no campaign 'elsewhere-a1b2c3'"
    settings = workspace.folder / "tigc-mail.toml"
    written = settings.read_text("utf-8")
    settings.write_text("provider = ", "utf-8")
    (fault,) = lookout.look()["faults"]
    assert "TOML" in fault["cause"]
    settings.write_text(written, "utf-8")
    assert lookout.look()["order"] == [campaign.id]


def test_every_limit_is_told() -> None:
    window = SendWindow(ZoneInfo("Europe/Paris"), frozenset(range(5)), time(9), time(17, 30))
    limits = Limits(2.5, 100, 50_000, 4, (("gmail.com", 600), ("*", 60)), (100, 200), window)
    assert told_limits(limits) == [
        ["recipients a second", "100"],
        ["requests a second", "2.5"],
        ["recipients a day", "50,000"],
        ["batches at a time", "4"],
        ["first days", "100, 200"],
        ["a minute to gmail.com", "600"],
        ["a minute to *", "60"],
        ["window", "09:00 to 17:30 on Mon, Tue, Wed, Thu, Fri, Europe/Paris"],
    ]
    assert told_limits(Limits()) == []


@pytest.mark.parametrize(
    ("cap", "days"), [(30, ["10, 15, 22"]), (10, []), (None, ["10, 15, 22, 33, 50, 75"])]
)
def test_of_a_warm_up_the_days_are_told_that_a_limit_a_day_does_not_cap(
    cap: int | None, days: list[str]
) -> None:
    limits = Limits(recipients_per_day=cap, warm_up=(10, 15, 22, 33, 50, 75))
    assert [value for name, value in told_limits(limits) if name == "first days"] == days
