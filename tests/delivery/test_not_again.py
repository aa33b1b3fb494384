"""A campaign that writes to nobody again leaves out whoever has the edition, or may have it."""

import shutil

import pytest
from tests.databases import BOTH
from tests.delivery.drafts import draft
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import World, address

from tigc_mail import CampaignError, ChangedError, ProviderError
from tigc_mail.delivery.drift import Drift
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.states import DeliveryState

EDITION = "editions/news/edition.yaml"

HAVE_IT = {"claimed", "unknown", "accepted", "deferred", "delivered"}
"""The states of deliveries whose recipients have the message, or may have it."""


@BOTH
def test_who_has_the_edition_or_may_have_it_is_left_out_in_whatever_state_it_is(
    world: World,
) -> None:
    states = sorted(DeliveryState)
    world.enrol({"email": address(at), "sector": "public"} for at in range(len(states)))
    first = world.campaigns.create("news", author="ana", audiences=["public"])
    for number, state in enumerate(states, 1):
        world.tamper(f"UPDATE deliveries SET state = '{state}' WHERE id = {number}")  # noqa: S608
    assert set(first.status().states) == set(states)
    again = world.campaigns.create("news", author="ana", audiences=["public"], not_again=True)
    left = {state for state in states if state not in HAVE_IT}
    assert (again.planned, again.status().excluded) == (len(left), {"already-sent": len(HAVE_IT)})
    with world.ledger.reading() as connection:
        query = "SELECT contact_id FROM deliveries WHERE campaign = 2"
        planned = connection.exec_driver_sql(query).scalars().all()
    assert {states[contact - 1] for contact in planned} == left
    assert again.verify() == ()
    without = world.campaigns.create("news", author="ana", audiences=["public"])
    assert (without.planned, without.status().excluded) == (len(states), {})


@BOTH
def test_an_obstacle_of_before_stays_the_reason_and_other_editions_do_not_count(
    world: World,
) -> None:
    first = draft(world)
    first.approve(by="ben")
    first.send("outbox")
    world.workspace.contacts.withdraw("trader@example.org", "a test")
    world.enrol([{"email": "new@example.org", "sector": "public"}])
    again = world.campaigns.create("news", author="ana", not_again=True)
    assert again.planned == 1
    told = {"withdrawn": 1, "no-consent": 1, "in-no-audience": 1, "already-sent": 3}
    assert again.status().excluded == told
    assert again.status().left_out["police"] == {"already-sent": 2}
    assert again.status().repeated == {}
    assert again.drift() == Drift(0, 0)
    world.enrol([{"email": "newer@example.org", "sector": "public"}])
    assert again.drift() == Drift(unplanned=1)
    shutil.copytree(world.folder / "editions/news", world.folder / "editions/other")
    assert world.campaigns.create("other", author="ana", not_again=True).planned == 5


def test_where_everybody_has_it_that_is_told(world: World) -> None:
    first = draft(world)
    first.approve(by="ben")
    first.send("outbox")
    with pytest.raises(CampaignError, match="and who has it already is left out"):
        world.campaigns.create("news", author="ana", not_again=True)
    assert [each.id for each in world.campaigns] == [first.id]


def test_a_change_in_mid_send_tells_who_would_get_it_again_and_how_they_do_not(
    world: World,
) -> None:
    first = draft(world)
    first.approve(by="ben")
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        first.send("scripted", workers=1)
    assert first.status().states == {"accepted": 3, "planned": 1}
    world.edit(EDITION, "welcome.", "be welcome.")
    with pytest.raises(ChangedError) as raised:
        first.send("scripted")
    told = str(raised.value)
    assert "writes again to the 3 who have it, or may have it" in told
    cancel = f"tigc-mail campaign cancel {first.id}"
    assert f"{cancel}, then tigc-mail campaign create news --not-again --author NAME" in told
    with pytest.raises(CampaignError, match=f"{first.id} is paused, and may still send it"):
        world.campaigns.create("news", author="ana", not_again=True)
    first.cancel(by="ana")
    again = world.campaigns.create("news", author="ana", not_again=True)
    again.approve(by="ben")
    world.providers["scripted"] = second = accepting()
    assert again.send("scripted").states == {"accepted": 1}
    assert set(second.taken) == {"reader@example.org"}


@BOTH
def test_of_two_that_write_to_nobody_again_only_one_does(world: World) -> None:
    draft(world)
    one, other = (world.campaigns.create("news", author="ana", not_again=True) for _ in range(2))
    for each in (one, other):
        each.approve(by="ben")
    one.send("outbox")
    cause = f"{one.planned} of its recipients have it meanwhile, through {one.id}"
    with pytest.raises(CampaignError, match=cause):
        other.send("outbox")
    assert (other.state, other.status().states) == ("approved", {"planned": other.planned})


@BOTH
def test_it_does_not_begin_while_another_campaign_of_the_edition_may_go_on(world: World) -> None:
    first = draft(world)
    again = world.campaigns.create("news", author="ana", not_again=True)
    again.approve(by="ben")
    first.approve(by="ben")
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        first.send("scripted", workers=1)
    with pytest.raises(CampaignError, match=f"{first.id} is paused, and may still send it"):
        again.send("outbox")


@BOTH
def test_who_is_just_being_handed_over_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draft(world)
    first.approve(by="ben")
    first.cancel(by="ana")
    world.tamper("UPDATE deliveries SET state = 'claimed' WHERE id = 1")
    assert world.campaigns.create("news", author="ana", not_again=True).planned == 3
    monkeypatch.setattr(Office, "has_sender", lambda _, campaign: campaign == first.id)
    with pytest.raises(CampaignError, match=r"is cancelled, and still being sent.* Wait until"):
        world.campaigns.create("news", author="ana", not_again=True)


@BOTH
def test_whose_message_was_discarded_has_it_not(world: World) -> None:
    first = draft(world)
    first.approve(by="ben")
    assert first.send("discard").states == {"accepted": first.planned}
    again = world.campaigns.create("news", author="ana", not_again=True)
    assert (again.planned, again.status().repeated) == (first.planned, {})


def test_a_change_before_anybody_has_it_tells_of_nobody(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "contains: insider", "contains: officer")
    with pytest.raises(ChangedError, match="or create a new campaign") as raised:
        campaign.send("outbox")
    assert "again to" not in str(raised.value)
