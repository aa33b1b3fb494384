"""The bytes of a message as literals and slots (RFC 5322, RFC 2045, RFC 8058).

The structure is multipart/alternative(text/plain, text/html), in UTF-8 and quoted-printable. A
calendar is one more alternative (RFC 6047), and a file for programs that know only those; files
stand beside the alternatives in a multipart/mixed, in base64. They are the same for all recipients,
so that they are encoded once and spliced as they are.
"""

from base64 import encodebytes
from collections.abc import Iterable
from hashlib import sha256

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render.contexts import Context, visible
from tigc_mail.render.message import (
    AttachedPart,
    EventCalendar,
    Occurrence,
    Pieces,
    WireParts,
)
from tigc_mail.render.transfer import SOFT_BREAK, WORD_BREAK, encoded_words, quoted_printable

DELIVERY_ID = Occurrence("delivery.id", Context.RAW)
TO = Occurrence("delivery.to", Context.RAW)
DATE = Occurrence("delivery.date", Context.RAW)
TOKEN = Occurrence("delivery.token", Context.RAW)

_PLAIN_LENGTH = 66
"""Characters of a text that surely fit on the line of its header (RFC 5322: 78 with its name)."""


CALENDAR_FILE = "event.ics"


def assemble(
    edition: TailoredEdition,
    subject: Pieces,
    text: Pieces,
    html: Pieces,
    unsubscribe: str,
    calendar: EventCalendar | None = None,
    attachments: tuple[AttachedPart, ...] = (),
) -> WireParts:
    """Return the complete message of a variant.

    Args:
        edition: for the sender, the list and the language.
        subject: the subject, cut at its slots.
        text: the plain text part.
        html: the HTML part.
        unsubscribe: the https address that takes a one-click unsubscription (RFC 8058), up to
            the recipient's token.
        calendar: the events of the edition.
        attachments: the files that travel with it.
    """
    boundary = _boundary(subject, text, html)
    encoded = b"" if calendar is None else _base64(calendar.content)
    alternatives = [
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode(),
        *_part(boundary, "plain", text),
        *_part(boundary, "html", html),
        *(() if calendar is None else _calendar_part(boundary, calendar.method, encoded)),
        f"--{boundary}--\r\n".encode(),
    ]
    files = [_file_part(file, _base64(file.content)) for file in attachments]
    if calendar is not None:
        own = AttachedPart(CALENDAR_FILE, "application/ics", "", calendar.content)
        files.insert(0, _file_part(own, encoded))
    body = _mixed(alternatives, files) if files else alternatives
    return _merged([*_head(edition, subject, unsubscribe), *body])


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
    if not name:
        return f"{header}: {address}\r\n".encode()
    if _is_plain(name):
        quoted = name.replace("\\", r"\\").replace('"', r"\"")
        return f'{header}: "{quoted}" <{address}>\r\n'.encode()
    return f"{header}: ".encode() + encoded_words(visible(name)) + f"\r\n <{address}>\r\n".encode()


def _subject(pieces: Pieces) -> Iterable[bytes | Occurrence]:
    yield b"Subject: "
    if len(pieces) == 1 and isinstance(pieces[0], str) and _is_plain(pieces[0]):
        yield pieces[0].encode()
    else:
        yield from _words([piece for piece in pieces if piece != ""])
    yield b"\r\n"


def _words(pieces: Iterable[str | Occurrence]) -> Iterable[bytes | Occurrence]:
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            yield (WORD_BREAK if at else b"") + encoded_words(visible(piece))
        else:
            yield Occurrence(piece.slot, Context.WORD if at else Context.FIRST_WORD)


def _is_plain(text: str) -> bool:
    """Return whether a text can stand in a header as it is, on the header's own line.

    All else becomes encoded words: the folding of `email` loses blanks of long texts, and leaves
    letters beyond ASCII as they are.
    """
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_LENGTH


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


def _calendar_part(boundary: str, method: str, encoded: bytes) -> Iterable[bytes]:
    yield (
        f"--{boundary}\r\n"
        f'Content-Type: text/calendar; method={method}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    yield encoded


def _file_part(file: AttachedPart, encoded: bytes) -> bytes:
    """Return a file with its headers; its name is ASCII, and needs no encoding."""
    lines = [
        f'Content-Type: {file.media_type};\r\n name="{file.name}"',
        f'Content-Disposition: attachment;\r\n filename="{file.name}"',
        "Content-Transfer-Encoding: base64",
    ]
    head = "".join(f"{line}\r\n" for line in lines).encode()
    if file.title:
        head += b"Content-Description: " + encoded_words(visible(file.title)) + b"\r\n"
    return head + b"\r\n" + encoded


def _mixed(
    alternatives: Iterable[bytes | Occurrence], files: list[bytes]
) -> Iterable[bytes | Occurrence]:
    boundary = f"=_{sha256(b''.join(files)).hexdigest()[:30]}_m"
    yield f'Content-Type: multipart/mixed;\r\n boundary="{boundary}"\r\n\r\n'.encode()
    yield f"--{boundary}\r\n".encode()
    yield from alternatives
    for file in files:
        yield f"--{boundary}\r\n".encode()
        yield file
    yield f"--{boundary}--\r\n".encode()


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")


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
