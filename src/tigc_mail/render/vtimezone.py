"""A time zone for calendars that do not know it by name (VTIMEZONE, RFC 5545, 3.6.5).

icalendar makes them, too, but looks for changes in strides: it passes over a month of summer time
that is suspended, as in Morocco, and tells the beginning of summer time an hour late.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard


class _Rule(NamedTuple):
    """What clocks show from some moments on."""

    before: timedelta
    offset: timedelta
    name: str
    standard: bool


def described(zone: str, first: date, last: date) -> Timezone:
    """Return the description of a time zone.

    Args:
        zone: its IANA name.
        first: the first day that is told of.
        last: the last day.
    """
    onsets: dict[_Rule, list[datetime]] = defaultdict(list)
    for rule, onset in _changes(ZoneInfo(zone), first, last):
        onsets[rule].append(onset)
    timezone = Timezone()
    timezone.add("tzid", zone)
    for rule, (begin, *again) in onsets.items():
        part = TimezoneStandard() if rule.standard else TimezoneDaylight()
        part.add("dtstart", begin)
        if again:
            part.add("rdate", again)
        part.add("tzoffsetfrom", rule.before)
        part.add("tzoffsetto", rule.offset)
        part.add("tzname", rule.name)
        timezone.add_component(part)
    return timezone


def _changes(zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[_Rule, datetime]]:
    """Yield what clocks show, and since when; that is told as they show it before the change."""
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=2)
    now = _rule(zone, moment)
    yield now, moment.replace(tzinfo=None) + now.offset
    while moment < end:
        later = moment + timedelta(days=1)
        if _shown(zone, later) != _shown(zone, moment):
            change = _change(zone, moment, later)
            before = now.offset
            now = _rule(zone, change)._replace(before=before)
            yield now, change.replace(tzinfo=None) + before
        moment = later


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second at which clocks show what they show at `after`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _shown(zone, middle) == _shown(zone, before):
            before = middle
        else:
            after = middle
    return after


def _shown(zone: ZoneInfo, moment: datetime) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.tzname()


def _rule(zone: ZoneInfo, moment: datetime) -> _Rule:
    local = moment.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    return _Rule(offset, offset, local.tzname() or "", not local.dst())
