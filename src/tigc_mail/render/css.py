"""Reading the team's style sheet, and saying where it is broken.

The inliner drops what it cannot read without a word. So the sheet is read here first: what comes
out are its declarations with their lines, or the first fault.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cssselect import SelectorError
from cssselect import parse as parse_selector

from tigc_mail.errors import RenderError


class Declaration(NamedTuple):
    """One property of a rule."""

    name: str
    value: str
    line: int


class CssError(RenderError):
    """What is wrong in a style sheet.

    Args:
        line: where.
        cause: what is wrong.
        cure: what to do about it.
    """

    def __init__(self, line: int, cause: str, cure: str) -> None:
        super().__init__(cause, "", cure)
        self.line = line


_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|url\([^)\n]*\)")
_CHARSET = re.compile(r"\s*@charset[^;]*;")
_PRELUDE = re.compile(r"[^{};]*")
_BODY = re.compile(r"[^{}]*")
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*(.*\S)", re.DOTALL)
_ANOTHER = re.compile(r"\s([\w-]+)\s*:")


@lru_cache(8)
def declarations(css: str) -> tuple[Declaration, ...]:
    """Return the declarations of a style sheet that has no rules which begin with `@`.

    Raises:
        CssError: at the first thing that cannot be read.
    """
    return tuple(_rules(css))


def without_comments(css: str) -> str:
    """Return a style sheet with blanks in the place of its comments."""
    return _COMMENT.sub(_blank, css)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def _rules(css: str) -> Iterator[Declaration]:
    """Yield the declarations of all rules; what signs a string holds is of no account."""
    bare = without_comments(css)
    if (at := bare.find("/*")) >= 0:
        raise _error(css, at, "a comment is never closed", "Write `*/` where it ends.")
    masked = _STRING.sub(lambda string: re.sub(r"[{};:]", "_", string.group()), bare)
    at = charset.end() if (charset := _CHARSET.match(masked)) else 0
    while masked[at:].strip():
        at += len(masked[at:]) - len(masked[at:].lstrip())
        prelude = _matched(_PRELUDE, masked, at)
        selectors, brace = prelude.group().strip(), prelude.end()
        if masked[brace : brace + 1] != "{":
            raise _misplaced(css, masked, at, brace)
        _check_selectors(css, selectors, at)
        body = _matched(_BODY, masked, brace + 1)
        if masked[body.end() : body.end() + 1] != "}":
            cause = f"the rule of `{_excerpt(selectors)}` is never closed"
            raise _error(css, at, cause, "Write `}` where it ends.")
        yield from _declared(css, bare, masked, body.span())
        at = body.end() + 1


def _matched(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = pattern.match(text, at)
    assert found is not None  # noqa: S101  # it may match nothing, and so always does
    return found


def _misplaced(css: str, masked: str, at: int, brace: int) -> CssError:
    """Return what is wrong with words that no rule follows."""
    sign = masked[brace : brace + 1]
    if sign == "}":
        return _error(css, brace, "a `}` closes what is not open", "Remove it.")
    cause = f"`{_excerpt(masked[at : brace + 1])}` stands outside of a rule"
    return _error(css, at, cause, "Write `selector { property: value; }`.")


def _check_selectors(css: str, selectors: str, at: int) -> None:
    try:
        parse_selector(selectors)
    except SelectorError as error:
        cause = f"the selector `{_excerpt(selectors)}` cannot be read: {error}"
        raise _error(css, at, cause, "Correct it.") from None


def _declared(css: str, bare: str, masked: str, within: tuple[int, int]) -> Iterator[Declaration]:
    """Yield the declarations between two braces."""
    at, end = within
    for piece in masked[at:end].split(";"):
        start = at + len(piece) - len(piece.lstrip())
        stop = at + len(piece)
        at = stop + 1
        if not piece.strip():
            continue
        found = _DECLARATION.fullmatch(masked, start, start + len(piece.strip()))
        if found is None:
            cause = f"`{_excerpt(piece)}` is no declaration"
            raise _error(css, start, cause, "Write `property: value;`.")
        if another := _ANOTHER.search(masked, found.start(2), stop):
            cause = f"`{another[1]}` follows a value that no `;` ends"
            raise _error(css, another.start(1), cause, f"Write `;` before `{another[1]}`.")
        value = bare[found.start(2) : found.end(2)]
        yield Declaration(found[1].lower(), " ".join(value.split()), _line(css, start))


def _error(css: str, at: int, cause: str, cure: str) -> CssError:
    return CssError(_line(css, at), cause, cure)


def _line(css: str, at: int) -> int:
    return css.count("\n", 0, at) + 1


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:60]
