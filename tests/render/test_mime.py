"""The headers of a message, as receivers and their filters ask for them."""

import email
import re
from collections.abc import Callable
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.compile import compile_message
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.mime import assemble
from tigc_mail.render.templates import Templates

Compile = Callable[..., CompiledMessage]
Fill = Callable[..., EmailMessage]

LINES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200
)


@pytest.fixture(scope="module")
def head_of(edition_of: Callable[..., Any]) -> Callable[..., bytes]:
    """Return the header section of a message, its slots left out."""

    def head(subject: str = "News", **audience: Any) -> bytes:
        edition = edition_of(audience=audience)
        wire = assemble(edition, (subject,), ("text",), ("html",), "https://example.org/u/")
        content = b"".join(part for part in wire if isinstance(part, bytes))
        return content.partition(b"\r\n\r\n")[0]

    return head


def header(head: bytes, name: str) -> str:
    """Return a header as it is on the wire, unfolded."""
    raw = email.message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32)[name]
    return re.sub(r"\r?\n", "", raw)


def test_a_message_can_be_left_with_one_click(compile_with: Compile, fill: Fill) -> None:
    message = fill(compile_with(), {"delivery.token": "t0ken-_x"})
    assert message["List-Unsubscribe"] == "<https://mail.example.org/unsubscribe/t0ken-_x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<public.example.org>"


def test_the_message_id_is_the_deliverys_at_the_senders_domain(
    compile_with: Compile, fill: Fill
) -> None:
    message = fill(compile_with(), {"delivery.id": "0192-ab"})
    assert message["Message-ID"] == "<0192-ab@example.org>"


def test_every_message_has_the_headers_of_a_message(compile_with: Compile, fill: Fill) -> None:
    message = fill(compile_with(locale="fr", audience={"reply_to": "desk@example.org"}))
    assert message["To"].addresses[0].addr_spec == "alex@example.org"
    assert message["Date"].datetime is not None
    assert message["From"].addresses[0].display_name == "The programme"
    assert message["Reply-To"] == "desk@example.org"
    assert message["Content-Language"] == "fr"
    assert message["MIME-Version"] == "1.0"
    assert all(count == 1 for count in (message.keys().count(name) for name in message.keys()))


def test_there_is_no_reply_to_where_replies_go_to_the_sender(
    compile_with: Compile, fill: Fill
) -> None:
    assert "Reply-To" not in fill(compile_with())


def test_a_long_link_to_leave_is_neither_folded_nor_encoded(
    templates_of: Callable[..., Templates], edition_of: Callable[..., Any]
) -> None:
    public = "https://mail.example.org/" + "a-long-path/" * 30
    message = compile_message(edition_of(), templates_of(), public)
    values = dict.fromkeys(message.slots, "plain") | {"delivery.token": "t" * 200}
    line = f"\r\nList-Unsubscribe: <{public}unsubscribe/{'t' * 200}>\r\n"
    assert line.encode() in message.fill(values).as_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "TIGC",
        "Programme, with a comma; and <brackets> (too) @",
        'The "quoted" \\ programme',
        "Actualités du programme TIGC",
        "نشرة البرنامج",
        "Programme d'actualités, de nouvelles et d'événements, " * 5,
        "A very long name, in ASCII, with commas, " * 5,
        "x" * 200,
        "=?utf-8?q?x?=",
        "news@elsewhere.example",
        "😀",
    ],
)
def test_the_senders_name_is_shown_as_it_is(head_of: Callable[..., bytes], name: str) -> None:
    head = head_of(sender_name=name)
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 78
    shown, address = parseaddr(header(head, "From"))
    assert (str(make_header(decode_header(shown))), address) == (name, "news@example.org")


@given(name=LINES.map(str.strip).filter(bool))
def test_no_senders_name_forges_a_sender(head_of: Callable[..., bytes], name: str) -> None:
    head = head_of(sender_name=name)
    parsed = email.message_from_bytes(head + b"\r\n\r\n", policy=policy.default)
    assert [mailbox.addr_spec for mailbox in parsed["From"].addresses] == ["news@example.org"]
    assert not parsed["From"].defects
    shown = parseaddr(header(head, "From"))[0]
    assert str(make_header(decode_header(shown))) == name


def test_an_address_may_stand_alone(head_of: Callable[..., bytes]) -> None:
    assert header(head_of(sender_name=""), "From") == "news@example.org"


@pytest.mark.parametrize(
    "subject",
    [
        "News",
        "Long words, " * 30,
        "x" * 300,
        "Actualités",
        "Naïve façade " * 20,
        "x" * 70 + " é",
        "日本" * 60,
        "😀" * 60,
        "=?utf-8?q?x?=",
        "é =?utf-8?q?x?=",
        "a\u00a0b",
        "مرحبا",
        "Re: : a",
    ],
)
def test_the_subject_is_shown_as_it_is(head_of: Callable[..., bytes], subject: str) -> None:
    subject = subject.strip()
    head = head_of(subject)
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 78
    parsed = email.message_from_bytes(head + b"\r\n\r\n", policy=policy.default)
    assert parsed["Subject"] == subject
    assert not parsed["Subject"].defects


@given(subject=LINES.map(str.strip).filter(bool))
def test_any_subject_is_shown_as_it_is(head_of: Callable[..., bytes], subject: str) -> None:
    parsed = email.message_from_bytes(head_of(subject) + b"\r\n\r\n", policy=policy.default)
    assert parsed["Subject"] == subject
    assert parsed.keys()[-1] == "Content-Type"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("{{ recipient.role }}", "Émile"),
        ("{{ recipient.role }}, news", "Émile, news"),
        ("News, {{ recipient.role }}", "News, Émile"),
        ("{{ recipient.role }} {{ recipient.role }}", "Émile Émile"),
        ("A {{ recipient.role }} b {{ recipient.role }} é", "A Émile b Émile é"),
    ],
)
def test_a_subject_may_hold_slots_anywhere(
    compile_with: Compile, fill: Fill, subject: str, shown: str
) -> None:
    compiled = compile_with(subject=subject)
    message = fill(compiled, {"recipient.role": "Émile"})
    assert message["Subject"] == shown
    assert not message["Subject"].defects


def test_a_subject_reads_on_where_a_value_is_missing(compile_with: Compile, fill: Fill) -> None:
    compiled = compile_with(subject="News{{ recipient.role }}, November")
    assert fill(compiled, {"recipient.role": ""})["Subject"] == "News, November"


def test_text_comes_before_html_in_one_alternative(compile_with: Compile, fill: Fill) -> None:
    message = fill(compile_with(body="Bonjour é"))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    for part in list(message.walk())[1:]:
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert "Bonjour é" in part.get_content()
