"""The pieces of an edition, one model a type."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from tigc_mail.content.event import Event, Url
from tigc_mail.content.scope import (
    MAX_SLUG,
    Scope,
    Slug,
    SomeAudiences,
    scope_of,
)
from tigc_mail.content.text import Line, ProperName, Text
from tigc_mail.ground.documents import Frozen
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.problems import Problems
from tigc_mail.people.audience import Audience
from tigc_mail.people.rule import Rule

BlockType = Literal[
    "text",
    "key-message",
    "quote",
    "event",
    "course-list",
    "partner-list",
    "statistics",
    "figure",
    "call-to-action",
    "custom",
]
"""What a block can be."""


class BlockBase(Frozen):
    """What every block has."""

    id: Slug
    marking: Marking
    """How far it may travel; no audience with a lower ceiling is shown it."""
    audiences: SomeAudiences | None = None
    """The ids of the audiences it is for; None for all of the edition's."""
    show_when: Rule | None = None
    """Which recipients are shown it; None for all."""
    title: Line | None = None
    body: Text | None = None
    """Markdown."""

    @field_validator("id")
    @classmethod
    def _stands_once(cls, value: str, info: ValidationInfo) -> str:
        if value in scope_of(info).repeated:
            raise ValueError(f"{value!r} is the id of another block as well; give each its own")
        return value

    def is_for(self, audience: str) -> bool:
        """Return whether the block is for the audience of this id, whatever its marking."""
        return self.audiences is None or audience in self.audiences


class TextBlock(BlockBase):
    """A paragraph or a few."""

    type: Literal["text"]
    body: Text


