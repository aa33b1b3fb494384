"""What authors add to a message: the HTML and CSS of their templates, read where it stands."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError

from tigc_mail.ground.reading import read_text
from tigc_mail.render.lint.css import Declaration, Rule, blank, declarations_of, rules_of

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_PRINT = re.compile(r"\{\{.*?\}\}", re.DOTALL)

THEME = "theme.css"


class Element(NamedTuple):
    """One element of a template."""

    name: str
    attributes: dict[str, str]
    line: int


class Sheet(NamedTuple):
    """Rules of CSS, or the declarations of one element."""

    rules: tuple[Rule, ...]
    declarations: tuple[Declaration, ...]
    text: str
    line: int
    """That of its beginning."""
    inlined: bool = False
    """Whether it is taken apart and written into the elements, so that no selector is left."""

    def line_of(self, at: int) -> int:
        """Return the line in the file of a place in the text."""
        return self.line + self.text.count("\n", 0, at)


class Added:
    """One file of a template, read.

    Args:
        name: its path in the folder of the templates.
        text: what stands in it.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = unprinted(text)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The elements of HTML and MJML."""
        return () if self.name == THEME else tuple(self._read.elements)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The styles: of elements, and of sheets."""
        if self.name == THEME:
            return (Sheet(rules_of(self._text), (), self._text, 1, inlined=True),)
        own = (
            Sheet((), declarations_of(element.attributes["style"]), "", element.line)
            for element in self.elements
            if "style" in element.attributes
        )
        return (*own, *self._read.sheets)

    @cached_property
    def _read(self) -> "_Reader":
        reader = _Reader()
        with suppress(AssertionError):  # how it says that a declaration is nonsense
            reader.feed(self._text)
            reader.close()
        return reader


def unprinted(text: str) -> str:
    """Return a template without what Jinja does in it; what is left keeps its place.

    >>> unprinted("a{# b #}{{ c }}%")
    'a       xxxxxxx%'
    """
    bare = blank(_TAG, blank(_COMMENT, text))
    return _PRINT.sub(lambda found: re.sub(r"[^\n]", "x", found.group()), bare)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.sheets: list[Sheet] = []
        self._styled: list[str] | None = None
        self._line = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag in ("style", "mj-style"):
            self._styled, self._line = [], 0
            self.set_cdata_mode(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, given, self.getpos()[0]))

    def handle_data(self, data: str) -> None:
        if self._styled is not None:
            self._line = self._line or self.getpos()[0]
            self._styled.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._styled is not None and tag in ("style", "mj-style"):
            text = "".join(self._styled)
            self.sheets.append(Sheet(rules_of(text), (), text, self._line))
            self._styled = None


def added_by(folder: Path, layouts: Iterable[str], blocks: frozenset[str]) -> Iterator[Added]:
    """Yield the files that make messages: layouts, what they include, and the theme's rules.

    Args:
        folder: the folder of the templates.
        layouts: the kinds of messages, such as `newsletter`.
        blocks: the names of the templates of their blocks.
    """
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 (it only parses)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.j2"))
    waiting = [THEME, *(f"{layout}.mjml.j2" for layout in layouts)]
    seen = set(waiting)
    for name in waiting:  # grows while it is gone through
        try:
            text = read_text(folder / name)
            found = [] if name == THEME else [*_included(environment.parse(text), names, blocks)]
        except (OSError, UnicodeDecodeError, TemplateError):
            continue  # rendering tells that
        waiting += [other for other in dict.fromkeys(found) if other not in seen]
        seen.update(found)
        yield Added(name, text)


def _included(template: nodes.Template, names: list[str], blocks: frozenset[str]) -> Iterator[str]:
    """Yield which files a template includes, extends or imports from."""
    kinds = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)
    for node in template.find_all(kinds):
        wanted = node.template  # type: ignore[attr-defined]
        options = wanted.items if isinstance(wanted, nodes.Tuple | nodes.List) else [wanted]
        for option in options:
            pattern = re.compile(_pattern(option))
            met = {name: found for name in names if (found := pattern.fullmatch(name))}
            of_blocks = [name for name, found in met.items() if set(found.groups()) & blocks]
            yield from of_blocks or met


def _pattern(name: nodes.Node) -> str:
    """Return an expression for the names that a template may have where it is included."""
    if isinstance(name, nodes.Const):
        return re.escape(str(name.value))
    if isinstance(name, nodes.Concat):
        return "".join(map(_pattern, name.nodes))
    if isinstance(name, nodes.Add):
        return _pattern(name.left) + _pattern(name.right)
    return "(.+)"
