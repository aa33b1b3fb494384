"""What became of deliveries, as it goes into the ledger: every change of state, and why."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal, select, update

from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.batches import Batch, among
from tigc_mail.delivery.providers.protocol import Outcome, Receipt
from tigc_mail.delivery.register import Register
from tigc_mail.delivery.states import (
    DELIVERY_TRANSITIONS,
    CampaignState,
    DeliveryState,
    require,
)
from tigc_mail.delivery.tables import campaigns, deliveries
from tigc_mail.ground.database import Instant, fetch_columns
from tigc_mail.people.tables import contacts, insert_into, suppressions

Waits = Callable[[int], timedelta | None]
"""How long to wait after so many attempts at one delivery; None for giving it up."""


class Recorded(NamedTuple):
    """What became of the receipts of a batch."""

    counts: Mapping[DeliveryState, int]
    """How many deliveries went into each state."""
    unclaimed: Sequence[Receipt] = ()
    """Those whose deliveries are claimed no longer, and were not moved: the log has them."""


class Outcomes(Register):
    """The changes of state of deliveries; each is a compare-and-set."""

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

    def record(
        self,
        batch: Batch,
        receipts: Mapping[int, Receipt],
        now: datetime,
        waits: Waits,
        *,
        blocking: bool = True,
    ) -> Recorded:
        """Write down the outcomes of claimed deliveries.

        Of a delivery that is claimed no longer nothing is moved: somebody else changed the ledger
        meanwhile. The log tells how many those are, and which.

        Args:
            batch: the batch they belong to.
            receipts: the receipt of each, by delivery id (the number in the ledger).
            now: the time to record.
            waits: how long to wait before what was postponed is tried again.
            blocking: whether to believe that an address does not exist: not of a provider that has
                taken nothing yet.
        """
        alike: dict[tuple[Outcome, str | None, str | None], list[int]] = defaultdict(list)
        counts, unclaimed = Counter[DeliveryState](), list[Receipt]()
        with self.writing() as connection:
            others = _unclaimed(connection, batch, receipts.keys())
            for number, receipt in receipts.items():
                if number in others:
                    unclaimed.append(receipt)
                else:
                    alike[receipt[1:4]].append(number)
            if unclaimed:
                _note_unclaimed(connection, batch, unclaimed, now)
            for (outcome, reference, reason), numbers in alike.items():
                if outcome == "postponed":
                    counts += self._postpone(connection, batch, numbers, reason, now, waits)
                    continue
                state = DeliveryState(outcome)
                counts[state] += self.move(
                    connection,
                    batch.deliveries & among(batch, numbers),
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
        return Recorded(counts, unclaimed)

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
        chosen = batch.deliveries & among(batch, numbers)
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
                reason=f"{_given_up(before + 1)}: {reason}" if given_up else reason,
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
                chosen = batch.deliveries & among(batch, numbers)
                self.move(connection, chosen, DeliveryState.CLAIMED, DeliveryState.PLANNED)
                self.sweep(connection, batch.campaign, now)

    def sweep(self, connection: Connection, campaign: int, now: datetime) -> int:
        """Let nothing be planned in a campaign that was cancelled, or is over.

        Returns:
            How many deliveries were.
        """
        state = self.state(connection, campaign)
        if state not in AFTER:
            return 0
        target, reason = AFTER[state]
        chosen = deliveries.c.campaign == campaign
        return self.move(
            connection, chosen, DeliveryState.PLANNED, target, reason=reason, changed_at=now
        )


def _given_up(attempts: int) -> str:
    return f"given up after {attempts} attempt{'' if attempts == 1 else 's'}"


AFTER = {
    CampaignState.CANCELLED: (DeliveryState.CANCELLED, "the campaign was cancelled"),
    CampaignState.EXPIRED: (DeliveryState.EXPIRED, "the campaign's time was over"),
}
"""What becomes of a delivery that is planned when its campaign is in these states, and why."""


_NAMED = 20
"""How many deliveries the log names, at most."""


def _unclaimed(connection: Connection, batch: Batch, numbers: Collection[int]) -> set[int]:
    """Return which deliveries of a batch are not claimed: none, as a rule, so they are counted."""
    claimed = deliveries.c.state == DeliveryState.CLAIMED.value
    chosen = batch.deliveries & among(batch, [*numbers]) & claimed
    if connection.scalar(select(func.count()).where(chosen)) == len(numbers):
        return set()
    (ids,) = fetch_columns(connection, select(deliveries.c.id).where(chosen))
    return {*numbers}.difference(ids)


def _note_unclaimed(
    connection: Connection, batch: Batch, unclaimed: Sequence[Receipt], now: datetime
) -> None:
    """Have the log tell of answers that change nothing."""
    name = select(campaigns.c.id).where(campaigns.c.number == batch.campaign)
    answers = dict(Counter(receipt.outcome for receipt in unclaimed))
    which = ", ".join(receipt.delivery_id for receipt in unclaimed[:_NAMED])
    deed = Deed(now, detail={"answers": answers, "first": which})
    note(connection, connection.execute(name).scalar_one(), "answers without a claim", deed)


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
