"""Claims: the statements by which the batches of one variant are handed over.

SQLAlchemy takes longer to make a statement than SQLite to run it on a batch. So each is made once
for all the batches of a variant; what differs are its parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from tigc_mail.delivery.batches import IN_BATCH, Batch
from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.delivery.tables import campaigns, deliveries
from tigc_mail.people.tables import contact_attributes, contacts, suppressions

_due = deliveries.c.due_at

READY_TO_SEND = (deliveries.c.state == DeliveryState.PLANNED.value) & or_(
    _due.is_(None), _due <= bindparam("now"), _due > bindparam("horizon")
)
"""The condition for planned deliveries that are not put off until later.

What is put off beyond the horizon was so by a clock that was ahead: it may go.
"""

Parameters = Mapping[str, Any]
"""The parameters of a statement."""


def parameters(batch: Batch, now: datetime, longest: timedelta, provider: str) -> Parameters:
    """Return the parameters of the statements, for a batch.

    Args:
        batch: the batch.
        now: the moment until which something may be put off and yet go.
        longest: for how long something can be put off.
        provider: the name of the provider that has its turn.
    """
    return batch.bounds | {"now": now, "horizon": now + longest, "turn_of": provider}


@dataclass(frozen=True)
class Claims:
    """The statements for the deliveries of one variant that are in one state.

    Args:
        source: the state, `planned` or `unknown`.
        segment: who is in the audience of the variant.
        attributes: the attributes of contacts that its message prints.
    """

    source: DeliveryState
    segment: ColumnElement[bool]
    attributes: Sequence[str] = ()

    @cached_property
    def ready(self) -> ColumnElement[bool]:
        """The condition for those that may be handed over.

        Of those with an unknown outcome, the provider whose they are may be given those again who
        may still be written to.
        """
        if self.source is DeliveryState.PLANNED:
            return READY_TO_SEND
        unknown = deliveries.c.state == DeliveryState.UNKNOWN.value
        return unknown & (deliveries.c.provider == bindparam("turn_of")) & self._wanted

    @cached_property
    def addressees(self) -> Select[Any]:
        """Deliveries that may be handed over, and who their contacts are.

        The columns are delivery id, email, given name, family name, organisation, role, country,
        and then the attributes, "" for a contact without one.
        """
        people = contacts.c
        about = people.email, people.given_name, people.family_name, people.organisation
        values = map(_attribute, self.attributes)
        return (
            select(deliveries.c.id, *about, people.role, people.country, *values)
            .join(contacts, people.id == deliveries.c.contact_id)
            .where(IN_BATCH, self.ready)
            .order_by(deliveries.c.id)
        )

    @cached_property
    def ids(self) -> Select[Any]:
        """The ids of those that may be handed over."""
        return select(deliveries.c.id).where(IN_BATCH, self.ready)

    @cached_property
    def claim(self) -> Update:
        """The claim of those that may be handed over."""
        claimed = {"state": DeliveryState.CLAIMED.value, "provider": bindparam("turn_of")}
        return update(deliveries).where(IN_BATCH, self.ready).values(claimed)

    @cached_property
    def claim_of_all(self) -> Update:
        """The same, of a campaign that is being sent; where it is not, nothing is claimed."""
        state = select(campaigns.c.state).where(campaigns.c.number == bindparam("campaign_number"))
        return self.claim.where(state.scalar_subquery() == CampaignState.SENDING.value)

    @cached_property
    def suppressed(self) -> ColumnElement[bool]:
        """The condition for those who must not, or no longer should, be written to."""
        return IN_BATCH & not_(self._wanted)

    @cached_property
    def _wanted(self) -> ColumnElement[bool]:
        blocked = contacts.c.email_key.in_(select(suppressions.c.email_key))
        wanted = exists().where(
            contacts.c.id == deliveries.c.contact_id,
            contacts.c.consent_basis.is_not(None),
            not_(blocked),
            self.segment,
        )
        return wanted.correlate(deliveries)


def _attribute(name: str) -> ColumnElement[str]:
    """Return the value of a contact's attribute, "" where there is none."""
    value = select(contact_attributes.c.value).where(
        contact_attributes.c.contact_id == contacts.c.id, contact_attributes.c.name == name
    )
    return func.coalesce(value.correlate(contacts).scalar_subquery(), "")
