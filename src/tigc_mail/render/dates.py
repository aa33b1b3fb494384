"""Days, times of day and time zones in words, as each language writes them."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale as Cldr
from babel.core import get_global
from babel.dates import (
    format_date,
    format_interval,
    format_time,
    get_month_names,
    get_timezone_gmt,
    get_timezone_location,
)

from tigc_mail.content.tailored import TailoredEventDetails
from tigc_mail.ground.language import Locale
from tigc_mail.render.phrases import phrase

OWN_TIME = phrase("%(time)s in your time zone (%(place)s)")
"""What stands under the time of an event for a reader whose clock shows another."""

CACHED_TIMES = 4_096

_CLDR: dict[str, str] = {"en": "en_GB"}
"""The organisation's English writes the day first, and hours from 0 to 24."""


def cldr_name(locale: Locale) -> str:
    """Return the name by which CLDR, and so Babel, knows the customs of a language."""
    return _CLDR.get(locale, locale)


class EventTime(NamedTuple):
    """When an event is, for readers in other time zones; plain values, so that it can be kept."""

    start: str
    """ISO 8601, with its offset."""
    end: str
    wording: str
    """How a reader's own time is told, in the language of the message: `OWN_TIME` translated."""


def event_time(event: TailoredEventDetails, translate: Callable[[str], str]) -> EventTime | None:
    """Return when an event is; None where it is told in days, which have no zone.

    Args:
        event: the event.
        translate: says `OWN_TIME` in the language of the message.
    """
    if not isinstance(event.start, datetime) or not isinstance(event.end, datetime):
        return None
    return EventTime(event.start.isoformat(), event.end.isoformat(), translate(OWN_TIME))


def when(event: TailoredEventDetails, locale: Locale) -> str:
    """Return the dates of an event in words, such as 26 to 27 August 2020.

    Times are told to the minute in the event's zone, with its name.
    """
    start, end = event.start, event.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return _days(start, end, cldr_name(locale))
    return f"{_times(start, end, locale)} ({zone_name(event.time_zone, start, locale)})"


def zone_name(zone: str, at: datetime, locale: Locale) -> str:
    """Return how people call a time zone, such as `Costa Rica time`, `hora de Costa Rica`.

    French says `heure locale, Costa Rica`: CLDR's `heure : Costa Rica` reads like a form, and the
    article that `heure du Costa Rica` needs is in no data.

    Args:
        zone: its IANA name.
        at: when; a zone that belongs to no country is told by its offset from UTC then.
        locale: the language.
    """
    if territory_of(zone) is None:
        offset = get_timezone_gmt(at, "long", locale=cldr_name(locale))
        return "UTC" if not at.utcoffset() else str(offset)
    name = _location(zone, locale)
    if locale == "fr":
        return re.sub(r"^heure\s*:\s*", "heure locale, ", name)
    return re.sub(" Time$", " time", name) if locale == "en" else name


def territory_of(zone: str) -> str | None:
    """Return the country of a time zone (ISO 3166-1); None for one such as UTC."""
    territory = get_global("zone_territories").get(_canonical(zone))
    return None if territory in (None, "001", "ZZ") else str(territory)


@lru_cache(CACHED_TIMES)
def own_time(event: EventTime, zone: str, country: str | None, locale: Locale) -> str:
    """Return when an event is on a reader's own clock, on a line of its own.

    Blank where that is not known, and where their clock shows the same as the event's.

    Args:
        event: when it is.
        zone: the reader's zone, an IANA name; blank if unknown.
        country: the reader's country (ISO 3166-1), which counts where no zone is known and all
            its clocks show the same.
        locale: the language of the message.
    """
    zones = [zone] if zone else get_global("territory_zones").get(country or "", [])
    start, end = datetime.fromisoformat(event.start), datetime.fromisoformat(event.end)
    shown = {(_on_clock(start, one), _on_clock(end, one)) for one in zones}
    if len(shown) != 1 or shown == {(start.replace(tzinfo=None), end.replace(tzinfo=None))}:
        return ""
    first, last = shown.pop()
    days_differ = first.date() != start.date() or last.date() != end.date()
    time = _times(first, last, locale) if days_differ else _span(first, last, locale)
    place = _city(zone, first, locale) if zone else _country(str(country), locale)
    return f"\n{event.wording % {'time': time, 'place': place}}"


