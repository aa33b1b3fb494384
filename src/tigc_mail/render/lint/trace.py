"""Where in the author's files each element of a page was written.

The layout is filled once more, with a source map (see `source_map`), and each of its elements gets
a mark of its own: an attribute, or a class where it is an element of MJML. Made into a page again,
the marks say which element of the layout each element of the page comes from. This second page is
used for nothing else, and believed only where it has the same elements.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import html as lxml_html
from lxml.html import HtmlElement

from tigc_mail.errors import TigcMailError
from tigc_mail.render.html import finish
from tigc_mail.render.isolation import isolated
from tigc_mail.render.lint.finding import TEXT
from tigc_mail.render.lint.page import Page
from tigc_mail.render.markup import Attribute, Tag, Words, balanced
from tigc_mail.render.mjml_table import BODY
from tigc_mail.render.slots import SlotSheet
from tigc_mail.render.source_map import SourceMap
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import View

_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
_ATTRIBUTE = "data-written"
_CLASS = "written-"
_MARKED = re.compile(rf"(?:^|\s){_CLASS}(\d+)(?=[\s-]|$)")


class _Written(NamedTuple):
    """An element of the filled layout."""

    tag: Tag
    words: int
    """Where the first word in it stands; that of the element where there is none."""


class Trace:
    """Where the elements of a page were written, as far as that can be found out.

    A place is `templates/NAME (line L, column C)`, or the path of an author's text or link, as
    `Fallback.path` has it, or that of a value of the theme: `theme.light.ink`.

    Args:
        page: the page.
        templates: what it was made with.
    """

    def __init__(self, page: Page, templates: Templates) -> None:
        self._page = page
        self._templates = templates
        self._mjml = ""
        self._text: SourceMap | None = None
        self._sources: SourceMap | None = None
        self._written: dict[HtmlElement, _Written] = {}
        try:
            self._look()
        except TigcMailError:  # rendering tells that
            self._sources = None

    def _look(self) -> None:
        edition, sheet = self._page.edition, SlotSheet()
        view = View(edition, self._templates, sheet, self._page.public_url)
        self._mjml, self._sources = self._mapped("mjml", view)
        if self._sources is None:
            return
        written = list(_elements(self._mjml))
        marked = finish(
            _marked(self._mjml, written),
            css="",
            locale=edition.locale,
            place="",
            sentinel=sheet.token("end of the body"),
        )
        own = _body(self._page.tree)
        marked = isolated(marked, edition.locale, view.foreign, sheet.name)
        twins = _body(lxml_html.document_fromstring(marked))
        if [element.tag for element in own] != [element.tag for element in twins]:
            return
        for element, twin in zip(own, twins, strict=True):
            number = _number(twin)
            if number is not None:
                self._written[element] = written[number]

    def _mapped(self, kind: str, view: View) -> tuple[str, SourceMap | None]:
        edition = self._page.edition
        name = f"{edition.kind}.{kind}.j2"
        context = view.html_context() if kind == "mjml" else view.text_context()
        filled = self._templates.render(name, edition.locale, context)
        return filled, self._templates.source_map(
            filled, name, edition.locale, context, str, with_theme=True
        )

    def element(self, element: HtmlElement) -> str:
        """Return where the element of the layout begins that an element of the page is from."""
        written = self._of(element)
        return self._at(written.tag.position) if written else ""

    def part(self, element: HtmlElement, name: str) -> str:
        """Return where a part of that element was written; empty where it has none.

        Args:
            element: the element of the page.
            name: an attribute, a declaration in its style (`style:color`), or `TEXT`.
        """
        written = self._of(element)
        if written is None:
            return ""
        if name == TEXT:
            return self._at(written.words)
        name, _, declared = name.partition(":")
        for attribute in written.tag.attributes:
            if attribute.name == name:
                return self._at(self._value(attribute, declared))
        return ""

    def _value(self, attribute: Attribute, declared: str) -> int:
        """Return where the value of an attribute begins, or that of a declaration in it."""
        value = attribute.value or ""
        begin = self._mjml.index(value, attribute.position + len(attribute.name))
        if not declared:
            return begin if value else attribute.position
        found = re.search(rf"(?<![\w-]){declared}\s*:\s*", value)
        return begin + found.end() if found else -1

    def tag(self, name: str) -> str:
        """Return where the first tag of a name stands in the layout: `mj-head`, or `/mj-body`."""
        found = re.search(rf"<{re.escape(name)}(?![\w-])", self._mjml)
        return self._at(found.start()) if found else ""

    def end_of_text(self) -> str:
        """Return where the plain text ends."""
        edition = self._page.edition
        try:
            view = View(edition, self._templates, SlotSheet(), self._page.public_url)
            text, sources = self._mapped("txt", view)
        except TigcMailError:
            return ""
        ends = range(len(text.rstrip()) - 1, -1, -1) if sources else ()
        places = (sources.place(end) for end in ends if sources)
        return next((place for place in places if place.startswith("templates/")), "")

    def block(self, element: HtmlElement) -> str:
        """Return the id of the block that an element stands in; empty where it is in none."""
        written = self._of(element)
        if written is None or self._sources is None:
            return ""
        position = written.tag.position
        if not self._at(position).startswith(("templates/blocks/", "blocks[")):
            return ""
        places = self._sources.places_before(position)
        found = next(filter(None, map(_BLOCK.match, places)), None)
        return found[1] if found else ""

    def _of(self, element: HtmlElement) -> _Written | None:
        for one in (element, *element.iterancestors()):
            if one in self._written:
                return self._written[one]
        return None

    def _at(self, position: int) -> str:
        return self._sources.place(position) if self._sources and position >= 0 else ""


def _elements(mjml: str) -> Iterator[_Written]:
    """Yield the elements of a filled layout, in their order."""
    found: list[tuple[Tag, int]] = []
    at: dict[Tag, int] = {}
    for part, within in balanced(mjml):
        if isinstance(part, Words):
            if bare := part.text.lstrip():
                position = part.position + len(part.text) - len(bare)
                for tag in within:
                    number = at[tag]
                    if found[number][1] < 0:
                        found[number] = (tag, position)
        elif part.kind != "end":
            at[part] = len(found)
            found.append((part, -1))
    for tag, words in found:
        yield _Written(tag, words if words >= 0 else tag.position)


def _marked(mjml: str, written: list[_Written]) -> str:
    """Return a layout with a mark on each element of its body."""
    pieces: list[str] = []
    taken = 0
    for number, (tag, _) in enumerate(written):
        own = next((one for one in tag.attributes if one.name == "css-class" and one.value), None)
        behind = tag.position + len(tag.name) + 1
        if tag.name in BODY and tag.name != "mj-raw" and own is not None:
            behind = mjml.index(own.value or "", own.position + len(own.name))
            mark = f"{_CLASS}{number} "
        elif tag.name in BODY and tag.name != "mj-raw":
            mark = f' css-class="{_CLASS}{number}"'
        elif tag.name.startswith("mj"):
            continue
        else:
            mark = f' {_ATTRIBUTE}="{number}"'
        pieces += [mjml[taken:behind], mark]
        taken = behind
    return "".join([*pieces, mjml[taken:]])


def _body(tree: HtmlElement) -> list[HtmlElement]:
    body = tree.find("body")
    return [] if body is None else [one for one in body.iter() if isinstance(one.tag, str)]


def _number(twin: HtmlElement) -> int | None:
    """Return the number in the mark of an element."""
    if (own := twin.get(_ATTRIBUTE)) is not None:
        return int(own)
    found = _MARKED.search(twin.get("class") or "")
    return int(found[1]) if found else None
