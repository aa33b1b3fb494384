"""Who has an edition already: what other campaigns sent of it before."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    func,
    literal,
    select,
)

from tigc_mail.delivery.audit import first_of
from tigc_mail.delivery.providers.protocol import DISCARDED
from tigc_mail.delivery.states import SENT, CampaignState
from tigc_mail.delivery.tables import campaigns, deliveries
from tigc_mail.people.tables import contacts

NOT_AGAIN = "not_again"
"""The name under which the log keeps that a campaign writes to nobody who has its edition."""

REPEATED = "repeated"
"""The name under which the log keeps the counts of `repeated_now`, with the first send."""


def _has(delivery: FromClause) -> ColumnElement[bool]:
    """Return whether somebody has a message, or may have: it was accepted, is being handed over, or
    its outcome is unknown. Who bounced, or was rejected, has it not; nor has whose was discarded.
    """
    of = delivery.c
    return of.state.in_(sorted(SENT)) & (func.coalesce(of.reason, "") != DISCARDED)


def has_it(edition: str) -> ColumnElement[bool]:
    """Return whether a contact has an edition, or may have, through any campaign."""
    of_it = select(campaigns.c.number).where(campaigns.c.edition == edition)
    return (
        select(literal(1))
        .where(deliveries.c.contact_id == contacts.c.id, deliveries.c.campaign.in_(of_it))
        .where(_has(deliveries))
        .correlate(contacts)
        .exists()
    )


def repeated_now(connection: Connection, row: Row[Any]) -> dict[str, int]:
    """Return how many recipients have the edition, or may have, through each other campaign.

    Args:
        connection: a transaction.
        row: the row of the campaign whose recipients they are.
    """
    return dict(_repeated(connection, row))


def repeated(connection: Connection, row: Row[Any]) -> Mapping[str, int]:
    """Return the same as it was when a campaign began to be sent, or is while it can begin.

    What other campaigns send later does not count: their recipients had this one before.
    """
    if row.state in (CampaignState.DRAFT, CampaignState.APPROVED):
        return repeated_now(connection, row)
    begun = first_of(connection, row.id, CampaignState.SENDING)
    found: Mapping[str, int] = {} if begun is None else begun.detail.get(REPEATED, {})
    return found


def _repeated(connection: Connection, row: Row[Any]) -> Iterator[tuple[str, int]]:
    own, other = deliveries.alias(), deliveries.alias()
    rows = connection.execute(
        select(campaigns.c.id, func.count())
        .select_from(campaigns)
        .join(other, other.c.campaign == campaigns.c.number)
        .join(own, and_(own.c.contact_id == other.c.contact_id, own.c.campaign == row.number))
        .where(
            campaigns.c.edition == row.edition,
            campaigns.c.number != row.number,
            _has(other),
        )
        .group_by(campaigns.c.id)
        .order_by(campaigns.c.id)
    )
    yield from map(tuple, rows)
