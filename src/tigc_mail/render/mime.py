"""The bytes of a message as literals and slots (RFC 5322, RFC 2045, RFC 8058).

The structure is multipart/alternative(text/plain, text/html), in UTF-8 and quoted-printable.
"""

from collections.abc import Iterable
from email import policy
from email.headerregistry import Address
from hashlib import sha256

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render.contexts import Context
from tigc_mail.render.message import Occurrence, Pieces, WireParts
from tigc_mail.render.transfer import SOFT_BREAK, encoded_words, quoted_printable

DELIVERY_ID = Occurrence("delivery.id", Context.RAW)
TO = Occurrence("delivery.to", Context.RAW)
DATE = Occurrence("delivery.date", Context.RAW)
TOKEN = Occurrence("delivery.token", Context.RAW)

_HEADERS = policy.SMTP.clone(max_line_length=78)


def assemble(
    edition: TailoredEdition, subject: Pieces, text: Pieces, html: Pieces, unsubscribe: str
) -> WireParts:
    """Return the complete message of a variant.

    Args:
        edition: for the sender, the list and the language.
        subject: the subject, cut at its slots.
        text: the plain text part.
        html: the HTML part.
        unsubscribe: the https address that takes a one-click unsubscription (RFC 8058), up to
            the recipient's token.
    """
    boundary = _boundary(subject, text, html)
    return _merged(
        [
            *_head(edition, subject, unsubscribe),
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            *_part(boundary, "plain", text),
            *_part(boundary, "html", html),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def _head(
    edition: TailoredEdition, subject: Pieces, unsubscribe: str
) -> Iterable[bytes | Occurrence]:
    audience = edition.audience
    domain = audience.sender_address.rpartition("@")[2]
    yield _address("From", audience.sender_name, audience.sender_address)
    if audience.reply_to:
        yield _address("Reply-To", "", audience.reply_to)
    yield from (b"To: ", TO, b"\r\n")
    yield from _subject(subject)
    yield from (b"Date: ", DATE, b"\r\n")
    yield from (b"Message-ID: <", DELIVERY_ID, f"@{domain}>\r\n".encode())
    yield f"List-Id: <{audience.list_id}>\r\n".encode()
    yield from (f"List-Unsubscribe: <{unsubscribe}".encode(), TOKEN, b">\r\n")
    yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    yield f"Content-Language: {edition.locale}\r\nMIME-Version: 1.0\r\n".encode()


def _address(header: str, name: str, address: str) -> bytes:
    shown = str(Address(display_name=name, addr_spec=address))
    return _folded(header, shown)


def _folded(header: str, value: str) -> bytes:
    folded: str = _HEADERS.fold(header, value)
    return folded.encode()


def _subject(pieces: Pieces) -> Iterable[bytes | Occurrence]:
    if all(isinstance(piece, str) for piece in pieces):
        yield _folded("Subject", "".join(map(str, pieces)))
        return
    yield b"Subject:"
    for piece in pieces:
        yield encoded_words(piece) if isinstance(piece, str) else piece
    yield b"\r\n"


def _part(boundary: str, subtype: str, pieces: Pieces) -> Iterable[bytes | Occurrence]:
    yield (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()
    for at, piece in enumerate(pieces):
        if at:
            yield SOFT_BREAK
        yield quoted_printable(piece) if isinstance(piece, str) else piece
    yield b"\r\n"


def _boundary(*parts: Pieces) -> str:
    """Return a boundary that quoted-printable cannot contain (RFC 2045, 6.7), made of the content.

    Equal messages have equal boundaries, so that their digests are equal too.
    """
    return f"=_{sha256(repr(parts).encode()).hexdigest()[:32]}"


def _merged(parts: Iterable[bytes | Occurrence]) -> WireParts:
    """Return literals and occurrences in turn: neighbouring literals joined, missing ones empty."""
    merged: list[bytes | Occurrence] = [b""]
    for part in parts:
        last = merged[-1]
        if isinstance(part, bytes) and isinstance(last, bytes):
            merged[-1] = last + part
        elif isinstance(part, bytes) or isinstance(last, bytes):
            merged.append(part)
        else:
            merged += [b"", part]
    if not isinstance(merged[-1], bytes):
        merged.append(b"")
    return tuple(merged)
