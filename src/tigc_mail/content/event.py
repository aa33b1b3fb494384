"""What a notice says about an event: when, where and in which state it is."""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import pycountry
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from tigc_mail.content.text import FixedLine
from tigc_mail.ground.documents import Frozen

EventStatus = Literal["scheduled", "postponed", "rescheduled", "moved-online", "cancelled"]
"""The state of an event; its dates are the announced ones until new ones are set."""


def _url(value: str) -> str:
    """Return a link that may stand in a message."""
    if any(sign.isspace() or not sign.isprintable() or sign in '<>"{}\\' for sign in value):
        raise ValueError("holds a space, a quote or another character that no link may hold")
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("is not a link") from None
    if parts.scheme == "https" and parts.hostname:
        return value
    if parts.scheme == "mailto" and "@" in parts.path:
        return value
    raise ValueError("is not a link that begins with https:// or mailto:")


Url = Annotated[str, AfterValidator(_url)]
"""A link to a page (https) or to an address (mailto); slots cannot stand in it."""


@cache
def _time_zones() -> set[str]:
    return available_timezones()  # reads the whole folder of zones


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError(f"{value!r} is not a time zone; write one such as America/Costa_Rica")
    return value


def _country(value: str) -> str:
    if value != value.upper() or pycountry.countries.get(alpha_2=value) is None:
        raise ValueError(f"{value!r} is not a country; write its ISO 3166-1 code such as CR")
    return value


def _hashtag(value: str) -> str:
    if not re.fullmatch(r"#\w+", value):
        raise ValueError('is not a hashtag; write one such as "#IPCrimeConference", in quotes')
    return value


def _uid(value: str) -> str:
    if not re.fullmatch(r"[!-~]{1,250}", value):
        raise ValueError("is not a name for calendars; write one such as ipcc-2020@example.org")
    return value


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


Moment = Annotated[date | datetime, BeforeValidator(_moment)]
"""A day, or an aware date and time."""


class Event(Frozen):
    """An event as it is announced."""

    name: FixedLine
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    """The IANA name of the zone that its times are told in."""
    start: Moment
    """The first day, or the moment it begins; a time without an offset is local to `time_zone`."""
    end: Moment | None = None
    """The last day (it is part of the event), or the moment it ends; that of `start` by default."""
    place: FixedLine | None = None
    country: Annotated[str, AfterValidator(_country)] | None = None
    """ISO 3166-1 alpha-2."""
    status: EventStatus
    url: Url | None = None
    hashtag: Annotated[str, AfterValidator(_hashtag)] | None = None
    uid: Annotated[str, AfterValidator(_uid)]
    """The name of the event in calendars, the same in every notice about it."""
    sequence: Annotated[int, Field(ge=0, strict=True)] = 0
    """How often the event was changed; each notice of a change raises it."""

    @field_validator("start", "end")
    @classmethod
    def _in_its_zone(cls, value: date | None, info: ValidationInfo) -> date | None:
        zone = info.data.get("time_zone")
        if not isinstance(value, datetime) or zone is None:
            return value
        if value.tzinfo is not None:
            return value.astimezone(ZoneInfo(zone))
        local = value.replace(tzinfo=ZoneInfo(zone))
        if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != value:
            raise ValueError(f"does not exist in {zone}: the clocks skip it")
        return local

    @field_validator("end")
    @classmethod
    def _not_before_start(cls, end: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if end is None or start is None:
            return end
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise ValueError("and `start` are a day and a time; write both alike")
        if isinstance(end, datetime) and "time_zone" not in info.data:
            return end
        if end < start:
            raise ValueError("comes before `start`")
        return end
