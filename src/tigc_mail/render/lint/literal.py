"""What readers see as signs, and was meant to do something: HTML in texts, links that are none."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tigc_mail.render.lint.finding import Check, Remark, warning
from tigc_mail.render.lint.page import Page

HTML_SHOWN = warning(
    "html-shown",
    "Nothing that an author writes is obeyed as HTML: readers see the tags themselves.",
)
LINK_SHOWN = warning(
    "link-shown",
    "Readers see an address, or the brackets of a link, and may not be able to follow it.",
)

MARKS_SHOWN = warning(
    "marks-shown",
    "Readers see the stars that were to make words bold.",
)

CHECKS = (HTML_SHOWN, LINK_SHOWN, MARKS_SHOWN)
"""The checks of this family."""

_JINJA = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PRINTED = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MARKDOWN = re.compile(r"\.(body|texts\.\w[\w-]*)$")
_TAG = re.compile(
    r"</?(?:a|b|br|center|div|em|font|h[1-6]|hr|i|img|p|small|span|strong|sub|sup|u)\b[^<>]*>"
)
_MISTYPED = re.compile(r"\[[^\[\]]*\]\s?\(\s*(?:https?:|mailto:|www\.)[^()]*\)?")
_STARS = re.compile(r"\w*\*\*[^\s*]*")
_BARE = re.compile(r"(?:https?://|www\.)[^\s<>]+")

_WORDS = "Write it without; `**bold**` and `*italics*` are Markdown, in the texts that take it."
_MARKS = "Write it as Markdown, such as `**bold**`; to show a tag, put it into `code`."
_JOINED = "Write `[text](https://...)` without a blank between; write `%20` for one in the address."
_APART = "Put a blank before the first `**` and behind the last; write `\\*` for a star itself."
_NAMED = "Write `[what is there](https://...)`."


class _Shown(NamedTuple):
    """What of a text is shown as it is written."""

    kind: Check
    sign: str
    offset: int | None
    """Where in the text it begins; None where nobody knows."""
    cure: str


def check(page: Page) -> Iterator[Remark]:
    """Check that nothing of a text is shown as it is written, and was not meant to be."""
    for path, text in page.authored.items():
        for kind, sign, offset, cure in _shown(text) if _MARKDOWN.search(path) else _tags(text):
            verb = "makes no link" if kind is LINK_SHOWN else "is shown as it is written"
            told = " ".join(sign.split())[:60]
            yield Remark(kind, f"`{told}` {verb}", cure, path=path, offset=offset)


def _tags(line: str) -> Iterator[_Shown]:
    """Yield the first tag in a line that is no Markdown."""
    if found := _TAG.search(line):
        yield _Shown(HTML_SHOWN, found.group(), found.start(), _WORDS)


@cache
def _parser() -> MarkdownIt:
    """Return a parser that tells HTML, and what stands behind a backslash, from other text."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").disable("text_join")


@lru_cache(256)
def _shown(source: str) -> tuple[_Shown, ...]:
    """Return the first thing of each kind that a text shows."""
    plain = _PRINTED.sub(_filled("x"), _JINJA.sub(_filled(_NOTHING), source))
    found: dict[Check, _Shown] = {}
    for one in _signs(_parser().parse(plain)):
        if one.kind not in found:
            begin = _begin_of_line(plain, one.offset or 0)
            at = plain.find(one.sign.split("\n")[0], begin)
            whole = at >= 0 and plain.startswith(one.sign, at)
            sign = source[at : at + len(one.sign)] if whole else one.sign
            found[one.kind] = one._replace(sign=sign, offset=None if at < 0 else at)
    return tuple(found.values())


_NOTHING = "\u2060"
"""What stands for nothing, and leaves everything behind it at its place."""


def _filled(sign: str) -> Callable[[re.Match[str]], str]:
    return lambda found: re.sub(r"[^\n]", sign, found.group())


def _begin_of_line(text: str, number: int) -> int:
    return sum(len(line) + 1 for line in text.split("\n")[:number])


def _signs(tokens: list[Token], line: int = 0) -> Iterator[_Shown]:
    """Yield what is shown, with the line of its block in the place of where it begins."""
    links = 0
    for token in tokens:
        links += token.nesting if token.type.startswith("link_") else 0
        line = token.map[0] if token.map else line
        if token.type in ("html_inline", "html_block"):
            yield _Shown(HTML_SHOWN, token.content, line, _MARKS)
        elif token.type == "text" and (found := _STARS.search(token.content)):
            yield _Shown(MARKS_SHOWN, found.group(), line, _APART)
        elif token.type == "text" and not links:
            if found := _MISTYPED.search(token.content):
                yield _Shown(LINK_SHOWN, found.group(), line, _JOINED)
            elif found := _BARE.search(token.content):
                yield _Shown(LINK_SHOWN, found.group().rstrip(".,;:!?)"), line, _NAMED)
        yield from _signs(token.children or [], line)
