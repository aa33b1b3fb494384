"""Reading filled MJML as its compiler does, and saying where it is broken.

The compiler says little about what it cannot read. So a document is read here first, in one pass:
what comes out are its elements and texts with their positions, or the first fault.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, NoReturn

from tigc_mail.errors import RenderError
from tigc_mail.ground.signs import unfit, unfit_code
from tigc_mail.render.slots import TOKEN

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
"""Elements without an end tag, as the compiler knows them: `BR` and `v:fill` need one, or `/>`."""

MAX_DEPTH = 200
"""Nesting of elements: beyond 255 premailer loses content without a word, and further on the
compiler ends the process."""


class MarkupError(RenderError):
    """What is wrong in filled MJML.

    Args:
        position: where, counted in letters from the start of the document.
        cause: what is wrong.
        cure: what to do about it.
    """

    def __init__(self, position: int, cause: str, cure: str = "") -> None:
        super().__init__(cause, "", cure)
        self.position = position


class Attribute(NamedTuple):
    """One attribute of an element, as it is written."""

    name: str
    value: str | None
    """None where there is a name only."""
    position: int
    value_at: int
    """Where the value begins, behind its quote."""


class Tag(NamedTuple):
    """The beginning or the end of an element; an empty element is both."""

    kind: Literal["start", "end", "empty"]
    name: str
    attributes: tuple[Attribute, ...]
    position: int


class Words(NamedTuple):
    """What stands between two tags."""

    text: str
    position: int


_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<decimal>\d+))")
_COMMENT = re.compile(r"<!--(?!\[if\b)(?!<!\[endif)(?P<content>.*?)-->", re.DOTALL)
_CONDITION = re.compile(r"<!--\[if\b[^\]>]*\]>(?:<!-->)?|<!--<!\[endif\]-->|<!\[endif\]-->")
_END = re.compile(r"</([a-zA-Z_][\w:.-]*)\s*>")
_START = re.compile(r"<([a-zA-Z_][\w:.-]*)")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z_:@][\w:.-]*)(?:\s*=\s*("[^"]*"|'[^']*'))?""")
_CLOSE = re.compile(r"\s*(/?)>")
_EXCERPT = 50
_DIGITS = 20
"""Of a number; with more it is none of a character anyway."""


def read(markup: str) -> Iterator[Tag | Words]:
    """Yield the elements and texts of a document, in their order.

    Raises:
        MarkupError: at the first thing that the compiler could not read, or would get wrong.
    """
    if found := unfit(markup):
        raise MarkupError(found.position, f"there is {found.what}", found.cure)
    for reference in _REFERENCE.finditer(markup):
        _check_reference(reference)
    at = 0
    while at < len(markup):
        begin = markup.find("<", at)
        if begin < 0:
            begin = len(markup)
        if begin > at:
            yield Words(markup[at:begin], at)
        at = begin
        if at < len(markup):
            skipped = _COMMENT.match(markup, at) or _CONDITION.match(markup, at)
            if skipped is not None:
                _check_comment(skipped)
                at = skipped.end()
            else:
                tag, at = _tag(markup, at)
                yield tag


def balanced(markup: str) -> Iterator[tuple[Tag | Words, tuple[Tag, ...]]]:
    """Yield what `read` does, each with the elements that it stands in, outermost first.

    Raises:
        MarkupError: also where an element is not closed, closed in another's place, or too deep.
    """
    still_open: list[Tag] = []
    for part in read(markup):
        if isinstance(part, Tag) and part.kind == "end":
            _close(part, still_open)
        yield part, tuple(still_open)
        if isinstance(part, Tag) and part.kind == "start":
            still_open.append(part)
            if len(still_open) > MAX_DEPTH:
                cause = f"elements are nested more than {MAX_DEPTH} deep"
                cure = "Look for an element that is never closed."
                raise MarkupError(part.position, cause, cure)
    if still_open:
        raise _unclosed(still_open[-1])


