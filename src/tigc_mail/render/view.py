"""What templates see of a tailored edition: its texts rendered, its slots printed.

The names are those of `docs/templates.md`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from markupsafe import Markup

from tigc_mail.content.tailored import TailoredAudience, TailoredEdition, TailoredEventDetails
from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.render.dates import OWN_TIME, EventTime, event_time, when
from tigc_mail.render.markdown import to_html, to_text
from tigc_mail.render.slots import RecipientSlots, Slot, SlotSheet
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
        for path, text in _audience_texts(edition.audience):
            _check(text, f"audiences/{edition.audience.id}.yaml: {path}")
        self._templates = templates
        self._sheet = sheet
        self.event_times: dict[str, EventTime] = {}
        self._slots = {
            "recipient": RecipientSlots(sheet),
            "links": Links.under(public_url, sheet.token("delivery.token")),
        }
        self.subject = self._line("subject", edition.subject)
        self.preheader = self._line("preheader", edition.preheader)

    def context(self, markdown: Callable[[str], str]) -> Mapping[str, Any]:
        """Return what the templates may name; `markdown` renders the bodies."""
        edition = self._edition
        return {
            **self._slots,
            "edition": {
                "id": edition.id,
                "kind": edition.kind,
                "subject": self.subject,
                "preheader": self.preheader,
            },
            "audience": edition.audience,
            "locale": edition.locale,
            "direction": edition.direction,
            "marking": edition.marking.value,
            "blocks": [
                self._shown(block, f"blocks[{block.id}]", markdown) for block in edition.blocks
            ],
            "theme": self._templates.theme,
        }

    def html_context(self) -> Mapping[str, Any]:
        """Return the context of the MJML templates."""
        return self.context(to_html)

    def text_context(self) -> Mapping[str, Any]:
        """Return the context of the plain text templates."""
        return self.context(to_text)

    def _shown(self, value: Any, path: str, markdown: Callable[[str], str]) -> Any:
        """Return a block, or a part of one, with its texts rendered."""
        if isinstance(value, TailoredEventDetails):
            return {
                **self._parts(value, path, markdown),
                "when": when(value, self._edition.locale),
                "own_time": self._own_time(value, f"{path}.own_time"),
            }
        if is_dataclass(value):
            return self._parts(value, path, markdown)
        if isinstance(value, tuple):
            return [self._shown(part, f"{path}[{at}]", markdown) for at, part in enumerate(value)]
        return value

    def _own_time(self, event: TailoredEventDetails, slot: str) -> Slot | str:
        """Return the slot of the recipient's own time; blank where the event is told in days."""
        wording = self._templates.phrases(self._edition.locale).gettext(OWN_TIME)
        time = event_time(event, wording)
        if time is None:
            return ""
        self.event_times[slot] = time
        return Slot(slot, self._sheet.token(slot))

    def _parts(self, value: Any, path: str, markdown: Callable[[str], str]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for field in fields(value):
            part, at = getattr(value, field.name), f"{path}.{field.name}"
            if field.name == "body":
                body = self._body(at, part, markdown)
                shown["body_html" if isinstance(body, Markup) else "body_text"] = body
            elif field.name in AUTHORED:
                shown[field.name] = self._line(at, part)
            else:
                shown[field.name] = self._shown(part, at, markdown)
        return shown

    def _body(self, path: str, source: str, markdown: Callable[[str], str]) -> str:
        try:
            return markdown(self._filled(path, source))
        except TemplateError:
            raise
        except RenderError as error:
            raise TemplateError(error.cause, self._place(path), error.cure) from None

    def _line(self, path: str, source: str) -> str:
        return re.sub(r"[ \t\r\n]+", " ", self._filled(path, source)).strip(" ")

    def _filled(self, path: str, source: str) -> str:
        place = self._place(path)
        _check(source, place)
        return self._templates.render_text(source, place, self._slots, self._edition.locale)

    def _place(self, path: str) -> str:
        return f"editions/{self._edition.id}/edition.yaml: {path}"


AUTHORED = frozenset({"title", "label", "name", "place"})
"""The one-line texts of blocks, beside the Markdown in `body`."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of a character, and what is none: no format of a message has them."""


def _check(text: str, place: str) -> None:
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        cause = f"there is a control character (U+{ord(found.group()):04X})"
        raise TemplateError(cause, f"{place} (line of the text {line})", "Remove it.")


def _audience_texts(audience: TailoredAudience) -> Iterable[tuple[str, str]]:
    yield "name", audience.name
    yield "reason", audience.reason
    yield "sender.name", audience.sender_name
