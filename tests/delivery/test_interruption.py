"""A send that runs out of time, is interrupted or is doubled loses nobody."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from tests.databases import BOTH
from tests.delivery.drafts import PEOPLE, draft
from tests.delivery.scripted import Act, Scripted, accepting, doing
from tests.delivery.world import NOT_AFTER, World, address, largest_file

from tigc_mail import (
    Campaign,
    CampaignError,
    Envelope,
    ProviderError,
    StoreError,
    UsageError,
    Workspace,
)
from tigc_mail.delivery.dispatch import dispatch_batch

# Time


def test_what_is_unsent_when_the_time_is_over_expires(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.clock.advance(NOT_AFTER - world.clock.now + timedelta(microseconds=1))
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("expired", {"expired": 4})
    assert world.fates(campaign)["reader@example.org"][1] == "the campaign's time was over"
    assert (campaign.verify(), world.outbox()) == ((), [])


def test_an_edition_whose_time_is_over_is_not_planned(world: World) -> None:
    world.clock.advance(NOT_AFTER - world.clock.now + timedelta(microseconds=1))
    with pytest.raises(CampaignError, match="its time is over: not after"):
        draft(world)
    assert list(world.campaigns) == []


def test_the_last_moment_is_not_too_late(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.clock.advance(NOT_AFTER - world.clock.now)
    assert campaign.send("outbox").states == {"accepted": 4}


def test_a_time_that_is_over_midway_lets_only_the_rest_expire(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    late = NOT_AFTER - world.clock.now + timedelta(days=1)
    status = campaign.send("outbox", workers=1, progress=lambda _: world.clock.advance(late))
    assert status.state in ("expired", "finished")
    assert sum(status.states.values()) == 4
    assert status.states.keys() <= {"accepted", "expired"}
    assert len(world.outbox()) == status.states["accepted"] >= 1
    assert campaign.verify() == ()


# Interruption


@BOTH
def test_ctrl_c_ends_the_send_and_the_same_call_goes_on(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with pytest.raises(KeyboardInterrupt):
        campaign.send("outbox", workers=1, progress=interrupt)
    assert campaign.state == "sending"
    states = set(world.states(campaign).values())
    assert "claimed" not in states
    assert campaign.verify() == ()
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("finished", {"accepted": 4})
    assert len(world.outbox()) == 4


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


def test_an_outage_ends_the_send_and_the_same_call_goes_on(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    outbox = world.folder / "outbox"
    outbox.write_text("not a folder")
    with pytest.raises(
        ProviderError, match=r"outbox: the outbox cannot be written to.* same command"
    ):
        campaign.send("outbox")
    assert (campaign.state, set(world.states(campaign).values())) == ("paused", {"planned"})
    assert "outbox: the outbox cannot be written to" in str(campaign.status().pause_reason)
    assert campaign.verify() == ()
    outbox.unlink()
    assert campaign.send("outbox").states == {"accepted": 4}


def test_a_database_that_is_full_midway_ends_the_send_and_the_same_call_goes_on(
    world: World,
) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with ExitStack() as full:

        def fill(_: Envelope) -> Act:
            full.enter_context(largest_file(100))
            return "accepted"

        world.providers["scripted"] = Scripted(fill, idempotent=True)
        with pytest.raises(
            StoreError, match=r"tigc-mail.db: the disk .*run the same command again"
        ):
            campaign.send("scripted", workers=1)
    assert "claimed" in world.states(campaign).values()
    assert campaign.verify() == ()
    world.providers["scripted"] = accepting(idempotent=True)
    assert campaign.send("scripted").states == {"accepted": 4}


def claim_and_die(world: World, campaign: Campaign) -> None:
    """Leave what a process leaves that is killed while it sends through the outbox."""
    world.tamper("UPDATE campaigns SET state = 'sending', provider = 'outbox'")
    world.tamper("UPDATE deliveries SET state = 'claimed', provider = 'outbox' WHERE id = 1")


@BOTH
def test_claims_of_a_process_that_died_become_unknown_and_are_repeated(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("finished", {"accepted": 4})


@BOTH
def test_what_one_provider_may_have_sent_no_other_repeats(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    status = campaign.send("discard")
    assert (status.state, status.states) == ("sending", {"accepted": 3, "unknown": 1})
    assert campaign.send("outbox").states == {"accepted": 4}


def test_after_an_outage_another_provider_may_send_the_rest(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("outage", *(one["email"] for one in PEOPLE))
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    assert campaign.send("outbox").states == {"accepted": 4}


def test_nobody_takes_it_for_granted_that_another_provider_goes_on(world: World) -> None:
    """What was to go through a mail service does not land in files because nobody named it again."""
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("outage", *(one["email"] for one in PEOPLE))
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    asked = [campaign.send, partial(campaign.resume, by="ana")]
    for go_on in asked:
        with pytest.raises(
            UsageError, match=r"through scripted so far, and the settings say outbox"
        ):
            go_on()
    assert campaign.status().states == {"planned": 4}
    world.providers["scripted"] = accepting()
    assert campaign.resume("scripted", by="ana").states == {"accepted": 4}
    assert campaign.send().state == "finished"


def test_what_went_through_the_providers_of_the_settings_goes_on_through_them(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    assert world.provider_names() == "outbox"
    assert campaign.send().states == {"accepted": 4}


def test_an_unknown_outcome_keeps_a_campaign_open(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("silence", "reader@example.org")
    told: list[int] = []
    status = campaign.send("scripted", progress=told.append)
    assert (status.state, status.states) == ("sending", {"accepted": 3, "unknown": 1})
    assert sum(told) == 3
    assert campaign.unsent == 1
    assert campaign.verify() == ()


# Two at a time


@BOTH
def test_of_two_sends_at_once_the_second_is_told(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with world.sole_sender(campaign):
        with pytest.raises(CampaignError, match=r"another process is sending this campaign. Wait"):
            campaign.send("outbox")
        assert campaign.state == "approved"
    assert campaign.send("outbox").state == "finished"


HOLD = """
import sys
from pathlib import Path
from tigc_mail.delivery.lock import sole_sender
from tigc_mail.ground.database import open_engine
with sole_sender(Path(sys.argv[1]), sys.argv[2], open_engine(sys.argv[3])):
    print("held", flush=True)
    sys.stdin.read()
