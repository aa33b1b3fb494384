"""What templates see of a tailored edition: its texts rendered, its slots printed.

The names are those of `docs/templates.md`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from tigc_mail.content.tailored import (
    TailoredAudience,
    TailoredBlock,
    TailoredCustom,
    TailoredEdition,
    TailoredEventDetails,
    TailoredKeyMessage,
    TailoredStatistic,
)
from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale, direction
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.signs import unfit
from tigc_mail.ground.spot import spot
from tigc_mail.render.authored import TextPlace, offset_in_source, texts_of
from tigc_mail.render.dates import EventTime, cldr_name, day, event_time, when
from tigc_mail.render.markdown import MarkdownError, to_html, to_text
from tigc_mail.render.sandbox import require_readable
from tigc_mail.render.slots import TOKEN, RecipientSlots, Slot, SlotSheet
from tigc_mail.render.stages import subject_of, where
from tigc_mail.render.templates import Templates


@dataclass(frozen=True)
class Links:
    """The links of every message, up to the slot of the recipient's token."""

    unsubscribe: str
    preferences: str
    web: str

    @classmethod
    def under(cls, public_url: str, token: str) -> "Links":
        """Return the links below the public address, ended by `token`."""
        base = public_url.rstrip("/")
        return cls(
            *(f"{base}/{purpose}/{token}" for purpose in ("unsubscribe", "preferences", "web"))
        )


