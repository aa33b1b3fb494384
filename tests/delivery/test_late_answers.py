"""An answer whose delivery is claimed no longer is never lost without a word, nor sent twice."""

from collections.abc import Callable

import pytest
from tests.delivery.scripted import Act, Scripted, accepting
from tests.delivery.world import World, address

from tigc_mail import Campaign, CampaignError, Envelope
from tigc_mail.delivery.events import give_up_claims
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tables import deliveries

Meanwhile = Callable[[World, Campaign], None]


def given_up(world: World, campaign: Campaign) -> None:
    """Another sender holds the claims for those of a dead one."""
    give_up_claims(world.ledger, campaign._number, world.clock())


def planned_again(world: World, campaign: Campaign) -> None:
    """And somebody says that they were not sent."""
    given_up(world, campaign)
    with world.ledger.writing() as connection:
        every = deliveries.c.campaign == campaign._number
        world.ledger.move(connection, every, DeliveryState.UNKNOWN, DeliveryState.PLANNED)


def called_off(world: World, _campaign: Campaign) -> None:
    """Somebody writes into the database."""
    world.tamper("UPDATE deliveries SET state = 'cancelled' WHERE state = 'claimed'")


def deleted(world: World, _campaign: Campaign) -> None:
    """Somebody deletes from it."""
    world.tamper("DELETE FROM deliveries WHERE id = 1")


def sent(world: World, meanwhile: Meanwhile, act: Act) -> tuple[Campaign, Scripted]:
    """Send to two people through a provider during whose work something happens to the ledger."""
    world.enrol_public(2)
    campaign = world.approved()

    def during(envelope: Envelope) -> Act:
        if envelope.recipient == address(1):
            meanwhile(world, campaign)
        return act

    world.providers["scripted"] = provider = Scripted(during)
    with pytest.raises(CampaignError, match=r"claimed no longer when their answers came. See who"):
        campaign.send("scripted")
    return campaign, provider


@pytest.mark.parametrize("meanwhile", [given_up, planned_again])
def test_what_was_accepted_after_all_counts_and_is_not_sent_again(
    world: World, meanwhile: Meanwhile
) -> None:
    campaign, provider = sent(world, meanwhile, "accepted")
    assert {*world.states(campaign).values()} == {"accepted"}
    assert campaign.verify() == ()
    assert (campaign.send("scripted").state, provider.shipments) == ("finished", 1)


@pytest.mark.parametrize("act", ["postponed", "unknown", "undeliverable"])
def test_any_other_answer_changes_nothing_and_is_told(world: World, act: Act) -> None:
    campaign, _ = sent(world, given_up, act)
    assert {*world.states(campaign).values()} == {"unknown"}
    assert campaign.verify() == ()


def test_the_log_tells_how_many_answers_and_of_which_deliveries(world: World) -> None:
    campaign, _ = sent(world, given_up, "accepted")
    (entry,) = (e for e in campaign.log() if e.action == "answers without a claim")
    assert entry.detail == {
        "answers": {"accepted": 2},
        "first": f"{campaign.id}-1, {campaign.id}-2",
    }
    assert "@" not in str(entry.detail)


def test_verify_tells_of_what_was_accepted_and_is_held_to_be_unsent(world: World) -> None:
    campaign, _ = sent(world, called_off, "accepted")
    assert {*world.states(campaign).values()} == {"cancelled"}
    assert "2 deliveries were not sent, and the provider reports that they were" in (
        campaign.verify()
    )


def test_only_the_answers_without_a_claim_are_left_out(world: World) -> None:
    campaign, _ = sent(world, deleted, "accepted")
    assert world.states(campaign) == {address(1): "accepted"}
    assert campaign.verify() != ()


def test_a_provider_that_fails_as_well_loses_nothing_of_it(world: World) -> None:
    world.enrol_public(2)
    campaign = world.approved()

    def during(envelope: Envelope) -> Act:
        if envelope.recipient == address(0):
            return "accepted"
        given_up(world, campaign)
        return "outage"

    world.providers["scripted"] = Scripted(during)
    with pytest.raises(CampaignError, match="1 deliveries were claimed no longer"):
        campaign.send("scripted")
    assert world.states(campaign) == {address(0): "accepted", address(1): "unknown"}


def test_where_all_are_claimed_nothing_is_said(world: World) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    world.providers["scripted"] = accepting()
    campaign.send("scripted")
    assert [entry.action for entry in campaign.log()] == [
        "draft", "approved", "sending", "finished"
    ]  # fmt: skip
