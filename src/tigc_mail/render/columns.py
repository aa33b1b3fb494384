"""Encoding a column of values at once.

A value costs microseconds to escape and encode on its own. So the values of a column are written
one a line, and functions in C work on the whole text. What is left are the few that break lines or
hold invisible characters, and those too long for a line of quoted-printable.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import compress, count
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

_ASCII = bytes(range(128))

_MARK = 255
_MARKS = {
    context: bytes(octet if octet in same + b"\n" else _MARK for octet in range(256))
    for context, same in _SAME.items()
}
"""For each context, the table that translates every other octet into one that is not ASCII."""

_MARKUP = tuple((bytes([o]), escape_markup(chr(o)).encode()) for o in b"&<>'\"")
"""The characters that markup escapes, the ampersand first, and how it writes them."""

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
    in_lines = [context for context in contexts if context in _SAME]
    columns: dict[Context, Sequence[bytes]] = {}
    if in_lines:
        lines = "\n".join(values)
        octets = lines.encode("utf-8", "surrogatepass")
        marks = next(marks for context, marks in _MARKS.items() if context in in_lines)
        if octets.translate(marks).isascii():
            column = octets.split(b"\n")
            if len(column) == len(values) and not _misfits(octets, column):
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
    if len(column) > len(values) or octets.translate(None, _VISIBLE + b"\0") != (
        b"\r\n" * octets.count(_FOLD)
    ):
        return [encode(value, Context.RAW) for value in values]
    return column


def _misfits(octets: bytes, column: list[bytes]) -> list[int]:
    """Return where the values are that cannot be lines: too long, or a dot first or a blank last.

    SMTP doubles a dot at the beginning of a line; quoted-printable allows no blank at its end.
    """
    misfits: list[int] = []
    if max(map(len, column)) > _LONGEST:
        misfits += compress(count(), map(_LONGEST.__lt__, map(len, column)))
    if b"." in octets and b"\n." in b"\n" + octets:
        misfits += [at for at, line in enumerate(column) if line.startswith(b".")]
    if b" " in octets and b" \n" in octets + b"\n":
        misfits += [at for at, line in enumerate(column) if line.endswith(b" ")]
    return misfits


def _escaped(
    values: Sequence[str], lines: str, octets: bytes, contexts: Collection[Context]
) -> dict[Context, Sequence[bytes]]:
    """Escape and encode every value, given as lines of text and their octets, too."""
    odd: set[int] = set()
    if "\n" in "".join(values) or octets.translate(None, _VISIBLE + b"\n"):
        odd = {at for at, value in enumerate(values) if not value.isprintable()}
        lines = "\n".join("" if at in odd else value for at, value in enumerate(values))
        octets = lines.encode()
    quoted = _quoted(octets)
    columns: dict[Context, list[bytes]] = {}
    for context in contexts:
        octets = _in_context(context, lines, quoted)
        column = columns[context] = octets.split(b"\n")
        odd.update(_misfits(octets, column))
    for context, column in columns.items():
        for at in odd:
            column[at] = encode(values[at], context)
    return dict(columns)


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
