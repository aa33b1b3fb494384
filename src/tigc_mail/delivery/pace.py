"""Pace: how fast, how many a day and when a provider is handed mail, kept in the ledger.

What was taken is written down in the database, so that a restart, or a second process, goes on
where the first was. A rate is kept by the generic cell rate algorithm: one number a limit, the
moment until which what was taken fills it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from tigc_mail.delivery.ledger import Batch, Ledger, ready_to_send
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tables import deliveries, paces
from tigc_mail.delivery.windows import SendWindow
from tigc_mail.people.tables import contacts, insert_into

_FURTHEST = timedelta(days=1)
"""How far ahead a limit can be filled; more is a clock that was put back."""


@dataclass(frozen=True)
class Limits:
    """How much a provider is handed; None for as much as there is."""

    requests_per_second: float | None = None
    """Hand-overs of a batch, or of a part of one."""
    recipients_per_second: float | None = None
    recipients_per_day: int | None = None
    concurrency: int | None = None
    """Batches at the same time."""
    domains: tuple[tuple[str, float], ...] = ()
    """Recipients a minute of some domains, such as `("gmail.com", 600)`."""
    warm_up: tuple[int, ...] = ()
    """Recipients on each of the first days, from the provider's first use."""
    window: SendWindow | None = None

    @property
    def limited(self) -> bool:
        """Whether there is any limit to ask about before each batch."""
        return self != Limits(concurrency=self.concurrency)


class Turn(NamedTuple):
    """How much may be handed over now."""

    size: int
    """How many recipients; 0 for none."""
    until: datetime | None = None
    """Where it is none: when to ask again."""
    reason: str = ""
    """Where it is none: why."""


