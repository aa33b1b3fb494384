"""Finding the context of every slot in finished HTML.

The HTML is read by Python's own tokenizer, Outlook's conditional comments included; what comes out
is aligned with the order of tokens in the text, so nothing can be overlooked.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from tigc_mail.errors import RenderError
from tigc_mail.render.contexts import Context
from tigc_mail.render.slots import TOKEN

URL_ATTRIBUTES = frozenset({"href", "src", "background", "action", "cite"})
TEXT_ATTRIBUTES = frozenset({"alt", "title", "aria-label", "aria-description", "content", "label"})
UNPARSED = frozenset({"style", "script"})
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr v:fill v:stroke o:p".split()
)

_BEHIND_HOST = re.compile(r"(https://[^/?#]+[/?#]|mailto:)", re.IGNORECASE)
_CONDITION = re.compile(r"\[if[^\]]*\]>", re.IGNORECASE)

MAX_DEPTH = 200
"""Nesting of elements: beyond 255 premailer loses content without a word."""


def classify(html: str, name_of: Callable[[str], str]) -> list[Context]:
    """Return the context of each token in `html`, in the order of the text.

    Args:
        html: a finished document.
        name_of: the name of the slot behind a token, for messages.

    Raises:
        RenderError: where a slot stands where no value may go.
    """
    reader = _Reader(name_of)
    reader.feed(html)
    reader.close()
    if [token for token, _ in reader.found] != TOKEN.findall(html):
        raise RenderError("a slot stands outside the text and the attributes of the message")
    return [context for _, context in reader.found]


def depth(html: str) -> int:
    """Return how deep the elements of a document are nested."""
    reader = _Reader(str)
    reader.feed(html)
    return reader.deepest


class _Reader(HTMLParser):
    """Collects the tokens of a document with their contexts, and its depth."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[str, Context]] = []
        self.deepest = 0
        self._open = 0
        self._name_of = name_of

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the tokens in the attributes of an element."""
        if tag not in VOID:
            self._open += 1
            self.deepest = max(self.deepest, self._open)
        self._forbid(tag, "the name of an element")
        for name, value in attrs:
            self._forbid(name, "the name of an attribute")
            self._take_attribute(name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that closes itself."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Count the end of an element."""
        self._open -= tag not in VOID

    def handle_data(self, data: str) -> None:
        """Take the tokens in text."""
        if self.cdata_elem in UNPARSED:
            self._forbid(data, f"<{self.cdata_elem}>")
        self.found += [(token, Context.MARKUP) for token in TOKEN.findall(data)]

    def handle_comment(self, data: str) -> None:
        """Take the tokens in a conditional comment, which Outlook reads as HTML."""
        condition = _CONDITION.match(data)
        if condition is None:
            self._forbid(data, "a comment")
            return
        inner = _Reader(self._name_of)
        inner.feed(data[condition.end() :].removesuffix("<![endif]"))
        inner.close()
        self.found += inner.found

    def handle_decl(self, decl: str) -> None:
        """Refuse tokens in a declaration."""
        self._forbid(decl, "a declaration")

    def _take_attribute(self, name: str, value: str) -> None:
        for match in TOKEN.finditer(value):
            context = _context(name, value, match)
            if context is None:
                self._forbid(match.group(), f'the attribute {name}="..."')
            else:
                self.found.append((match.group(), context))

    def _forbid(self, text: str, where: str) -> None:
        for token in TOKEN.findall(text):
            cause = f"`{self._name_of(token)}` stands in {where}, where no value may go"
            raise RenderError(cause, "", "Print it in a text, or as a link.")


def _context(name: str, value: str, match: re.Match[str]) -> Context | None:
    """Return the context of a token in an attribute; None where it must not stand."""
    if name in TEXT_ATTRIBUTES:
        return Context.MARKUP
    if name not in URL_ATTRIBUTES:
        return None
    if value == match.group():
        return Context.URL
    behind_host = _BEHIND_HOST.match(value)
    if behind_host and behind_host.end() <= match.start():
        return Context.URL_COMPONENT
    return None
