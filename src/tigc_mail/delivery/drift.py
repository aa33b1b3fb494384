"""What became of a plan since it was made: who would be in it, were it made again now."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.audit import first_of
from tigc_mail.delivery.earlier import NOT_AGAIN
from tigc_mail.delivery.planning import Planner
from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.people.audience import Audience


@dataclass(frozen=True)
class Drift:
    """How a plan differs from one that would be made now."""

    unplanned: int = 0
    """How many contacts would be recipients now, and are not planned."""
    other_language: int = 0
    """How many planned recipients, unsent so far, would get it in another language now."""

    def to_json(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)


def drift(
    connection: Connection, row: Row[Any], edition: Edition, audiences: Sequence[Audience]
) -> Drift:
    """Return how the plan of a campaign differs from one that would be made now.

    One question is asked of the contacts, as for a plan; nothing is written.

    Args:
        connection: a transaction.
        row: the campaign's row.
        edition: what is sent, as it is now.
        audiences: to whom, as they are now, in the order that decides.
    """
    if not audiences:
        return Drift()
    made = first_of(connection, row.id, CampaignState.DRAFT)
    not_again = made is not None and bool(made.detail.get(NOT_AGAIN))
    planner = Planner(edition, audiences, not_again=not_again)
    found = list(planner.compared(connection, row.number))
    showing = planner.tailored({each.now for each in found})
    new = [each.size for each in found if each.state is None and each.now in showing]
    other = [
        each.size
        for each in found
        if each.state == DeliveryState.PLANNED and each.planned_for != each.now.locale
    ]
    return Drift(sum(new), sum(other))
