"""Encoding a column of values at once.

A value costs microseconds to escape and encode on its own. So the values of a column are written
one a line, and functions in C work on the whole text. What is left are the few that break lines or
hold invisible characters, and the soft breaks of those too long for a line of quoted-printable.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import compress, count, repeat
from operator import gt
from string import ascii_letters, digits
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.contexts import VISIBLE, Context, encode
from tigc_mail.render.transfer import fitted

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

_ASCII = bytes(range(128))

_MARK = 255
_MARKS = {
    context: bytes(octet if octet in same + b"\n" else _MARK for octet in range(256))
    for context, same in _SAME.items()
}
"""For each context, the table that translates every other octet into one that is not ASCII."""

_MARKUP = tuple((bytes([o]), escape_markup(chr(o)).encode()) for o in b"&<>'\"")
"""The characters that markup escapes, the ampersand first, and how it writes them."""

_FOLD = b"\r\n "
"""A line break within a header (RFC 5322, 2.2.3)."""

_LONGEST = 75
"""Octets of a value that fits on a line before a soft break (RFC 2045, 6.7)."""


def encode_column(values: Sequence[str], contexts: Collection[Context]) -> Encoded:
    """Return the values as they stand in the bytes of a message, for each of the contexts.

    They are exactly those that `contexts.encode` returns one by one.

    Raises:
        UnfitValueError: if one of them must not stand in one of the contexts.
    """
    if not values:
        return dict.fromkeys(contexts, ())
    in_lines = [context for context in contexts if context in _SAME]
    columns: dict[Context, Sequence[bytes]] = {}
    if in_lines:
        lines = "\n".join(values)
        octets = lines.encode("utf-8", "surrogatepass")
        marks = next(marks for context, marks in _MARKS.items() if context in in_lines)
        if octets.translate(marks).isascii():
            column = octets.split(b"\n")
            if len(column) == len(values) and not (_dotted(octets, column) or _long(column)):
                columns = dict.fromkeys([*in_lines, Context.RAW], column)
        columns = columns or _escaped(values, lines, octets, in_lines)
    for context in contexts:
        if context not in columns:
            columns[context] = (
                _raw(values)
                if context is Context.RAW
                else [encode(value, context) for value in values]
            )
    return columns


def _raw(values: Sequence[str]) -> Sequence[bytes]:
    octets = "\0".join(values).encode("utf-8", "surrogatepass")
    column = octets.split(b"\0")
    if len(column) > len(values) or octets.translate(None, VISIBLE + b"\0") != (
        b"\r\n" * octets.count(_FOLD)
    ):
        return [encode(value, Context.RAW) for value in values]
    return column


def _dotted(octets: bytes, column: Sequence[str] | Sequence[bytes]) -> list[int]:
    """Return where the values are that begin with a dot, which SMTP doubles; `octets` has all."""
    if b"." not in octets or b"\n." not in b"\n" + octets:
        return []
    return [at for at, value in enumerate(column) if value[:1] in (".", b".")]


def _long(column: Sequence[bytes]) -> list[int]:
    """Return where the values are that do not fit on a line."""
    if max(map(len, column)) <= _LONGEST:
        return []
    return list(compress(count(), map(gt, map(len, column), repeat(_LONGEST))))


def _escaped(
    values: Sequence[str], lines: str, octets: bytes, contexts: Collection[Context]
) -> dict[Context, Sequence[bytes]]:
    """Escape and encode every value, given as lines of text and their octets, too."""
    odd: set[int] = set()
    if "\n" in "".join(values) or octets.translate(None, VISIBLE + b"\n"):
        odd = {at for at, value in enumerate(values) if not value.isprintable()}
        lines = "\n".join("" if at in odd else value for at, value in enumerate(values))
        octets = lines.encode()
    dotted = _dotted(octets, values)
    quoted = _quoted(octets)
    columns: dict[Context, Sequence[bytes]] = {}
    long: dict[Context, list[int]] = {}
    for context in contexts:
        column = _in_context(context, lines, quoted).split(b"\n")
        columns[context] = column
        if context is Context.PLAIN and Context.MARKUP in long:  # where each is as long, or longer
            long[context] = [at for at in long[Context.MARKUP] if len(column[at]) > _LONGEST]
        else:
            long[context] = _long(column)
        for at in {*dotted, *long[context]}:
            column[at] = fitted(column[at])
        for at in odd:
            column[at] = encode(values[at], context)
    return columns


def _in_context(context: Context, lines: str, quoted: bytes) -> bytes:
    if context is Context.PLAIN:
        return quoted
    if context is Context.MARKUP:
        for character, written in _MARKUP:  # none of them is encoded
            quoted = quoted.replace(character, written)
        return quoted
    return quote(lines, safe="\n").encode()


def _quoted(octets: bytes) -> bytes:
    """Return octets in quoted-printable, but for what depends on the line."""
    octets = octets.replace(b"=", b"=3D")
    for octet in set(octets.translate(None, _ASCII)):
        octets = octets.replace(bytes([octet]), b"=%02X" % octet)
    return octets
