"""The proof that the account of a campaign adds up (`campaign verify`)."""

from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from tigc_mail.delivery.audit import broken, first_of
from tigc_mail.delivery.batches import of_campaign
from tigc_mail.delivery.ledger import Ledger, states_of
from tigc_mail.delivery.obstacles import ELSEWHERE
from tigc_mail.delivery.planning import CONTACTS
from tigc_mail.delivery.states import FAILED, UNSENT, CampaignState, DeliveryState
from tigc_mail.delivery.tables import (
    audit,
    batches,
    deliveries,
    exclusions,
    provider_events,
    variants,
)
from tigc_mail.errors import StoreError


def problems(ledger: Ledger, row: Row[Any]) -> tuple[str, ...]:
    """Return what does not add up in the account of a campaign; nothing where all is well."""
    found = []
    with ledger.reading() as connection:
        state = ledger.state(connection, row.number)  # of the same moment as its deliveries
        states = states_of(connection, row.number)
        total = ledger.recorded(connection, row.number)
        if total != row.planned:
            found.append(f"{row.planned} recipients were planned, {total} deliveries are recorded")
        known, accounted = _known(connection, row.id), _accounted(connection, row)
        if known not in (None, accounted):
            found.append(
                f"{known} contacts were there to be planned, {accounted} are accounted for"
            )
        if not _variants_agree(connection, row.number):
            found.append("the deliveries of the variants are not those planned")
        covered = _in_one_batch(connection, row.number)
        last = _last_state(connection, row.id)
        chain = broken(connection)
        denied = _sent_against_the_ledger(connection, row.number)
    if denied:
        found.append(f"{denied} deliveries were not sent, and the provider reports that they were")
    if chain is not None:
        found.append(chain)
    if covered != total:
        found.append(f"{total} deliveries are recorded, {covered} of them stand in one batch")
    if states.get(DeliveryState.PLANNED) and state == CampaignState.CANCELLED:
        found.append(f"it is cancelled, and {states[DeliveryState.PLANNED]} are still planned")
    if last not in (None, state):
        found.append(f"it is {state}, and the audit log ends with {last}")
    waiting = sum(count for state, count in states.items() if state in UNSENT)
    if waiting and state in (CampaignState.FINISHED, CampaignState.EXPIRED):
        found.append(f"it is {state}, and {waiting} deliveries have no outcome")
    return tuple(found)


def _known(connection: Connection, campaign: str) -> int | None:
    """Return how many contacts there were when it was planned; None where the log does not say."""
    try:
        made = first_of(connection, campaign, CampaignState.DRAFT)
    except StoreError:  # the chain is broken there
        return None
    return None if made is None else made.detail.get(CONTACTS)


def _accounted(connection: Connection, row: Row[Any]) -> int:
    """Return how many contacts are planned, or left out with a reason."""
    without = exclusions.c.reason.not_in(ELSEWHERE) & (exclusions.c.campaign == row.number)
    count = connection.scalar(select(func.count()).select_from(exclusions).where(without))
    return row.planned + (count or 0) + row.outside  # type: ignore[no-any-return]


def _sent_against_the_ledger(connection: Connection, campaign: int) -> int:
    """Return how many deliveries are over unsent, of which a provider reports that it has them."""
    unsent = (*FAILED, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED)
    found = connection.scalar(
        select(func.count(provider_events.c.delivery.distinct()))
        .join(deliveries, deliveries.c.id == provider_events.c.delivery)
        .where(
            deliveries.c.campaign == campaign,
            deliveries.c.state.in_(unsent),
            provider_events.c.kind.in_(("processed", "deferred", "delivered", "spam-report")),
        )
    )
    return found or 0


def _last_state(connection: Connection, campaign: str) -> str | None:
    """Return the state that the audit log ends with; None where it tells of none."""
    states = [state.value for state in CampaignState]
    return connection.scalar(
        select(audit.c.action)
        .where(audit.c.campaign == campaign, audit.c.action.in_(states))
        .order_by(audit.c.id.desc())
        .limit(1)
    )


def _variants_agree(connection: Connection, campaign: int) -> bool:
    recorded = connection.execute(
        select(deliveries.c.variant, func.count())
        .where(deliveries.c.campaign == campaign)
        .group_by(deliveries.c.variant)
    )
    planned = connection.execute(
        select(variants.c.code, variants.c.recipients).where(variants.c.campaign == campaign)
    )
    return {tuple(row) for row in recorded} == {tuple(row) for row in planned}


def _in_one_batch(connection: Connection, campaign: int) -> int:
    """Return how many deliveries stand in exactly one batch, which is of their variant."""
    own = and_(
        deliveries.c.id.between(batches.c.first, batches.c.last),
        of_campaign(batches.c.campaign),
        deliveries.c.variant == batches.c.variant,
    )
    size = select(func.count()).where(own).correlate(batches).scalar_subquery()
    rows = connection.execute(
        select(batches.c.first, batches.c.last, size)
        .where(batches.c.campaign == campaign)
        .order_by(batches.c.first)
    ).fetchall()
    overlap = any(earlier.last >= later.first for earlier, later in pairwise(rows))
    return 0 if overlap else sum(row[2] for row in rows)