def _on_clock(moment: datetime, zone: str) -> datetime:
    """Return what a clock in a zone shows at a moment; it says nothing of an offset."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _city(zone: str, at: datetime, locale: Locale) -> str:
    if territory_of(zone) is None:
        return zone_name(zone, at.replace(tzinfo=ZoneInfo(zone)), locale)
    return _location(zone, locale, city=True)


def _canonical(zone: str) -> str:
    return str(get_global("zone_aliases").get(zone, zone))


def _location(zone: str, locale: Locale, *, city: bool = False) -> str:
    """Return the name of a zone by its country, or by its city.

    For zones such as America/Argentina/Cordoba, CLDR has the city below the name of old; Babel
    does not look there and says `Argentina/Cordoba`.
    """
    own = _canonical(zone)
    told = str(get_timezone_location(own, locale=cldr_name(locale), return_city=city))
    unknown = own.partition("/")[2].replace("_", " ")
    if "/" not in unknown or unknown not in told:
        return told
    known = Cldr.parse(cldr_name(locale)).time_zones
    names = (known.get(old, {}).get("city") for old in [*_former(own), own])
    return told.replace(unknown, next(filter(None, names), unknown.rpartition("/")[2]))


@cache
def _former(zone: str) -> tuple[str, ...]:
    return tuple(old for old, new in get_global("zone_aliases").items() if new == zone)


def _country(code: str, locale: Locale) -> str:
    return str(Cldr.parse(cldr_name(locale)).territories.get(code, code))


def _times(start: datetime, end: datetime, locale: Locale) -> str:
    """Return two moments in words, such as 2 January 2026, 09:00-17:00, with a dash."""
    if start.date() == end.date():
        return moment(start.date(), _span(start, end, locale), locale)
    first, last = (moment(at.date(), clock(at, locale), locale) for at in (start, end))
    return f"{first} \u2013 {last}"


def _span(start: datetime, end: datetime, locale: Locale) -> str:
    """Return the hours between which something is, on one day."""
    if start == end:
        return clock(start, locale)
    if start.date() != end.date():
        return f"{clock(start, locale)} \u2013 {clock(end, locale)}"
    name = cldr_name(locale)
    halves = "a" in str(Cldr.parse(name).time_formats["short"].pattern)
    first, last = start.replace(tzinfo=None), end.replace(tzinfo=None)
    told = str(format_interval(first, last, "hm" if halves else "Hm", locale=name))
    return _unbroken(told) if halves else told


def clock(at: datetime, locale: Locale) -> str:
    """Return the time of day of a moment, such as 9:00 in Spanish, in the moment's own zone."""
    told = str(format_time(at.replace(tzinfo=None), "short", locale=cldr_name(locale)))
    return _unbroken(told)


def _unbroken(time: str) -> str:
    """Return a time whose half of the day stays on its line, as in 2:30 pm or 2:30 م."""
    return re.sub(r"(?<=\d)[ \u202f](?=[^\W\d_])", "\xa0", time)


def day(of: date, locale: Locale) -> str:
    """Return a day in words, such as 26 August 2020."""
    return str(format_date(of, "long", locale=cldr_name(locale)))


def moment(of: date, time: str, locale: Locale) -> str:
    """Return a day and a time of day, joined as the language joins them."""
    pattern = str(Cldr.parse(cldr_name(locale)).datetime_formats["medium"])
    return pattern.replace("{1}", day(of, locale)).replace("{0}", time)


def _days(start: date, end: date, locale: str) -> str:
    """Return days with months in full: CLDR has intervals only with their short names."""
    if start == end:
        return str(format_date(start, "long", locale=locale))
    told = str(format_interval(start, end, "yMMMMd", locale=locale))
    short, full = (get_month_names(width, locale=locale) for width in ("abbreviated", "wide"))
    for month in {start.month, end.month}:
        told = re.sub(rf"{re.escape(short[month])}(?!\w)", full[month], told)
    return told
