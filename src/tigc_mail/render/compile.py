"""Compiling: from a tailored edition to a message of literals and slots, once a variant."""

from dataclasses import replace

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.render import mime
from tigc_mail.render.bidi import arranged
from tigc_mail.render.calendar import calendar_of
from tigc_mail.render.contexts import Context
from tigc_mail.render.fallbacks import noting
from tigc_mail.render.layout import (
    FinishedPage,
    Layout,
    SourceLine,
    page_of,
    place_of_link,
    plain_of,
    source_of,
)
from tigc_mail.render.message import AttachedPart, CompiledMessage, Letterhead, Occurrence, Pieces
from tigc_mail.render.slots import SlotSheet
from tigc_mail.render.stages import Phrase
from tigc_mail.render.structured import with_structured_data
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
        TemplateError: if a template or a text is wrong, with the author's file, line and column; of
            a text, the place is a `TextPlace`.
        RenderError: if a slot stands where no value may go.
    """
    with noting() as replaced:
        layout = _layout(edition, templates, public_url)
        view, sheet = layout.view, layout.sheet
        text = plain_of(layout)
        if edition.direction == "rtl":
            text = arranged(text, sheet.name)
        page = page_of(layout)
        page = page._replace(html=with_structured_data(page.html, edition))
        phrase = templates.phrases(edition.locale).gettext
        message = _assembled(edition, sheet, view.title, text, page, public_url, phrase)
    fallbacks = tuple(one for one in replaced if one.wanted == edition.locale)
    return replace(message, event_times=view.event_times, fallbacks=fallbacks)


def faults_of_texts(
    edition: TailoredEdition, templates: Templates, public_url: str
) -> tuple[TemplateError, ...]:
    """Return what is wrong with the authors' texts of a message, each looked at by itself."""
    try:
        return tuple(_layout(edition, templates, public_url).view.faults())
    except TemplateError as error:
        return (error,)


def place_of_slot(
    edition: TailoredEdition, templates: Templates, public_url: str, slot: str
) -> str:
    """Return where a slot of a message stands that is a whole link."""
    return place_of_link(_layout(edition, templates, public_url), slot)


def source_lines(
    edition: TailoredEdition, templates: Templates, public_url: str
) -> tuple[SourceLine, ...]:
    """Return the MJML of a message line by line; the place of a text is a `TextPlace`.

    Raises:
        TemplateError: if a template is wrong.
    """
    return tuple(source_of(_layout(edition, templates, public_url)))


def _layout(edition: TailoredEdition, templates: Templates, public_url: str) -> Layout:
    sheet = SlotSheet()
    view = View(edition, templates, sheet, public_url)
    return Layout(f"{edition.kind}.mjml.j2", edition.locale, templates, view, sheet)


def _assembled(
    edition: TailoredEdition,
    sheet: SlotSheet,
    subject: str,
    text: str,
    page: FinishedPage,
    public_url: str,
    phrase: Phrase,
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
    calendar = calendar_of(edition, phrase)
    files = tuple(
        AttachedPart(one.file, one.media_type, one.title, one.content)
        for one in edition.attachments
    )
    return CompiledMessage(
        audience=edition.audience.id,
        locale=edition.locale,
        subject=subject_pieces,
        html=page_pieces,
        text=text_pieces,
        wire=mime.assemble(
            edition, subject_pieces, text_pieces, page_pieces, unsubscribe, calendar, files
        ),
        letterhead=Letterhead(
            sender_name=edition.audience.sender_name,
            sender_address=edition.audience.sender_address,
            reply_to=edition.audience.reply_to or "",
            list_id=edition.audience.list_id,
            unsubscribe=unsubscribe,
        ),
        salutation=edition.audience.salutation,
        calendar=calendar,
        attachments=files,
    )


def _page_pieces(sheet: SlotSheet, page: FinishedPage) -> Pieces:
    literals, slots = sheet.cut(page.html)
    places = [Occurrence(*pair) for pair in zip(slots, page.contexts, strict=True)]
    return _alternating(literals, places)


def _pieces(sheet: SlotSheet, text: str, context: Context) -> Pieces:
    literals, slots = sheet.cut(text)
    return _alternating(literals, [Occurrence(slot, context) for slot in slots])


def _alternating(literals: list[str], places: list[Occurrence]) -> Pieces:
    pieces: list[str | Occurrence] = [literals[0]]
    for place, literal in zip(places, literals[1:], strict=True):
        pieces += [place, literal]
    return tuple(pieces)
