"""What differs between audiences: which block, in which wording and language, for whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from tigc_mail.content.attachment import Attachment
from tigc_mail.content.block import AnyBlock, KeyMessageBlock
from tigc_mail.content.edition import Edition
from tigc_mail.content.tailoring import visible
from tigc_mail.content.text import Text, Wording
from tigc_mail.ground.language import Locale, Translations
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience
from tigc_mail.people.rule import Rule


class Showing(StrEnum):
    """Whether an audience is shown a block."""

    SHOWN = "shown"
    CONDITIONAL = "conditional"
    """Only those for whom its `show_when` rule holds."""
    HIDDEN = "hidden"
    """It is for other audiences."""
    ABOVE_CEILING = "above-ceiling"
    """It is marked above what the audience may read."""


class Words(StrEnum):
    """Whose words an audience reads."""

    DEFAULT = "default"
    """Everyone's."""
    AUDIENCE = "audience"
    """Words of the edition for this audience, in some of the texts at least."""
    STANDING = "standing"
    """The audience's standing key message."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One block for one audience in one language."""

    audience: str
    locale: Locale
    showing: Showing
    wording: Words | None = None
    """None where nothing is shown, or no text is in it."""
    languages: tuple[Locale, ...] = ()
    """The languages of what is shown; another than `locale` is a fallback."""
    show_when: Rule | None = None
    """For whom of the audience it is; None for all of it, or where nothing is shown."""
    left_out: tuple[str, ...] = ()
    """The parts of the block above the ceiling, by their place in it: `groups[0].partners[1]`."""

    @property
    def fallback(self) -> bool:
        """Whether some of it is shown in another language than was asked for."""
        return any(language != self.locale for language in self.languages)

    def to_json(self) -> dict[str, Any]:
        """Return the cell for programs."""
        return {
            "audience": self.audience,
            "locale": self.locale,
            "showing": self.showing.value,
            "wording": self.wording.value if self.wording else None,
            "languages": list(self.languages),
            "fallback": self.fallback,
            "show_when": self.show_when.model_dump(mode="json") if self.show_when else None,
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """Subject, preheader, a block or an attached file, for every audience in every language."""

    id: str
    marking: Marking | None
    """None for what is no block."""
    cells: tuple[Cell, ...]
    """In the order of the edition's audiences, and of its languages for each."""

    def to_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "id": self.id,
            "marking": self.marking.value if self.marking else None,
            "cells": [cell.to_json() for cell in self.cells],
        }


def matrix_of(edition: Edition, audiences: Mapping[str, Audience]) -> tuple[Row, ...]:
    """Return what each audience of an edition reads.

    A block above the ceiling of an audience is named by its id and nothing else, a part of one by
    its place in the block.

    Args:
        edition: the edition.
        audiences: those of the workspace by id.
    """
    readers = [audiences[name] for name in edition.audiences]
    heads = [
        Row(name, None, tuple(_head(edition, text, readers)))
        for name, text in (("subject", edition.subject), ("preheader", edition.preheader))
    ]
    blocks = [
        Row(block.id, block.marking, tuple(_cells(edition, block, readers)))
        for block in edition.blocks
    ]
    files = [
        Row(attachment.file.name, attachment.marking, tuple(_file(edition, attachment, readers)))
        for attachment in edition.attachments
    ]
    return (*heads, *blocks, *files)


def _head(edition: Edition, text: Text, readers: Iterable[Audience]) -> Iterator[Cell]:
    for audience in readers:
        for locale in edition.languages:
            found = [text.resolve(audience.id, locale, edition.language)]
            yield Cell(audience.id, locale, Showing.SHOWN, *_summed(found, []))


def _cells(edition: Edition, block: AnyBlock, readers: Iterable[Audience]) -> Iterator[Cell]:
    for audience in readers:
        seen = visible(block, audience)
        left_out = tuple(_above(block, audience.ceiling)) if seen else ()
        for locale in edition.languages:
            if seen is None:
                yield Cell(audience.id, locale, _why_not(block, audience))
                continue
            showing = Showing.SHOWN if seen.show_when is None else Showing.CONDITIONAL
            found = [text.resolve(audience.id, locale, edition.language) for text in _texts(seen)]
            standing = _standing(seen, audience, locale, edition.language)
            words = _summed(found, standing)
            yield Cell(audience.id, locale, showing, *words, seen.show_when, left_out)


def _above(part: Any, ceiling: Marking, path: str = "") -> Iterator[str]:
    """Yield the parts of a block whose own marking is above a ceiling, each by its place in it."""
    if isinstance(part, tuple):
        for at, item in enumerate(part):
            yield from _above(item, ceiling, f"{path}[{at}]")
    elif isinstance(part, BaseModel):
        marking = getattr(part, "marking", None)
        if marking is not None and not ceiling.allows(marking):
            yield path
            return
        for name in type(part).model_fields:
            yield from _above(getattr(part, name), ceiling, f"{path}.{name}".removeprefix("."))


def _file(edition: Edition, attachment: Attachment, readers: Iterable[Audience]) -> Iterator[Cell]:
    for audience in readers:
        meant = attachment.audiences is None or audience.id in attachment.audiences
        for locale in edition.languages:
            if attachment.is_for(audience):
                found = [attachment.title.resolve(audience.id, locale, edition.language)]
                yield Cell(audience.id, locale, Showing.SHOWN, *_summed(found, []))
            else:
                hidden = Showing.ABOVE_CEILING if meant else Showing.HIDDEN
                yield Cell(audience.id, locale, hidden)


def _why_not(block: AnyBlock, audience: Audience) -> Showing:
    if block.is_for(audience.id):
        return Showing.ABOVE_CEILING
    return Showing.HIDDEN


def _summed(
    found: list[Wording], standing: list[Locale]
) -> tuple[Words | None, tuple[Locale, ...]]:
    """Return whose words are shown, and in which languages."""
    languages = (*(wording.locale for wording in found), *standing)
    if standing:
        words = Words.STANDING
    elif any(wording.audience for wording in found):
        words = Words.AUDIENCE
    elif found:
        words = Words.DEFAULT
    else:
        return None, ()
    return words, tuple(dict.fromkeys(languages))


def _texts(value: Any) -> Iterator[Text]:
    """Yield every text in a block, or in a part of one."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _standing(block: AnyBlock, audience: Audience, locale: Locale, default: Locale) -> list[Locale]:
    """Return the languages of what a block takes from the audience's standing key message."""
    if not isinstance(block, KeyMessageBlock) or block.key_message is None:
        return []
    message = audience.key_messages[block.key_message]
    taken = [
        texts
        for own, texts in ((block.title, message.title), (block.body, message.body))
        if own is None
    ]
    return [_language(texts, locale, default) for texts in taken]


def _language(texts: Translations, locale: Locale, default: Locale) -> Locale:
    if locale in texts:
        return locale
    return default if default in texts else next(iter(texts))
