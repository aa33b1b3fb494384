"""Encoding a column of values at once.

Most values are plain letters and digits, which every context shows as they are. One pass in C over
the joined column finds that out; only what fails it is encoded value by value.
"""

from collections.abc import Iterable, Sequence
from string import ascii_letters, digits

from tigc_mail.render.contexts import Context, encode

_UNRESERVED = (ascii_letters + digits + "-_").encode()
_PLAIN = _UNRESERVED + b" ,:;/()+@"

_HARMLESS: dict[Context, bytes] = {
    Context.MARKUP: _PLAIN,
    Context.PLAIN: _PLAIN,
    Context.URL_COMPONENT: _UNRESERVED,
    Context.RAW: bytes(range(33, 127)) + b" \r\n\t",
}
"""For a context, the octets that stand for themselves wherever they are in a value.

A dot is not among them: it must not begin a line. Neither is any letter that HTML escapes.
"""

_LONGEST = 70
"""Octets of a value that surely fit on a line of quoted-printable."""


def encode_column(
    values: Sequence[str], contexts: Iterable[Context]
) -> dict[Context, Sequence[bytes]]:
    """Return the values as they stand in the bytes of a message, for each of the contexts.

    Raises:
        UnfitValueError: if one of them must not stand in one of the contexts.
    """
    joined = "\0".join(values).encode("utf-8", "replace")
    column = joined.split(b"\0")
    suspects = joined.translate(None, _UNRESERVED + b"\0")
    fits = len(max(column, key=len)) <= _LONGEST
    split_well = len(column) == len(values)

    def encoded(context: Context) -> Sequence[bytes]:
        harmless = context in _HARMLESS and not suspects.translate(None, _HARMLESS[context])
        if harmless and split_well and (fits or context is Context.RAW):
            return column
        return [encode(value, context) for value in values]

    return {context: encoded(context) for context in contexts}
