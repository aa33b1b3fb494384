"""Compiling: from a tailored edition to a message of literals and slots, once a variant."""

import re
from collections import Counter

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.marking import Marking
from tigc_mail.render import html, mime
from tigc_mail.render.contexts import Context
from tigc_mail.render.markup import MarkupError
from tigc_mail.render.message import CompiledMessage, Occurrence, Pieces
from tigc_mail.render.places import classify
from tigc_mail.render.slots import TOKEN, SlotSheet
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import Links, View


def compile_message(
    edition: TailoredEdition, templates: Templates, public_url: str
) -> CompiledMessage:
    """Return what all recipients of a variant share, cut where they differ.

    Args:
        edition: the edition as one audience reads it; nothing above its ceiling is in it.
        templates: the workspace's templates.
        public_url: the https address of the public pages (unsubscribe, preferences, web copy).

    Raises:
        TemplateError: if a template or a text is wrong, with the author's file and line.
        RenderError: if a slot stands where no value may go.
    """
    layout = f"{edition.kind}.mjml.j2"
    sheet = SlotSheet()
    view = View(edition, templates, sheet, public_url)
    text = templates.render(f"{edition.kind}.txt.j2", edition.locale, view.text_context())
    mjml = templates.render(layout, edition.locale, view.html_context())
    try:
        page = _page(mjml, templates.css, edition, sheet)
    except MarkupError as error:
        context = view.html_context()
        sources = templates.source_map(mjml, layout, edition.locale, context, view.place)
        place = sources.place(error.position) if sources else ""
        raise TemplateError(
            _named(error.cause, sheet), place or f"templates/{layout}", error.cure
        ) from None
    return _assembled(edition, sheet, _labelled(edition, view.subject), text, page, public_url)


def _page(mjml: str, css: str, edition: TailoredEdition, sheet: SlotSheet) -> str:
    """Return the finished HTML of a filled layout, with each slot where a value may go.

    Raises:
        MarkupError: with the position in the filled layout.
        TemplateError: if the document lost its end.
    """
    place = f"templates/{edition.kind}.mjml.j2"
    sentinel = sheet.token("end of the body")
    page = html.finish(mjml, css=css, locale=edition.locale, place=place, sentinel=sentinel)
    try:
        _check_slots(mjml, page, sheet)
    except RenderError as error:
        position = _misplaced(mjml, css, edition.locale)
        raise MarkupError(position, error.cause, error.cure) from None
    return page


def _check_slots(mjml: str, page: str, sheet: SlotSheet) -> None:
    sheet.cut(page)
    classify(page, sheet.name)
    for lost in Counter(TOKEN.findall(mjml)) - Counter(TOKEN.findall(page)):
        cause = f"`{sheet.name(lost)}` stands where the compiler of MJML drops it"
        raise RenderError(cause, "", "Print it in a text, or as a link.")


def _misplaced(mjml: str, css: str, locale: Locale) -> int:
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
        sentinel = own.token("end of the body")
        page = html.finish(marked, css=css, locale=locale, place="", sentinel=sentinel)
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


def _labelled(edition: TailoredEdition, subject: str) -> str:
    """Return the subject with its TLP label, as FIRST's standard asks of mail above TLP:CLEAR."""
    return subject if edition.marking is Marking.CLEAR else f"{edition.marking.value} {subject}"


def _assembled(
    edition: TailoredEdition, sheet: SlotSheet, subject: str, text: str, page: str, public_url: str
) -> CompiledMessage:
    place = f"edition {edition.id} for {edition.audience.id} in {edition.locale}"
    try:
        subject_pieces = _pieces(sheet, subject, Context.WORD)
        text_pieces = _pieces(sheet, text.strip("\n") + "\n", Context.PLAIN)
        page_pieces = _page_pieces(sheet, page)
    except TemplateError:
        raise
    except RenderError as error:
        raise RenderError(error.cause, place, error.cure) from None
    unsubscribe = Links.under(public_url, "").unsubscribe
    return CompiledMessage(
        audience=edition.audience.id,
        locale=edition.locale,
        subject=subject_pieces,
        html=page_pieces,
        text=text_pieces,
        wire=mime.assemble(edition, subject_pieces, text_pieces, page_pieces, unsubscribe),
        salutation=edition.audience.salutation,
    )


def _page_pieces(sheet: SlotSheet, page: str) -> Pieces:
    literals, slots = sheet.cut(page)
    contexts = classify(page, sheet.name)
    places = [Occurrence(*pair) for pair in zip(slots, contexts, strict=True)]
    return _alternating(literals, places)


def _pieces(sheet: SlotSheet, text: str, context: Context) -> Pieces:
    literals, slots = sheet.cut(text)
    return _alternating(literals, [Occurrence(slot, context) for slot in slots])


def _alternating(literals: list[str], places: list[Occurrence]) -> Pieces:
    pieces: list[str | Occurrence] = [literals[0]]
    for place, literal in zip(places, literals[1:], strict=True):
        pieces += [place, literal]
    return tuple(pieces)
