"""The content of one newsletter or notice, for all its audiences and in all its languages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from tigc_mail.content.attachment import Attachment
from tigc_mail.content.block import AnyBlock, Block, EventBlock
from tigc_mail.content.moment import UtcMoment
from tigc_mail.content.scope import Scope, Slug, once_each, scope_of
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.content.tailoring import (
    Voice,
    highest,
    tailor_attachment,
    tailor_audience,
    tailor_block,
    visible,
)
from tigc_mail.content.text import Line
from tigc_mail.errors import UsageError
from tigc_mail.ground.documents import Frozen
from tigc_mail.ground.language import LOCALES, Locale, direction
from tigc_mail.ground.problems import Problems
from tigc_mail.ground.wording import did_you_mean, shortened
from tigc_mail.people.audience import Audience

_BLOCKS: TypeAdapter[tuple[AnyBlock, ...]] = TypeAdapter(
    Annotated[tuple[Block, ...], Field(min_length=1)]
)
_ATTACHMENTS: TypeAdapter[tuple[Attachment, ...]] = TypeAdapter(tuple[Attachment, ...])


MAX_CONDITIONAL_BLOCKS = 16
"""Each is a bit of the number of a variant."""


def _of_the_workspace(value: str, info: ValidationInfo) -> str:
    workspace = scope_of(info).workspace
    if workspace is not None and value not in workspace:
        cause = f"{shortened(value)}: no such audience; there are {', '.join(workspace)}"
        cure = did_you_mean(value, workspace) or "Write one of them."
        raise PydanticCustomError("content", "{cause}", {"cause": cause, "cure": cure})
    return value


class Edition(Frozen):
    """One newsletter or notice.

    Everything is checked against what stands above it: texts and blocks against the languages and
    audiences, and those against the workspace where one is given as validation context (a `Scope`).
    """

    id: Slug
    """The name of its folder."""
    kind: Literal["newsletter", "notice"]
    language: Locale
    """The default language; every text exists in it."""
    languages: Annotated[tuple[Locale, ...], Field(min_length=1)]
    audiences: Annotated[
        tuple[Annotated[Slug, AfterValidator(_of_the_workspace)], ...],
        Field(min_length=1),
        AfterValidator(once_each),
    ]
    """Ids; a contact in several gets what the first of them gets."""
    subject: Line
    preheader: Line
    not_after: UtcMoment | None = None
    """When what is unsent expires, in UTC; None for never."""
    blocks: tuple[AnyBlock, ...]
    attachments: tuple[Attachment, ...] = ()

    @field_validator("languages")
    @classmethod
    def _hold_the_default(
        cls, value: tuple[Locale, ...], info: ValidationInfo
    ) -> tuple[Locale, ...]:
        default = info.data.get("language")
        if len(set(value)) < len(value):
            raise ValueError("names a language twice; keep one")
        if default is not None and default not in value:
            raise ValueError(f"lacks {default}, the edition's default language; add it")
        return value

    @field_validator("subject", "preheader", mode="plain")
    @classmethod
    def _read_line(cls, value: Any, info: ValidationInfo) -> Line:
        return Line.model_validate(value, context=_scope_below(info))

    @field_validator("blocks", mode="plain")
    @classmethod
    def _read_blocks(cls, value: Any, info: ValidationInfo) -> tuple[AnyBlock, ...]:
        found = _BLOCKS.validate_python(value, context=_scope_below(info, _repeated(value)))
        _check_uids(found)
        if sum(block.show_when is not None for block in found) > MAX_CONDITIONAL_BLOCKS:
            cause = f"more than {MAX_CONDITIONAL_BLOCKS} blocks have a `show_when` rule"
            raise ValueError(f"{cause}; keep to fewer, so that variants stay few")
        return found

    @field_validator("attachments", mode="plain")
    @classmethod
    def _read_attachments(cls, value: Any, info: ValidationInfo) -> tuple[Attachment, ...]:
        found = _ATTACHMENTS.validate_python(value, context=_scope_below(info))
        names, problems = set[str](), Problems()
        for at, attachment in enumerate(found):
            name = attachment.file.name.lower()
            if name in names:
                problems.add(value, f"{name} is attached twice", "Keep one.", (at, "file"))
            names.add(name)
        problems.report("attachments")
        return found

    def locale_for(self, locale: Locale | None) -> Locale:
        """Return the language of the message for a contact who reads `locale`."""
        return locale if locale in self.languages and locale is not None else self.language

    def conditional_blocks(self, audience: Audience) -> tuple[AnyBlock, ...]:
        """Return the blocks that only some recipients of this audience are shown, in order."""
        return tuple(block for block in self._visible(audience) if block.show_when is not None)

    def shows_everybody(self, audience: Audience) -> bool:
        """Return whether there is a block that every recipient of this audience is shown."""
        return any(block.show_when is None for block in self._visible(audience))

    def for_audience(
        self, audience: Audience, locale: Locale, shown: frozenset[str] | None = None
    ) -> TailoredEdition:
        """Return what this audience reads in this language.

        Args:
            audience: one of the edition's.
            locale: one of the edition's languages.
            shown: the ids of the conditional blocks to show; all of them by default.

        Raises:
            UsageError: if the edition is not for that audience, or not in that language.
        """
        self._require(audience, locale)
        voice = Voice(audience, locale, self.language)
        subject, preheader = (
            voice.say("subject", self.subject),
            voice.say("preheader", self.preheader),
        )
        blocks = tuple(
            tailor_block(block, voice)
            for block in self._visible(audience)
            if block.show_when is None or shown is None or block.id in shown
        )
        own = (attachment for attachment in self.attachments if attachment.is_for(audience))
        attachments = tuple(tailor_attachment(one, at, voice) for at, one in enumerate(own))
        return TailoredEdition(
            id=self.id,
            kind=self.kind,
            audience=tailor_audience(voice),
            locale=locale,
            direction=direction(locale),
            subject=subject,
            preheader=preheader,
            not_after=self.not_after,
            blocks=blocks,
            attachments=attachments,
            marking=highest(part.marking for part in (*blocks, *attachments)),
            fallbacks=voice.fallbacks,
        )

    def _visible(self, audience: Audience) -> Iterable[AnyBlock]:
        return filter(None, (visible(block, audience) for block in self.blocks))

    def _require(self, audience: Audience, locale: Locale) -> None:
        if audience.id not in self.audiences:
            cure = f"It is for {', '.join(self.audiences)}."
            raise UsageError(f"is not for the audience {audience.id!r}", f"edition {self.id}", cure)
        if locale not in self.languages:
            cure = f"It is in {', '.join(self.languages)}."
            raise UsageError(f"is not written in {locale!r}", f"edition {self.id}", cure)


def _scope_below(info: ValidationInfo, repeated: frozenset[str] = frozenset()) -> Scope:
    """Return the scope of what stands below the head of an edition, as far as the head is right."""
    audiences = info.data.get("audiences")
    scope = replace(scope_of(info), audiences=audiences, repeated=repeated)
    if "language" not in info.data:
        return replace(scope, readers=())
    return replace(
        scope,
        language=info.data["language"],
        languages=info.data.get("languages", LOCALES),
        readers=scope.readers if audiences is None else audiences,
        in_edition=True,
    )


def _check_uids(blocks: tuple[AnyBlock, ...]) -> None:
    """See that one event is at one point of its life wherever an edition tells of it.

    Raises:
        ValidationError: at the blocks that say otherwise than the first.
    """
    told: dict[str, tuple[Any, ...]] = {}
    problems = Problems()
    for at, block in enumerate(blocks):
        if not isinstance(block, EventBlock):
            continue
        event = block.event
        state = (event.sequence, event.issued, event.stage, event.start, event.last)
        if told.setdefault(event.uid, state) != state:
            cause = "is the event of another block as well, with another sequence, stage or date"
            cure = "Write both alike; one edition is one notice of an event."
            problems.add(event.uid, cause, cure, (at, "event", "uid"))
    problems.report("blocks")


def _repeated(blocks: Any) -> frozenset[str]:
    """Return the ids that stand on more than one of the blocks as written."""
    if not isinstance(blocks, list | tuple):
        return frozenset()
    ids = (
        block.get("id") if isinstance(block, Mapping) else getattr(block, "id", None)
        for block in blocks
    )
    counts = Counter(name for name in ids if isinstance(name, str))
    return frozenset(name for name, count in counts.items() if count > 1)
