"""Where the texts of a tailored edition stand in the files of their authors.

A tailored edition holds words and no places: a place would differ with what is hidden from an
audience. So the files are read again where a text is wrong, and the words looked up in them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.documents import Document, Step
from tigc_mail.ground.language import LOCALES, Locale

Path_ = tuple[Step, ...]

_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
_OF_THE_AUDIENCE = "audience."
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"\{[%#]")


def texts_of(edition: TailoredEdition) -> dict[str, str]:
    """Return the texts and links that authors gave, by the path that `Fallback.path` describes."""
    return dict(_authored(edition))


def offset_in_source(source: str, filled: str, position: int) -> int | None:
    """Return where a letter of a filled text was written, or the expression that printed it.

    Args:
        source: the text as its author wrote it.
        filled: the text with its expressions printed.
        position: the letter.

    Returns:
        None where that cannot be told, as in a text with tags or comments of Jinja.
    """
    if _TAG.search(source):
        return None
    printed: int | None = None
    taken = at = 0
    for expression in (*_EXPRESSION.finditer(source), None):
        literal = source[taken : expression.start() if expression else len(source)]
        begin = filled.find(literal, at) if expression else len(filled) - len(literal)
        if begin < at or not filled.startswith(literal, begin) or (printed is None and begin > at):
            return None
        if position < begin:
            return printed
        if position < begin + len(literal):
            return taken + position - begin
        at = begin + len(literal)
        if expression:
            taken = expression.end()
            printed = expression.start() if literal or printed is None else printed
    return None


class TextPlace(str):
    """The place of a text as a tailored edition knows it.

    Args:
        told: how a message tells it where the files are not at hand.
        path: the text.
        offset: which letter of it; None for the whole.
    """

    __slots__ = ("offset", "path")
    path: str
    offset: int | None

    def __new__(cls, told: str, path: str, offset: int | None) -> "TextPlace":
        """Return it as the text that stands for it."""
        place = super().__new__(cls, told)
        place.path, place.offset = path, offset
        return place


class AuthorTexts(NamedTuple):
    """The texts that one audience reads in one language, and the files that they stand in."""

    texts: Mapping[str, str]
    """What is read, by path."""
    audience: str
    locale: Locale
    edition: Document
    own: Document | None
    """The audience's file."""

    @classmethod
    def of(
        cls, edition: TailoredEdition, document: Document, own: Document | None
    ) -> "AuthorTexts":
        """Return the texts of an edition, to be found in its file and in the audience's."""
        return cls(texts_of(edition), edition.audience.id, edition.locale, document, own)

    def place(self, path: str, offset: int | None = None) -> str:
        """Return where the chosen wording of a text stands; empty where it is not found.

        Args:
            path: the text.
            offset: which letter of it; by default the text as a whole.
        """
        found = self._leaf(path)
        if found is None:
            return ""
        document, at = found
        return document.fault(at, "").place if offset is None else document.place_within(at, offset)

    def place_of_all(self, path: str) -> str:
        """Return the place of a text, all its wordings together."""
        found = self._in_audience(path) or self._leaf(path)
        if found is None:
            return self.edition.name
        document, at = found
        while len(at) > 1 and (at[-1] in LOCALES or at[-1] in self._audiences):
            at = at[:-1]
        return document.fault(at, "").place

    def _in_audience(self, path: str) -> tuple[Document, Path_] | None:
        """Return where a text of the audience's file stands that is named as it is there."""
        at = tuple(path.split(".")[1:])
        if self.own is None or not path.startswith(_OF_THE_AUDIENCE):
            return None
        return None if _at(self.own.content, at) is None else (self.own, at)

    def _leaf(self, path: str) -> tuple[Document, Path_] | None:
        """Return where the wording stands that is read for `path`."""
        wanted = self.texts.get(path)
        if wanted is None:
            return None
        field = path.rpartition(".")[2].partition("[")[0]
        for document, root in self._roots(path):
            leaves = [
                at for at, text in _leaves(_at(document.content, root), root) if text == wanted
            ]
            if leaves:
                return document, max(leaves, key=lambda at: self._likely(at, field))
        return None

    def _likely(self, at: Path_, field: str) -> tuple[bool, ...]:
        """Return how likely a wording is the one that is read; the greatest is."""
        others = self._audiences - {self.audience}
        return field in at, others.isdisjoint(at), self.audience in at, self.locale in at

    @property
    def _audiences(self) -> set[Step]:
        return {*self.edition.content.get("audiences", ()), self.audience}

    def _roots(self, path: str) -> Iterator[tuple[Document, Path_]]:
        """Yield in which parts of which files a text may stand, the likeliest first."""
        if path.startswith(_OF_THE_AUDIENCE):
            if self.own is not None:
                yield self.own, ()
            return
        block = _BLOCK.match(path)
        if block is None:
            yield self.edition, (path.partition("[")[0],)
            return
        for at, content in enumerate(self.edition.content.get("blocks") or ()):
            if content.get("id") == block[1]:
                yield self.edition, ("blocks", at)
                if self.own is not None and "key_message" in content:
                    yield self.own, ("key_messages", content["key_message"])


def _at(content: Any, path: Path_) -> Any:
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _leaves(content: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(content, Mapping):
        for key, inner in content.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(content, list):
        for at, inner in enumerate(content):
            yield from _leaves(inner, (*path, at))
    elif isinstance(content, str):
        yield path, content.strip()


def _authored(edition: TailoredEdition) -> Iterator[tuple[str, str]]:
    """Yield path and text of everything authors wrote in an edition."""
    yield "subject", edition.subject
    yield "preheader", edition.preheader
    for block in edition.blocks:
        yield from _written(block, f"blocks[{block.id}]")
    for at, file in enumerate(edition.attachments):
        yield f"attachments[{at}].title", file.title
    yield from _written(edition.audience, "audience")


def _written(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of everything authors wrote in a part of an edition."""
    if isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from _written(part, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _written(part, f"{path}.{name}")
    elif is_dataclass(value):
        for field in fields(value):
            yield from _written(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, str) and type(value) is str and value:
        yield path, value
