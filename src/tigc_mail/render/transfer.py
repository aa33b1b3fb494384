"""Transfer encodings of literals and values, each on its own, so that their bytes can be joined.

A quoted-printable text (RFC 2045, 6.7) may be cut anywhere by a *soft break*, `=` at the end of a
line. Each literal and each value begins in the first column and is closed by a soft break where
something follows; so none needs to know the length of its neighbours.
"""

from binascii import b2a_base64, b2a_qp
from collections.abc import Iterator

SOFT_BREAK = b"=\r\n"

_LINE = 75
"""Characters on a line before its soft break (RFC 2045: 76 with it)."""

WORD_BREAK = b"\r\n "
"""Stands between two encoded words, and is not shown (RFC 2047, 6.2)."""

_WORD_BYTES = 39
"""Bytes in one encoded word: 52 in base64, 64 with its frame; with `Subject: ` fewer than 76."""


def quoted_printable(text: str) -> bytes:
    """Return `text` in UTF-8 and quoted-printable, lines ended by CRLF.

    The first character stands in column one. No line begins with a dot, so SMTP needs no
    dot-stuffing; none ends with a blank.
    """
    return b"\r\n".join(_encode_line(line) for line in text.split("\n"))


def quoted_value(text: str) -> bytes:
    """Return `text` as `quoted_printable` does, to be followed by a soft break.

    That closes its last line, whose blank at the end can then stand as it is (RFC 2045, 6.7 (3)).
    """
    encoded = quoted_printable(text)
    return encoded.removesuffix(b"=20") + b" " if text.endswith(" ") else encoded


def _encode_line(line: str) -> bytes:
    octets = b2a_qp(line.encode("utf-8", "replace"), istext=False)
    return fitted(octets.replace(b"=\n", b""))  # it breaks lines in places of its own


def fitted(row: bytes) -> bytes:
    """Return an encoded line with soft breaks: no row of it is long or begins with a dot."""
    return SOFT_BREAK.join(_fitted(row))


def _fitted(row: bytes) -> Iterator[bytes]:
    """Yield a row in pieces that are short enough, and that begin with no dot."""
    while row.startswith(b".") or len(row) > _LINE:
        if row.startswith(b"."):
            row = b"=2E" + row[1:]
        begun = row.rfind(b"=", _LINE - 2, _LINE)  # an encoded octet stays whole
        cut = min(len(row), _LINE if begun < 0 else begun)
        yield row[:cut]
        row = row[cut:]
        if not row:
            return
    yield row


def encoded_words(text: str) -> bytes:
    """Return `text` as encoded words (RFC 2047), each but the first on a folded line of its own.

    What stands between encoded words is not shown, so several results joined with `WORD_BREAK` read
    as one text.
    """
    whole = text.encode("utf-8", "replace")
    if 0 < len(whole) <= _WORD_BYTES:
        return _word(whole)
    chunks: list[bytes] = []
    for character in text:
        octets = character.encode("utf-8", "replace")
        if chunks and len(chunks[-1]) + len(octets) <= _WORD_BYTES:
            chunks[-1] += octets
        else:
            chunks.append(octets)
    return WORD_BREAK.join(map(_word, chunks))


def _word(octets: bytes) -> bytes:
    return b"=?utf-8?b?%b?=" % b2a_base64(octets, newline=False)
