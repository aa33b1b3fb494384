"""Words of another direction or language in finished HTML, each in an element that says so.

In a page from right to left, what is Latin (names, handles, links) would lose its full stops,
brackets and plus signs to the other end. `bidi` finds it, as in plain text, and here it is put into
`<span dir="ltr">`; a recipient's value, which may be either, into `<span dir="auto">`. A text that
is shown in another language than the page's gets `lang` and `dir`, in every page.

This is done to the finished page, so that it holds for every template and for all that authors
write. What stands in an element with a `dir` of its own, or in a `bdi`, is left alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape, unescape
from typing import NamedTuple

from tigc_mail.ground.language import Locale, direction
from tigc_mail.render.bidi import Kind, is_latin, pieces
from tigc_mail.render.markup import VOID
from tigc_mail.render.tables import TAG, attributes_of

_INLINE = frozenset(
    """a abbr b bdi bdo cite code del dfn em font i img ins kbd mark q s samp small span strike
    strong sub sup time tt u var wbr""".split()
)
"""Elements that stand within a line; any other begins a new one."""

_APART = frozenset({"head", "bdi", "bdo"})
_DIRECTION: dict[Kind, str] = {"ltr": "ltr", "link": "ltr", "rtl": "rtl", "auto": "auto"}
_LTR = 'dir="ltr"'
_TITLE = re.compile(r"<title>([^<]*)</title>")


class _Part(NamedTuple):
    """A text, a tag or a comment of a page."""

    written: str
    name: str = ""
    """Of the element that begins or ends here."""
    step: int = 0
    """1 where an element begins, -1 where one ends."""
    apart: bool = False
    """Whether it stands in what has a direction or a language of its own."""

    @property
    def is_text(self) -> bool:
        """Whether it is words."""
        return not self.written.startswith("<")

    @property
    def text(self) -> str:
        """The words, but for those that stand apart already."""
        return unescape(self.written) if self.is_text and not self.apart else ""


def isolated(
    page: str, locale: Locale, foreign: Mapping[str, Locale], slot_of: Callable[[str], str]
) -> str:
    """Return a finished page in which words of another direction or language stand apart.

    Args:
        page: the finished HTML.
        locale: its language.
        foreign: texts that are shown in another language, each with that.
        slot_of: returns the slot that a token stands for.
    """
    if direction(locale) == "ltr" and not foreign:
        return page
    words = _Words(locale, foreign, slot_of)
    return "".join(words.set_apart(line) for line in _lines(words.parts(words.titled(page))))


def _lines(parts: Iterator[_Part]) -> Iterator[list[_Part]]:
    """Yield what stands on one line together, and each part that begins a new one alone."""
    line: list[_Part] = []
    for part in parts:
        if part.is_text or part.name in _INLINE:
            line.append(part)
        else:
            yield line
            yield [part]
            line = []
    yield line


class _Words:
    """Sets apart the words of one page (see `isolated`)."""

    def __init__(
        self, locale: Locale, foreign: Mapping[str, Locale], slot_of: Callable[[str], str]
    ) -> None:
        self._locale = locale
        self._rtl = direction(locale) == "rtl"
        self._foreign = foreign
        self._slot_of = slot_of
        longest_first = sorted(foreign, key=len, reverse=True)
        known = "|".join(re.escape(text) for text in longest_first)
        self._known = re.compile(rf"(?<!\w)(?:{known})(?!\w)" if known else r"(?!)")

    def titled(self, page: str) -> str:
        """Return a page whose title says in which language it is, if in another."""
        return _TITLE.sub(
            lambda title: f"<title{self._told(title[1])}>{title[1]}</title>", page, count=1
        )

    def _told(self, written: str) -> str:
        used = self._foreign.get(unescape(written).strip())
        return f" {_attributes(used)}" if used else ""

    def _described(self, image: Mapping[str, str]) -> str:
        """Return what an image has to tell of the language and direction of its description."""
        alt = image.get("alt", "")
        if "dir" in image or not alt:
            return ""
        latin = self._rtl and is_latin(unescape(alt))
        return self._told(alt) or (f" {_LTR}" if latin else "")

    def parts(self, page: str) -> Iterator[_Part]:
        """Yield the parts of a page."""
        still_open: list[tuple[str, bool]] = []
        at = 0
        for tag in TAG.finditer(page):
            apart = any(own for _, own in still_open)
            if tag.start() > at:
                yield _Part(page[at : tag.start()], apart=apart)
            at = tag.end()
            name = (tag["start"] or tag["end"] or "").lower()
            if not tag["start"]:
                while tag["end"] and still_open and still_open.pop()[0] != name:
                    pass
                yield _Part(tag.group(), name, -1 if tag["end"] else 0, apart=apart)
                continue
            attributes = attributes_of(tag)
            is_empty = name in VOID or bool(tag["closed"])
            if not is_empty:
                still_open.append((name, self._is_apart(name, attributes)))
            added = self._described(attributes) if name == "img" else ""
            written = tag.group().replace(tag["start"], f"{tag['start']}{added}", 1)
            yield _Part(written, name, 0 if is_empty else 1, apart=apart)
        yield _Part(page[at:])

    def _is_apart(self, name: str, attributes: Mapping[str, str]) -> bool:
        own = (attributes.get("lang", self._locale), attributes.get("dir", ""))
        return name in _APART or own not in (
            (self._locale, ""),
            (self._locale, direction(self._locale)),
        )

    def set_apart(self, line: list[_Part]) -> str:
        """Return a line with its words set apart."""
        text = "".join(part.text for part in line)
        if not text.strip():
            return _written(line)
        if self._is_whole(text) and (inner := _innermost(line)):
            before, held, after = map(_written, inner)
            return before + _span(held, _LTR) + after
        around = [_Part(""), *line, _Part("")]
        return "".join(
            self._shown(part, alone=around[at].step == 1 and around[at + 2].step == -1)
            if part.text
            else part.written
            for at, part in enumerate(line)
        )

    def _is_whole(self, text: str) -> bool:
        """Return whether all of a text is Latin, and goes into one element."""
        return self._rtl and is_latin(text) and not self._known.search(text)

    def _shown(self, part: _Part, *, alone: bool) -> str:
        """Return a text with its words set apart; `alone` if it is all that an element holds."""
        if alone and self._is_whole(part.text):
            return _span(part.written, _LTR)
        text, at = part.text, 0
        shown: list[str] = []
        for found in self._known.finditer(text):
            shown.append(self._directed(text[at : found.start()]))
            used = self._foreign[found.group()]
            shown.append(_span(escape(found.group(), quote=False), _attributes(used)))
            at = found.end()
        shown.append(self._directed(text[at:]))
        made = "".join(shown)
        return made if "<span" in made else part.written

    def _directed(self, text: str) -> str:
        if not self._rtl:
            return escape(text, quote=False)
        return "".join(
            _span(escape(piece.text, quote=False), f'dir="{_DIRECTION[piece.kind]}"')
            if piece.kind in _DIRECTION
            else escape(piece.text, quote=False)
            for piece in pieces(text, self._slot_of)
        )


def _attributes(used: Locale) -> str:
    return f'lang="{used}" dir="{direction(used)}"'


def _written(parts: list[_Part]) -> str:
    return "".join(part.written for part in parts)


def _span(written: str, attributes: str) -> str:
    """Return something in a `span`, the blanks around it left out of that."""
    bare = written.strip(" \t\r\n")
    before, _, after = written.partition(bare)
    return f"{before}<span {attributes}>{bare}</span>{after}"


def _innermost(line: list[_Part]) -> tuple[list[_Part], list[_Part], list[_Part]] | None:
    """Return what of a line an element can hold, within those that hold the whole line already.

    Returns:
        What stands before it, itself, and what stands behind it; None where elements begin on one
        line and end on another.
    """
    first, last = _trimmed(line, 0, len(line))
    if not _is_balanced(line[first:last]):
        return None
    while line[first].step == 1 and _is_balanced(line[first + 1 : last - 1]):
        first, last = _trimmed(line, first + 1, last - 1)
    return line[:first], line[first:last], line[last:]


def _trimmed(line: list[_Part], first: int, last: int) -> tuple[int, int]:
    """Return between which parts there is more than blanks."""
    while line[first].is_text and not line[first].written.strip():
        first += 1
    while line[last - 1].is_text and not line[last - 1].written.strip():
        last -= 1
    return first, last


def _is_balanced(parts: list[_Part]) -> bool:
    """Return whether each element that begins in some parts ends there, and the other way round."""
    depth = 0
    for part in parts:
        depth += part.step
        if depth < 0:
            return False
    return depth == 0
