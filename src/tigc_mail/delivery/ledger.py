"""The ledger: the one record of who was to get what, and what became of it.

Every change of state is a compare-and-set along a transition of `delivery.states`; the database
refuses any other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from tigc_mail.delivery.audit import Deed, Entry, last_of, note
from tigc_mail.delivery.batches import Batch, of_campaign
from tigc_mail.delivery.outcomes import AFTER, Outcomes
from tigc_mail.delivery.states import (
    DELIVERY_TRANSITIONS,
    UNSENT,
    CampaignState,
    DeliveryState,
    require,
)
from tigc_mail.delivery.tables import batches, campaigns, deliveries
from tigc_mail.ground.database import fetch_columns
from tigc_mail.people.tables import contact_attributes, contacts, suppressions

SENDING_AGAIN = "sending again"
"""What the log calls a send that goes on where an earlier one was interrupted."""

FAILOVER = "failover"
"""What the log calls it when the next provider has its turn."""

_UNSENT = [state.value for state in UNSENT]


class Ledger(Outcomes):
    """The campaigns of a database, and the deliveries of all of them."""

    def addressees(
        self, batch: Batch, ready: ColumnElement[bool], attributes: Sequence[str] = ()
    ) -> Sequence[Sequence[Any]]:
        """Return the deliveries of a batch that may be handed over, and who their contacts are.

        The columns are delivery id, email, given name, family name, organisation, role, country,
        and then the named attributes, "" for a contact without one.
        """
        people = contacts.c
        about = people.email, people.given_name, people.family_name, people.organisation
        query = (
            select(
                deliveries.c.id, *about, people.role, people.country, *map(_attribute, attributes)
            )
            .join(contacts, people.id == deliveries.c.contact_id)
            .where(batch.deliveries, ready)
            .order_by(deliveries.c.id)
        )
        with self.reading() as connection:
            return fetch_columns(connection, query)

    def suppress(
        self, connection: Connection, batch: Batch, segment: ColumnElement[bool], now: datetime
    ) -> int:
        """Take out of a batch who must not, or no longer should, be written to.

        Args:
            connection: the transaction that claims the batch.
            batch: the batch.
            segment: who is in the audience of its variant.
            now: the time to record.
        """
        return self.move(
            connection,
            batch.deliveries & not_(_wanted(segment)),
            DeliveryState.PLANNED,
            DeliveryState.SUPPRESSED,
            reason="withdrawn, blocked or no longer in the audience",
            changed_at=now,
        )

    def claim(
        self,
        connection: Connection,
        batch: Batch,
        source: DeliveryState,
        ready: ColumnElement[bool],
        provider: str,
    ) -> set[int]:
        """Claim what is left of a batch for a provider, and return the ids of those claimed.

        Args:
            connection: the transaction.
            batch: the batch.
            source: the state they are in, `planned` or `unknown`.
            ready: which of them may be handed over now.
            provider: its name.
        """
        require(DeliveryState.CLAIMED in DELIVERY_TRANSITIONS[source], source, "claimed")
        claimed = connection.execute(
            update(deliveries)
            .where(batch.deliveries, ready)
            .values(state=DeliveryState.CLAIMED.value, provider=provider)
            .returning(deliveries.c.id)
        )
        return set(claimed.scalars().all())

    def first_of(self, batch: Batch, ready: ColumnElement[bool]) -> int | None:
        """Return the first delivery of a batch for which a condition holds; None for none."""
        with self.reading() as connection:
            first: int | None = connection.scalar(
                select(func.min(deliveries.c.id)).where(batch.deliveries, ready)
            )
        return first

    def fail_over(self, campaign: int, provider: str, deed: Deed) -> None:
        """Note that another provider has its turn, which may be handed at once what was put off."""
        attempts, planned = deliveries.c.attempts, deliveries.c.state == DeliveryState.PLANNED.value
        with self.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.campaign == campaign, planned, attempts > 0)
                .values(attempts=0, due_at=None)
            )
            name = connection.execute(select(campaigns.c.id).where(campaigns.c.number == campaign))
            detail = {**deed.detail, "provider": provider}
            note(connection, name.scalar_one(), FAILOVER, deed._replace(detail=detail))

    def next_due(self, batch: Batch) -> datetime | None:
        """Return when something of a batch is to be tried again; None where nothing is put off."""
        planned = deliveries.c.state == DeliveryState.PLANNED.value
        with self.reading() as connection:
            due: datetime | None = connection.scalar(
                select(func.min(deliveries.c.due_at)).where(batch.deliveries, planned)
            )
        return due

    def give_up_claims(self, campaign: int, now: datetime) -> int:
        """Call unknown what a send that died had claimed; only the one sender may do so.

        Returns:
            How many deliveries nobody knows the outcome of.
        """
        with self.writing() as connection:
            return self.move(
                connection,
                deliveries.c.campaign == campaign,
                DeliveryState.CLAIMED,
                DeliveryState.UNKNOWN,
                reason="the sending process ended before the outcome was known",
                changed_at=now,
            )

    def close(self, campaign: int, now: datetime) -> None:
        """End a campaign that is being sent and has nothing left to send.

        What is planned expires where the campaign's time is over. A delivery with an unknown
        outcome keeps it open.
        """
        planned, of_it = DeliveryState.PLANNED, deliveries.c.campaign == campaign
        with self.writing() as connection:
            if self.state(connection, campaign) is not CampaignState.SENDING:
                return
            if self.late(connection, campaign, now):
                reason = AFTER[CampaignState.EXPIRED][1]
                self.move(
                    connection, of_it, planned, DeliveryState.EXPIRED, reason=reason, changed_at=now
                )
            counts = states_of(connection, campaign)
            if not UNSENT & counts.keys():
                over = DeliveryState.EXPIRED in counts
                end = CampaignState.EXPIRED if over else CampaignState.FINISHED
                counted = {state.value: size for state, size in counts.items()}
                deed = Deed(now, detail={"states": counted})
                self.change(connection, campaign, CampaignState.SENDING, end, deed)

    def has(self, campaign: int, states: Iterable[DeliveryState]) -> bool:
        """Return whether a delivery of a campaign is in one of the states."""
        chosen = deliveries.c.campaign == campaign, deliveries.c.state.in_(sorted(states))
        with self.reading() as connection:
            return connection.scalar(select(deliveries.c.id).where(*chosen).limit(1)) is not None

    def count(self, campaign: int, states: Iterable[DeliveryState]) -> int:
        """Return how many deliveries of a campaign are in one of the states."""
        with self.reading() as connection:
            found = connection.scalar(
                select(func.count())
                .select_from(deliveries)
                .where(deliveries.c.campaign == campaign, deliveries.c.state.in_([*states]))
            )
        return found or 0

    def open_batches(self, campaign: int) -> list[Batch]:
        """Return the batches in which something is still unsent, in order."""
        waiting = exists().where(
            deliveries.c.id.between(batches.c.first, batches.c.last),
            of_campaign(batches.c.campaign),
            deliveries.c.state.in_(_UNSENT),
        )
        with self.reading() as connection:
            rows = connection.execute(
                select(batches)
                .where(batches.c.campaign == campaign, waiting.correlate(batches))
                .order_by(batches.c.number)
            )
            return [Batch(*row) for row in rows]

    def recipients(self, campaign: int) -> Iterator[Sequence[Sequence[int]]]:
        """Yield delivery ids, contact ids and variants of a campaign in order, by the thousand."""
        last = 0
        columns = deliveries.c.id, deliveries.c.contact_id, deliveries.c.variant
        query = select(*columns).where(of_campaign(campaign), deliveries.c.id > bindparam("last"))
        query = query.order_by(deliveries.c.id).limit(10_000)
        with self.reading() as connection:
            while (part := fetch_columns(connection, query.params(last=last)))[0]:
                yield part
                last = part[0][-1]


def states_of(connection: Connection, campaign: int) -> Mapping[DeliveryState, int]:
    """Return how many deliveries of a campaign are in each state that some are in."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.campaign == campaign)
        .group_by(deliveries.c.state)
    )
    return {DeliveryState(state): count for state, count in rows}


