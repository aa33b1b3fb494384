"""Days and times as authors write them, in the zone in which an event takes place."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from tigc_mail.ground.wording import shortened

YEARS = range(1970, 2200)
"""No message is about another time; some programs know no other."""


def _within_reach(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"is not between the years {YEARS[0]} and {YEARS[-1]}")
    return day


def _utc(moment: datetime) -> datetime:
    _within_reach(moment)
    return datetime.fromisoformat(moment.isoformat()).astimezone(UTC)


def _with_offset(value: Any) -> Any:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return value
    if isinstance(moment, date) and getattr(moment, "tzinfo", None) is None:
        cause = "lacks its time of day, or how far that is from UTC"
        raise ValueError(f"{cause}; write both, such as 2020-08-26T09:00:00Z or ...T09:00:00+02:00")
    return value


UtcMoment = Annotated[AwareDatetime, AfterValidator(_utc), BeforeValidator(_with_offset)]
"""A date and time with its offset, as UTC."""


def _whole_seconds(moment: datetime) -> datetime:
    if moment.microsecond:
        raise ValueError("has parts of a second, which calendars do not know; write whole seconds")
    return moment


UtcSecond = Annotated[UtcMoment, AfterValidator(_whole_seconds)]
"""A date and time as calendars note it."""


@cache
def _time_zones() -> set[str]:
    machines = {"localtime", "Factory", "posixrules"}  # not one place's, but this machine's
    return available_timezones() - machines  # which reads the whole folder of zones


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError(
            f"{shortened(value)!r} is not a time zone; write one such as America/Costa_Rica"
        )
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""The IANA name of a time zone."""


def _moment(value: Any) -> date | datetime:
    """Return what YAML took for a date, a date and time, or a text."""
    try:
        if isinstance(value, str | datetime):
            text = value if isinstance(value, str) else value.isoformat()
            day_only = len(text) == len("2020-08-26")
            return date.fromisoformat(text) if day_only else datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        if isinstance(value, date):
            return value
    raise ValueError("is not a date (2020-08-26) or a date and time (2020-08-26T09:00:00)")


Moment = Annotated[date | datetime, AfterValidator(_within_reach), BeforeValidator(_moment)]
"""A day, or a date and time."""


def _day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        raise ValueError("is a time; write a day such as 2020-08-26")  # noqa: TRY004
    return value


Day = Annotated[date, AfterValidator(_day), BeforeValidator(_moment)]
"""A day without a time."""


def in_zone(value: date, zone: str) -> date:
    """Return a time as an aware one in `zone`; a day stays as it is.

    A time without an offset is local to the zone.

    Raises:
        ValueError: if no clock there ever shows that time.
    """
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is not None:
        return value.astimezone(ZoneInfo(zone))
    local = value.replace(tzinfo=ZoneInfo(zone))
    if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != value:
        raise ValueError(f"does not exist in {zone}: the clocks skip it; write another hour")
    return local


def check_order(start: date, end: date, start_name: str) -> None:
    """Do nothing where `end` may be the end of what begins at `start`.

    Raises:
        ValueError: if one is a day and the other a time, or if it ends before it starts.
    """
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise ValueError(f"and `{start_name}` are a day and a time; write both alike")
    if end < start:
        raise ValueError(f"comes before `{start_name}`; write a later one")
