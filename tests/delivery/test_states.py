"""The states are those of the two tables, and so are the ways between them."""

from enum import StrEnum
from itertools import product

import pytest
from sqlalchemy import true
from sqlalchemy.exc import DatabaseError
from tests.databases import BOTH
from tests.delivery.world import NOON, World

from tigc_mail.delivery.audit import Deed
from tigc_mail.delivery.states import (
    CAMPAIGN_TRANSITIONS,
    DELIVERY_TRANSITIONS,
    UNSENT,
    CampaignState,
    DeliveryState,
)
from tigc_mail.errors import CampaignError

DEED = Deed(NOON)

TABLES = [
    pytest.param(DeliveryState, DELIVERY_TRANSITIONS, DeliveryState.PLANNED, id="deliveries"),
    pytest.param(CampaignState, CAMPAIGN_TRANSITIONS, CampaignState.DRAFT, id="campaigns"),
]
Transitions = dict[StrEnum, frozenset[StrEnum]]


@pytest.mark.parametrize(("states", "transitions", "first"), TABLES)
def test_every_state_has_its_transitions_and_they_lead_to_states(
    states: type[StrEnum], transitions: Transitions, first: StrEnum
) -> None:
    assert transitions.keys() == set(states)
    assert set().union(*transitions.values()) <= set(states)
    assert not any(state in targets for state, targets in transitions.items())


@pytest.mark.parametrize(("states", "transitions", "first"), TABLES)
def test_every_state_can_be_reached_and_every_walk_can_end(
    states: type[StrEnum], transitions: Transitions, first: StrEnum
) -> None:
    assert reachable(transitions, first) == set(states)
    ends = {state for state, targets in transitions.items() if not targets}
    assert all(reachable(transitions, state) & ends for state in states)


def reachable(transitions: Transitions, start: StrEnum) -> set[StrEnum]:
    found, rest = {start}, [start]
    while rest:
        new = transitions[rest.pop()] - found
        found |= new
        rest += new
    return found


def test_what_was_not_claimed_by_a_provider_never_becomes_sent() -> None:
    sent = {DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.UNKNOWN}
    assert not DELIVERY_TRANSITIONS[DeliveryState.PLANNED] & sent


def test_what_was_accepted_is_never_sent_again() -> None:
    again = {DeliveryState.PLANNED, DeliveryState.CLAIMED}
    assert not reachable(DELIVERY_TRANSITIONS, DeliveryState.ACCEPTED) & again  # type: ignore[arg-type]


def test_a_delivery_without_outcome_is_one_that_may_still_be_sent_or_settled() -> None:
    assert {DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN} == UNSENT


@BOTH
def test_the_ledger_carries_out_the_transitions_of_the_table_and_no_other(world: World) -> None:
    world.enrol_public(1)
    campaign = world.campaigns.create("news", author="ana")
    for source, target in product(DeliveryState, DeliveryState):
        world.tamper(f"UPDATE deliveries SET state = '{source}'")  # noqa: S608
        if target in DELIVERY_TRANSITIONS[source]:
            assert move(world, source, target) == 1
            assert world.states(campaign) == {"reader0@example.org": target}
        else:
            with pytest.raises(ValueError, match=f"no transition from {source} to {target}"):
                move(world, source, target)
            assert world.states(campaign) == {"reader0@example.org": source}


def move(world: World, source: DeliveryState, target: DeliveryState) -> int:
    with world.ledger.writing() as connection:
        return world.ledger.move(connection, true(), source, target)


def test_a_delivery_moves_only_from_the_state_it_is_in(world: World) -> None:
    world.enrol_public(1)
    campaign = world.campaigns.create("news", author="ana")
    assert move(world, DeliveryState.CLAIMED, DeliveryState.ACCEPTED) == 0
    assert world.states(campaign) == {"reader0@example.org": "planned"}


@BOTH
def test_the_ledger_moves_a_campaign_along_its_table_and_no_other_way(world: World) -> None:
    world.enrol_public(1)
    campaign = world.campaigns.create("news", author="ana")
    for source, target in product(CampaignState, CampaignState):
        world.tamper(f"UPDATE campaigns SET state = '{source}'")  # noqa: S608
        if target in CAMPAIGN_TRANSITIONS[source]:
            world.ledger.move_campaign(campaign._number, source, target, DEED)
            assert campaign.state is target
        else:
            with pytest.raises(ValueError, match=f"no transition from {source} to {target}"):
                world.ledger.move_campaign(campaign._number, source, target, DEED)
            assert campaign.state is source


@BOTH
def test_of_two_who_move_a_campaign_the_second_is_told(world: World) -> None:
    world.enrol_public(1)
    campaign = world.campaigns.create("news", author="ana")
    draft, approved = CampaignState.DRAFT, CampaignState.APPROVED
    world.ledger.move_campaign(campaign._number, draft, approved, DEED)
    with pytest.raises(CampaignError, match=r"no longer draft.* campaign status"):
        world.ledger.move_campaign(campaign._number, draft, approved, DEED)


@BOTH
@pytest.mark.parametrize("table", ["deliveries", "campaigns"])
def test_the_database_refuses_a_state_that_is_none(world: World, table: str) -> None:
    world.enrol_public(1)
    world.campaigns.create("news", author="ana")
    with pytest.raises(DatabaseError, match=f"ck_{table}_state"):
        world.tamper(f"UPDATE {table} SET state = 'lost'")  # noqa: S608


@BOTH
def test_the_database_refuses_a_second_delivery_to_the_same_contact(world: World) -> None:
    world.enrol_public(1)
    world.campaigns.create("news", author="ana")
    again = "INSERT INTO deliveries (id, campaign, contact_id, variant, state)"
    with pytest.raises(DatabaseError, match=r"(?i)unique"):
        world.tamper(f"{again} SELECT 9, campaign, contact_id, 99, 'planned' FROM deliveries")  # noqa: S608
