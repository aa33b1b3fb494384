"""Jinja's lexer, with places: what Jinja takes for the number of a line is the place of a letter.

Jinja knows the line of a fault and no column. So its lexer is made to count letters in place of
lines: then whatever Jinja tells a line of (a token, a tag, an expression, a frame of a traceback)
has an exact place, and `offset_of` gives it back.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import TemplateSyntaxError
from jinja2.lexer import Lexer

from tigc_mail.ground.reading import LINE_BREAK


class Lexeme(NamedTuple):
    """One token of a template."""

    offset: int
    kind: str
    text: str
    """As it is written."""


def offset_of(number: int) -> int:
    """Return the place of a letter, from 0, that Jinja knows by the number of a line."""
    return max(number - 1, 0)


def with_breaks(source: str) -> str:
    """Return the text of a template as Jinja reads it, every line ended in the same way."""
    return LINE_BREAK.sub("\n", source)


class CountingLexer(Lexer):
    """Counts letters where Jinja's own lexer counts lines."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """Yield number, kind and text of each token."""
        source = with_breaks(source)
        begin = end = 0
        kind = ""
        try:
            for _, kind, text in super().tokeniter(source, name, filename, state):
                begin = source.index(text, end)
                end = begin + len(text)
                yield begin + 1, kind, text
        except TemplateSyntaxError as error:
            error.lineno = (begin if kind.endswith("_begin") else end) + 1
            raise

    def tag_at(self, source: str, offset: int) -> tuple[Lexeme, ...]:
        """Return the tokens of the tag or expression that a letter stands in, from its `{` on."""
        tag: list[Lexeme] = []
        for number, kind, text in self.tokeniter(source, None):
            token = Lexeme(offset_of(number), kind, text)
            if kind in ("variable_begin", "block_begin"):
                tag = []
            tag.append(token)
            if kind in ("variable_end", "block_end"):
                if tag[0].offset <= offset < token.offset + len(text):
                    return tuple(tag)
                tag = []
        return ()


def naming(tag: Iterable[Lexeme], names: Iterable[str]) -> Lexeme | None:
    """Return the token of a tag that is, or quotes, the first of some names that it has."""
    known = [token for token in tag if token.kind in ("name", "string")]
    for name in names:
        for token in known:
            if name in (token.text, token.text[1:-1] if token.kind == "string" else ""):
                return token
    return None
