"""What providers report later: in any order, repeated, early, and about anything."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event
from tests.databases import BOTH
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import World, address

from tigc_mail import Campaign
from tigc_mail.delivery.events import apply_waiting, take_events
from tigc_mail.delivery.providers.protocol import EventKind, ProviderEvent

HISTORIES: dict[str, Sequence[EventKind]] = {
    "delivered": ["processed", "deferred", "deferred", "delivered"],
    "bounced": ["processed", "deferred", "bounced"],
    "dropped": ["dropped"],
    "deferred": ["processed", "deferred"],
    "bounced late": ["processed", "delivered", "bounced"],
    "blocked": ["processed", "blocked"],
    "complained": ["processed", "delivered", "spam-report"],
}
ENDS = {"bounced late": "bounced", "blocked": "bounced", "complained": "delivered"}


def told(world: World, campaign: Campaign, kind: EventKind, number: int = 1, name: str = "") -> Any:
    """Take in one report about a delivery."""
    delivery = f"{campaign.id}-{number}"
    one = ProviderEvent(name or f"{kind} {number}", delivery, kind, world.clock.now)
    return take_events(world.ledger, [one], world.clock.now)


def sent(world: World, size: int = 1) -> Campaign:
    """Return a campaign whose deliveries a provider accepted."""
    world.enrol_public(size)
    campaign = world.approved()
    campaign.send("discard")
    return campaign


def blocked(world: World) -> list[str]:
    with world.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT email_key FROM suppressions ORDER BY 1")
        return list(rows.scalars())


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_ends_in_the_same_state_in_any_order_and_repeated(
    world: World, history: str
) -> None:
    kinds = HISTORIES[history]
    orders = [*permutations(kinds), [*kinds, *kinds]]
    campaign = sent(world, len(orders))
    for number, order in enumerate(orders, 1):
        for kind in order:
            told(world, campaign, kind, number)
    assert {*world.states(campaign).values()} == {ENDS.get(history, history)}
    assert campaign.verify() == ()


@BOTH
def test_a_report_is_taken_once_by_its_name(world: World) -> None:
    campaign = sent(world)
    assert told(world, campaign, "delivered", name="one").taken == 1
    again = told(world, campaign, "bounced", name="one")
    assert (again.taken, again.repeated) == (0, 1)
    assert world.states(campaign) == {address(0): "delivered"}


@pytest.mark.parametrize("number", [2, 99])
def test_a_report_about_no_delivery_of_ours_is_foreign(world: World, number: int) -> None:
    campaign = sent(world)
    assert told(world, campaign, "bounced", number).foreign == 1
    assert blocked(world) == []


@pytest.mark.parametrize(
    ("kind", "blocks"),
    [("bounced", True), ("spam-report", True), ("unsubscribed", True), ("blocked", False)],
)
def test_only_what_is_about_the_address_blocks_it(
    world: World,
    kind: EventKind,
    blocks: bool,  # noqa: FBT001
) -> None:
    told(world, sent(world), kind)
    assert blocked(world) == ([address(0)] if blocks else [])


@BOTH
def test_what_was_planned_again_and_was_sent_after_all_is_not_sent_twice(world: World) -> None:
    world.enrol_public(2)
    campaign = world.approved()
    world.providers["scripted"] = doing("silence", address(0))
    campaign.send("scripted")
    campaign.settle("not-sent", by="ana")
    assert world.states(campaign)[address(0)] == "planned"
    told(world, campaign, "delivered")
    assert world.states(campaign)[address(0)] == "delivered"
    world.providers["scripted"] = provider = accepting()
    assert campaign.send("scripted").state == "finished"
    assert provider.taken == {}


def killed(world: World) -> Campaign:
    """Return a campaign whose sender died with a claim that its provider had taken."""
    world.enrol_public(2)
    campaign = world.approved()
    world.providers["scripted"] = doing("silence", address(0))
    campaign.send("scripted")
    world.tamper("UPDATE deliveries SET state = 'claimed' WHERE id = 1")
    return campaign


@BOTH
def test_a_report_that_came_before_the_answer_waits_for_it(world: World) -> None:
    campaign = killed(world)
    told(world, campaign, "bounced")
    assert world.states(campaign)[address(0)] == "claimed"
    world.providers["scripted"] = accepting()
    assert campaign.send("scripted").state == "finished"
    assert world.states(campaign)[address(0)] == "bounced"
    assert blocked(world) == [address(0)]


def test_a_report_that_waits_is_heard_before_an_idempotent_provider_is_asked_again(
    world: World,
) -> None:
    campaign = killed(world)
    told(world, campaign, "delivered")
    world.providers["scripted"] = provider = accepting(idempotent=True)
    campaign.send("scripted")
    assert world.states(campaign)[address(0)] == "delivered"
    assert provider.taken == {}


@pytest.mark.parametrize("over", [False, True])
def test_a_report_that_waits_goes_before_what_a_person_holds_to_be_true(
    world: World,
    over: bool,  # noqa: FBT001
) -> None:
    campaign = killed(world)
    if over:
        campaign.cancel(by="ana")
    told(world, campaign, "delivered")
    assert campaign.settle("not-sent", by="ana").settled == 0
    assert world.states(campaign)[address(0)] == "delivered"


@pytest.fixture
def narrow(world: World) -> Iterator[World]:
    """A world whose database takes only so many parameters in one statement."""

    def limit(connection: Any, _: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1_500)

    world.engine.dispose()
    event.listen(world.engine, "connect", limit)
    yield world
    event.remove(world.engine, "connect", limit)


def test_any_number_of_reports_may_have_waited(narrow: World) -> None:
    campaign = sent(narrow, 2_000)
    narrow.tamper("UPDATE deliveries SET state = 'claimed'")
    take_events(
        narrow.ledger,
        (
            ProviderEvent(f"{at}", f"{campaign.id}-{at}", "bounced", narrow.clock.now)
            for at in range(1, 2_001)
        ),
        narrow.clock.now,
    )
    narrow.tamper("UPDATE deliveries SET state = 'accepted'")
    apply_waiting(narrow.ledger, campaign._number, narrow.clock.now)
    assert {*narrow.states(campaign).values()} == {"bounced"}
    assert len(blocked(narrow)) == 2_000


@pytest.mark.parametrize("state", ["cancelled", "expired", "rejected", "suppressed"])
def test_verify_tells_of_a_report_that_what_was_not_sent_was(world: World, state: str) -> None:
    campaign = sent(world, 2)
    world.tamper(f"UPDATE deliveries SET state = '{state}' WHERE id = 1")  # noqa: S608
    told(world, campaign, "dropped")
    assert campaign.verify() == ()
    told(world, campaign, "delivered")
    assert world.states(campaign)[address(0)] == state
    assert campaign.verify() == (
        "1 deliveries were not sent, and the provider reports that they were",
    )
