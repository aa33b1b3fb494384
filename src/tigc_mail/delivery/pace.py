"""Pace: how fast, how many a day and when a provider is handed mail, kept in the ledger.

What was taken is written down in the database, so that a restart, or a second process, goes on
where the first was. A rate is kept by the generic cell rate algorithm: one number a limit, the
moment until which what was taken fills it. As much as a second allows may be taken at once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import ceil, inf
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, select, update

from tigc_mail.delivery.batches import IN_BATCH, Batch
from tigc_mail.delivery.claims import READY_TO_SEND, parameters
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.retrying import RetryPolicy
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tables import batches, deliveries, paces
from tigc_mail.delivery.windows import SendWindow
from tigc_mail.people.tables import contacts, insert_into

OTHERS = "*"
"""Stands for each domain that has no limit of its own."""

_LONGEST_HOLD = timedelta(minutes=1)
"""After which it is asked again whether a recipient's domain may be handed more."""

_LONGEST_WAIT = RetryPolicy().longest_wait


@dataclass(frozen=True)
class Limits:
    """How much a provider is handed; None for as much as there is."""

    requests_per_second: float | None = None
    """Hand-overs of a batch, or of a part of one."""
    recipients_per_second: float | None = None
    recipients_per_day: int | None = None
    concurrency: int | None = None
    """Batches at the same time, of all sending processes."""
    domains: tuple[tuple[str, float], ...] = ()
    """Recipients a minute of some domains, such as `("gmail.com", 600)`; of "*", each other one."""
    warm_up: tuple[int, ...] = ()
    """Recipients on each of the first days on which the provider is used."""
    window: SendWindow | None = None

    @property
    def counted(self) -> bool:
        """Whether anything is to be written down of what is taken."""
        return self != Limits(concurrency=self.concurrency, window=self.window)

    @property
    def rates(self) -> Mapping[str, float]:
        """The limits a second that hold for all recipients, by what they count."""
        rates = {"recipients": self.recipients_per_second, "requests": self.requests_per_second}
        return {scope: rate for scope, rate in rates.items() if rate is not None}

    def to_json(self) -> dict[str, Any]:
        """Return those that there are as plain values, by the names that settings give them."""
        told = {
            "requests_per_second": self.requests_per_second,
            "recipients_per_second": self.recipients_per_second,
            "recipients_per_day": self.recipients_per_day,
            "concurrency": self.concurrency,
            "domains": dict(self.domains),
            "warm_up": list(self.warm_up),
            "window": None if self.window is None else self.window.to_json(),
        }
        return {name: value for name, value in told.items() if value}


class Turn(NamedTuple):
    """How much may be handed over now."""

    size: int
    """How many recipients; 0 for none."""
    until: datetime | None = None
    """Where it is none: when to ask again."""
    reason: str = ""
    """Where it is none: why."""
    at: datetime | None = None
    """Where limits were asked: the moment; what is due after it was not counted."""
    counted: tuple[date, int] | None = None
    """Where a day's limit holds: on which day and how many were taken."""


