"""What an edition tells, piece by piece, and to whom each piece may be told.

It walks the models by their fields, whatever they are called, so that no type of block has to be
known here. What carries a `marking` or names its `audiences` decides for all that stands in it.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from tigc_mail.content.edition import Edition
from tigc_mail.content.text import Text
from tigc_mail.delivery.guard.words import fingerprint
from tigc_mail.people.audience import Audience

RANKS: Mapping[str, int] = {
    "TLP:CLEAR": 0,
    "TLP:GREEN": 1,
    "TLP:AMBER": 2,
    "TLP:AMBER+STRICT": 3,
    "TLP:RED": 4,
}
"""The order of FIRST's TLP 2.0. Written once more here: this guard trusts no other."""

CLEAR, RED = "TLP:CLEAR", "TLP:RED"

_NO_TEXT = frozenset({"marking", "audiences", "show_when"})
"""What is never told to anybody."""


class Secret(NamedTuple):
    """Why a piece must not be told to an audience."""

    where: str
    """Such as `block operations`; never a word of the piece."""
    marking: str
    above: bool
    """Whether its marking is above the ceiling; else it is for other audiences."""


class Piece(NamedTuple):
    """One text of an edition as its author wrote it."""

    text: str
    secret: Secret | None
    """None for what the audience may read."""


def pieces(edition: Edition, audience: Audience) -> Iterator[Piece]:
    """Yield all that an edition tells anybody, in every language."""
    walk = _Walk(audience)
    return walk.within(edition, "the edition", CLEAR, None)


def marking_of(edition: Edition, audience: Audience, shown: frozenset[str]) -> str:
    """Return the highest marking of what a variant may hold; TLP:CLEAR where it holds nothing.

    Args:
        edition: the edition as loaded.
        audience: who reads.
        shown: the ids of the conditional blocks that are shown.
    """
    walk = _Walk(audience)
    unshown = [block for block in edition.blocks if block.show_when and block.id not in shown]
    return max((CLEAR, *walk.markings(edition, unshown)), key=RANKS.__getitem__)


class _Walk:
    def __init__(self, audience: Audience) -> None:
        self._audience = audience.id
        self._ceiling = RANKS[str(audience.ceiling.value)]

    def within(
        self, value: Any, where: str, marking: str, secret: Secret | None
    ) -> Iterator[Piece]:
        """Yield the pieces of a model, or of any part of one."""
        if isinstance(value, Text):
            for words, _, audience in value.wordings():
                own = audience in (None, self._audience)
                yield Piece(words, secret or (None if own else Secret(where, marking, above=False)))
        elif isinstance(value, BaseModel):
            yield from self._of_model(value, where, marking, secret)
        elif isinstance(value, tuple | list):
            for part in value:
                yield from self.within(part, where, marking, secret)
        elif isinstance(value, dict):
            for part in (*value, *value.values()):
                yield from self.within(part, where, marking, secret)
        elif isinstance(value, bytes) and value:
            yield Piece(fingerprint(value), secret)
        elif isinstance(value, str) and not isinstance(value, Enum):
            yield Piece(value, secret)

    def _of_model(
        self, model: BaseModel, where: str, marking: str, secret: Secret | None
    ) -> Iterator[Piece]:
        named = getattr(model, "id", None) or getattr(model, "file", None)
        if named and not isinstance(model, Edition):
            named = getattr(named, "name", named)
            where = f"{'block' if hasattr(model, 'id') else 'file'} {named}"
        marking = _marking(model) or marking
        hidden = secret or self._hidden(model, where, marking)
        for name, field in type(model).model_fields.items():
            if name not in _NO_TEXT and not _is_choice(field.annotation):
                yield from self.within(getattr(model, name), where, marking, hidden)

    def _hidden(self, model: BaseModel, where: str, marking: str) -> Secret | None:
        if RANKS[marking] > self._ceiling or marking == RED:
            return Secret(where, marking, above=True)
        readers = None if isinstance(model, Edition) else getattr(model, "audiences", None)
        if readers is not None and self._audience not in readers:
            return Secret(where, marking, above=False)
        return None

    def markings(self, model: BaseModel, without: list[Any]) -> list[str]:
        """Return the markings of a model and of what it holds, as far as they may be shown.

        Nothing of a model is shown that must hold at least one of something and may show none.
        """
        own = _marking(model) or CLEAR
        if any(model is one for one in without) or self._hidden(model, "", own):
            return []
        found = [own]
        for name, field in type(model).model_fields.items():
            value = getattr(model, name)
            parts = value if isinstance(value, tuple) else (value,)
            held = [one for one in parts if isinstance(one, BaseModel)]
            inside = [marking for one in held for marking in self.markings(one, without)]
            if (
                held
                and not inside
                and any(getattr(each, "min_length", 0) for each in field.metadata)
            ):
                return []
            found += inside
        return found


def _marking(model: BaseModel) -> str | None:
    marking = getattr(model, "marking", None)
    return None if marking is None else str(marking.value)


def _is_choice(annotation: Any) -> bool:
    """Return whether a field holds nothing but words that the program chose (`Literal`)."""
    if get_origin(annotation) is Literal:
        return True
    parts = [part for part in get_args(annotation) if part not in (NoneType, ...)]
    return bool(parts) and all(map(_is_choice, parts))
