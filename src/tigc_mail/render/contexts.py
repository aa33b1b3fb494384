"""The contexts in which a value can stand in a message, and how it is escaped in each."""

import unicodedata
from enum import Enum
from functools import lru_cache
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.transfer import encoded_words, quoted_printable

URL_SCHEMES = ("https://", "mailto:")
"""What the whole of a link may begin with where it comes from a recipient's value."""

CACHED_VALUES = 16_384
"""How many (value, context) pairs are kept encoded: names and places repeat among recipients."""


class Context(Enum):
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
    """A header that holds text (RFC 2047 encoded words)."""
    RAW = "raw"
    """A header value of our own making, ready to send: an id, a token, a date, an address."""


class UnfitValueError(ValueError):
    """A recipient's value that must not stand where the template puts it."""


def visible(value: str) -> str:
    """Return the value as it is shown: line breaks as LF, no control characters, no surrogates.

    Every context shows exactly this, whatever it needs to escape.
    """
    if value.isascii() and value.isprintable():
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def escape(value: str, context: Context) -> str:
    """Return the value as it stands in the decoded part: HTML, plain text or header.

    Raises:
        UnfitValueError: for a link that does not begin with one of `URL_SCHEMES`.
    """
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
        case Context.WORD:
            return " ".join(shown.split()) if "\n" in shown or "\t" in shown else shown
        case _:
            return shown


@lru_cache(CACHED_VALUES)
def encode(value: str, context: Context) -> bytes:
    """Return the value as it stands in the bytes of a message, its transfer encoding included.

    Raises:
        UnfitValueError: as `escape` does.
    """
    shown = escape(value, context)
    if context is Context.WORD:
        return encoded_words(shown)
    if context is Context.RAW:
        return shown.encode()
    return quoted_printable(shown)
