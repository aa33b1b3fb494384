"""A message is read as mail programs read it, and beyond: comments, attributes, data, calendars."""

import pytest

from tigc_mail import CompiledMessage
from tigc_mail.delivery.guard.reading import texts_of
from tigc_mail.delivery.guard.words import fingerprint
from tigc_mail.render.message import Letterhead
from tigc_mail.render.mime import DATE
from tigc_mail.render.transfer import encoded_words, quoted_printable

LONG = "The warehouse in the old harbour is searched on Friday, and nobody must know of it before."


def read(*, page: str = "", wire: bytes = b"") -> list[tuple[str, str]]:
    message = CompiledMessage(
        audience="public", locale="en", subject=("s",), html=(page,), text=("t",),
        wire=(b"Date: ", DATE, b"\r\n" + wire),
        salutation=("", ""), letterhead=Letterhead("", "", "", "", ""),
    )  # fmt: skip
    return list(texts_of(message))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>a <b>b</b>c</p>", "a bc"),
        ("<p>one</p><p>two</p>", "two"),
        ("<td>caf&eacute; &#8212; x</td>", "café — x"),
        ('<img alt="in a picture">', "in a picture"),
        ('<a href="https://example.org/x">y</a>', "https://example.org/x"),
        ('<td style="background:url(https://example.org/b.png)">', "https://example.org/b.png"),
        ("<style>.a{background:url('https://example.org/c.png')}</style>", "https://example.org/c.png"),
        ("<!-- in a comment -->", " in a comment "),
        ('<!--[if mso]><v:rect alt="for Outlook"><p>only</p><![endif]-->', "for Outlook"),
        ("<!--[if mso]><p>only</p><![endif]-->", "only"),
        ('<script type="application/ld+json">{"a": [{"b": "in data"}]}</script>', "in data"),
        ("<script>not json</script>", "not json"),
        ("<title>at the top</title>", "at the top"),
    ],
)  # fmt: skip
def test_texts_of_a_page(page: str, found: str) -> None:
    assert ("html", found) in read(page=page)


def test_layout_is_no_text() -> None:
    page = '<table role="presentation" class="georgia" style="color:red" align="center"></table>'
    assert [text for name, text in read(page=page) if name == "html"] == []


def test_headers_are_decoded() -> None:
    wire = b"Subject: " + encoded_words(LONG) + b"\r\nX-More: =?iso-8859-1?q?caf=E9?=\r\n\r\n"
    assert ("header Subject", LONG) in read(wire=wire)
    assert ("header X-More", "café") in read(wire=wire)


def test_parts_are_decoded_and_their_file_names_read() -> None:
    calendar = "BEGIN:VCALENDAR\r\nDESCRIPTION:A\\, b\\nc d\r\n  folded\r\nEND:VCALENDAR\r\n"
    wire = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        + quoted_printable(LONG)
        + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n"
        b'--b\r\nContent-Type: text/calendar; charset="utf-8"; name="event.ics"\r\n\r\n'
        + calendar.encode()
        + b"--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="agenda.pdf"\r\n\r\nx\r\n--b--\r\n'
    )
    found = read(wire=wire)
    assert {
        ("text", LONG), ("html", "page"), ("calendar", ":A, b"), ("calendar", "c d folded"),
        ("file name", "agenda.pdf"), ("file", fingerprint(b"x")),
    } <= {*found}  # fmt: skip


def test_time_zones_and_fixed_words_of_calendars_are_no_text() -> None:
    calendar = b"BEGIN:VCALENDAR\nMETHOD:PUBLISH\nBEGIN:VTIMEZONE\nTZID:X/Y\nEND:VTIMEZONE\nUID:u\nEND:VCALENDAR"
    message = b"Content-Type: text/calendar\r\n\r\n" + calendar
    assert [text for name, text in read(wire=message) if name == "calendar"] == [":u"]
