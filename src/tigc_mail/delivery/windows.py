"""Send windows: on which days, between which hours of which time zone, mail may go out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_LONGEST_GAP = 8
"""Days after which a window that opens at all has opened again."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class SendWindow:
    """When mail may go out: from one time of day to another, on some days of the week.

    Where the end is not after the beginning, it is on the next day.
    """

    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))
    """Days of the week on which a window begins, Monday being 0."""
    begins: time = time(0)
    ends: time = time(0)

    def next_moment(self, now: datetime) -> datetime:
        """Return the earliest moment from `now` on at which mail may go out, in UTC."""
        for begin, end in self._windows(now):
            if now < end:
                return max(now.astimezone(UTC), begin)
        raise AssertionError  # a window opens within `_LONGEST_GAP` days

    def seconds_until(self, now: datetime, end: datetime) -> float:
        """Return for how many seconds between two moments mail may go out."""
        total, at = 0.0, now
        while at < end:
            for begin, close in self._windows(at):
                if at < close:
                    first, last = max(at, begin), min(close, end)
                    total += max((last - first).total_seconds(), 0.0)
                    at = close
                    break
        return total

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, as settings write it."""
        hours = {"from": f"{self.begins:%H:%M}", "to": f"{self.ends:%H:%M}"}
        return {"zone": self.zone.key, "days": [_DAYS[day] for day in sorted(self.days)], **hours}

    def _windows(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the windows from that of yesterday on, as moments in UTC.

        A time that a day does not have, because clocks are put forward, is read with the offset
        before (RFC 5545, section 3.3.5); of one that it has twice, the first counts at the
        beginning and the second at the end.
        """
        today = now.astimezone(self.zone).date()
        for ahead in range(-1, _LONGEST_GAP + 1):
            day = today + timedelta(days=ahead)
            if day.weekday() in self.days:
                last = day if self.ends > self.begins else day + timedelta(days=1)
                ends = max(self._moment(last, self.ends, 0), self._moment(last, self.ends, 1))
                yield self._moment(day, self.begins, 0), ends

    def _moment(self, day: date, at: time, fold: int) -> datetime:
        return datetime.combine(day, at, self.zone).replace(fold=fold).astimezone(UTC)
