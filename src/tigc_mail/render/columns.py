"""Encoding a column of values at once.

A value costs microseconds to escape and encode on its own. So the values of a column are written
one a line, and the whole text is escaped and encoded by functions in C; values that many share are
written once. The few that would not come out right this way are encoded on their own: those that
break lines or hold invisible characters, and those too long for a line of quoted-printable.
"""

from binascii import b2a_qp
from collections.abc import Collection, Mapping, Sequence
from string import ascii_letters, digits
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.contexts import Context, encode

Encoded = Mapping[Context, Sequence[bytes]]

_SAME = (ascii_letters + digits + "-_").encode()
"""Octets that stand for themselves in every context, wherever they are in a value."""

_QUIET = bytes(range(32, 127)).replace(b"=", b"") + b"\n"
"""Octets that quoted-printable leaves alone, but for a blank at the end of a line."""

_VISIBLE = bytes([*range(32, 127), *range(128, 256)]).translate(None, b"\xc2\xed")
"""The octets of visible characters. Of those beyond ASCII, control characters begin with C2 (as do
some visible ones), surrogates with ED."""

_FOLD = b"\r\n "
"""A line break within a header (RFC 5322, 2.2.3)."""

_LINES = frozenset({Context.MARKUP, Context.PLAIN, Context.URL_COMPONENT})
"""The contexts whose values can be written one a line."""

_LONGEST = 73
"""Octets of a value that still fits on a line when a dot at its beginning is encoded."""


def encode_column(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    """Return the values as they stand in the bytes of a message, for each of the contexts.

    They are exactly those that `contexts.encode` returns one by one.

    Raises:
        UnfitValueError: if one of them must not stand in one of the contexts.
    """
    others = [context for context in contexts if context not in _LINES]
    columns = dict(_in_lines(values, [context for context in contexts if context in _LINES]))
    for context in others:
        columns[context] = (
            _raw(values) if context is Context.RAW else [encode(value, context) for value in values]
        )
    return columns


def _raw(values: Sequence[str]) -> Sequence[bytes]:
    octets = "\0".join(values).encode("utf-8", "surrogatepass")
    column = octets.split(b"\0")
    if len(column) > len(values) or octets.replace(_FOLD, b"").translate(None, _VISIBLE + b"\0"):
        return [encode(value, Context.RAW) for value in values]
    return column


def _in_lines(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    if not contexts:
        return {}
    octets = "\n".join(values).encode("utf-8", "surrogatepass")
    if octets.translate(None, _SAME) == b"\n" * (len(values) - 1):
        column = octets.split(b"\n")
        if len(max(column, key=len)) <= _LONGEST:
            return dict.fromkeys(contexts, column)
    different = list(dict.fromkeys(values))
    if 2 * len(different) > len(values):
        return _escaped(values, contexts)
    columns = _escaped(different, contexts)
    return {
        context: list(map(dict(zip(different, column, strict=True)).__getitem__, values))
        for context, column in columns.items()
    }


def _escaped(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    lines = "\n".join(values)
    octets = lines.encode("utf-8", "surrogatepass")
    odd: list[int] = []
    if octets.translate(None, _VISIBLE + b"\n") or octets.count(b"\n") >= len(values):
        odd = [at for at, value in enumerate(values) if not value.isprintable()]
        lines = "\n".join(value if value.isprintable() else "" for value in values)
        octets = lines.encode()
    quoted = _quoted_printable(octets)
    texts = dict.fromkeys(contexts, quoted)
    if Context.MARKUP in texts:  # what it escapes, quoted-printable leaves alone
        texts[Context.MARKUP] = str(escape_markup(quoted))
    if Context.URL_COMPONENT in texts:
        texts[Context.URL_COMPONENT] = quote(lines, safe="\n")
    columns = {text: _column(text) for text in texts.values()}
    return {
        context: _mended(columns[text], values, odd, context) for context, text in texts.items()
    }


def _quoted_printable(octets: bytes) -> str:
    """Return each line in quoted-printable; one that it has to break becomes even longer."""
    if octets.translate(None, _QUIET) or b" \n" in octets + b"\n":
        return b2a_qp(octets, istext=True).replace(b"=\n", b"=" * _LONGEST).decode()
    return octets.decode()


def _column(text: str) -> list[bytes]:
    """Return the lines; SMTP doubles a dot where one begins with it, so it is encoded."""
    if "\n." in text or text.startswith("."):
        text = ("\n" + text).replace("\n.", "\n=2E")[1:]
    return text.encode().split(b"\n")


def _mended(
    column: list[bytes], values: Sequence[str], odd: list[int], context: Context
) -> Sequence[bytes]:
    """Return the column with each value encoded on its own that cannot be a line."""
    if not odd and len(max(column, key=len)) <= _LONGEST:
        return column
    long = [at for at, line in enumerate(column) if len(line) > _LONGEST]
    alone = {at: encode(values[at], context) for at in (*odd, *long)}
    return [alone.get(at, line) for at, line in enumerate(column)]
