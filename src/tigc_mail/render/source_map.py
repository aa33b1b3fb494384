"""Where in the author's files something stands that was found in filled MJML.

Faults are rare, so nothing is kept for them. When there is one, the layout is filled once more,
with marks in it that say where each piece comes from; the result is used for nothing else. Where
the marks would change what a template does, and what is filled is not the same text, they are set
in fewer places, or the fault is told at the layout.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from tigc_mail.ground.spot import spot
from tigc_mail.render.sandbox import Environment
from tigc_mail.render.tokens import offset_of, with_breaks

_OPEN, _CLOSE = "\U000ffff0", "\U000ffff1"
_MARK = re.compile(f"{_OPEN}(t?)(\\d*){_CLOSE}")
_MARKED = frozenset({"data", "variable_begin"})
_KEPT = frozenset({"macro", "call", "filter", "set"})
"""Tags whose content a template may look at before it is printed."""

PlaceOf = Callable[[str], str]


class _Origin(NamedTuple):
    """What a mark stands for: a piece of a template, or a text of an author."""

    place: str
    """The name of the template, or the path of the text."""
    source: str = ""
    offset: int = 0
    length: int = 0

    def at(self, distance: int, place_of: PlaceOf) -> str:
        """Return the place so many letters behind the mark."""
        if not self.source:
            return place_of(self.place)
        offset = self.offset + min(distance, max(self.length - 1, 0))
        return f"{self.place} ({spot(self.source, offset)})"


class SourceMap:
    """Where each piece of a filled template comes from.

    Args:
        marked: the template, filled with marks.
        pieces: what the marks in templates stand for.
        texts: what those around the texts of authors stand for.
        place_of: the place of an author's text by its path.
    """

    def __init__(
        self, marked: str, pieces: list[_Origin], texts: list[_Origin], place_of: PlaceOf
    ) -> None:
        self.plain = _MARK.sub("", marked)
        self._place_of = place_of
        self._starts: list[int] = []
        self._origins: list[_Origin] = []
        taken, outer = 0, _Origin("")
        for mark in _MARK.finditer(marked):
            origin = (texts if mark[1] else pieces)[int(mark[2])] if mark[2] else outer
            if origin.source:
                outer = origin._replace(length=0)
            self._starts.append(mark.start() - taken)
            self._origins.append(origin)
            taken += len(mark.group())

    def place(self, position: int) -> str:
        """Return where a letter of the filled template comes from; empty where nobody knows."""
        at = bisect_right(self._starts, position) - 1
        if at < 0:
            return ""
        return self._origins[at].at(position - self._starts[at], self._place_of)

    def places_within(self, start: int, end: int) -> Iterator[str]:
        """Yield where the pieces from one letter to another come from."""
        yield self.place(start)
        for at in range(bisect_right(self._starts, start), bisect_right(self._starts, end - 1)):
            yield self._origins[at].at(0, self._place_of)

    def places_before(self, position: int) -> Iterator[str]:
        """Yield where the pieces before a letter come from, the nearest first."""
        for at in range(bisect_right(self._starts, position) - 1, -1, -1):
            yield self._origins[at].place


class MarkedEnvironment:
    """An environment whose templates set marks, and what these stand for.

    Args:
        environment: a fresh one.
        deep: whether to set marks within macros and blocks whose text a template may look at.
    """

    def __init__(self, environment: Environment, *, deep: bool) -> None:
        environment.add_extension(_Marks)
        marks: Any = environment.extensions[_Marks.identifier]
        self._environment = environment
        self.pieces: list[_Origin] = []
        marks.origins, marks.deep = self.pieces, deep

    def fill(self, name: str, context: Mapping[str, Any]) -> str:
        """Return a template, filled with marks."""
        self._environment.begin()
        return self._environment.get_template(name).render(context)


def map_of(
    filled: str,
    name: str,
    environment_of: Callable[[bool], MarkedEnvironment],
    context: Mapping[str, Any],
    place_of: PlaceOf,
    *,
    with_theme: bool = False,
) -> SourceMap | None:
    """Return where a filled template comes from; None where it cannot be found out.

    Args:
        filled: the template, as it was filled.
        name: its name.
        environment_of: returns the environment that sets marks, deep or not.
        context: what it was filled with.
        place_of: the place of an author's text by its path in the context.
        with_theme: whether what the theme holds is an author's text as well.
    """
    for deep, themed in ((True, with_theme), (True, False), (False, False)):
        texts: list[_Origin] = []
        values = dict(_texts(context, texts, themed=themed)) if deep else context
        try:
            environment = environment_of(deep)
            marked = environment.fill(name, values)
        except Exception:  # noqa: BLE001, S112 (marks may break what a template does)
            continue
        made = SourceMap(marked, environment.pieces, texts, place_of)
        if made.plain == filled:
            return made
    return None


def _mark(origins: list[_Origin], origin: _Origin, kind: str = "") -> str:
    origins.append(origin)
    return f"{_OPEN}{kind}{len(origins) - 1}{_CLOSE}"


class _Marks(Extension):
    """Sets a mark before each piece of template data, each expression and each phrase."""

    origins: list[_Origin]
    deep = True

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Remember the text of a template."""
        self._source = with_breaks(source)
        return source

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Set the marks."""
        place, source = f"templates/{stream.name}", self._source
        depth = 0
        in_phrase = False
        tokens = list(stream)
        for at, token in enumerate(tokens):
            word = tokens[at + 1].value if token.type == "block_begin" else ""
            ends = str(word).startswith("end")
            if word == "endtrans":
                in_phrase = False
            elif ends and str(word)[3:] in _KEPT:
                depth -= 1
            if (token.type in _MARKED or word == "trans") and not in_phrase:
                length = len(token.value) if token.type == "data" else 0
                if self.deep or not depth:
                    origin = _Origin(place, source, offset_of(token.lineno), length)
                    mark = _mark(self.origins, origin)
                    yield Token(token.lineno, "data", mark)
            yield token
            if word == "trans":
                in_phrase = True
            elif word in _KEPT and not _assigns(tokens, at):
                depth += 1


def _assigns(tokens: list[Token], at: int) -> bool:
    """Return whether a tag is `{% set x = ... %}`, which has no end."""
    for token in tokens[at:]:
        if token.type == "block_end":
            return False
        if token.type == "assign" and tokens[at + 1].value == "set":
            return True
    return False


def _texts(
    context: Mapping[str, Any], origins: list[_Origin], *, themed: bool
) -> Iterator[tuple[str, Any]]:
    """Yield what a template may name, with marks around the texts and links of the authors."""

    def marked(path: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: marked(_path(path, key), inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [marked(f"{path}[{at}]", inner) for at, inner in enumerate(value)]
        if not isinstance(value, str) or not value or not _is_authored(path):
            return value
        text = f"{_mark(origins, _Origin(path), 't')}{value}{_OPEN}{_CLOSE}"
        return Markup(text) if isinstance(value, Markup) else text  # noqa: S704 (as it was)

    for name, value in context.items():
        if name == "edition":
            yield name, {key: marked(key, inner) for key, inner in value.items()}
        elif name == "attachments" or (name == "theme" and themed):
            yield name, marked(name, value)
        elif name == "blocks":
            yield name, [marked(f"blocks[{block['id']}]", block) for block in value]
        else:
            yield name, value


_AUTHORED = frozenset(
    "subject preheader title label name place text body speaker role alt caption".split()
)
_LINKS = frozenset("url registration_url online_url image".split())
_OF_THE_THEME = ("theme.light.", "theme.dark.", "theme.social[", "theme.organisation.contact")
"""Colours and links; templates may take the theme's other texts apart."""


def _is_authored(path: str) -> bool:
    *_, holder, name = ("", *path.split("."))
    if path.startswith("theme."):
        return path.startswith(_OF_THE_THEME)
    return name in _AUTHORED | _LINKS or holder in ("lines", "texts", "links")


def _path(path: str, key: str) -> str:
    return f"{path}.{'body' if key.startswith('body_') else key}"
