"""The ledger: the one record of who was to get what, and what became of it.

Every change of state is a compare-and-set along a transition of `delivery.states`; the database
refuses any other.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)

from tigc_mail.delivery.audit import Deed
from tigc_mail.delivery.providers.protocol import Outcome, Receipt
from tigc_mail.delivery.register import Register
from tigc_mail.delivery.states import (
    DELIVERY_TRANSITIONS,
    UNSENT,
    CampaignState,
    DeliveryState,
    require,
)
from tigc_mail.delivery.tables import batches, deliveries
from tigc_mail.ground.database import Instant
from tigc_mail.people.tables import contact_attributes, contacts, insert_into, suppressions

Waits = Callable[[int], timedelta | None]
"""How long to wait after so many attempts at one delivery; None for giving it up."""

_UNSENT = [state.value for state in UNSENT]


@dataclass(frozen=True)
class Batch:
    """Deliveries that are sent together: of one variant, with ids from `first` to `last`."""

    campaign: int
    number: int
    variant: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.last - self.first + 1

    def cut(self, size: int) -> tuple["Batch", "Batch"]:
        """Return the first so many of them, and the others."""
        return replace(self, last=self.first + size - 1), replace(self, first=self.first + size)

    @property
    def deliveries(self) -> ColumnElement[bool]:
        """The condition that chooses them."""
        return deliveries.c.id.between(self.first, self.last) & of_campaign(self.campaign)


class Ledger(Register):
    """The campaigns of a database, and the deliveries of all of them."""

    def move(
        self,
        connection: Connection,
        chosen: ColumnElement[bool],
        source: DeliveryState,
        target: DeliveryState,
        **columns: Any,
    ) -> int:
        """Move the chosen deliveries that are in `source` to `target`.

        Args:
            chosen: which deliveries.
            source: the state they must be in.
            target: the state they get.
            columns: further columns to set (`reason`, `receipt`, `changed_at`).

        Returns:
            How many were moved.
        """
        require(target in DELIVERY_TRANSITIONS[source], source, target)
        moved = connection.execute(
            update(deliveries)
            .where(chosen, deliveries.c.state == source.value)
            .values(state=target.value, **columns)
        )
        return moved.rowcount

    def addressees(
        self, batch: Batch, ready: ColumnElement[bool], attributes: Sequence[str] = ()
    ) -> Sequence[Row[Any]]:
        """Return the deliveries of a batch that may be handed over, and who their contacts are.

        The columns are delivery id, email, given name, family name, organisation, role, country,
        and then the named attributes, "" for a contact without one.
        """
        with self.reading() as connection:
            rows: Sequence[Row[Any]] = connection.execute(
                select(
                    deliveries.c.id,
                    contacts.c.email,
                    contacts.c.given_name,
                    contacts.c.family_name,
                    contacts.c.organisation,
                    contacts.c.role,
                    contacts.c.country,
                    *map(_attribute, attributes),
                )
                .join(contacts, contacts.c.id == deliveries.c.contact_id)
                .where(batch.deliveries, ready)
                .order_by(deliveries.c.id)
            ).fetchall()
        return rows

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

    def record(
        self,
        batch: Batch,
        receipts: Mapping[int, Receipt],
        now: datetime,
        waits: Waits,
        *,
        blocking: bool = True,
    ) -> Mapping[DeliveryState, int]:
        """Write down the outcomes of claimed deliveries.

        Args:
            batch: the batch they belong to.
            receipts: the receipt of each, by delivery id (the number in the ledger).
            now: the time to record.
            waits: how long to wait before what was postponed is tried again.
            blocking: whether to believe that an address does not exist: not of a provider that has
                taken nothing yet.

        Returns:
            How many deliveries went into each state.
        """
        alike: dict[tuple[Outcome, str | None, str | None], list[int]] = defaultdict(list)
        for number, receipt in receipts.items():
            alike[receipt[1:4]].append(number)
        counts: Counter[DeliveryState] = Counter()
        with self.writing() as connection:
            for (outcome, reference, reason), numbers in alike.items():
                if outcome == "postponed":
                    counts += self._postpone(connection, batch, numbers, reason, now, waits)
                    continue
                state = DeliveryState(outcome)
                counts[state] += self.move(
                    connection,
                    batch.deliveries & _among(batch, numbers),
                    DeliveryState.CLAIMED,
                    state,
                    reason=reason,
                    receipt=reference,
                    changed_at=now,
                )
            gone = [number for number, receipt in receipts.items() if receipt.undeliverable]
            if gone and blocking:
                block(connection, deliveries.c.id.in_(gone), "the address does not exist", now)
            if counts[DeliveryState.PLANNED]:
                self.sweep(connection, batch.campaign, now)
        return counts

    def _postpone(
        self,
        connection: Connection,
        batch: Batch,
        numbers: list[int],
        reason: str | None,
        now: datetime,
        waits: Waits,
    ) -> Counter[DeliveryState]:
        """Plan deliveries again for later, and give those up that were put off too often."""
        counts: Counter[DeliveryState] = Counter()
        chosen = batch.deliveries & _among(batch, numbers)
        tried = connection.execute(select(deliveries.c.attempts).where(chosen).distinct())
        for before in tried.scalars().all():
            wait = waits(before + 1)
            given_up = wait is None
            state = DeliveryState.REJECTED if given_up else DeliveryState.PLANNED
            counts[state] += self.move(
                connection,
                chosen & (deliveries.c.attempts == before),
                DeliveryState.CLAIMED,
                state,
                reason=f"given up after {before + 1} attempts: {reason}" if given_up else reason,
                changed_at=now,
                attempts=before + 1,
                due_at=None if wait is None else now + wait,
            )
        return counts

    def put_back(self, batch: Batch, numbers: Iterable[int], now: datetime) -> None:
        """Plan claimed deliveries again that were surely not sent."""
        numbers = list(numbers)
        if numbers:
            with self.writing() as connection:
                chosen = batch.deliveries & _among(batch, numbers)
                self.move(connection, chosen, DeliveryState.CLAIMED, DeliveryState.PLANNED)
                self.sweep(connection, batch.campaign, now)

    def sweep(self, connection: Connection, campaign: int, now: datetime) -> int:
        """Let nothing be planned in a campaign that was cancelled, or is over.

        Returns:
            How many deliveries were.
        """
        state = self.state(connection, campaign)
        if state not in _AFTER:
            return 0
        target, reason = _AFTER[state]
        chosen = deliveries.c.campaign == campaign
        return self.move(
            connection, chosen, DeliveryState.PLANNED, target, reason=reason, changed_at=now
        )

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
                reason = _AFTER[CampaignState.EXPIRED][1]
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
        """Yield (delivery id, contact id, variant) of a campaign in order, thousands at a time."""
        with self.reading() as connection:
            rows = connection.execute(
                select(deliveries.c.id, deliveries.c.contact_id, deliveries.c.variant)
                .where(deliveries.c.campaign == campaign)
                .order_by(deliveries.c.id),
                execution_options={"yield_per": 10_000},
            )
            yield from rows.partitions()


def states_of(connection: Connection, campaign: int) -> Mapping[DeliveryState, int]:
    """Return how many deliveries of a campaign are in each state that some are in."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.campaign == campaign)
        .group_by(deliveries.c.state)
    )
    return {DeliveryState(state): count for state, count in rows}


