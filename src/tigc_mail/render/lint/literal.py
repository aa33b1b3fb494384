"""What readers see as signs, and was meant to do something: HTML in texts, links that are none."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

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


def check(page: Page) -> Iterator[Remark]:
    """Check that nothing of a text is shown as it is written, and was not meant to be."""
    for path, text in page.authored.items():
        if _MARKDOWN.search(path):
            for kind, shown, cure in _shown(text):
                verb = "makes no link" if kind is LINK_SHOWN else "is shown as it is written"
                yield Remark(kind, f"`{shown}` {verb}", cure, path=path)
        elif found := _TAG.search(text):
            cause = f"`{found.group()[:60]}` is shown as it is written"
            yield Remark(HTML_SHOWN, cause, _WORDS, path=path)


@cache
def _parser() -> MarkdownIt:
    """Return a parser that tells HTML, and what stands behind a backslash, from other text."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").disable("text_join")


@lru_cache(256)
def _shown(source: str) -> tuple[tuple[Check, str, str], ...]:
    """Return the first thing of each kind that a text shows, and how to cure it."""
    plain = _PRINTED.sub("x", _JINJA.sub("", source))
    found: dict[Check, tuple[Check, str, str]] = {}
    for kind, shown, cure in _signs(_parser().parse(plain)):
        found.setdefault(kind, (kind, " ".join(shown.split())[:60], cure))
    return tuple(found.values())


def _signs(tokens: list[Token]) -> Iterator[tuple[Check, str, str]]:
    links = 0
    for token in tokens:
        links += token.nesting if token.type.startswith("link_") else 0
        if token.type in ("html_inline", "html_block"):
            yield HTML_SHOWN, token.content, _MARKS
        elif token.type == "text" and (found := _STARS.search(token.content)):
            yield MARKS_SHOWN, found.group(), _APART
        elif token.type == "text" and not links:
            if found := _MISTYPED.search(token.content):
                yield LINK_SHOWN, found.group(), _JOINED
            elif found := _BARE.search(token.content):
                yield LINK_SHOWN, found.group().rstrip(".,;:!?)"), _NAMED
        yield from _signs(token.children or [])
