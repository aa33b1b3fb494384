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
_BEHIND_HOST = re.compile(r"(https://[^/?#]+[/?#]|mailto:)", re.IGNORECASE)
_CONDITION = re.compile(r"\[if[^\]]*\]>", re.IGNORECASE)

_TEXT = "Print it in a text, or as a link."
_LINK = "Write the link out to the end of its host (`https://example.org/`); a value may follow."


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


class _Reader(HTMLParser):
    """Collects the tokens of a document with their contexts."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[str, Context]] = []
        self._name_of = name_of

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the tokens in the attributes of an element."""
        self._forbid(tag, "the name of an element")
        for name, value in attrs:
            self._forbid(name, "the name of an attribute")
            if name == "content" and "http-equiv" in dict(attrs):
                self._forbid(value or "", "an order to the browser (http-equiv)")
            self._take_attribute(name, value or "")

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
                cure = _LINK if name in URL_ATTRIBUTES else _TEXT
                self._forbid(match.group(), f'the attribute {name}="..."', cure)
            else:
                self.found.append((match.group(), context))

    def _forbid(self, text: str, where: str, cure: str = _TEXT) -> None:
        for token in TOKEN.findall(text):
            cause = f"`{self._name_of(token)}` stands in {where}, where no value may go"
            raise RenderError(cause, "", cure)


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
