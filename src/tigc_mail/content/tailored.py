"""An edition as one audience reads it in one language: resolved texts, nothing above the ceiling.

Texts are plain strings: Markdown is not yet rendered, slots such as `{{ recipient.salutation }}`
stand as the author wrote them. A text that was not given is an empty string.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from tigc_mail.content.event import Stage
from tigc_mail.ground.language import Locale
from tigc_mail.ground.marking import Marking


@dataclass(frozen=True, slots=True)
class Fallback:
    """A text that was not there as wanted, and what is shown instead."""

    path: str
    """The text: `subject`, `blocks[ID].body`, `blocks[ID].groups[0].name`, `audience.reason`.

    `edition` is all of it; what templates say is named by its file and its name there.

    Blocks are named by id and items counted among those shown, so that what is hidden from an
    audience does not move them.
    """
    wanted: str
    """What was looked for: `fr`, or `fr for law-enforcement`."""
    used: Locale
    """The language that is shown."""

    def __str__(self) -> str:
        return f"{self.path}: no {self.wanted}, shown in {self.used}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredAudience:
    """Who reads, and who writes to them, in the language of the message."""

    id: str
    name: str
    reason: str
    """Why the reader receives this."""
    sender_name: str
    sender_address: str
    reply_to: str | None
    list_id: str
    salutation: tuple[str, str]
    """How the reader is greeted: with a name (placeholders in curly brackets), and without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredBase:
    """What every block has."""

    id: str
    marking: Marking
    """The highest of the block and of all that is shown in it."""
    title: str = ""
    body: str = ""
    """Markdown with slots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredText(TailoredBase):
    """A paragraph or a few; `body` is never empty."""

    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredKeyMessage(TailoredBase):
    """A key message in the words for this audience; neither title nor body is ever empty."""

    key_message: str | None = None
    """The id of the standing key message that it asks for."""
    standing: tuple[str, ...] = ()
    """Which of `title` and `body` are the standing ones, of the audience's file."""
    type: Literal["key-message"] = "key-message"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredEventDetail:
    """One more thing to know of an event."""

    label: str
    text: str
    marking: Marking
    """That of the block as written, or a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredQuote(TailoredBase):
    """What somebody said; neither body nor speaker is ever empty."""

    speaker: str
    role: str
    type: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredEventDetails:
    """When, where and how an event is."""

    marking: Marking
    """How far all of it but its details may travel: that of the block."""
    name: str
    uid: str
    sequence: int
    issued: datetime
    """In UTC."""
    stage: Stage
    start: date | datetime
    """The first day, or an aware moment in `time_zone`."""
    end: date | datetime
    """The last day, or an aware moment in `time_zone`; of the same kind as `start`."""
    time_zone: str
    """An IANA name."""
    previous_start: date | datetime | None
    """As `start`, of the dates before; only where the event is rescheduled."""
    previous_end: date | datetime | None
    place: str
    country: str | None
    """ISO 3166-1 alpha-2."""
    url: str | None
    hashtag: str | None
    registration_url: str | None
    registration_until: date | None
    online_url: str | None
    """The page on which it takes place; None where it is at its place."""
    details: tuple[TailoredEventDetail, ...]

    @property
    def takes_place(self) -> bool:
        """Whether its dates hold, so that readers may be told where to come or to join."""
        return self.stage not in ("postponed", "cancelled")

    @property
    def join_url(self) -> str | None:
        """Where readers join an event that takes place online."""
        return self.online_url if self.takes_place else None

    @property
    def registration_is_open(self) -> bool:
        """Whether readers may register when this notice is issued."""
        opened = self.stage in ("registration-open", "reminder", "rescheduled", "moved-online")
        until = self.registration_until
        over = until is not None and until < self.issued.astimezone(ZoneInfo(self.time_zone)).date()
        return self.registration_url is not None and opened and not over


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredEvent(TailoredBase):
    """News of an event."""

    event: TailoredEventDetails
    type: Literal["event"] = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredCourse:
    """One course, or one curriculum."""

    title: str
    body: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredCourseList(TailoredBase):
    """Courses, and where to find them."""

    courses: tuple[TailoredCourse, ...]
    url: str | None
    type: Literal["course-list"] = "course-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredPartner:
    """An organisation that the programme works with."""

    name: str
    acronym: str | None
    url: str | None
    marking: Marking
    """That of its group, or a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredPartnerGroup:
    """Partners under one heading; there is at least one."""

    name: str
    marking: Marking
    """That of the block as written, or a higher one."""
    partners: tuple[TailoredPartner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredPartnerList(TailoredBase):
    """Who the programme works with; there is at least one group."""

    groups: tuple[TailoredPartnerGroup, ...]
    type: Literal["partner-list"] = "partner-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredCallToAction(TailoredBase):
    """One thing to do, behind one button."""

    label: str
    url: str
    type: Literal["call-to-action"] = "call-to-action"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredStatistic:
    """One number, and what it counts."""

    number: Decimal
    unit: Literal["percent"] | None
    label: str
    marking: Marking
    """That of the block as written, or a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredStatistics(TailoredBase):
    """A few numbers; there is at least one."""

    statistics: tuple[TailoredStatistic, ...]
    type: Literal["statistics"] = "statistics"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredFigure(TailoredBase):
    """An image with a caption; `alt` is never empty."""

    image: str
    alt: str
    caption: str
    url: str | None
    type: Literal["figure"] = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredCustom(TailoredBase):
    """A block of the team's own: fields by the names that its template has for them."""

    template: str
    lines: Mapping[str, str]
    texts: Mapping[str, str]
    """Markdown with slots."""
    links: Mapping[str, str]
    type: Literal["custom"] = "custom"


TailoredBlock: TypeAlias = (
    TailoredText
    | TailoredKeyMessage
    | TailoredQuote
    | TailoredEvent
    | TailoredCourseList
    | TailoredPartnerList
    | TailoredStatistics
    | TailoredFigure
    | TailoredCallToAction
    | TailoredCustom
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredAttachment:
    """A file that travels with the message."""

    file: str
    """Its name."""
    title: str
    marking: Marking
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailoredEdition:
    """An edition for one audience, one language and one choice of its conditional blocks."""

    id: str
    kind: Literal["newsletter", "notice"]
    audience: TailoredAudience
    locale: Locale
    direction: Literal["ltr", "rtl"]
    subject: str
    preheader: str
    not_after: datetime | None
    """In UTC; what is unsent after it expires."""
    blocks: tuple[TailoredBlock, ...]
    """In the author's order."""
    attachments: tuple[TailoredAttachment, ...] = ()
    """In the author's order."""
    marking: Marking
    """The highest marking of blocks and attachments; TLP:CLEAR where there are none."""
    fallbacks: tuple[Fallback, ...]
    """Every text that is not shown as wanted, in the order of the edition."""