class View:
    """The context of the templates, for one tailored edition.

    Args:
        edition: the edition.
        templates: for the authors' slots and the theme.
        sheet: the slots of this document.
        public_url: where the public pages are.
    """

    def __init__(
        self, edition: TailoredEdition, templates: Templates, sheet: SlotSheet, public_url: str
    ) -> None:
        self._edition = edition
        self._templates = templates
        self._standing = dict(pair for block in edition.blocks for pair in _standing(block))
        self._sheet = sheet
        self._fallbacks = {one.path: one.used for one in edition.fallbacks}
        self.foreign: dict[str, Locale] = dict(self._foreign())
        """One-line texts that are shown in another language than the message's, each with that."""
        for path, text in _audience_texts(edition.audience):
            self._check(path, text)
        self.event_times: dict[str, EventTime] = {}
        self._slots = {
            "recipient": RecipientSlots(sheet),
            "links": Links.under(public_url, sheet.token("delivery.token")),
        }

    @cached_property
    def subject(self) -> str:
        """The subject as its author wrote it."""
        return self._line("subject", self._edition.subject)

    @cached_property
    def preheader(self) -> str:
        """What goes on where the subject ends."""
        return self._line("preheader", self._edition.preheader)

    def faults(self) -> Iterator[TemplateError]:
        """Yield what is wrong with the texts of the edition, each looked at by itself."""
        for path, text in texts_of(self._edition).items():
            try:
                if _BODY.search(path):
                    self._body(path, text, to_html)
                elif _LINE.search(path) and not path.startswith("audience."):
                    self._line(path, text)
            except TemplateError as error:
                yield error

    def context(self, markdown: Callable[[str], str]) -> Mapping[str, Any]:
        """Return what the templates may name; `markdown` renders the bodies."""
        edition = self._edition
        return {
            **self._slots,
            "edition": {
                "id": edition.id,
                "kind": edition.kind,
                "subject": self.subject,
                "title": self.title,
                "preheader": self.preheader,
            },
            "audience": edition.audience,
            "locale": edition.locale,
            "direction": edition.direction,
            "marking": edition.marking.value,
            "blocks": [self._block(block, markdown) for block in edition.blocks],
            "attachments": [
                {
                    "file": one.file,
                    "title": self._line(f"attachments[{at}].title", one.title),
                    "marking": one.marking.value,
                }
                for at, one in enumerate(edition.attachments)
            ],
            "theme": self._templates.theme,
        }

    def html_context(self) -> Mapping[str, Any]:
        """Return the context of the MJML templates."""
        return self.context(to_html)

    def text_context(self) -> Mapping[str, Any]:
        """Return the context of the plain text templates."""
        return self.context(to_text)

    def _block(self, block: TailoredBlock, markdown: Callable[[str], str]) -> Mapping[str, Any]:
        """Return a block with its texts rendered, and with the name of what shows it."""
        path = f"blocks[{block.id}]"
        shown = {"template": block.type, **self._shown(block, path, markdown)}
        if not isinstance(block, TailoredCustom):
            return shown
        for kind in ("mjml", "txt"):
            file = f"blocks/{block.template}.{kind}.j2"
            require_readable(self._templates.folder, file)
            if not (self._templates.folder / file).is_file():
                cause = f"there is no templates/{file}"
                place = self.place(f"{path}.template")
                raise TemplateError(cause, place, "Write it, or name a template that is there.")
        return shown | {
            "lines": {
                key: self._line(f"{path}.lines.{key}", text) for key, text in block.lines.items()
            },
            "texts": {
                key: self._body(f"{path}.texts.{key}", text, markdown)
                for key, text in block.texts.items()
            },
        }

    def _shown(self, value: Any, path: str, markdown: Callable[[str], str]) -> Any:
        """Return a block, or a part of one, with its texts rendered."""
        if isinstance(value, TailoredEventDetails):
            phrase = self._templates.phrases(self._edition.locale).gettext
            parts = self._parts(value, path, markdown)
            return {
                **parts,
                **_told(value, self._edition.locale),
                "where": where(replace(value, place=parts["place"]), phrase),
                "own_time": self._own_time(value, f"{path}.own_time"),
            }
        if isinstance(value, TailoredStatistic):
            number = in_words(value.number, value.unit, self._edition.locale)
            return {**self._parts(value, path, markdown), "number": number}
        if is_dataclass(value):
            return self._parts(value, path, markdown)
        if isinstance(value, tuple):
            return [self._shown(part, f"{path}[{at}]", markdown) for at, part in enumerate(value)]
        return value

    def _own_time(self, event: TailoredEventDetails, slot: str) -> Slot | str:
        """Return the slot of the recipient's own time; blank where the event is told in days."""
        time = event_time(event, self._templates.phrases(self._edition.locale).gettext)
        if time is None:
            return ""
        self.event_times[slot] = time
        return Slot(slot, self._sheet.token(slot))

    def _parts(self, value: Any, path: str, markdown: Callable[[str], str]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for field in fields(value):
            part, at = getattr(value, field.name), f"{path}.{field.name}"
            if field.name in _OF_THE_SOURCES:
                continue
            if field.name == "body":
                body = self._body(at, part, markdown)
                shown["body_html" if isinstance(body, Markup) else "body_text"] = body
            elif field.name in AUTHORED:
                shown[field.name] = self._line(at, part)
            else:
                shown[field.name] = self._shown(part, at, markdown)
        return shown

    def _body(self, path: str, source: str, markdown: Callable[[str], str]) -> str:
        filled = self._filled(path, source)
        try:
            body = markdown(filled)
        except MarkdownError as error:
            at = error.offset_in(filled)
            place = self.place(path, None if at is None else offset_in_source(source, filled, at))
            raise TemplateError(error.cause, place, error.cure) from None
        used = self._used(path)
        if not isinstance(body, Markup) or used == self._edition.locale:
            return body
        return Markup('<div lang="{}" dir="{}">{}</div>').format(used, direction(used), body)

    def _line(self, path: str, source: str) -> str:
        line = re.sub(r"[ \t\r\n]+", " ", self._filled(path, source)).strip(" ")
        if line and (used := self._used(path)) != self._edition.locale:
            self.foreign[line] = used
        return line

    @cached_property
    def title(self) -> str:
        """The subject as it is sent.

        Its TLP label stands before it, as FIRST's standard asks of mail above TLP:CLEAR, and a
        notice tells the event's stage.
        """
        phrase = self._templates.phrases(self._edition.locale).gettext
        subject = subject_of(self._edition, self.subject, phrase)
        marking = self._edition.marking
        return subject if marking is Marking.CLEAR else f"{marking.value} {subject}"

    def _used(self, path: str) -> Locale:
        """Return the language that a text is shown in."""
        path = f"audience.{self._standing[path]}" if path in self._standing else path
        return self._fallbacks.get(path, self._edition.locale)

    def _foreign(self) -> Iterable[tuple[str, Locale]]:
        """Yield the texts of audience and theme that are shown in another language, with that."""
        for path, text in _audience_texts(self._edition.audience):
            if (used := self._used(f"audience.{path}")) != self._edition.locale:
                yield text, used
        organisation = self._templates.theme["organisation"]
        for texts in (organisation["name"], organisation["purpose"]):
            if self._edition.locale not in texts and "en" in texts:
                yield texts["en"], "en"

    def _filled(self, path: str, source: str) -> str:
        self._check(path, source)
        filled = self._printed(path, source)
        if filled != source:
            self._check(path, filled, source)
        return filled

    def _printed(self, path: str, source: str) -> str:
        place, locale = partial(self.place, path), self._edition.locale
        return self._templates.render_text(source, place, self._slots, locale)

    def _check(self, path: str, text: str, source: str | None = None) -> None:
        """Check a text, which may be made of a `source`."""
        if len(text) > MAX_CHARACTERS:
            cause = f"there are more than {MAX_CHARACTERS:,} characters"
            raise TemplateError(cause, self.place(path), "Shorten it, or link to the rest.")
        if found := unfit(text):
            at = (
                found.position if source is None else offset_in_source(source, text, found.position)
            )
            raise TemplateError(f"there is {found.what}", self.place(path, at), found.cure)

    def place_of_token(self, path: str, token: str, number: int) -> str:
        """Return where the expression stands that printed a slot into a text of the authors.

        Args:
            path: the text.
            token: that of the slot.
            number: how often it was printed before; a text may be shown more than once.
        """
        source = texts_of(self._edition).get(path, "")
        filled = self._printed(path, source)
        found = [one.start() for one in TOKEN.finditer(filled) if one.group() == token]
        at = found[number % len(found)] if found else None
        return self.place(path, None if at is None else offset_in_source(source, filled, at))

    def place(self, path: str, offset: int | None = None) -> str:
        """Return where a text stands, or a letter of it; who reads its file knows better."""
        path = "subject" if path == "title" else path  # which is made of it
        text = texts_of(self._edition).get(path, "")
        within = "" if offset is None else f" ({spot(text, offset)} of the text)"
        return TextPlace(f"{self._named(path)}{within}", path, offset)

    def _named(self, path: str) -> str:
        own = path.removeprefix("audience.") if path.startswith("audience.") else ""
        if standing := own or self._standing.get(path):
            return f"audiences/{self._edition.audience.id}.yaml: {standing}"
        return f"editions/{self._edition.id}/edition.yaml: {path}"


AUTHORED = frozenset(
    {"title", "label", "text", "name", "place", "speaker", "role", "alt", "caption"}
)
"""The one-line texts of blocks, beside the Markdown in `body`."""

_BODY = re.compile(r"\.(?:body|texts\.\w+)$")
_LINE = re.compile(rf"(?:^|\.)(?:subject|preheader|lines\.\w+|{'|'.join(sorted(AUTHORED))})$")
"""The paths of authors' texts in which slots may stand: Markdown, and lines."""

_OF_THE_SOURCES = frozenset({"key_message", "standing"})
"""What a tailored block tells of its sources, and templates need not know."""

MAX_CHARACTERS = 200_000
"""No text of an author is longer: mail programs cut off what is half of it."""


def _standing(block: TailoredBlock) -> Iterable[tuple[str, str]]:
    """Yield the texts of the audience's file: their path in the edition, and their path there."""
    if isinstance(block, TailoredKeyMessage):
        for field in block.standing:
            yield f"blocks[{block.id}].{field}", f"key_messages.{block.key_message}.{field}"


def _audience_texts(audience: TailoredAudience) -> Iterable[tuple[str, str]]:
    yield "audience.name", audience.name
    yield "audience.reason", audience.reason
    yield "audience.sender_name", audience.sender_name


def _told(event: TailoredEventDetails, locale: Locale) -> dict[str, Any]:
    """Return what templates cannot make of the parts of an event by themselves."""
    before = None
    if event.previous_start is not None:
        end = event.previous_end or event.previous_start
        before = when(replace(event, start=event.previous_start, end=end), locale)
    until = event.registration_until
    return {
        "when": when(event, locale),
        "previous_when": before,
        "takes_place": event.takes_place,
        "join_url": event.join_url,
        "registration_is_open": event.registration_is_open,
        "register_by": None if until is None else day(until, locale),
    }


def in_words(number: Decimal, unit: str | None, locale: Locale) -> str:
    """Return a number with all its digits as the language writes it, such as 1,250 or 35 %."""
    name = cldr_name(locale)
    if unit == "percent":
        return str(format_percent(number / 100, locale=name, decimal_quantization=False))
    return str(format_decimal(number, locale=name, decimal_quantization=False))
