"""What a notice says about an event: when, where and at which stage of its life it is."""

import re
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pycountry
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from tigc_mail.content.moment import Day, Moment, TimeZone, UtcSecond, check_order, in_zone
from tigc_mail.content.text import FixedLine, Line
from tigc_mail.ground.documents import Frozen
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.wording import shortened

Stage = Literal[
    "announced",
    "registration-open",
    "reminder",
    "postponed",
    "rescheduled",
    "moved-online",
    "cancelled",
]
"""Where in its life an event is; one notice each, in about this order."""


def _url(value: str) -> str:
    """Return a link that may stand in a message."""
    if any(sign.isspace() or not sign.isprintable() or sign in '<>"{}\\' for sign in value):
        raise ValueError(
            "holds a space, a quote or another character that no link may hold; correct it"
        )
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("is not a link; write the whole address") from None
    if parts.scheme == "https" and parts.hostname:
        return value
    if parts.scheme == "mailto" and "@" in parts.path:
        return value
    raise ValueError("is not a link that begins with https:// or mailto:; write the whole address")


Url = Annotated[str, AfterValidator(_url)]
"""A link to a page (https) or to an address (mailto); slots cannot stand in it."""


def _country(value: str) -> str:
    if value != value.upper() or pycountry.countries.get(alpha_2=value) is None:
        raise ValueError(
            f"{shortened(value)!r} is not a country; write its ISO 3166-1 code such as CR"
        )
    return value


def _hashtag(value: str) -> str:
    if not re.fullmatch(r"#\w+", value):
        raise ValueError('is not a hashtag; write one such as "#IPCrimeConference", in quotes')
    return value


def _uid(value: str) -> str:
    if not re.fullmatch(r"[!-~]{1,250}", value):
        raise ValueError("is not a name for calendars; write one such as ipcc-2020@example.org")
    return value


def _at_once(one: date, other: date) -> bool:
    """Return whether two are the same moment, or the same day where one of them has no time."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return one.isoformat()[:10] == other.isoformat()[:10]


class EventDetail(Frozen):
    """One more thing to know of an event, such as where to meet."""

    label: Line
    text: Line
    marking: Marking | None = None
    """How far it may travel, where that is less far than the block."""


class Event(Frozen):
    """An event, as one notice tells of it."""

    name: FixedLine
    uid: Annotated[str, AfterValidator(_uid)]
    """The name of the event in calendars, the same in every notice about it."""
    sequence: Annotated[int, Field(ge=0, le=2_147_483_647, strict=True)] = 0
    """How many notices went before; each one raises it."""
    issued: UtcSecond
    """When this notice is issued; each one is later than the last."""
    stage: Stage
    time_zone: TimeZone
    """The zone that its times are told in."""
    start: Moment
    """The first day, or the moment it begins; a time without an offset is local to `time_zone`.

    Of an event that is postponed, cancelled, or not moved to new dates: what was announced.
    """
    end: Moment | None = None
    """The last day (it is part of the event), or the moment it ends; that of `start` by default."""
    previous_start: Annotated[Moment | None, Field(validate_default=True)] = None
    """When it would have begun, of an event that is rescheduled."""
    previous_end: Annotated[Moment | None, Field(validate_default=True)] = None
    place: FixedLine | None = None
    country: Annotated[str, AfterValidator(_country)] | None = None
    """ISO 3166-1 alpha-2."""
    url: Url | None = None
    """The page about the event."""
    hashtag: Annotated[str, AfterValidator(_hashtag)] | None = None
    registration_url: Annotated[Url | None, Field(validate_default=True)] = None
    registration_until: Day | None = None
    """The last day on which one may register."""
    online_url: Annotated[Url | None, Field(validate_default=True)] = None
    """The page on which it takes place, of an event that is online and no longer at its `place`."""
    details: tuple[EventDetail, ...] = ()

    @field_validator("start", "end", "previous_start", "previous_end")
    @classmethod
    def _in_its_zone(cls, value: date | None, info: ValidationInfo) -> date | None:
        zone = info.data.get("time_zone")
        return value if value is None or zone is None else in_zone(value, zone)

    @field_validator("end", "previous_end")
    @classmethod
    def _not_before_start(cls, end: date | None, info: ValidationInfo) -> date | None:
        name = str(info.field_name).replace("end", "start")
        start = info.data.get(name)
        comparable = "time_zone" in info.data or not isinstance(end, datetime)
        if end is not None and start is not None and comparable:
            check_order(start, end, name)
        return end

    @field_validator("previous_start", "previous_end")
    @classmethod
    def _of_another_date(cls, value: date | None, info: ValidationInfo) -> date | None:
        stage = info.data.get("stage")
        if value is not None and stage not in (None, "rescheduled"):
            raise ValueError(f"belongs to the stage `rescheduled`, and this is `{stage}`")
        if info.field_name == "previous_start" and value is None and stage == "rescheduled":
            raise ValueError("`previous_start` is required at the stage `rescheduled`; add it")
        return value

    @field_validator("previous_end")
    @classmethod
    def _moved(cls, before_end: date | None, info: ValidationInfo) -> date | None:
        """See that what is rescheduled begins at another time, or is said to end at another."""
        start, before = info.data.get("start"), info.data.get("previous_start")
        if start is None or before is None or not _at_once(start, before):
            return before_end
        last = info.data.get("end") or start
        if before_end is None or _at_once(last, before_end):
            raise ValueError(
                "`start` is the same as `previous_start`, so nothing was rescheduled; "
                "correct one of them"
            )
        return before_end

    @field_validator("registration_url")
    @classmethod
    def _registration_leads_somewhere(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("stage") == "registration-open":
            raise ValueError(
                "`registration_url` is required at the stage `registration-open`; add it"
            )
        return value

    @field_validator("registration_until")
    @classmethod
    def _registration_ends_in_time(cls, value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if value is not None and start is not None and value.isoformat() > start.isoformat()[:10]:
            raise ValueError("comes after `start`; write an earlier day")
        if value is not None and info.data.get("stage") == "registration-open":
            zone, issued = info.data.get("time_zone"), info.data.get("issued")
            if zone and issued and value < issued.astimezone(ZoneInfo(zone)).date():
                raise ValueError("is over when this notice, which invites to register, is issued")
        return value

    @field_validator("online_url")
    @classmethod
    def _online_leads_to_a_page(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("stage") == "moved-online":
            raise ValueError("`online_url` is required at the stage `moved-online`; add it")
        if value is not None and not value.startswith("https:"):
            raise ValueError("is no page; write a link that begins with https://")
        return value

    @property
    def last(self) -> date:
        """The last day, or the moment it ends."""
        return self.start if self.end is None else self.end

    @property
    def previous_last(self) -> date | None:
        """The last day, or the end, of the dates before."""
        return self.previous_start if self.previous_end is None else self.previous_end