def begun(connection: Connection, campaign: str) -> Entry | None:
    """Return the log's entry of the beginning of the last send; None where there was none."""
    return last_of(connection, campaign, (CampaignState.SENDING, SENDING_AGAIN))


def in_turn(connection: Connection, campaign: str) -> str:
    """Return the provider that has its turn in a send, or had it last; empty where none had."""
    actions = CampaignState.SENDING, SENDING_AGAIN, FAILOVER
    entry = last_of(connection, campaign, actions)
    return "" if entry is None else str(entry.detail.get("provider", "")).split(",")[0]


def ready_to_send(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Return the condition for planned deliveries that are not put off until later.

    What is put off for longer than `longest` was so by a clock that was ahead: it may go.
    """
    due, planned = deliveries.c.due_at, deliveries.c.state == DeliveryState.PLANNED.value
    return planned & or_(due.is_(None), due <= now, due > now + longest)


def ready_to_repeat(provider: str, segment: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for deliveries of a provider whose outcome is unknown, to give again.

    Only who may still be written to is among them.
    """
    return (
        (deliveries.c.state == DeliveryState.UNKNOWN.value)
        & (deliveries.c.provider == provider)
        & _wanted(segment)
    )


def _attribute(name: str) -> ColumnElement[str]:
    """Return the value of a contact's attribute, "" where there is none."""
    value = select(contact_attributes.c.value).where(
        contact_attributes.c.contact_id == contacts.c.id, contact_attributes.c.name == name
    )
    return func.coalesce(value.correlate(contacts).scalar_subquery(), "")


def _wanted(segment: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for deliveries to those who may, and should, still be written to."""
    blocked = contacts.c.email_key.in_(select(suppressions.c.email_key))
    wanted = exists().where(
        contacts.c.id == deliveries.c.contact_id,
        contacts.c.consent_basis.is_not(None),
        not_(blocked),
        segment,
    )
    return wanted.correlate(deliveries)