class Pace:
    """The pace of one campaign's send through one provider.

    Args:
        ledger: where it is kept.
        provider: the provider's name.
        limits: the limits.
        clock: returns the present moment.
        not_before: when the campaign may begin; None for at once.
        longest: for how long a delivery can be put off.
    """

    def __init__(
        self,
        ledger: Ledger,
        provider: str,
        limits: Limits,
        clock: Callable[[], datetime],
        not_before: datetime | None = None,
        longest: timedelta = _LONGEST_WAIT,
    ) -> None:
        self._ledger = ledger
        self._provider = provider
        self.limits = limits
        self._clock = clock
        self._not_before = not_before
        self._longest = longest

    def take(self, batch: Batch) -> Turn:
        """Take as much of a batch as may go now, and write that down as taken."""
        now = self._clock()
        opens, reason = self.opens(now)
        if opens > now:
            return Turn(0, opens, reason)
        if not self.limits.counted:
            return Turn(batch.size)
        with self._ledger.writing() as connection:
            return self._taken(connection, batch, now)

    def give_back(self, batch: Batch, turn: Turn) -> None:
        """Let those of a day be taken again who were surely not sent anything.

        Args:
            batch: what was taken; what was not sent of it is planned again.
            turn: what `take` returned for it.
        """
        at = turn.at
        if turn.counted is None or at is None:
            return
        day, size = turn.counted
        unsent = select(func.count()).where(IN_BATCH, READY_TO_SEND)
        asked = parameters(batch, at, self._longest, self._provider)
        with self._ledger.writing() as connection:
            taken = self._lock_day(connection, day)
            back = min(connection.scalar(unsent, asked) or 0, size, taken)
            self._put(connection, [{"scope": _scope(day), "taken": taken - back}])

    def opens(self, now: datetime) -> tuple[datetime, str]:
        """Return the first moment from `now` on at which mail may go, and what it waits for."""
        reason, opens = "", now
        if self._not_before is not None and now < self._not_before:
            reason, opens = "the time it is scheduled for", self._not_before
        if self.limits.window is not None:
            inside = self.limits.window.next_moment(opens)
            if inside > opens:
                reason, opens = "the send window", inside
        return opens, reason

    def _taken(self, connection: Connection, batch: Batch, now: datetime) -> Turn:
        """Take what the limits allow of a batch."""
        today, rates = self._day(now), self.limits.rates
        most, counts = self.most_on(connection, today), self._counts_days
        size, taken = batch.size, self._lock_day(connection, today) if counts else 0
        if most is not None:
            size = min(size, most - taken)
            if size <= 0:
                return Turn(0, self._midnight(now), f"the limit of {most:,} recipients a day")
        filled = self._filled(connection, rates, now)
        for scope, until in filled.items():
            if until > now:
                return Turn(0, until, f"the limit of {rates[scope]:g} {scope} a second")
        if "recipients" in rates:
            size = min(size, _burst(rates["recipients"]))
        ready = self._hold_back(connection, self._ready(connection, batch, now), now)
        part = ready[:size]
        if not part:
            return Turn(batch.size, at=now)
        domains = self._domain_rates(domain for _, domain in part)
        costs = Counter(domain for _, domain in part if domain in domains)
        costs |= {scope: len(part) if scope == "recipients" else 1 for scope in rates}
        every = {**domains, **rates}
        full = {scope: now + timedelta(seconds=n / every[scope]) for scope, n in costs.items()}
        self._put(connection, [{"scope": scope, "filled_until": full[scope]} for scope in full])
        if counts:
            self._put(connection, [{"scope": _scope(today), "taken": taken + len(part)}])
        whole = len(part) == len(ready)
        length = batch.size if whole else part[-1][0] - batch.first + 1
        return Turn(length, at=now, counted=(today, len(part)) if counts else None)

    def _ready(self, connection: Connection, batch: Batch, now: datetime) -> list[tuple[int, str]]:
        """Return the deliveries of a batch that may be handed over, and the domain of each."""
        rows = connection.execute(
            select(deliveries.c.id, contacts.c.email_key)
            .join(contacts, contacts.c.id == deliveries.c.contact_id)
            .where(IN_BATCH, READY_TO_SEND)
            .order_by(deliveries.c.id),
            parameters(batch, now, self._longest, self._provider),
        )
        return [(number, key.rpartition("@")[2]) for number, key in rows]

    def _hold_back(
        self, connection: Connection, ready: list[tuple[int, str]], now: datetime
    ) -> list[tuple[int, str]]:
        """Put off who is too many for their domain at this moment, and return the others.

        Nothing is reserved for those put off: they ask again when they are due.
        """
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, domain in ready:
            numbers[domain].append(number)
        rates = self._domain_rates(numbers)
        held: dict[int, datetime] = {}
        for domain, until in self._filled(connection, rates, now).items():
            burst = _burst(rates[domain])
            free = burst if until <= now else 0
            full = _full(rates[domain])
            begin = now + full if free else until
            for place, number in enumerate(numbers[domain][free:]):
                held[number] = min(begin + place // burst * full, now + _LONGEST_HOLD)
        if held:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == bindparam("number"))
                .values(due_at=bindparam("due")),
                [{"number": number, "due": due} for number, due in held.items()],
            )
        return [each for each in ready if each[0] not in held]

    def _domain_rates(self, domains: Iterable[str]) -> Mapping[str, float]:
        """Return the limits a second of those domains that have one."""
        limits = dict(self.limits.domains)
        found = {domain: limits.get(domain, limits.get(OTHERS)) for domain in domains}
        return {domain: rate / 60 for domain, rate in found.items() if rate is not None}

    def _filled(
        self, connection: Connection, rates: Mapping[str, float], now: datetime
    ) -> Mapping[str, datetime]:
        """Return until when what was taken fills each limit, and lock them; now where it does not.

        Nothing fills a limit for longer than a burst: more is a clock that was put back, or a limit
        that was raised.
        """
        self._lock(connection, [{"scope": scope} for scope in sorted(rates)])
        rows = connection.execute(
            select(paces.c.scope, paces.c.filled_until)
            .where(paces.c.provider == self._provider, paces.c.scope.in_([*rates]))
            .order_by(paces.c.scope)
        ).all()
        most = {scope: now + _full(rate) for scope, rate in rates.items()}
        filled = {scope: min(max(until or now, now), most[scope]) for scope, until in rows}
        self._put(
            connection,
            [
                {"scope": scope, "filled_until": filled[scope]}
                for scope, until in rows
                if until is not None and until > filled[scope]  # or it would stay as far ahead
            ],
        )
        return filled

    def _lock_day(self, connection: Connection, day: date) -> int:
        """Return how many recipients of a day were taken, and let nobody else count meanwhile."""
        self._lock(connection, [{"scope": _scope(day), "taken": 0}])
        return taken_on(connection, self._provider, day)

    def _lock(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Make sure that there are some rows: what is not there cannot be locked."""
        if rows:
            connection.execute(
                insert_into(paces, connection).on_conflict_do_nothing(),
                [{"provider": self._provider, **row} for row in rows],
            )

    def _put(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Write rows that are locked."""
        for row in rows:
            of_row = (paces.c.provider == self._provider) & (paces.c.scope == row["scope"])
            connection.execute(update(paces).where(of_row).values(row))

    @property
    def _counts_days(self) -> bool:
        return self.limits.recipients_per_day is not None or bool(self.limits.warm_up)

    def today(self, connection: Connection) -> dict[str, int]:
        """Return how many recipients were taken today, and how many may be; empty if any may."""
        day = self._day(self._clock())
        most = self.most_on(connection, day)
        if most is None:
            return {}
        return {"taken": taken_on(connection, self._provider, day), "limit": most}

    def most_on(self, connection: Connection, day: date, ahead: int = 0) -> int | None:
        """Return how many recipients a day may have; None for any number.

        Args:
            connection: a transaction.
            day: the day.
            ahead: how many days before it will have been used that are not yet.
        """
        limits = [] if self.limits.recipients_per_day is None else [self.limits.recipients_per_day]
        if self.limits.warm_up:
            used = days_used(connection, self._provider, day) + ahead
            limits += self.limits.warm_up[used : used + 1]
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

    def expected_end(self, campaign: int, rate: float | None) -> datetime | None:
        """Return when what is planned will have been handed over; None where nobody can tell.

        Args:
            campaign: the number of the campaign.
            rate: recipients a second that were measured; None where nothing was yet.
        """
        now = max(self._clock(), self._not_before or self._clock())
        with self._ledger.reading() as connection:
            left, seconds = self._least_seconds(connection, campaign)
            speed = min(left / seconds if seconds else inf, rate or inf)
            if not left or (speed == inf and not self._counts_days):
                return None
            ahead = 0
            for _ in range(_LONGEST_SEND):
                day, midnight = self._day(now), self._midnight(now)
                most = self.most_on(connection, day, ahead)
                taken = taken_on(connection, self._provider, day)
                allowed = left if most is None else min(left, max(most - taken, 0))
                begin = now if self.limits.window is None else self.limits.window.next_moment(now)
                open_for = self._open_seconds(now, midnight)
                can = int(min(allowed, open_for * speed)) if open_for else 0
                if can >= left:
                    return begin + timedelta(seconds=ceil(left / speed))
                ahead += can > 0 and not taken
                left, now = left - can, midnight
        return None

    def _least_seconds(self, connection: Connection, campaign: int) -> tuple[int, float]:
        """Return how many deliveries are planned, and how long the limits make them take."""
        planned = deliveries.c.state == DeliveryState.PLANNED.value
        of_it = planned & (deliveries.c.campaign == campaign)
        left = connection.scalar(select(func.count()).where(of_it)) or 0
        each = self.limits.recipients_per_second
        seconds = [left / each] if each else []
        if self.limits.requests_per_second:
            waits = exists().where(
                deliveries.c.id.between(batches.c.first, batches.c.last), planned
            )
            requests = select(func.count()).select_from(batches)
            requests = requests.where(batches.c.campaign == campaign, waits.correlate(batches))
            seconds.append((connection.scalar(requests) or 0) / self.limits.requests_per_second)
        if self.limits.domains:
            sizes = _domain_sizes(connection, of_it)
            rates = self._domain_rates(sizes)
            seconds += [sizes[domain] / rate for domain, rate in rates.items()]
        return left, max(seconds, default=0.0)

    def _open_seconds(self, now: datetime, end: datetime) -> float:
        window = self.limits.window
        return (end - now).total_seconds() if window is None else window.seconds_until(now, end)


_LONGEST_SEND = 1_000
"""Days after which nobody can tell the end of a send."""


def _domain_sizes(connection: Connection, chosen: ColumnElement[bool]) -> Mapping[str, int]:
    """Return how many of some deliveries there are for each domain."""
    key = contacts.c.email_key
    sign = func.instr(key, "@") if connection.dialect.name == "sqlite" else func.strpos(key, "@")
    domain = func.substr(key, sign + 1)
    rows = connection.execute(
        select(domain, func.count())
        .join(deliveries, deliveries.c.contact_id == contacts.c.id)
        .where(chosen)
        .group_by(domain)
    )
    return {str(name): int(size) for name, size in rows}


def taken_on(connection: Connection, provider: str, day: date) -> int:
    """Return how many recipients of a day were taken so far."""
    row = select(paces.c.taken).where(paces.c.provider == provider, paces.c.scope == _scope(day))
    return connection.scalar(row) or 0


def days_used(connection: Connection, provider: str, before: date) -> int:
    """Return on how many days before another a provider was handed mail under a limit a day.

    Days are counted, and not the time since the first one, which a wrong clock may have written.
    """
    day = paces.c.scope.startswith("day ") & (paces.c.scope < _scope(before))
    used = select(func.count()).where(paces.c.provider == provider, day, paces.c.taken > 0)
    return connection.scalar(used) or 0


def _scope(day: date) -> str:
    return f"day {day.isoformat()}"


def _burst(rate: float) -> int:
    """Return how many may be taken at once where so many may be a second."""
    return max(1, int(rate))


def _full(rate: float) -> timedelta:
    """Return how long a burst fills a limit of so many a second."""
    return timedelta(seconds=_burst(rate) / rate)
