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
    if not contexts:
        return {}
    column = _lines(values)
    if len(column) > len(values):
        column = _lines([value.replace("\n", "\t") for value in values])
    strictest = next(context for context in _SAME if context in contexts)
    special = _special(column, _MARKS[strictest])
    if not special:
        return dict.fromkeys(contexts, column)
    chosen = [values[at] for at in special]
    columns = {}
    for context, encoded in _escaped(list(dict.fromkeys(chosen)), contexts).items():
        columns[context] = column.copy()
        for at, value in zip(special, chosen, strict=True):
            columns[context][at] = encoded[value]
    return columns


def _lines(values: Sequence[str]) -> list[bytes]:
    return "\n".join(values).encode("utf-8", "surrogatepass").split(b"\n")


def _special(column: list[bytes], marks: bytes) -> list[int]:
    """Return where the values are that do not stand for themselves."""
    lines = b"\n".join((b"", *column, b""))
    marked = lines.translate(marks)
    special: list[int] = []
    if not marked.isascii():
        ordinary = map(bytes.isascii, marked[1:-1].split(b"\n"))
        special = list(compress(range(len(column)), map(not_, ordinary)))
    if b"\n." in lines or b" \n" in lines or len(max(column, key=len)) > _LONGEST:
        found = {at for at, line in enumerate(column) if not _fits(line)}
        special = sorted(found.union(special))
    return special


def _fits(line: bytes) -> bool:
    """Return whether a value may be a line: SMTP doubles a dot at the beginning of one."""
    return len(line) <= _LONGEST and line[:1] != b"." and line[-1:] != b" "


def _escaped(
    values: Sequence[str], contexts: Collection[Context]
) -> Mapping[Context, Mapping[str, bytes]]:
    """Return the encoded form of each value, for each of the contexts."""
    tame = [value if value.isprintable() else "" for value in values]
    lines = "\n".join(tame)
    quoted = b2a_qp(lines.encode(), istext=True).replace(b"=\n", b"=" * _LONGEST).decode()
    texts = dict.fromkeys(contexts, quoted)
    if Context.MARKUP in texts:  # what it escapes, quoted-printable leaves alone
        texts[Context.MARKUP] = str(escape_markup(quoted))
    if Context.URL_COMPONENT in texts:
        texts[Context.URL_COMPONENT] = quote(lines, safe="\n")
    return {
        context: {
            value: line if value.isprintable() and _fits(line) else encode(value, context)
            for value, line in zip(values, text.encode().split(b"\n"), strict=True)
        }
        for context, text in texts.items()
    }
