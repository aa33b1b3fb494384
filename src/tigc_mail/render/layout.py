"""From a filled layout to finished HTML; what is wrong is told in the author's files."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.signs import unfit
from tigc_mail.render import html
from tigc_mail.render.authored import TextPlace
from tigc_mail.render.contexts import Context
from tigc_mail.render.isolation import isolated
from tigc_mail.render.markup import MarkupError
from tigc_mail.render.places import classify
from tigc_mail.render.slots import TOKEN, SlotSheet
from tigc_mail.render.source_map import SourceMap
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import View


class Layout(NamedTuple):
    """The outermost template of a message, and what it is filled with."""

    name: str
    locale: Locale
    templates: Templates
    view: View
    sheet: SlotSheet


class FinishedPage(NamedTuple):
    """The HTML of a message, with each slot where a value may go."""

    html: str
    contexts: Sequence[Context]
    """Where each of its slots stands, in their order."""


def page_of(layout: Layout) -> FinishedPage:
    """Return the finished page of a message.

    Raises:
        TemplateError: with the author's file, line and column.
    """
    mjml = layout.templates.render(layout.name, layout.locale, layout.view.html_context())
    try:
        return _page(mjml, layout)
    except MarkupError as error:
        place = _place(mjml, error.position, layout) or f"templates/{layout.name}"
        raise TemplateError(_named(error.cause, layout.sheet), place, error.cure) from None


def plain_of(layout: Layout) -> str:
    """Return the plain text of a message, from the twin of the layout.

    Raises:
        TemplateError: with the author's file, line and column.
    """
    name = layout.name.replace(".mjml.", ".txt.")
    context, templates = layout.view.text_context(), layout.templates
    text = templates.render(name, layout.locale, context)
    if found := unfit(text):
        sources = templates.source_map(text, name, layout.locale, context, layout.view.place)
        place = (sources and sources.place(found.position)) or f"templates/{name}"
        raise TemplateError(f"there is {found.what}", place, found.cure)
    return text


class SourceLine(NamedTuple):
    """A line of the filled layout."""

    text: str
    """MJML; slots stand in it as authors write them."""
    place: str
    """Where the author's text in it comes from, or its first letter; empty where nobody knows."""


def source_of(layout: Layout) -> Iterator[SourceLine]:
    """Yield the MJML of a message line by line, each with where it comes from.

    Raises:
        TemplateError: if a template is wrong.
    """
    mjml = layout.templates.render(layout.name, layout.locale, layout.view.html_context())
    sources = _sources(mjml, layout)
    position = 0
    for line in mjml.split("\n"):
        first = position + len(line) - len(line.lstrip())
        position += len(line) + 1
        places = (
            list(sources.places_within(first, position - 1)) if sources and line.strip() else [""]
        )
        place = next((place for place in places if isinstance(place, TextPlace)), places[0])
        yield SourceLine(TOKEN.sub(lambda token: _slot(layout.sheet, token), line), place)


def _slot(sheet: SlotSheet, token: re.Match[str]) -> str:
    return f"{{{{ {sheet.name(token[0])} }}}}"


def place_of_link(layout: Layout, slot: str) -> str:
    """Return where a slot stands that is a whole link; the layout where nobody knows."""
    mjml = layout.templates.render(layout.name, layout.locale, layout.view.html_context())
    found = re.search(rf"""=\s*["']({layout.sheet.token(slot)})["']""", mjml)
    return (found and _place(mjml, found.start(1), layout)) or f"templates/{layout.name}"


def _place(mjml: str, position: int, layout: Layout) -> str:
    sources = _sources(mjml, layout)
    if sources is None:
        return ""
    place, token = sources.place(position), TOKEN.match(mjml, position)
    if token is None or not isinstance(place, TextPlace) or place.offset is not None:
        return place
    printed = (one for one in TOKEN.finditer(mjml, 0, position) if one.group() == token.group())
    before = sum(sources.place(one.start()) == place for one in printed)
    return layout.view.place_of_token(place.path, token.group(), before)


def _sources(mjml: str, layout: Layout) -> SourceMap | None:
    context = layout.view.html_context()
    return layout.templates.source_map(mjml, layout.name, layout.locale, context, layout.view.place)


def _page(mjml: str, layout: Layout) -> FinishedPage:
    page = finished(mjml, layout, layout.sheet)
    try:
        return FinishedPage(page, _contexts(mjml, page, layout.sheet))
    except RenderError as error:
        raise MarkupError(_misplaced(mjml, layout), error.cause, error.cure) from None


def finished(mjml: str, layout: Layout, sheet: SlotSheet) -> str:
    """Return the page that a filled layout makes, its slots as tokens.

    Args:
        mjml: the layout, filled.
        layout: it.
        sheet: whose tokens stand in it.

    Raises:
        MarkupError: if it is no MJML that may be compiled.
    """
    page = html.finish(
        mjml,
        css=layout.templates.css,
        locale=layout.locale,
        place=f"templates/{layout.name}",
        sentinel=sheet.token("end of the body"),
    )
    return isolated(page, layout.locale, layout.view.foreign, sheet.name)


def _contexts(mjml: str, page: str, sheet: SlotSheet) -> Sequence[Context]:
    """Return where the slots stand; each that was printed has to be there, and whole."""
    sheet.cut(page)
    contexts = classify(page, sheet.name)
    for lost in Counter(TOKEN.findall(mjml)) - Counter(TOKEN.findall(page)):
        cause = f"`{sheet.name(lost)}` stands where the compiler of MJML drops it"
        raise RenderError(cause, "", "Print it in a text, or as a link.")
    return contexts


def _misplaced(mjml: str, layout: Layout) -> int:
    """Return where the slot stands that was lost, or may not stand there; 0 if nobody knows.

    Each occurrence is given a slot of its own, and the page made once more.
    """
    own = SlotSheet()
    positions: list[int] = []
    asked: list[str] = []

    def numbered(token: re.Match[str]) -> str:
        positions.append(token.start())
        return own.token(f"{len(positions) - 1}")

    def name_of(token: str) -> str:
        asked.append(own.name(token))
        return asked[-1]

    try:
        marked = TOKEN.sub(numbered, mjml)
        page = finished(marked, layout, own)
        classify(page, name_of)
        asked += [own.name(token) for token in TOKEN.findall(marked) if token not in page]
    except RenderError:
        pass
    return positions[int(asked[0])] if asked and asked[0].isdigit() else 0


def _named(cause: str, sheet: SlotSheet) -> str:
    """Return a cause with the names of slots in place of their tokens."""

    def name(token: re.Match[str]) -> str:
        try:
            return f"{{{{ {sheet.name(token.group())} }}}}"
        except RenderError:
            return token.group()

    return TOKEN.sub(name, cause)
