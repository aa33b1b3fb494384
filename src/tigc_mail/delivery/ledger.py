"""The ledger: the one record of who was to get what, and what became of it.

Every change of state is a compare-and-set along a transition of `delivery.states`. Writing
transactions of one process take turns, which costs less than having SQLite wait for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    bindparam,
    exists,
    func,
    insert,
    not_,
    select,
    update,
)

from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.providers.protocol import Outcome, Receipt
from tigc_mail.delivery.states import (
    CAMPAIGN_TRANSITIONS,
    DELIVERY_TRANSITIONS,
    UNSENT,
    CampaignState,
    DeliveryState,
)
from tigc_mail.delivery.tables import batches, campaigns, deliveries, variants
from tigc_mail.errors import CampaignError
from tigc_mail.ground.database import reading, writing
from tigc_mail.people.tables import contact_attributes, contacts, suppressions

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
    def deliveries(self) -> ColumnElement[bool]:
        """The condition that chooses them."""
        return deliveries.c.id.between(self.first, self.last) & of_campaign(self.campaign)


class Ledger:
    """The deliveries of all campaigns.

    Args:
        engine: the database, up to date.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a writing transaction when it is this thread's turn."""
        with self._turn, writing(self.engine) as connection:
            yield connection

    def reading(self) -> Any:
        """Open a reading transaction."""
        return reading(self.engine)

    # Deliveries

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
        _require(target in DELIVERY_TRANSITIONS[source], source, target)
        moved = connection.execute(
            update(deliveries)
            .where(chosen, deliveries.c.state == source.value)
            .values(state=target.value, **columns)
        )
        return moved.rowcount

    def addressees(
        self, batch: Batch, source: DeliveryState, attributes: Sequence[str] = ()
    ) -> Sequence[Row[Any]]:
        """Return the deliveries of a batch in a state, with what is known of their contacts.

        The columns are delivery id, email, given name, family name, organisation, role,
        country, and then
        the named attributes, "" for a contact without one.
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
                .where(batch.deliveries, deliveries.c.state == source.value)
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
        segment: ColumnElement[bool],
    ) -> set[int]:
        """Claim what is left of a batch, and return the ids of the deliveries claimed.

        Of those with an unknown outcome, only who may still be written to is claimed again.
        """
        _require(DeliveryState.CLAIMED in DELIVERY_TRANSITIONS[source], source, "claimed")
        chosen = batch.deliveries
        if source is DeliveryState.UNKNOWN:
            chosen &= _wanted(segment)
        claimed = connection.execute(
            update(deliveries)
            .where(chosen, deliveries.c.state == source.value)
            .values(state=DeliveryState.CLAIMED.value)
            .returning(deliveries.c.id)
        )
        return set(claimed.scalars().all())

    def record(self, batch: Batch, receipts: Mapping[int, Receipt], now: datetime) -> None:
        """Write down the outcomes of claimed deliveries.

        Args:
            batch: the batch they belong to.
            receipts: the receipt of each, by delivery id (the number in the ledger).
            now: the time to record.
        """
        alike: dict[tuple[Outcome, str | None, str | None], list[int]] = defaultdict(list)
        for number, receipt in receipts.items():
            alike[receipt[1:4]].append(number)
        with self.writing() as connection:
            for (outcome, reference, reason), numbers in alike.items():
                self.move(
                    connection,
                    batch.deliveries & _among(batch, numbers),
                    DeliveryState.CLAIMED,
                    state_after(outcome),
                    reason=reason,
                    receipt=reference,
                    changed_at=now,
                )

    def put_back(self, batch: Batch, numbers: Iterable[int]) -> None:
        """Plan claimed deliveries again that were surely not sent."""
        numbers = list(numbers)
        if numbers:
            with self.writing() as connection:
                chosen = batch.deliveries & _among(batch, numbers)
                self.move(connection, chosen, DeliveryState.CLAIMED, DeliveryState.PLANNED)

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

    def expire(self, campaign: int, now: datetime) -> int:
        """Let what is still planned expire, and return how many deliveries that were."""
        with self.writing() as connection:
            return self.move(
                connection,
                deliveries.c.campaign == campaign,
                DeliveryState.PLANNED,
                DeliveryState.EXPIRED,
                reason="the campaign's time was over",
                changed_at=now,
            )

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

    # Campaigns

    def add_campaign(self, connection: Connection, **columns: Any) -> int:
        """Write a campaign and return its number."""
        added = connection.execute(insert(campaigns).values(**columns))
        (number,) = added.inserted_primary_key or (0,)
        return int(number)

    def describe_plan(
        self,
        connection: Connection,
        campaign: int,
        sizes: Mapping[Variant, int],
        outside: int,
    ) -> None:
        """Write down the variants of a plan, and how many contacts are in none of its audiences."""
        connection.execute(
            insert(variants),
            [
                {
                    "campaign": campaign,
                    "code": variant.code,
                    "audience": variant.audience,
                    "locale": variant.locale,
                    "shown": ",".join(sorted(variant.shown)),
                    "recipients": size,
                }
                for variant, size in sizes.items()
            ],
        )
        connection.execute(
            update(campaigns)
            .where(campaigns.c.number == campaign)
            .values(planned=sum(sizes.values()), outside=outside)
        )

    def variants(self, campaign: int) -> list[Variant]:
        """Return the variants of a campaign, in the order of its batches."""
        with self.reading() as connection:
            rows = connection.execute(
                select(variants).where(variants.c.campaign == campaign).order_by(variants.c.code)
            )
            return [
                Variant(
                    row.code,
                    row.audience,
                    row.locale,
                    frozenset(filter(None, row.shown.split(","))),
                )
                for row in rows
            ]

    def campaign(self, name: str) -> Row[Any] | None:
        """Return the row of the campaign with that id."""
        return self._row(campaigns.c.id == name)

    def campaigns(self) -> Sequence[Row[Any]]:
        """Return the rows of all campaigns, the newest first."""
        with self.reading() as connection:
            rows: Sequence[Row[Any]] = connection.execute(
                select(campaigns).order_by(campaigns.c.number.desc())
            ).fetchall()
        return rows

    def move_campaign(
        self, campaign: int, source: CampaignState, target: CampaignState, **columns: Any
    ) -> None:
        """Move a campaign along one transition.

        Raises:
            CampaignError: if it is no longer in `source`.
        """
        _require(target in CAMPAIGN_TRANSITIONS[source], source, target)
        with self.writing() as connection:
            moved = connection.execute(
                update(campaigns)
                .where(campaigns.c.number == campaign, campaigns.c.state == source.value)
                .values(state=target.value, **columns)
            )
        if not moved.rowcount:
            cause = f"the campaign is no longer {source}"
            raise CampaignError(cause, "", "Look at it with `tigc-mail campaign status`.")

    def note_provider(self, campaign: int, name: str) -> None:
        """Write down through what a campaign is sent."""
        with self.writing() as connection:
            connection.execute(
                update(campaigns).where(campaigns.c.number == campaign).values(provider=name)
            )

    def _row(self, condition: ColumnElement[bool]) -> Row[Any] | None:
        with self.reading() as connection:
            row: Row[Any] | None = connection.execute(
                select(campaigns).where(condition)
            ).one_or_none()
        return row


def state_after(outcome: Outcome) -> DeliveryState:
    """Return the state that a claimed delivery gets by a provider's answer."""
    return DeliveryState.PLANNED if outcome == "postponed" else DeliveryState(outcome)


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


def _require(condition: bool, source: str, target: str) -> None:  # noqa: FBT001
    if not condition:
        raise ValueError(f"there is no transition from {source} to {target}")
