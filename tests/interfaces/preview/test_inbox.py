"""The inbox of the preview: what the page is told of the local outbox, and what it may save."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import Given, ask, told
from tests.interfaces.small import Small

NAME = "news-a1b2c3-7.eml"

EVENT = (
    "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nSUMMARY:Training\r\n"
    "DTSTART:20270301T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def outbox(small: Small) -> Path:
    """An outbox with one message, which has everything."""
    folder = small.folder / "outbox"
    folder.mkdir()
    message = EmailMessage()
    message["From"], message["To"] = "News <news@example.org>", "Omar <omar@example.org>"
    message["Subject"] = "أخبار"
    message.set_content("مرحبا")
    message.add_alternative("<h1>مرحبا</h1><img src='https://example.org/a.png'>", subtype="html")
    message.add_attachment(
        EVENT.encode(), maintype="text", subtype="calendar", filename="event.ics"
    )
    message.add_attachment(
        b"<script>alert(1)</script>", maintype="text", subtype="html", filename='../é"x.html'
    )
    message["Content-Language"] = "ar"
    (folder / NAME).write_bytes(message.as_bytes())
    return folder


def frame(preview: ASGIApp, **asked: str) -> Given:
    return ask(preview, "/inbox/frame", {"name": NAME, **asked})


@pytest.mark.usefixtures("outbox")
def test_the_list_tells_what_a_mail_program_shows(preview: ASGIApp) -> None:
    page = told(preview, "inbox")
    (message,) = page["messages"]
    assert (message["subject"], message["to"]) == ("أخبار", "Omar <omar@example.org>")
    assert (message["delivery"], message["campaign"]) == ("news-a1b2c3-7", "news-a1b2c3")
    assert (page["total"], page["after"], page["faults"]) == (1, "", [])


def test_the_page_is_told_at_once_whether_there_is_new_mail(preview: ASGIApp, outbox: Path) -> None:
    stamp = told(preview, "inbox")["stamp"]
    assert told(preview, "inbox", {"known": stamp}) == {"same": True, "faults": []}
    (outbox / "news-a1b2c3-8.eml").write_bytes(b"Subject: New\n\n")
    assert {each["subject"] for each in told(preview, "inbox", {"known": stamp})["messages"]} == {
        "New",
        "أخبار",
    }


def test_an_inbox_that_is_not_there_is_empty_and_stays_so(preview: ASGIApp, small: Small) -> None:
    assert told(preview, "inbox")["messages"] == []
    assert not (small.folder / "outbox").exists()


@pytest.mark.usefixtures("outbox")
def test_a_message_is_opened_with_all_its_parts(preview: ASGIApp) -> None:
    message = told(preview, "inbox/message", {"name": NAME})
    assert (message["text"].strip(), message["direction"]) == ("مرحبا", "rtl")
    assert message["source"].startswith("From: News <news@example.org>")
    assert dict(message["headers"])["Subject"] == "أخبار"
    (event,) = message["events"]
    assert (event["summary"], event["start"]) == ("Training", "2027-03-01T09:00:00+00:00")
    assert [each["name"] for each in message["attachments"]] == ["event.ics", "é_x.html"]


@pytest.mark.usefixtures("outbox")
def test_the_page_of_a_message_runs_nothing_and_loads_nothing_unasked(preview: ASGIApp) -> None:
    page = frame(preview, mode="dark")
    assert "مرحبا" in page.body.decode()
    rules = page.headers["content-security-policy"]
    assert "default-src 'none'" in rules
    assert "sandbox allow-same-origin" in rules
    assert "https:" not in rules
    assert "https:" in frame(preview, images="1").headers["content-security-policy"]
    assert frame(preview, mode="odd").status == 400


@pytest.mark.usefixtures("outbox")
def test_an_attached_file_can_only_be_saved(preview: ASGIApp) -> None:
    saved = ask(preview, "/inbox/attachment", {"name": NAME, "number": "1"})
    assert saved.body == b"<script>alert(1)</script>"
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert saved.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert saved.headers["content-disposition"] == (
        "attachment; filename=\"__x.html\"; filename*=UTF-8''%C3%A9_x.html"
    )
    for number in ("2", "-1", "", "x", "²", "9" * 400):
        asked = {"name": NAME, "number": number}
        assert ask(preview, "/inbox/attachment", asked).status == 404


@pytest.mark.parametrize("name", ["../tigc-mail.toml", "../editions/news/edition.yaml", "x.eml"])
@pytest.mark.usefixtures("outbox")
def test_what_is_no_message_of_the_outbox_is_refused_with_a_cure(
    preview: ASGIApp, name: str
) -> None:
    (fault,) = told(preview, "inbox/message", {"name": name})["faults"]
    assert fault["cause"] == "there is no such message in the outbox"
    assert fault["cure"]
    assert ask(preview, "/inbox/frame", {"name": name}).status == 404
    assert ask(preview, "/inbox/attachment", {"name": name, "number": "0"}).status == 404


def test_a_calendar_that_cannot_be_read_hides_nothing_else(preview: ASGIApp, outbox: Path) -> None:
    path = outbox / NAME
    path.write_bytes(path.read_bytes().replace(b"UID", b"UI\x00D"))
    odd = EmailMessage()
    odd.set_content("BEGIN:VCALENDAR\nDTSTART:nonsense\nBEGIN:VEVENT", subtype="calendar")
    (outbox / "odd.eml").write_bytes(odd.as_bytes())
    message = told(preview, "inbox/message", {"name": "odd.eml"})
    assert (message["events"], message["faults"]) == ([], [])
    assert message["text"] == "This message has no plain text."
    assert b"no HTML" in ask(preview, "/inbox/frame", {"name": "odd.eml"}).body
