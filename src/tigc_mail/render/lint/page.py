"""A variant as its readers get it, read back, for the checks to look at."""

import email
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import Message
from functools import cached_property
from typing import NamedTuple

from lxml import html as lxml_html
from lxml.html import HtmlElement

from tigc_mail.content.tailored import TailoredBlock, TailoredCustom, TailoredEdition
from tigc_mail.render.authored import texts_of
from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.cascade import Cascade, Screen, Style
from tigc_mail.render.lint.css import declarations_of
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.message import CompiledMessage, Occurrence, RenderedMessage
from tigc_mail.render.templates import Templates
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

_NOTHING = re.compile(r"0+(\.0*)?(px|pt|em|rem|%)?")
_RELATIVE = re.compile(r"[\d.]+(em|%)|inherit|smaller|larger")

_NEVER_BLANK = ("delivery.", "recipient.salutation", "recipient.email")
"""How the slots begin that hold something for every recipient."""


class Sight(NamedTuple):
    """What is seen of an element."""

    visible: bool = True
    """Whether it is drawn."""
    tiny: bool = False
    """Whether its letters have no size."""


@dataclass(frozen=True)
class Page:
    """One variant.

    Args:
        variant: which one.
        edition: what went into it.
        message: what came out.
        public_url: where the pages are that its links for each recipient lead to.
        templates: what it was made with, where that is known.
    """

    variant: Variant
    edition: TailoredEdition
    message: CompiledMessage
    public_url: str
    templates: Templates | None = None

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
    def without_values(self) -> HtmlElement | None:
        """The HTML for whom nothing is known of what may be blank; None where nothing may be."""
        samples = _samples(self.message)
        links = {slot for slot, value in samples.items() if value == _SAMPLE_OF[Context.URL]}
        blank = dict.fromkeys((s for s in self.slots if not s.startswith(_NEVER_BLANK)), "")
        if blank.keys() <= links:
            return None
        filled = self.message.fill({**samples, **{s: "" for s in blank if s not in links}})
        return lxml_html.document_fromstring(filled.html)

    def blank_for_some(
        self, elements: Iterable[HtmlElement], says: Callable[[HtmlElement], str]
    ) -> Iterator[HtmlElement]:
        """Yield those of some elements that say something, but nothing where values are blank.

        Args:
            elements: elements of the page.
            says: what is said by an element.
        """
        if self.without_values is None:
            return
        blank = dict(zip(self.tree.iter(), self.without_values.iter(), strict=False))
        for element in elements:
            if says(element).strip() and not says(blank[element]).strip():
                yield element

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots of the HTML, each once."""
        places = [piece for piece in self.message.html if isinstance(piece, Occurrence)]
        return tuple(dict.fromkeys(place.slot for place in places))

    @cached_property
    def cascade(self) -> Cascade:
        """The styles of the page."""
        return Cascade(self.tree, self.styles)

    @cached_property
    def sights(self) -> Mapping[HtmlElement, Sight]:
        """What is seen of each element of the body, in their order; without those left out."""
        body = self.tree.find("body")
        return {} if body is None else dict(_seen(body, self.cascade.on(Screen()), Sight()))

    @cached_property
    def visible(self) -> tuple[HtmlElement, ...]:
        """The elements of the body that are shown, in their order."""
        return tuple(element for element, sight in self.sights.items() if sight.visible)

    @cached_property
    def pieces(self) -> tuple[tuple[str, HtmlElement], ...]:
        """The texts that are shown, in their order, each with the element that it stands in."""
        body = self.tree.find("body")
        return () if body is None else tuple(self._pieces(body))

    def _pieces(self, element: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
        sight = self.sights.get(element)
        if sight is None:
            return
        shown = sight.visible and not sight.tiny
        if shown and element.text:
            yield element.text, element
        for child in element:
            yield from self._pieces(child)
            if shown and child.tail:
                yield child.tail, element

    @cached_property
    def words(self) -> str:
        """The text that is shown, blanks made even."""
        return even(" ".join(piece for piece, _ in self.pieces))

    def says(self, element: HtmlElement) -> str:
        """Return what is seen of an element: its text, and what its images stand for."""
        return even("".join(self._said(element)))

    def _said(self, element: HtmlElement) -> Iterator[str]:
        sight = self.sights.get(element)
        if sight is None:
            return
        if element.tag == "img":
            yield f" {element.get('alt') or ''} " if sight.visible else ""
            return
        shown = sight.visible and not sight.tiny
        yield (element.text or "") if shown else ""
        for child in element:
            yield from self._said(child)
            yield (child.tail or "") if shown else ""

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


def _seen(
    element: HtmlElement, styles: Mapping[HtmlElement, Style], above: Sight
) -> Iterator[tuple[HtmlElement, Sight]]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    style = styles[element]
    if style.get("display", "").startswith("none") or _NOTHING.fullmatch(style.get("opacity", "")):
        return
    visibility, size = style.get("visibility", ""), style.get("font-size", "")
    visible = above.visible if visibility in ("", "inherit") else visibility == "visible"
    tiny = above.tiny
    if size and not (tiny and _RELATIVE.fullmatch(size)):
        tiny = _NOTHING.fullmatch(size) is not None
    sight = Sight(visible, tiny)
    yield element, sight
    for child in element:
        yield from _seen(child, styles, sight)


def is_hidden(element: HtmlElement) -> bool:
    """Return whether an element itself says that it is not shown."""
    said = {one.name: one.value for one in declarations_of(element.get("style") or "")}
    return said.get("display", "").lower() == "none"


def own_text(element: HtmlElement) -> Iterator[str]:
    """Yield the text that stands directly in an element, each piece of it."""
    if element.text:
        yield element.text
    for child in element:
        if child.tail:
            yield child.tail


def template_of(block: TailoredBlock) -> str:
    """Return the name of what shows a block, of `templates/blocks/NAME.mjml.j2`."""
    return block.template if isinstance(block, TailoredCustom) else block.type


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
