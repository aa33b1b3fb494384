"""The mailbox lists, searches and opens the messages of a folder, and nothing else of the disk."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tigc_mail.errors import UsageError
from tigc_mail.interfaces.preview import mailbox
from tigc_mail.interfaces.preview.mailbox import Mailbox, campaign_of, opened, safe_name

CAMPAIGN = "news-a1b2c3"


def put(folder: Path, number: int, subject: str = "News", to: str = "lea@example.org") -> Path:
    """Write a message into the folder, a second later than the one of the number before."""
    folder.mkdir(exist_ok=True)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "news@example.org", to, subject
    message.set_content("Hello")
    path = folder / f"{CAMPAIGN}-{number}.eml"
    path.write_bytes(message.as_bytes())
    os.utime(path, (1_000_000 + number, 1_000_000 + number))
    return path


def numbers(page: mailbox.Page) -> list[int]:
    return [int(entry.name.removesuffix(".eml").rpartition("-")[2]) for entry, _ in page.found]


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "outbox")


def test_a_folder_that_is_not_there_is_empty_and_is_not_made(box: Mailbox) -> None:
    page = box.page()
    assert (page.total, page.found, page.after) == (0, [], "")
    assert not box.folder.exists()


def test_pages_go_through_all_messages_once_the_newest_first(box: Mailbox) -> None:
    for number in range(23):
        put(box.folder, number)
    seen, after = [], ""
    while True:
        page = box.page(after=after, size=5)
        seen += numbers(page)
        assert page.total == 23
        after = page.after
        if not after:
            break
    assert seen == list(range(22, -1, -1))


def test_mail_that_comes_between_two_pages_moves_nothing(box: Mailbox) -> None:
    for number in range(10):
        put(box.folder, number)
    first = box.page(size=4)
    put(box.folder, 99)
    assert numbers(box.page(after=first.after, size=4)) == [5, 4, 3, 2]
    assert numbers(box.page(size=2)) == [99, 9]
    assert not box.unchanged(first.stamp)


def test_of_one_moment_the_higher_number_is_newer(box: Mailbox) -> None:
    for number in (2, 9, 10, 11):
        os.utime(put(box.folder, number), (5, 5))
    assert numbers(box.page()) == [11, 10, 9, 2]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("éléphant", [3]),
        ("ÉLÉPHANT paul@", [3]),
        ("paul@example.org", [3, 1]),
        (f"{CAMPAIGN}-2", [2]),
        ("A1B2C3", [3, 2, 1]),
        ("nobody", []),
    ],
)
def test_subject_recipient_delivery_and_campaign_are_searched(
    box: Mailbox, words: str, found: list[int]
) -> None:
    put(box.folder, 1, to="Paul Nair <paul@example.org>")
    put(box.folder, 2)
    put(box.folder, 3, subject="L'éléphant, et après", to="Paul Nair <paul@example.org>")
    assert numbers(box.page(words)) == found


def test_a_search_reads_only_so_many_for_one_page_and_goes_on_from_there(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MAX_LOOKED", 4)
    put(box.folder, 1, subject="The needle")
    for number in range(2, 11):
        put(box.folder, number)
    looks, found, after = [], [], ""
    while True:
        page = box.page("needle", after=after)
        looks.append(page.looked)
        found += numbers(page)
        after = page.after
        if not after:
            break
    assert found == [1]
    assert looks == [4, 4, 2]
    assert box.page("needle").looked == 10, "what was read once is known"


def test_only_what_is_listed_is_read(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        put(box.folder, number)
    opens: list[str] = []
    really = Mailbox._open
    monkeypatch.setattr(
        Mailbox, "_open", lambda self, name: (opens.append(name), really(self, name))[1]
    )
    box.page(size=7)
    box.page(size=7)
    assert len(opens) == 7


def test_a_message_that_is_replaced_is_read_anew(box: Mailbox) -> None:
    put(box.folder, 1, subject="Before")
    assert box.page().found[0][1].subject == "Before"
    fresh = put(box.folder, 2, subject="After")
    fresh.replace(box.folder / f"{CAMPAIGN}-1.eml")
    assert [head.subject for _, head in box.page().found] == ["After"]


@pytest.mark.parametrize(
    "name",
    ["../secret.eml", "/etc/passwd", "link.eml", ".hidden.eml", "note.txt", "folder.eml", "", "\0"],
)
def test_nothing_but_a_message_of_the_folder_is_opened(box: Mailbox, name: str) -> None:
    put(box.folder, 1)
    secret = box.folder.parent / "secret.eml"
    secret.write_text("Subject: secret\n\n", "utf-8")
    (box.folder / "link.eml").symlink_to(secret)
    (box.folder / "folder.eml").mkdir()
    for other in (".hidden.eml", "note.txt"):
        (box.folder / other).write_text("Subject: secret\n\n", "utf-8")
    assert box.page().total == 1
    with pytest.raises(UsageError):
        box.read(name)


def test_a_message_becoming_a_link_after_it_was_listed_is_not_followed(box: Mailbox) -> None:
    path = put(box.folder, 1)
    box.page()
    secret = box.folder.parent / "secret.eml"
    path.rename(secret)
    path.symlink_to(secret)
    with pytest.raises((UsageError, OSError)):
        box.read(path.name)


def test_a_message_that_is_too_large_is_not_opened(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = put(box.folder, 1).name
    monkeypatch.setattr(mailbox, "MAX_MESSAGE", 10)
    with pytest.raises(UsageError, match="too large"):
        box.read(name)


def test_a_whole_message_is_taken_apart() -> None:
    message = EmailMessage()
    message["From"], message["To"] = '"TIGC, news" <news@example.org>', "Léa <lea@example.org>"
    message["Subject"] = "À propos"
    message["Date"] = "Thu, 26 Nov 2026 13:25:36 +0000"
    message["Tigc-Mail-Test"] = "yes"
    message.set_content("Texte")
    message.add_alternative("<p>Été</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="été.pdf")
    inner = EmailMessage()
    inner.set_content("Another message")
    message.add_attachment(inner)
    message["Content-Language"] = "fr"
    mail = opened(message.as_bytes())
    assert (mail.head.subject, mail.head.to) == ("À propos", "Léa <lea@example.org>")
    assert (mail.head.sender, mail.head.locale) == ("TIGC, news <news@example.org>", "fr")
    assert mail.head.date == "2026-11-26T13:25:36+00:00"
    assert mail.head.test
    assert (mail.html.strip(), mail.text.strip()) == ("<p>Été</p>", "Texte")
    assert [(one.name, one.media_type) for one in mail.attachments] == [
        ("été.pdf", "application/pdf"),
        ("attachment-2", "message/rfc822"),
    ]
    assert mail.attachments[0].content == b"%PDF"
    assert b"Another message" in mail.attachments[1].content


@given(st.binary(max_size=400))
def test_no_bytes_are_too_odd_to_be_opened(content: bytes) -> None:
    mail = opened(content)
    mail.html.encode()
    [(name.encode(), value.encode()) for name, value in mail.headers]


PIECES = (
    *(
        "Subject: ",
        "To: ",
        "Date: ",
        "Content-Type: ",
        "multipart/mixed; boundary=x",
        "text/html; ",
    ),
    *("charset=nowhere", "charset=utf-16", "=?utf-8?b?w4l?=", "=?nowhere?q?a?=", "=?utf-8?q?=ff?="),
    *(
        "Content-Disposition: attachment; filename*=utf-9''%ff",
        "filename=../../x",
        "message/rfc822",
    ),
    *(
        "Content-Transfer-Encoding: base64",
        "é",
        "\n",
        "\n\n",
        "--x",
        "--x--",
        "<p>",
        "Thu, 99 Nov",
        "\0",
    ),
)


@example(["Content-Type: ", "text/html; ", "charset=nowhere", "\0"])
@example(["Content-Type: ", "text/html; ", "charset=idna", "\n\n", "é"])
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_no_message_is_too_odd_to_be_opened(pieces: list[str]) -> None:
    mail = opened("".join(pieces).encode("latin-1"))
    for told in (mail.html, mail.text, mail.head.subject, *sum(mail.headers, ())):
        told.encode()
    for attached in mail.attachments:
        assert attached.name == safe_name(attached.name, "")


@given(st.text(max_size=300))
def test_a_file_is_never_saved_under_a_name_that_leads_elsewhere(name: str) -> None:
    safe = safe_name(name, "attachment-1")
    assert safe
    assert not safe.startswith(".")
    assert not set('/\\:\0\r\n"') & set(safe)
    assert len(safe) <= 121
    safe.encode()


@pytest.mark.parametrize(
    ("name", "campaign"),
    [
        ("2026-11-newsletter-95ddc7-12.eml", "2026-11-newsletter-95ddc7"),
        ("test-2026-11-newsletter-95ddc7-0123456789ab-3-0.eml", "2026-11-newsletter-95ddc7"),
        ("holiday.eml", ""),
    ],
)
def test_the_name_of_a_file_tells_its_campaign(name: str, campaign: str) -> None:
    assert campaign_of(name) == campaign