class KeyMessageBlock(BlockBase):
    """A key message: the audience's standing one, or one of the edition's own.

    Where both are given, the title and the body of the block go before the standing ones.
    """

    type: Literal["key-message"]
    key_message: Annotated[Slug | None, Field(validate_default=True)] = None
    """The id of a key message that stands in the files of the audiences."""

    @field_validator("key_message")
    @classmethod
    def _has_words(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            if info.data.get("title", ...) is None or info.data.get("body", ...) is None:
                raise ValueError(
                    "is required where title and body are not both given; add it, or both of them"
                )
            return None
        scope = scope_of(info)
        missing = [
            told for reader in scope.known_readers() for told in _missing(reader, value, scope)
        ]
        if missing:
            raise ValueError(f"{'; '.join(missing)}; add what is missing")
        return value


def _missing(audience: Audience, key: str, scope: Scope) -> Iterator[str]:
    """Say what the audience's file lacks of a standing key message."""
    file = f"audiences/{audience.id}.yaml"
    message = audience.key_messages.get(key)
    if message is None:
        yield f"{file} has no key message {key!r}"
        return
    for field, texts in (("title", message.title), ("body", message.body)):
        if scope.language not in texts:
            yield f"{file}: key_messages.{key}.{field} has no {scope.language}"


class QuoteBlock(BlockBase):
    """What somebody said, in their words."""

    type: Literal["quote"]
    body: Text
    speaker: ProperName
    """Who said it; a name written once is the same in every language."""
    role: Line | None = None
    """What the speaker does, and for whom."""


class EventBlock(BlockBase):
    """News of an event."""

    type: Literal["event"]
    title: Line
    event: Event

    @field_validator("event")
    @classmethod
    def _details_travel_less_far(cls, event: Event, info: ValidationInfo) -> Event:
        least, problems = info.data.get("marking"), Problems()
        for at, detail in enumerate(event.details):
            if least is not None and detail.marking is not None and detail.marking < least:
                cause = f"is below that of the block, {least.value}"
                problems.add(detail.marking, cause, "Remove it.", ("details", at, "marking"))
        problems.report("event")
        return event


class Course(Frozen):
    """One course, or one curriculum."""

    title: Line
    body: Text | None = None
    url: Url | None = None


class CourseListBlock(BlockBase):
    """Courses, and where to find them."""

    type: Literal["course-list"]
    title: Line
    courses: Annotated[tuple[Course, ...], Field(min_length=1)]
    url: Url | None = None


class Partner(Frozen):
    """An organisation that the programme works with."""

    name: ProperName
    acronym: str | None = None
    url: Url | None = None
    marking: Marking | None = None
    """How far its name may travel, where that is less far than the block."""


class PartnerGroup(Frozen):
    """Partners under one heading."""

    name: Line
    partners: Annotated[tuple[Partner, ...], Field(min_length=1)]
    marking: Marking | None = None
    """How far the group may travel, where that is less far than the block."""


class PartnerListBlock(BlockBase):
    """Who the programme works with."""

    type: Literal["partner-list"]
    title: Line
    groups: Annotated[tuple[PartnerGroup, ...], Field(min_length=1)]


MAX_NUMBER = 10**15
"""No statistic is larger: beyond it, YAML's numbers are no longer exact."""


def _number(value: Any) -> Decimal:
    """Return a number as it is written, digit for digit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        cause = "is not a number; write it without quotes and without blanks, such as 1250 or 3.5"
        raise ValueError(cause)  # noqa: TRY004 (pydantic turns only this one into a fault)
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= MAX_NUMBER:
        raise ValueError("is not a number below 1,000,000,000,000,000")
    return number


class Statistic(Frozen):
    """One number, and what it counts."""

    number: Annotated[Decimal, BeforeValidator(_number)]
    unit: Literal["percent"] | None = None
    """`percent` where the number is so many in a hundred."""
    label: Line
    marking: Marking | None = None
    """How far it may travel, where that is less far than the block."""


class StatisticsBlock(BlockBase):
    """A few numbers, beside each other."""

    type: Literal["statistics"]
    statistics: Annotated[tuple[Statistic, ...], Field(min_length=1, max_length=6)]


def _image(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("is not the https:// address of an image; write the whole address")
    return value


class FigureBlock(BlockBase):
    """An image with a caption."""

    type: Literal["figure"]
    image: Annotated[Url, AfterValidator(_image)]
    """Where the image is; mail programs fetch it when the message is opened."""
    alt: Line
    """What the image shows, for those who do not see it."""
    caption: Line | None = None
    url: Url | None = None
    """Where a click on the image leads."""


class CallToActionBlock(BlockBase):
    """One thing to do, behind one button."""

    type: Literal["call-to-action"]
    label: Line
    url: Url


def _field(name: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) is None or len(name) > MAX_SLUG:
        raise ValueError(f"{name!r} is not a name in small letters, digits and underscores")
    if hasattr(dict, name):
        raise ValueError(f"{name!r} has a meaning of its own in templates; choose another name")
    return name


FieldName = Annotated[str, AfterValidator(_field)]
"""What a template calls a field of a custom block."""


class CustomBlock(BlockBase):
    """A block of the team's own, shown by a template of the workspace."""

    type: Literal["custom"]
    template: Slug
    """It is shown by `templates/blocks/TEMPLATE.mjml.j2` and its plain text twin."""
    lines: dict[FieldName, Line] = Field(default_factory=dict)
    """Texts of one line, by the names that the template has for them."""
    texts: dict[FieldName, Text] = Field(default_factory=dict)
    """Markdown."""
    links: dict[FieldName, Url] = Field(default_factory=dict)


AnyBlock: TypeAlias = (
    TextBlock
    | KeyMessageBlock
    | QuoteBlock
    | EventBlock
    | CourseListBlock
    | PartnerListBlock
    | StatisticsBlock
    | FigureBlock
    | CallToActionBlock
    | CustomBlock
)

_MODELS: dict[str, type[AnyBlock]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(AnyBlock)
}


class _Untyped(BlockBase):
    """What can be said of a block whose type is wrong."""

    model_config = ConfigDict(extra="ignore")

    type: BlockType


def _read(value: Any, info: ValidationInfo) -> AnyBlock:
    """Return the block of the type that it names.

    Not pydantic's own tagged union, which puts the tag into the path of a fault: there, `event`
    the type cannot be told from `event` the key.
    """
    if isinstance(value, BlockBase):
        return value  # type: ignore[return-value]
    written = value if isinstance(value, Mapping) else {}
    scope, kind = scope_of(info), written.get("type")
    named = written.get("audiences")
    readers = named if isinstance(named, list) else scope.readers
    within = scope.among(tuple(name for name in readers if name in scope.readers))
    model = _MODELS.get(kind, _Untyped) if isinstance(kind, str) else _Untyped
    return model.model_validate(value, context=within)  # type: ignore[return-value]


Block = Annotated[AnyBlock, PlainValidator(_read)]
"""A block of any type, by its `type`."""
