"""Transfer encodings of literals and values, each on its own, so that their bytes can be joined.

A quoted-printable text (RFC 2045, 6.7) may be cut anywhere by a *soft break*, `=` at the end of a
line. Each literal and each value begins in the first column and is closed by a soft break where
something follows; so none needs to know the length of its neighbours.
"""

from base64 import b64encode
from binascii import b2a_qp

SOFT_BREAK = b"=\r\n"

_LINE = 75
"""Characters on a line before its soft break (RFC 2045: 76 with it)."""

WORD_BREAK = b"\r\n "
"""Stands between two encoded words, and is not shown (RFC 2047, 6.2)."""

_WORD_BYTES = 39
"""Bytes in one encoded word: 52 in base64, 64 with its frame; with `Subject: ` fewer than 76."""

_OCTETS = tuple(
    bytes([octet]) if octet in b" \t" or (33 <= octet <= 126 and octet != 61) else b"=%02X" % octet
    for octet in range(256)
)


def quoted_printable(text: str) -> bytes:
    """Return `text` in UTF-8 and quoted-printable, lines ended by CRLF.

    The first character stands in column one. No line begins with a dot, so SMTP needs no
    dot-stuffing; none ends with a blank.
    """
    return b"\r\n".join(_encode_line(line) for line in text.split("\n"))


def _encode_line(line: str) -> bytes:
    octets = line.encode("utf-8", "replace")
    rows = b2a_qp(octets, istext=False).split(b"=\n")
    if any(len(row) > _LINE or row.startswith(b".") for row in rows):
        return _encode_octets(octets)
    return SOFT_BREAK.join(rows)


def _encode_octets(octets: bytes) -> bytes:
    """Do what `b2a_qp` does, and encode a dot wherever a line would begin with it."""
    units = [_OCTETS[octet] for octet in octets]
    if units and units[-1] in (b" ", b"\t"):
        units[-1] = b"=%02X" % units[-1][0]
    rows: list[bytes] = []
    row: list[bytes] = []
    width = 0
    for unit in units:
        written = b"=2E" if unit == b"." and width == 0 else unit
        if width + len(written) > _LINE:
            rows.append(b"".join(row))
            row, width = [], 0
            written = b"=2E" if unit == b"." else unit
        row.append(written)
        width += len(written)
    rows.append(b"".join(row))
    return SOFT_BREAK.join(rows)


def encoded_words(text: str) -> bytes:
    """Return `text` as encoded words (RFC 2047), each but the first on a folded line of its own.

    What stands between encoded words is not shown, so several results joined with `WORD_BREAK` read
    as one text.
    """
    whole = text.encode("utf-8", "replace")
    chunks: list[bytes] = [whole] if 0 < len(whole) <= _WORD_BYTES else []
    for character in "" if chunks else text:
        octets = character.encode("utf-8", "replace")
        if chunks and len(chunks[-1]) + len(octets) <= _WORD_BYTES:
            chunks[-1] += octets
        else:
            chunks.append(octets)
    return WORD_BREAK.join(b"=?utf-8?b?" + b64encode(chunk) + b"?=" for chunk in chunks)
