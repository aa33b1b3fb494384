"""The contexts in which a value can stand in a message, and how it is escaped in each."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.transfer import WORD_BREAK, encoded_words, quoted_value

URL_SCHEMES = ("https://", "mailto:")
"""What the whole of a link may begin with where it comes from a recipient's value."""

CACHED_VALUES = 1_024
"""How many (value, context) pairs are kept encoded: names and places repeat among recipients."""

_ENDS_HEADER = re.compile(
    r"\r(?!\n[ \t])|(?<!\r)\n|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)


VISIBLE = bytes([*range(32, 127), *range(128, 256)]).translate(None, b"\xc2\xed")
"""The octets of visible characters. Of those beyond ASCII, control characters begin with C2 (as do
some visible ones), surrogates with ED."""


class Context(StrEnum):
    """Where in a message a value stands."""

    MARKUP = "markup"
    """HTML text, or the value of an ordinary attribute."""
    URL = "url"
    """The whole of a link."""
    URL_COMPONENT = "url component"
    """A part of a link behind its host."""
    PLAIN = "plain"
    """The plain text part."""
    WORD = "word"
    """A header that holds text (RFC 2047 encoded words), behind its beginning."""
    FIRST_WORD = "first word"
    """The beginning of a header that holds text, on the line of the header's name."""
    RAW = "raw"
    """A header value of our own making, ready to send: an id, a token, a date, an address."""


class UnfitValueError(ValueError):
    """A recipient's value that must not stand where the template puts it."""


def visible(value: str) -> str:
    """Return the value as it is shown: line breaks as LF, no control characters, no surrogates.

    Every context shows exactly this, whatever it needs to escape.
    """
    if value.isprintable():
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def all_visible(text: str) -> bool:
    """Return whether `visible` would change nothing of a long text: soon told, and never wrongly
    so; `isprintable` takes six times as long."""
    return not text.encode("utf-8", "surrogatepass").translate(None, VISIBLE) or text.isprintable()


def escape(value: str, context: Context) -> str:
    """Return the value as it stands in the decoded part: HTML, plain text or header.

    Raises:
        UnfitValueError: for a link that does not begin with one of `URL_SCHEMES`, and for a raw
            header value that would end its header.
    """
    if context is Context.RAW:
        return _raw(value)
    shown = visible(value)
    match context:
        case Context.MARKUP:
            return str(escape_markup(shown))
        case Context.URL_COMPONENT:
            return quote(shown, safe="")
        case Context.URL:
            if not shown.lower().startswith(URL_SCHEMES):
                raise UnfitValueError("a link must begin with https:// or mailto:")
            return str(escape_markup("".join(shown.split())))
        case Context.WORD | Context.FIRST_WORD:
            return " ".join(shown.split()) if "\n" in shown or "\t" in shown else shown
        case _:
            return shown


def _raw(value: str) -> str:
    if not value.isprintable() and _ENDS_HEADER.search(value):
        raise UnfitValueError("a header holds no control characters, and line breaks only in folds")
    return value


@lru_cache(CACHED_VALUES)
def encode(value: str, context: Context) -> bytes:
    """Return the value as it stands in the bytes of a message, its transfer encoding included.

    Raises:
        UnfitValueError: as `escape` does.
    """
    shown = escape(value, context)
    if context is Context.FIRST_WORD:
        return encoded_words(shown)
    if context is Context.WORD:
        return WORD_BREAK + encoded_words(shown) if shown else b""
    if context is Context.RAW:
        return shown.encode()
    return quoted_value(shown)
