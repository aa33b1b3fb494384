"""What became of deliveries, as it goes into the ledger: every change of state, and why."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal, select, update

from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.batches import Batch, among
from tigc_mail.delivery.providers.protocol import Outcome, Receipt
from tigc_mail.delivery.register import Register
from tigc_mail.delivery.states import (
    DELIVERY_TRANSITIONS,
    TAKEN,
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
    put_off_anybody: bool = False
    """Whether nothing was taken, and what was put off says more of the provider than of the
    recipients: somebody was for the first time, or more are put off than the provider ever took."""
    kept: int = 0
    """How many are planned anew instead of being given up, as more are put off than taken."""


class Outcomes(Register):
    """The changes of state of deliveries; each is a compare-and-set."""

    def move(
        self,
        connection: Connection,
        chosen: ColumnElement[bool],
        source: DeliveryState,
        target: DeliveryState,
        parameters: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> int:
        """Move the chosen deliveries that are in `source` to `target`.

        Args:
            chosen: which deliveries.
            source: the state they must be in.
            target: the state they get.
            parameters: those of `chosen`.
            columns: further columns to set (`reason`, `receipt`, `changed_at`).

        Returns:
            How many were moved.
        """
        require(target in DELIVERY_TRANSITIONS[source], source, target)
        moved = connection.execute(
            update(deliveries).where(chosen, deliveries.c.state == source.value),
            {"state": target.value, **columns, **(parameters or {})},
        )
        return moved.rowcount

    def record(
        self,
        batch: Batch,
        receipts: Mapping[int, Receipt],
        now: datetime,
        waits: Waits,
        *,
        provider: str = "",
        blocking: bool = True,
        take_refusals: bool = False,
    ) -> Recorded:
        """Write down the outcomes of claimed deliveries.

        Of a delivery that is claimed no longer nothing is moved: somebody else changed the ledger
        meanwhile. The log tells how many those are, and which.

        Args:
            batch: the batch they belong to.
            receipts: the receipt of each, by delivery id (the number in the ledger).
            now: the time to record.
            waits: how long to wait before what was postponed is tried again.
            provider: the name of the provider that answered.
            blocking: whether to believe that an address does not exist: not of a provider that has
                taken nothing yet.
            take_refusals: whether to give up what was put off too often even where the provider
                puts off more than it takes.
        """
        recorded = self._record_alike(batch, receipts, now)
        if recorded is not None:
            return recorded
        alike: dict[tuple[Outcome, str | None, str | None], list[int]] = defaultdict(list)
        counts, unclaimed = Counter[DeliveryState](), list[Receipt]()
        postponed: dict[str | None, list[int]] = defaultdict(list)
        with self.writing() as connection:
            others = _unclaimed(connection, batch, receipts.keys())
            for number, receipt in receipts.items():
                if number in others:
                    unclaimed.append(receipt)
                elif receipt.outcome == "postponed":
                    postponed[receipt.reason].append(number)
                else:
                    alike[receipt[1:4]].append(number)
            if unclaimed:
                _note_unclaimed(connection, batch, unclaimed, now)
            for (outcome, reference, reason), numbers in alike.items():
                told = Receipt("", outcome, reference, reason)
                moved = self._answered(connection, batch, numbers, told, now)
                counts[DeliveryState(outcome)] += moved
            gone = [number for number, receipt in receipts.items() if receipt.undeliverable]
            if gone and blocking:
                block(connection, deliveries.c.id.in_(gone), "the address does not exist", now)
            put_off = _PutOff(self, connection, batch, provider, now, waits, take_refusals)
            put_off.take(postponed)
            counts += put_off.counts
            if counts[DeliveryState.PLANNED]:
                self.sweep(connection, batch.campaign, now)
            anybody = not counts[DeliveryState.ACCEPTED] and put_off.anybody()
        return Recorded(counts, unclaimed, anybody, put_off.kept)

    def _record_alike(
        self, batch: Batch, receipts: Mapping[int, Receipt], now: datetime
    ) -> Recorded | None:
        """Write down one outcome that is that of all, as a rule, in a single statement.

        Returns:
            None where they are not alike, or not all claimed; then nothing is written down.
        """
        kinds = {*map(_KIND, receipts.values())}
        if len(kinds) != 1:
            return None
        told = Receipt("", *kinds.pop())
        if told.outcome == "postponed" or told.undeliverable:
            return None
        with suppress(_UnclaimedError), self.writing() as connection:
            moved = self._answered(connection, batch, [*receipts], told, now)
            if moved != len(receipts):
                raise _UnclaimedError
            return Recorded({DeliveryState(told.outcome): moved})
        return None

    def _answered(
        self, connection: Connection, batch: Batch, numbers: list[int], told: Receipt, now: datetime
    ) -> int:
        """Move claimed deliveries to the outcome that a receipt tells of all; return how many."""
        return self.move(
            connection,
            among(batch, numbers),
            DeliveryState.CLAIMED,
            DeliveryState(told.outcome),
            batch.bounds,
            reason=told.reason,
            receipt=told.reference,
            changed_at=now,
        )

    def put_back(self, batch: Batch, numbers: Iterable[int], now: datetime) -> None:
        """Plan claimed deliveries again that were surely not sent."""
        numbers = list(numbers)
        if numbers:
            with self.writing() as connection:
                claimed, planned = DeliveryState.CLAIMED, DeliveryState.PLANNED
                self.move(connection, among(batch, numbers), claimed, planned, batch.bounds)
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


_KIND = itemgetter(slice(1, None))
"""All that a receipt says but whose it is."""


class _UnclaimedError(Exception):
    """Some deliveries are claimed no longer; none of them was moved."""


@dataclass
class _PutOff:
    """Deliveries that a provider refused for now: planned again for later, or given up."""

    outcomes: Outcomes
    connection: Connection
    batch: Batch
    provider: str
    now: datetime
    waits: Waits
    take_refusals: bool
    counts: Counter[DeliveryState] = field(default_factory=Counter)
    kept: int = 0
    """How many were tried too often, and are yet planned anew: it is not their fault."""
    first_time: bool = False
    """Whether one of them was put off for the first time."""

    def take(self, postponed: Mapping[str | None, list[int]]) -> None:
        """Take them in, by the provider's reason."""
        attempts, bounds = deliveries.c.attempts, self.batch.bounds
        among_them = {reason: among(self.batch, numbers) for reason, numbers in postponed.items()}
        for chosen in among_them.values():
            tried_again = update(deliveries).where(chosen).values(attempts=attempts + 1)
            self.connection.execute(tried_again, bounds)
        for reason, chosen in among_them.items():
            tried = self.connection.execute(select(attempts).where(chosen).distinct(), bounds)
            for number in tried.scalars().all():
                self._move(chosen & (attempts == number), number, reason)

    def _move(self, chosen: ColumnElement[bool], attempts: int, reason: str | None) -> None:
        """Move those of them that were tried so often."""
        self.first_time |= attempts == 1
        wait, state = self.waits(attempts), DeliveryState.PLANNED
        columns: dict[str, Any] = {"reason": reason, "due_at": None}
        if wait is not None:
            columns["due_at"] = self.now + wait
        elif self.more_than_taken:
            columns["attempts"] = 0
        else:
            state = DeliveryState.REJECTED
            columns["reason"] = f"{_given_up(attempts)}: {reason}"
        moved = self.outcomes.move(
            self.connection,
            chosen,
            DeliveryState.CLAIMED,
            state,
            self.batch.bounds,
            changed_at=self.now,
            **columns,
        )
        self.counts[state] += moved
        self.kept += moved if "attempts" in columns else 0

    def anybody(self) -> bool:
        """Return whether the provider seems to put off whoever it is."""
        some = self.counts[DeliveryState.PLANNED] > 0 and not self.take_refusals
        return some and (self.first_time or self.more_than_taken)

    @cached_property
    def more_than_taken(self) -> bool:
        """Whether more of the campaign was put off than the provider ever took of it.

        Where a person lets refusals be, nobody asks.
        """
        if self.take_refusals:
            return False
        columns, size = deliveries.c, func.count()
        put_off = (columns.attempts > 0) & columns.state.in_(_PUT_OFF)
        taken = columns.state.in_(sorted(TAKEN)) & (columns.provider == self.provider)
        counted = self.connection.execute(
            select(size.filter(put_off), size.filter(taken)).where(
                columns.campaign == self.batch.campaign
            )
        ).one()
        return bool(counted[0] > counted[1])


_PUT_OFF = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.REJECTED)
"""Where a delivery is that was put off and never taken."""


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
    chosen = among(batch, [*numbers]), claimed
    if connection.scalar(select(func.count()).where(*chosen), batch.bounds) == len(numbers):
        return set()
    (ids,) = fetch_columns(connection, select(deliveries.c.id).where(*chosen), batch.bounds)
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
