"""What providers report later about deliveries: delivered, bounced, dropped and so on.

Reports come in any order, some twice, and some before the ledger has the provider's answer. Each is
written down once, by the provider's name for it, and moves its delivery only along a transition
that there is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from tigc_mail.delivery.batches import of_campaign
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.outcomes import block
from tigc_mail.delivery.providers.protocol import ProviderEvent
from tigc_mail.delivery.states import DELIVERY_TRANSITIONS, DeliveryState
from tigc_mail.delivery.tables import campaigns, deliveries, provider_events
from tigc_mail.people.tables import insert_into

_STATES: Mapping[str, DeliveryState] = {
    "processed": DeliveryState.ACCEPTED,
    "deferred": DeliveryState.DEFERRED,
    "delivered": DeliveryState.DELIVERED,
    "blocked": DeliveryState.BOUNCED,
    "bounced": DeliveryState.BOUNCED,
    "dropped": DeliveryState.DROPPED,
    "spam-report": DeliveryState.DELIVERED,
    "unsubscribed": DeliveryState.DELIVERED,
}
"""The state that each kind tells of, in the order in which a delivery goes through them."""

_BLOCKING = {
    "bounced": "the address bounced",
    "spam-report": "reported as spam",
    "unsubscribed": "unsubscribed at the provider",
}
"""Why an address is not written to again after an event."""


_AT_ONCE = 1_000
"""How many events are taken in by one statement, and by one transaction as they come in."""


@dataclass(frozen=True)
class EventReport:
    """What became of some events."""

    taken: int
    """How many are new."""
    repeated: int
    """How many were known."""
    foreign: int
    """How many are about no delivery of ours."""


def take_events(ledger: Ledger, events: Iterable[ProviderEvent], now: datetime) -> EventReport:
    """Write down what a provider reports, and move the deliveries that it is about.

    Args:
        ledger: the ledger.
        events: the reports, in any order.
        now: the time to record.
    """
    taken = known = size = 0
    rest = iter(events)
    while part := list(islice(rest, _AT_ONCE)):
        with ledger.writing() as connection:
            numbers = _numbers(connection, {event.delivery_id for event in part})
            ours = [event for event in part if event.delivery_id in numbers]
            taken += sum(_write(connection, event, numbers[event.delivery_id]) for event in ours)
            about = provider_events.c.delivery.in_({numbers[each.delivery_id] for each in ours})
            touched = _apply(ledger, connection, about, now)
        for campaign in touched:
            ledger.close(campaign, now)
        known, size = known + len(ours), size + len(part)
    return EventReport(taken, known - taken, size - known)


def give_up_claims(ledger: Ledger, campaign: int, now: datetime) -> None:
    """Call unknown what a send that died had claimed, but for what the provider reported since.

    Only the one sender may do so. The reports come first: nothing is handed over or settled against
    them.
    """
    ledger.give_up_claims(campaign, now)
    apply_waiting(ledger, campaign, now)


def apply_waiting(ledger: Ledger, campaign: int, now: datetime) -> None:
    """Take in the events that came before the ledger had the provider's answer."""
    with ledger.writing() as connection:
        _apply(ledger, connection, of_campaign(campaign), now)


def _numbers(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Return the numbers in the ledger of those of the delivery ids that are ours."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for delivery_id in ids:
        campaign, _, number = delivery_id.rpartition("-")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            wanted[campaign].append(int(number))
    found: dict[str, int] = {}
    for campaign, numbers in wanted.items():
        rows = connection.execute(
            select(deliveries.c.id)
            .join(campaigns, campaigns.c.number == deliveries.c.campaign)
            .where(campaigns.c.id == campaign, deliveries.c.id.in_(numbers))
        )
        found |= {f"{campaign}-{number}": number for number in rows.scalars()}
    return found


def _write(connection: Connection, event: ProviderEvent, number: int) -> int:
    """Write an event down; 0 where it is known already."""
    written = connection.scalar(
        insert_into(provider_events, connection)
        .values(
            event_id=event.event_id,
            delivery=number,
            kind=event.kind,
            at=event.at,
            reason=event.reason,
            applied=False,
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(provider_events.c.id)
    )
    return int(written is not None)


def _apply(
    ledger: Ledger, connection: Connection, about: ColumnElement[bool], now: datetime
) -> set[int]:
    """Take in the chosen events whose deliveries are not just being handed over.

    Returns:
        The campaigns whose deliveries they are about.
    """
    rows = connection.execute(
        select(
            provider_events.c.id,
            provider_events.c.delivery,
            provider_events.c.kind,
            provider_events.c.reason,
            deliveries.c.campaign,
        )
        .join(deliveries, deliveries.c.id == provider_events.c.delivery)
        .where(
            about,
            provider_events.c.applied.is_(False),
            deliveries.c.state != DeliveryState.CLAIMED.value,
        )
        .order_by(provider_events.c.delivery, provider_events.c.id)
    ).fetchall()
    for at in range(0, len(rows), _AT_ONCE):
        _apply_part(ledger, connection, rows[at : at + _AT_ONCE], now)
    return {row.campaign for row in rows}


def _apply_part(ledger: Ledger, connection: Connection, rows: Sequence[Any], now: datetime) -> None:
    """Take in some events: no more than a statement of the database may name."""
    alike: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for row in rows:
        alike[row.kind, row.reason].append(row.delivery)
    order = list(_STATES)
    for kind, reason in sorted(alike, key=lambda each: order.index(each[0])):
        chosen = deliveries.c.id.in_(alike[kind, reason])
        _move(ledger, connection, chosen, _STATES[kind], reason or kind, now)
        if kind in _BLOCKING:
            block(connection, chosen, _BLOCKING[kind], now)
    done = provider_events.c.id.in_([row.id for row in rows])
    connection.execute(update(provider_events).where(done).values(applied=True))


def _move(
    ledger: Ledger,
    connection: Connection,
    chosen: ColumnElement[bool],
    target: DeliveryState,
    reason: str,
    now: datetime,
) -> None:
    """Move deliveries to a state from wherever they may go there.

    What was planned again, because somebody held it to be unsent, was sent after all: it is not
    sent a second time.
    """
    handed_over = chosen & deliveries.c.provider.is_not(None)
    planned, claimed, unknown = (
        DeliveryState.PLANNED,
        DeliveryState.CLAIMED,
        DeliveryState.UNKNOWN,
    )
    if ledger.move(connection, handed_over, planned, claimed):
        ledger.move(connection, handed_over, claimed, unknown)
    for source, targets in DELIVERY_TRANSITIONS.items():
        if target in targets and source is not claimed:
            ledger.move(connection, chosen, source, target, reason=reason, changed_at=now)
