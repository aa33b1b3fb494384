"""Writing to nobody again: a campaign that leaves out who has the edition doubles nobody."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from tigc_mail.delivery.audit import first_of
from tigc_mail.delivery.earlier import NOT_AGAIN, repeated_now
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.delivery.tables import campaigns, deliveries
from tigc_mail.errors import CampaignError

ON_ITS_WAY = (CampaignState.SENDING, CampaignState.PAUSED)
"""The states of a campaign of which something was sent, and more may be."""


def require_none_under_way(
    connection: Connection, office: Office, edition: str, states: Collection[CampaignState]
) -> None:
    """Refuse to leave out who has an edition while another campaign may still send it to others.

    Args:
        connection: a writing transaction.
        office: knows what is being sent at this moment.
        edition: the id of the edition.
        states: those in which a campaign may still send it.

    Raises:
        CampaignError: if there is one, or a process still sends one that is cancelled.
    """
    own = campaigns.c.edition == edition
    claimed = exists().where(
        deliveries.c.campaign == campaigns.c.number,
        deliveries.c.state == DeliveryState.CLAIMED.value,
    )
    rows = connection.execute(
        select(campaigns.c.id, campaigns.c.state, claimed).where(own).order_by(campaigns.c.number)
    )
    for name, state, in_hand in rows:
        if state in states:
            cure = f"Cancel that one, or send it: tigc-mail campaign cancel {name}."
            raise CampaignError(f"{name} is {state}, and may still send it", edition, cure)
        if in_hand and office.has_sender(name):
            cure = "Wait until what is under way is finished, then run the same command again."
            raise CampaignError(f"{name} is {state}, and still being sent", edition, cure)


def require_nobody_twice(connection: Connection, office: Office, row: Row[Any]) -> None:
    """Refuse to begin a campaign that writes to nobody again, where somebody has it meanwhile.

    Args:
        connection: a writing transaction.
        office: knows what is being sent at this moment.
        row: the row of the campaign, which nothing was sent of.

    Raises:
        CampaignError: if somebody has it, or is just being sent it.
    """
    made = first_of(connection, row.id, CampaignState.DRAFT)
    if made is None or not made.detail.get(NOT_AGAIN):
        return
    require_none_under_way(connection, office, row.edition, ON_ITS_WAY)
    if meanwhile := repeated_now(connection, row):
        cause = f"{sum(meanwhile.values()):,} of its recipients have it meanwhile, through "
        cure = "Cancel it, and create it anew with --not-again."
        raise CampaignError(cause + ", ".join(meanwhile), row.id, cure)
