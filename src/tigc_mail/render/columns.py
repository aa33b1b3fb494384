"""Encoding a column of values at once.

A value costs microseconds to escape and encode on its own. So the values of a column are written
one a line, and functions in C work on the whole text. Most values turn out to stand for themselves;
the others are escaped and encoded together, again one a line, each only once. What is left are the
few that break lines or hold invisible characters, and those too long for a line of
quoted-printable.
"""

from binascii import b2a_qp
from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from operator import not_
from string import ascii_letters, digits
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.contexts import Context, encode

Encoded = Mapping[Context, Sequence[bytes]]
"""A column as it stands in each context."""

_QUIET = bytes(range(32, 127)).translate(None, b"=")
"""The octets that quoted-printable leaves alone, but for a blank at the end of a line."""

_SAME = {
    Context.URL_COMPONENT: (ascii_letters + digits + "-_.~").encode(),
    Context.MARKUP: _QUIET.translate(None, b"&<>'\""),
    Context.PLAIN: _QUIET,
}
"""The contexts whose values can be written one a line, each with the octets that stand for
themselves in it; the next context has them all, and more.
"""

_MARK = 255
_MARKS = {
    context: bytes(octet if octet in same + b"\n" else _MARK for octet in range(256))
    for context, same in _SAME.items()
}
"""For each context, the table that translates every other octet into one that is not ASCII."""

_VISIBLE = bytes([*range(32, 127), *range(128, 256)]).translate(None, b"\xc2\xed")
"""The octets of visible characters. Of those beyond ASCII, control characters begin with C2 (as do
some visible ones), surrogates with ED."""

_FOLD = b"\r\n "
"""A line break within a header (RFC 5322, 2.2.3)."""

_LONGEST = 73
"""Octets of a value that still fits on a line when a dot at its beginning is encoded."""


def encode_column(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    """Return the values as they stand in the bytes of a message, for each of the contexts.

    They are exactly those that `contexts.encode` returns one by one.

    Raises:
        UnfitValueError: if one of them must not stand in one of the contexts.
    """
    if not values:
        return dict.fromkeys(contexts, ())
    columns = dict(_in_lines(values, [context for context in contexts if context in _SAME]))
    for context in contexts:
        if context is Context.RAW:
            columns[context] = _raw(values)
        elif context not in columns:
            columns[context] = [encode(value, context) for value in values]
    return columns


def _raw(values: Sequence[str]) -> Sequence[bytes]:
    octets = "\0".join(values).encode("utf-8", "surrogatepass")
    column = octets.split(b"\0")
    if len(column) > len(values) or octets.replace(_FOLD, b"").translate(None, _VISIBLE + b"\0"):
        return [encode(value, Context.RAW) for value in values]
    return column


def _in_lines(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    """Encode a column whose values may be written one a line; what many share, only once."""
    if not contexts:
        return {}
    marks = next(marks for context, marks in _MARKS.items() if context in contexts)
    if _octets(values).translate(marks).isascii():
        return _special_apart(values, contexts, marks)
    different = list(dict.fromkeys(values))
    if 2 * len(different) > len(values):
        return _special_apart(values, contexts, marks)
    columns = _special_apart(different, contexts, marks)
    return {
        context: list(map(dict(zip(different, column, strict=True)).__getitem__, values))
        for context, column in columns.items()
    }


def _special_apart(values: Sequence[str], contexts: Collection[Context], marks: bytes) -> Encoded:
    """Encode a column, working only on the values that do not stand for themselves."""
    octets = _octets(values)
    column = octets.split(b"\n")
    if len(column) > len(values):
        octets = _octets([value.replace("\n", "\t") for value in values])
        column = octets.split(b"\n")
    special = _special(octets, column, marks)
    if not special:
        return dict.fromkeys(contexts, column)
    columns = {}
    for context, encoded in _escaped([values[at] for at in special], contexts).items():
        mixed = columns[context] = column.copy()
        for at, value in zip(special, encoded, strict=True):
            mixed[at] = value
    return columns


def _octets(values: Sequence[str]) -> bytes:
    return "\n".join(values).encode("utf-8", "surrogatepass")


def _special(octets: bytes, column: list[bytes], marks: bytes) -> list[int]:
    """Return where the values are that do not stand for themselves."""
    misfits = _misfits(octets, column)
    marked = octets.translate(marks)
    if marked.isascii():
        return misfits
    ordinary = map(bytes.isascii, marked.split(b"\n"))
    special = list(compress(range(len(column)), map(not_, ordinary)))
    return sorted({*special, *misfits}) if misfits else special


def _misfits(octets: bytes, column: list[bytes]) -> list[int]:
    """Return where the values are that cannot be lines: too long, or a dot first or a blank last.

    SMTP doubles a dot at the beginning of a line; quoted-printable allows no blank at its end.
    """
    dotted = b"." in octets and b"\n." in b"\n" + octets
    blank = b" " in octets and b" \n" in octets + b"\n"
    if not dotted and not blank and len(max(column, key=len)) <= _LONGEST:
        return []
    return [
        at
        for at, line in enumerate(column)
        if len(line) > _LONGEST or line.startswith(b".") or line.endswith(b" ")
    ]


def _escaped(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    """Escape and encode every value."""
    odd: set[int] = set()
    lines = "\n".join(values)
    if not "".join(values).isprintable():
        odd = {at for at, value in enumerate(values) if not value.isprintable()}
        lines = "\n".join("" if at in odd else value for at, value in enumerate(values))
    quoted = b2a_qp(lines.encode(), istext=True).replace(b"=\n", b"=" * _LONGEST).decode()
    texts = {
        Context.PLAIN: lambda: quoted,
        Context.MARKUP: lambda: str(escape_markup(quoted)),  # what it escapes is not encoded
        Context.URL_COMPONENT: lambda: quote(lines, safe="\n"),
    }
    columns = {}
    for context in contexts:
        octets = texts[context]().encode()
        column = columns[context] = octets.split(b"\n")
        for at in odd.union(_misfits(octets, column)):
            column[at] = encode(values[at], context)
    return columns