"""


@BOTH
def test_a_second_process_is_told_and_a_killed_one_holds_nothing(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    command = [
        sys.executable,
        "-c",
        HOLD,
        str(world.folder / ".locks"),
        campaign.id,
        world.database,
    ]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(CampaignError, match="another process is sending this campaign"):
            campaign.send("outbox")
        other.kill()
    until_the_server_let_go(world)
    assert campaign.send("outbox").state == "finished"


@BOTH
def test_what_is_being_sent_by_nobody_says_so(world: World) -> None:
    campaign = draft(world)
    assert not campaign.status().unattended
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    status = campaign.status()
    assert (status.state, status.unattended, status.expected_end) == ("sending", True, None)
    with pytest.raises(CampaignError, match=r"No process sends it now; go on with: .* send"):
        campaign.resume(by="ana")
    with world.sole_sender(campaign):
        assert not campaign.status().unattended
        with pytest.raises(CampaignError, match=r"only a paused one can resume.* status"):
            campaign.resume(by="ana")
    assert campaign.status().unattended
    assert not campaign.send("outbox").unattended


def until_the_server_let_go(world: World) -> None:
    """Return once PostgreSQL has seen that whoever held a lock of the database is gone."""
    held = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    with world.engine.connect() as connection:
        while world.engine.dialect.name == "postgresql" and connection.scalar(held):
            connection.rollback()


@BOTH
def test_a_send_within_a_send_is_told(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    told: list[str] = []

    def send_again(_: int) -> None:
        try:
            world.campaigns.get(campaign.id).send("outbox")
        except CampaignError as error:
            told.append(error.cause)

    campaign.send("outbox", progress=send_again)
    assert set(told) == {"another process is sending this campaign"}
    assert campaign.state == "finished"


def test_a_place_that_takes_no_lock_is_told(world: World) -> None:
    campaign = draft(world)
    (world.folder / ".locks").write_text("not a folder")
    told = r"a lock cannot be written.* right to write"
    with pytest.raises(CampaignError, match=told):
        campaign.approve(by="ben")
    world.tamper("UPDATE campaigns SET state = 'approved'")
    with pytest.raises(CampaignError, match=told):
        campaign.send("outbox")


@BOTH
def test_what_is_being_sent_is_not_approved_anew_meanwhile(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with (
        world.sole_sender(campaign),
        pytest.raises(CampaignError, match="another process is sending this campaign"),
    ):
        campaign.approve(by="carla")
    assert campaign.status().approved_by == "ben"


@BOTH
def test_two_threads_with_the_same_batch_send_it_once(world: World) -> None:
    world.enrol_public(20)
    campaign, provider = world.approved(), accepting()
    sending, (batch,) = world.sending(campaign, provider)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: dispatch_batch(sending, batch), range(4)))
    assert provider.taken == {address(at): 1 for at in range(20)}


def test_workspaces_that_share_a_database_share_the_lock_of_the_one_sender(world: World) -> None:
    other = world.folder / "elsewhere"
    other.mkdir()
    (other / "audiences").mkdir()
    database = world.folder / "tigc-mail.db"
    (other / "tigc-mail.toml").write_text(f'database_url = "sqlite:///{database}"', "utf-8")
    shared = Workspace.open(other)
    world.enrol_public(1)
    campaign = world.approved()
    with (
        world.workspace.campaigns._office.sole_sender(campaign.id),
        pytest.raises(CampaignError, match="another process is sending this campaign"),
    ):
        shared.campaigns.get(campaign.id).settle("not-sent", by="ana")
    shared._engine.dispose()


@pytest.mark.parametrize("names", [",", " ", " , ,"])
def test_a_list_of_providers_that_names_none_is_told(world: World, names: str) -> None:
    with pytest.raises(UsageError, match=r"names no provider\. There are outbox"):
        world.workspace.open_providers(names)
