"""Encoding a column of values at once.

A value costs microseconds to escape and encode on its own. So the values of a column are written
one a line, and functions in C work on the whole text. What is left are the few that break lines or
hold invisible characters, and the soft breaks of those too long for a line of quoted-printable.
"""

from collections.abc import Collection, Mapping, Sequence
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
        same = next(same for context, same in _SAME.items() if context in in_lines)
        special = octets.translate(None, same)
        if special == b"\n" * (len(values) - 1):
            column = octets.split(b"\n")
            if max(map(len, column)) <= _LONGEST and not _dotted(octets, column):
                columns = dict.fromkeys([*in_lines, Context.RAW], column)
        columns = columns or _escaped(values, octets, special, in_lines)
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
    special = octets.translate(None, VISIBLE + b"\0")
    if len(column) > len(values) or (special and special != b"\r\n" * octets.count(_FOLD)):
        return [encode(value, Context.RAW) for value in values]
    return column


def _dotted(octets: bytes, column: Sequence[str] | Sequence[bytes]) -> list[int]:
    """Return where the values are that begin with a dot, which SMTP doubles; `octets` has all."""
    if b"." not in octets or b"\n." not in b"\n" + octets:
        return []
    return [at for at, value in enumerate(column) if value[:1] in (".", b".")]


def _escaped(
    values: Sequence[str], octets: bytes, special: bytes, contexts: Collection[Context]
) -> dict[Context, Sequence[bytes]]:
    """Escape and encode every value, given as lines, too, and what is special of them."""
    odd: set[int] = set()
    if special.count(b"\n") >= len(values) or special.translate(None, VISIBLE + b"\n"):
        odd = {at for at, value in enumerate(values) if not value.isprintable()}
        octets = "\n".join("" if at in odd else v for at, v in enumerate(values)).encode()
    dotted = _dotted(octets, values)
    quoted = _quoted(octets, special)
    columns: dict[Context, Sequence[bytes]] = {}
    long: list[int] = []
    for context in contexts:
        column = _in_context(context, octets, quoted).split(b"\n")
        if context is Context.PLAIN and columns:  # nowhere else is one shorter
            long = [at for at in long if len(column[at]) > _LONGEST]
        else:
            long = [at for at, value in enumerate(column) if len(value) > _LONGEST]
        for at in {*dotted, *long}:
            column[at] = fitted(column[at])
        for at in odd:
            column[at] = encode(values[at], context)
        columns[context] = column
    return columns


def _in_context(context: Context, octets: bytes, quoted: bytes) -> bytes:
    if context is Context.PLAIN:
        return quoted
    if context is Context.MARKUP:
        for character, written in _MARKUP:  # none of them is encoded
            quoted = quoted.replace(character, written)
        return quoted
    return quote(octets, safe="\n").encode()


def _quoted(octets: bytes, special: bytes) -> bytes:
    """Return octets in quoted-printable, but for what depends on the line."""
    octets = octets.replace(b"=", b"=3D")
    for octet in set(special.translate(None, _ASCII)):
        octets = octets.replace(bytes([octet]), b"=%02X" % octet)
    return octets