_AFTER = {
    CampaignState.CANCELLED: (DeliveryState.CANCELLED, "the campaign was cancelled"),
    CampaignState.EXPIRED: (DeliveryState.EXPIRED, "the campaign's time was over"),
}
"""What becomes of a delivery that is planned when its campaign is in these states, and why."""


def ready_to_send(now: datetime) -> ColumnElement[bool]:
    """Return the condition for planned deliveries that are not put off until later."""
    due = deliveries.c.due_at
    return (deliveries.c.state == DeliveryState.PLANNED.value) & or_(due.is_(None), due <= now)


def ready_to_repeat(provider: str, segment: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for deliveries of a provider whose outcome is unknown, to give again.

    Only who may still be written to is among them.
    """
    return (
        (deliveries.c.state == DeliveryState.UNKNOWN.value)
        & (deliveries.c.provider == provider)
        & _wanted(segment)
    )


def block(connection: Connection, chosen: ColumnElement[bool], reason: str, now: datetime) -> None:
    """Let nobody write any more to those some deliveries were for."""
    people = (
        select(
            contacts.c.email_key,
            literal(reason),
            literal("a provider's answer"),
            literal(now, Instant),
        )
        .join(deliveries, deliveries.c.contact_id == contacts.c.id)
        .where(chosen)
        .distinct()
    )
    columns = ["email_key", "reason", "source", "at"]
    connection.execute(
        insert_into(suppressions, connection).from_select(columns, people).on_conflict_do_nothing()
    )


def of_campaign(campaign: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition for deliveries of a campaign, beside one on their ids.

    The sum keeps SQLite from reading the whole campaign through its index for every batch, which it
    would prefer to the range of ids.
    """
    return deliveries.c.campaign + 0 == campaign


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


def _among(batch: Batch, numbers: list[int]) -> ColumnElement[bool]:
    """Return the condition for some deliveries of a batch; all of them need no list."""
    column: Column[int] = deliveries.c.id
    if len(numbers) == batch.last - batch.first + 1:
        return column.between(batch.first, batch.last)
    return column.in_(bindparam("numbers", numbers, expanding=True))