class Pace:
    """The pace of one campaign's send through one provider.

    Args:
        ledger: where it is kept.
        provider: the provider's name.
        limits: the limits.
        clock: returns the present moment.
        not_before: when the campaign may begin; None for at once.
    """

    def __init__(
        self,
        ledger: Ledger,
        provider: str,
        limits: Limits,
        clock: Callable[[], datetime],
        not_before: datetime | None = None,
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self.limits = limits
        self._clock = clock
        self._not_before = not_before
        self._asks = limits.limited or not_before is not None

    def take(self, batch: Batch) -> Turn:
        """Take as much of a batch as may go now, and write that down as taken."""
        if not self._asks:
            return Turn(batch.size)
        now = self._clock()
        closed = self._closed(now)
        if closed is not None:
            return closed
        with self._ledger.writing() as connection:
            self._spread(connection, batch, now)
            waiting = _ready(connection, batch, now)
            return self._taken(connection, batch, waiting, now) if waiting else Turn(batch.size)

    def _closed(self, now: datetime) -> Turn | None:
        """Return why nothing may go now, whatever the limits."""
        if self._not_before is not None and now < self._not_before:
            return Turn(0, self._not_before, "the time it is scheduled for")
        window = self.limits.window
        opens = now if window is None else window.next_moment(now)
        return Turn(0, opens, "the send window") if opens > now else None

    def _taken(self, connection: Connection, batch: Batch, waiting: int, now: datetime) -> Turn:
        """Take what the limits allow of so many recipients of a batch."""
        size, limits = waiting, self.limits
        today = self._day(now)
        most = self.most_on(connection, today)
        if most is not None:
            left = most - taken_on(connection, self._provider, today)
            if left <= 0:
                return Turn(0, self._midnight(now), f"the limit of {most:,} recipients a day")
            size = min(size, left)
        for scope, rate, cost in self._rates():
            until = self._filled_until(connection, scope, now)
            if until > now:
                return Turn(0, until, f"the limit of {rate:g} {scope} a second")
            if cost:
                size = min(size, max(1, int(rate)))
        for scope, rate, cost in self._rates():
            taken = size if cost else 1
            self._fill(connection, scope, now + timedelta(seconds=taken / rate))
        if most is not None or limits.warm_up:
            self._count(connection, today, size)
        return Turn(_cut(connection, batch, size, waiting, now))

    def _rates(self) -> list[tuple[str, float, bool]]:
        """Return the limits a second: of what, how much, and whether each recipient counts."""
        rates = [
            ("recipients", self.limits.recipients_per_second, True),
            ("requests", self.limits.requests_per_second, False),
        ]
        return [(scope, rate, cost) for scope, rate, cost in rates if rate is not None]

    def _spread(self, connection: Connection, batch: Batch, now: datetime) -> None:
        """Give the recipients of limited domains their times, one after the other."""
        for domain, a_minute in self.limits.domains:
            step = timedelta(seconds=60 / a_minute)
            numbers = connection.execute(
                select(deliveries.c.id)
                .join(contacts, contacts.c.id == deliveries.c.contact_id)
                .where(
                    batch.deliveries,
                    deliveries.c.state == DeliveryState.PLANNED.value,
                    deliveries.c.due_at.is_(None),
                    contacts.c.email_key.endswith(f"@{domain}", autoescape=True),
                )
                .order_by(deliveries.c.id)
            ).scalars()
            at = self._filled_until(connection, domain, now)
            times = [(number, at + step * place) for place, number in enumerate(numbers)]
            if times:
                connection.execute(
                    update(deliveries)
                    .where(deliveries.c.id == bindparam("number"))
                    .values(due_at=bindparam("due")),
                    [{"number": number, "due": due} for number, due in times],
                )
                self._fill(connection, domain, times[-1][1] + step)

    def _filled_until(self, connection: Connection, scope: str, now: datetime) -> datetime:
        """Return until when what was taken fills a limit; now, where it does not."""
        row = select(paces.c.filled_until).where(
            paces.c.provider == self._provider, paces.c.scope == scope
        )
        filled: datetime | None = connection.scalar(row.with_for_update())
        furthest = now + _FURTHEST if scope in ("recipients", "requests") else None
        if filled is None or filled < now or (furthest is not None and filled > furthest):
            return now
        return filled

    def _fill(self, connection: Connection, scope: str, until: datetime) -> None:
        self._put(connection, scope, filled_until=until)

    def _count(self, connection: Connection, day: date, size: int) -> None:
        """Count recipients of a day."""
        taken = taken_on(connection, self._provider, day)
        self._put(connection, f"day {day.isoformat()}", taken=taken + size)

    def _put(self, connection: Connection, scope: str, **columns: Any) -> None:
        put = insert_into(paces, connection).values(provider=self._provider, scope=scope, **columns)
        key = ["provider", "scope"]
        connection.execute(put.on_conflict_do_update(index_elements=key, set_=columns))

    def today(self, connection: Connection) -> dict[str, int]:
        """Return how many recipients were taken today, and how many may be; empty if any may."""
        day = self._day(self._clock())
        most = self.most_on(connection, day)
        if most is None:
            return {}
        return {"taken": taken_on(connection, self._provider, day), "limit": most}

    def most_on(self, connection: Connection, day: date) -> int | None:
        """Return how many recipients a day may have; None for any number."""
        limits = [] if self.limits.recipients_per_day is None else [self.limits.recipients_per_day]
        if self.limits.warm_up:
            past = (day - (first_day(connection, self._provider) or day)).days
            if past < len(self.limits.warm_up):
                limits.append(self.limits.warm_up[max(past, 0)])
        return min(limits, default=None)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _midnight(self, now: datetime) -> datetime:
        """Return when the next day begins."""
        tomorrow = self._day(now) + timedelta(days=1)
        return datetime.combine(tomorrow, datetime.min.time(), self._zone).astimezone(UTC)

    @property
    def _zone(self) -> tzinfo:
        """The zone whose days are counted."""
        return UTC if self.limits.window is None else self.limits.window.zone

    def expected_end(self, left: int, rate: float | None) -> datetime | None:
        """Return when so many recipients will have been handed over; None where nobody can tell.

        Args:
            left: how many.
            rate: recipients a second that were measured; None where nothing was yet.
        """
        speeds = [s for s in (self.limits.recipients_per_second, rate) if s]
        if not speeds or not left:
            return None
        now = max(self._clock(), self._not_before or self._clock())
        with self._ledger.reading() as connection:
            for _ in range(_LONGEST_SEND):
                day, midnight = self._day(now), self._midnight(now)
                most = self.most_on(connection, day)
                allowed = left
                if most is not None:
                    allowed = min(left, max(most - taken_on(connection, self._provider, day), 0))
                begin = now if self.limits.window is None else self.limits.window.next_moment(now)
                open_for = self._open_seconds(now, midnight)
                can = min(allowed, int(open_for * min(speeds)))
                if can >= left:
                    return begin + timedelta(seconds=ceil(left / min(speeds)))
                left, now = left - can, midnight
        return None

    def _open_seconds(self, now: datetime, end: datetime) -> float:
        window = self.limits.window
        return (end - now).total_seconds() if window is None else window.seconds_until(now, end)


_LONGEST_SEND = 1_000
"""Days after which nobody can tell the end of a send."""


def taken_on(connection: Connection, provider: str, day: date) -> int:
    """Return how many recipients of a day were taken so far."""
    row = select(paces.c.taken).where(
        paces.c.provider == provider, paces.c.scope == f"day {day.isoformat()}"
    )
    return connection.scalar(row.with_for_update()) or 0


def first_day(connection: Connection, provider: str) -> date | None:
    """Return the day on which a provider was first used with a limit a day."""
    first: str | None = connection.scalar(
        select(func.min(paces.c.scope)).where(
            paces.c.provider == provider, paces.c.scope.startswith("day ")
        )
    )
    return None if first is None else date.fromisoformat(first.removeprefix("day "))


def _ready(connection: Connection, batch: Batch, now: datetime) -> int:
    found = connection.scalar(
        select(func.count()).select_from(deliveries).where(batch.deliveries, ready_to_send(now))
    )
    return found or 0


def _cut(connection: Connection, batch: Batch, size: int, waiting: int, now: datetime) -> int:
    """Return how many ids from the beginning of a batch hold so many that are ready."""
    if size >= waiting:
        return batch.size
    last = connection.scalar(
        select(deliveries.c.id)
        .where(batch.deliveries, ready_to_send(now))
        .order_by(deliveries.c.id)
        .offset(size - 1)
        .limit(1)
    )
    return batch.size if last is None else int(last) - batch.first + 1
