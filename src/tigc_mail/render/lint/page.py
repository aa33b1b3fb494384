"""A variant as its readers get it, read back, for the checks to look at."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from functools import cached_property

from lxml import html as lxml_html
from lxml.html import HtmlElement

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render.authored import texts_of
from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.message import CompiledMessage, Occurrence, RenderedMessage
from tigc_mail.render.view import Links

SAMPLE = "Sample"
"""What stands in every slot while a message is checked."""

_SAMPLE_OF = {Context.URL: "https://sample.example.org/"}
_SAMPLES = {
    "delivery.to": "sample@example.org",
    "delivery.date": "Sun, 01 Nov 2026 08:00:00 +0000",
}

UNSEEN = frozenset({"head", "style", "script", "title"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")


@dataclass(frozen=True)
class Page:
    """One variant.

    Args:
        variant: which one.
        edition: what went into it.
        message: what came out.
        public_url: where the pages are that its links for each recipient lead to.
    """

    variant: Variant
    edition: TailoredEdition
    message: CompiledMessage
    public_url: str

    @cached_property
    def rendered(self) -> RenderedMessage:
        """The message, with a sample in each slot."""
        return self.message.fill(_samples(self.message))

    @cached_property
    def tree(self) -> HtmlElement:
        """The HTML, read."""
        return lxml_html.document_fromstring(self.rendered.html)

    @cached_property
    def headers(self) -> Message:
        """The head of the message."""
        head, _, _ = self.rendered.content.partition(b"\r\n\r\n")
        return email.message_from_bytes(head, policy=policy.compat32)

    @cached_property
    def visible(self) -> tuple[HtmlElement, ...]:
        """The elements of the body that are shown, in their order."""
        body = self.tree.find("body")
        return () if body is None else tuple(_shown(body))

    @cached_property
    def words(self) -> str:
        """The text that is shown, blanks made even."""
        return even(" ".join(piece for element in self.visible for piece in own_text(element)))

    @cached_property
    def links(self) -> tuple[HtmlElement, ...]:
        """The links that are shown."""
        return tuple(element for element in self.visible if element.tag == "a")

    @cached_property
    def images(self) -> tuple[HtmlElement, ...]:
        """The images that are shown."""
        return tuple(element for element in self.visible if element.tag == "img")

    @cached_property
    def styles(self) -> str:
        """The content of all <style> elements."""
        return "\n".join(style.text or "" for style in self.tree.iter("style"))

    @cached_property
    def own_links(self) -> Links:
        """The links of each recipient, as they stand in the page."""
        return Links.under(self.public_url, SAMPLE)

    @cached_property
    def authored(self) -> dict[str, str]:
        """The texts and links that authors gave, by the path that `Fallback.path` describes."""
        return texts_of(self.edition)

    @cached_property
    def personal(self) -> tuple[str, ...]:
        """How the links begin that go on differently for each recipient."""
        found = []
        for before, piece in zip(self.message.html, self.message.html[1:], strict=False):
            if isinstance(piece, Occurrence) and piece.context in (
                Context.URL,
                Context.URL_COMPONENT,
            ):
                begun = before.rpartition('"')[2] if isinstance(before, str) else ""
                found.append(begun or _SAMPLE_OF[Context.URL])
        return tuple(dict.fromkeys(found))

    def is_personal(self, link: str) -> bool:
        """Return whether a link of the page differs for each recipient."""
        return link.startswith(self.personal) if self.personal else False


def _samples(message: CompiledMessage) -> dict[str, str]:
    places = [
        part for pieces in (message.html, message.text, message.subject, message.wire)
        for part in pieces if isinstance(part, Occurrence)
    ]  # fmt: skip
    samples = {place.slot: SAMPLE for place in places}
    samples |= {p.slot: _SAMPLE_OF[p.context] for p in places if p.context in _SAMPLE_OF}
    return samples | {slot: value for slot, value in _SAMPLES.items() if slot in samples}


def _shown(element: HtmlElement) -> Iterator[HtmlElement]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN or is_hidden(element):
        return
    yield element
    for child in element:
        yield from _shown(child)


def is_hidden(element: HtmlElement) -> bool:
    """Return whether an element itself says that it is not shown."""
    return style_of(element).get("display", "").startswith("none")


def style_of(element: HtmlElement) -> dict[str, str]:
    """Return the declarations in the `style` of an element, in small letters."""
    written = element.get("style") or ""
    return {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(written)}


def own_text(element: HtmlElement) -> Iterator[str]:
    """Yield the text that stands directly in an element, each piece of it."""
    if element.text:
        yield element.text
    for child in element:
        if child.tail:
            yield child.tail


def even(text: str) -> str:
    """Return a text on one line, with one blank between words."""
    return " ".join(text.split())


def text_of(element: HtmlElement) -> str:
    """Return what an element says: its text, and what its images stand for."""
    return even("".join(_said(element)))


def _said(element: HtmlElement) -> Iterator[str]:
    if element.tag == "img":
        yield f" {element.get('alt') or ''} "
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not is_hidden(child):
            yield from _said(child)
        yield child.tail or ""
