"""Days and times as authors write them, in the zone in which an event takes place."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from tigc_mail.ground.wording import shortened

YEARS = range(1970, 2200)
"""No message is about another time; some programs know no other."""


_DAY = "2020-08-26"
_TIME = "2020-08-26T09:00:00"
_UTC_TIME = f"{_TIME}Z or ...T09:00:00+02:00"
"""How each is written; whatever is wrong with one, its message shows it."""


def _within_reach(day: date) -> date:
    if day.year not in YEARS:
        example = _DAY
        if isinstance(day, datetime):
            example = f"{_TIME}Z" if day.tzinfo else _TIME
        cause = f"is not between the years {YEARS[0]} and {YEARS[-1]}"
        raise ValueError(f"{cause}; write one that is, such as {example}")
    return day


def _shown(value: Any) -> str:
    """Return a value as the author of a file knows it, with a blank behind; nothing for a list."""
    return f"{shortened(value)!r} " if isinstance(value, str) else ""


def _utc(moment: datetime) -> datetime:
    _within_reach(moment)
    return datetime.fromisoformat(moment.isoformat()).astimezone(UTC)


def _with_offset(value: Any) -> Any:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip().upper())
        except ValueError:
            moment = None
    if not isinstance(moment, date):
        raise ValueError(f"{_shown(value)}is not a date and time; write one such as {_UTC_TIME}")  # noqa: TRY004  # pydantic's way
    if getattr(moment, "tzinfo", None) is None:
        cause = "lacks its time of day, or how far that is from UTC"
        raise ValueError(f"{cause}; write both, such as {_UTC_TIME}")
    return moment


UtcMoment = Annotated[AwareDatetime, AfterValidator(_utc), BeforeValidator(_with_offset)]
"""A date and time with its offset, as UTC."""


def _whole_seconds(moment: datetime) -> datetime:
    if moment.microsecond:
        cause = "has parts of a second, which calendars do not know"
        raise ValueError(f"{cause}; write whole seconds, such as {_TIME}Z")
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


def _read(value: Any) -> date | None:
    """Return what YAML took for a date, a date and time, or a text; None where it is neither."""
    try:
        if isinstance(value, str | datetime):
            text = value if isinstance(value, str) else value.isoformat()
            day_only = len(text) == len(_DAY)
            return date.fromisoformat(text) if day_only else datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if isinstance(value, date) else None


def _moment(value: Any) -> date:
    found = _read(value)
    if found is None:
        cause = f"{_shown(value)}is neither a date nor a date and time"
        raise ValueError(f"{cause}; write one such as {_DAY} or {_TIME}")
    return found


Moment = Annotated[date | datetime, AfterValidator(_within_reach), BeforeValidator(_moment)]
"""A day, or a date and time."""


def _day(value: Any) -> date:
    found = _read(value)
    if found is None:
        raise ValueError(f"{_shown(value)}is not a day; write one such as {_DAY}")
    if isinstance(found, datetime):
        raise ValueError(f"is a time; write a day such as {_DAY}")  # noqa: TRY004
    return found


Day = Annotated[date, BeforeValidator(_day)]
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