def with_attributes(markup: str, change: Callable[[str], str]) -> str:
    """Return a document with `change` applied to the value of every attribute.

    Raises:
        MarkupError: as `read` does.
    """
    pieces: list[str] = []
    at = 0
    for tag in read(markup):
        for attribute in tag.attributes if isinstance(tag, Tag) else ():
            if attribute.value:
                pieces += (markup[at : attribute.value_at], change(attribute.value))
                at = attribute.value_at + len(attribute.value)
    return "".join((*pieces, markup[at:]))


def _close(end: Tag, still_open: list[Tag]) -> None:
    if still_open and still_open[-1].name == end.name:
        still_open.pop()
    elif any(tag.name == end.name for tag in still_open):
        raise _unclosed(still_open[-1])
    else:
        cause = f"`</{end.name}>` closes what is not open"
        raise MarkupError(end.position, cause, "Remove it, or write what it should close.")


def _unclosed(tag: Tag) -> MarkupError:
    cause = f"`<{tag.name}>` is never closed"
    return MarkupError(tag.position, cause, f"Write `</{tag.name}>` where it ends.")


def _tag(markup: str, at: int) -> tuple[Tag, int]:
    """Return the tag that begins at a position, and where it ends."""
    if end := _END.match(markup, at):
        return Tag("end", end[1], (), at), end.end()
    start = _START.match(markup, at)
    if start is None:
        _refuse(markup, at)
    attributes: list[Attribute] = []
    behind = start.end()
    while found := _ATTRIBUTE.match(markup, behind):
        value = None if found[2] is None else found[2][1:-1]
        value_at = found.end(1) if value is None else found.start(2) + 1
        attributes.append(Attribute(found[1], value, found.start(1), value_at))
        _check_attribute(found)
        behind = found.end()
    close = _CLOSE.match(markup, behind)
    if close is None:
        cause = f"the tag `<{start[1]}` cannot be read, near `{_excerpt(markup, at)}`"
        cure = 'Write every attribute as name="value", a blank before each; write `&lt;` for `<`.'
        raise MarkupError(at, cause, cure)
    kind: Literal["start", "empty"] = "empty" if close[1] or start[1] in VOID else "start"
    return Tag(kind, start[1], tuple(attributes), at), close.end()


def _check_attribute(found: re.Match[str]) -> None:
    """Refuse an attribute that would end early: the compiler writes all in double quotes."""
    if found[2] and found[2].startswith("'") and '"' in found[2]:
        cause = "a double quote stands in an attribute in single quotes"
        cure = "Put the attribute into double quotes, with `&quot;`."
        raise MarkupError(found.start(1), cause, cure)


def _check_reference(found: re.Match[str]) -> None:
    """Refuse a reference such as `&#7;` to what may not stand there itself."""
    code = int(found["hex"], 16) if found["hex"] else int(found["decimal"][:_DIGITS])
    if odd := unfit_code(code):
        cause = f"`{found.group()[:_EXCERPT]};` stands for {odd.what}"
        raise MarkupError(found.start(), cause, odd.cure)


def _check_comment(found: re.Match[str]) -> None:
    if "--" in (found.groupdict().get("content") or ""):
        cause = "a comment holds `--`, which the compiler of MJML cannot read"
        raise MarkupError(found.start(), cause, "Write it without, or as {# a comment of Jinja #}.")


def _refuse(markup: str, at: int) -> NoReturn:
    """Say what is wrong with a `<` that begins no tag."""
    for opening, cause, cure in _FORBIDDEN:
        if markup.startswith(opening, at):
            raise MarkupError(at, cause, cure)
    cause = f"a `<` begins no element, near `{_excerpt(markup, at)}`"
    raise MarkupError(at, cause, "Write `&lt;` for it.")


_FORBIDDEN = (
    ("<!--", "a comment is never closed", "Write `-->` where it ends."),
    ("<![CDATA[", "there is a CDATA section", "Write its text, with `&lt;` for `<`."),
    ("<!", "there is a declaration", "Remove it; the document type is written for you."),
    ("<?", "there is an XML declaration or instruction", "Remove it."),
)


def _excerpt(markup: str, at: int) -> str:
    """Return how the markup goes on; a slot in it is not cut, so that it can be named."""
    end = at + _EXCERPT
    for token in TOKEN.finditer(markup, at):
        if token.start() >= end:
            break
        end = max(end, token.end())
    return " ".join(markup[at:end].split())
