"""Style sheets, read into their rules; as much of CSS as a check has to understand.

What is read here may hold anything: nesting, rules that nobody knows, prints of a template that
were blanked. Nothing is refused: what cannot be read is left out.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_TOKEN = re.compile(
    r"""\\. | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | url\(\s*[^"'\s)]*\s*\) | [{}();] | .""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_DECLARATION = re.compile(
    r"\s*([\w-]+)\s*:\s*(.*?)\s*(!\s*important\s*)?", re.DOTALL | re.IGNORECASE
)

DEEPEST = 20
"""Rules within each other; what is deeper is left out."""


class Declaration(NamedTuple):
    """One property and its value."""

    name: str
    """In small letters, but for custom properties."""
    value: str
    important: bool
    at: int
    """Where it begins in the text."""


class Rule(NamedTuple):
    """One rule: with a block, or without one as `@import` is."""

    prelude: str
    """Selectors, or what begins with an `@`."""
    declarations: tuple[Declaration, ...]
    rules: tuple["Rule", ...]
    at: int
    """Where it begins in the text."""

    @property
    def keyword(self) -> str:
        """The name of an at-rule without its `@`, in small letters; nothing for another rule."""
        found = re.match(r"@([\w-]+)", self.prelude)
        return found[1].lower() if found else ""


def blank(what: re.Pattern[str], text: str) -> str:
    """Replace parts of a text by blanks; what is left keeps its place."""
    return what.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


@lru_cache(maxsize=64)
def rules_of(text: str) -> tuple[Rule, ...]:
    """Return the rules of a style sheet.

    >>> [rule.prelude for rule in rules_of("a, b { color: red } @import 'x';")]
    ['a, b', "@import 'x'"]
    """
    return _Reader(text).block()[1]


@lru_cache(maxsize=5_000)
def declarations_of(text: str) -> tuple[Declaration, ...]:
    """Return what a `style` attribute says.

    >>> declarations_of("COLOR: Red !important; x")
    (Declaration(name='color', value='Red', important=True, at=0),)
    """
    return _Reader(text).block()[0]


def each(
    rules: tuple[Rule, ...], within: tuple[Rule, ...] = ()
) -> Iterator[tuple[Rule, tuple[Rule, ...]]]:
    """Yield every rule, those in others too, with the rules that it stands in."""
    for rule in rules:
        yield rule, within
        yield from each(rule.rules, (*within, rule))


class _Reader:
    """Reads a text once, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_TOKEN.finditer(blank(_COMMENT, text))]
        self._next = 0

    def block(self, depth: int = 0) -> tuple[tuple[Declaration, ...], tuple[Rule, ...]]:
        """Read to the end of a block; return what stands in it."""
        declarations: list[Declaration] = []
        rules: list[Rule] = []
        while True:
            said, at, end = self._piece()
            if end == "{" and depth < DEEPEST:
                inner = self.block(depth + 1)
                rules.append(Rule(said.strip(), *inner, at))
            elif said.lstrip().startswith("@"):
                rules.append(Rule(said.strip(), (), (), at))
            elif found := _DECLARATION.fullmatch(said):
                name = found[1] if found[1].startswith("--") else found[1].lower()
                declarations.append(Declaration(name, found[2], bool(found[3]), at))
            if not end or (end == "}" and depth):
                return tuple(declarations), tuple(rules)

    def _piece(self) -> tuple[str, int, str]:
        """Read to the next sign that ends something; return what was read, where, and the sign."""
        said: list[str] = []
        at, depth = -1, 0
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            self._next += 1
            sign = token.group()
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if sign in ("{", "}", ";") and depth <= 0:
                return "".join(said), max(at, 0), sign
            if at < 0 and not sign.isspace():
                at = token.start()
            said.append(sign)
        return "".join(said), max(at, 0), ""
