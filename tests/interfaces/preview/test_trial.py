"""A test is sent from the page as the message is shown, or refused with cause and cure."""

import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import ask, post, told
from tests.interfaces.small import Small
from tests.interfaces.world import CONTACTS

from tigc_mail import Workspace
from tigc_mail.delivery.providers.outbox import Outbox

MESSAGE = {"edition": "news", "audience": "readers", "locale": "en"}


def shown(preview: ASGIApp) -> Any:
    return told(preview, "message", MESSAGE)


def tried(preview: ASGIApp, *to: str, **asked: Any) -> Any:
    """Send a test of the message as it is shown now."""
    asked = {"digest": shown(preview)["compiled"], **asked}
    answer = post(preview, "test", json.dumps({**MESSAGE, "to": to, **asked}).encode())
    assert answer.status == 200
    return json.loads(answer.body)


def greet(small: Small) -> None:
    """Have the message greet its reader."""
    small.change("        The programme", "        {{ recipient.salutation }} The programme")


def outbox(small: Small) -> list[Path]:
    return sorted((small.folder / "outbox").glob("*.eml"))


def test_the_message_is_sent_as_it_is_shown_and_marked_as_a_test(
    preview: ASGIApp, small: Small
) -> None:
    greet(small)
    answer = tried(preview, "ana@example.org")
    ((one,), (file,)) = answer["tests"], outbox(small)
    assert answer["faults"] == []
    assert (one["outcome"], f"{one['delivery']}.eml") == ("accepted", file.name)
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    message = shown(preview)
    assert mail["Subject"] == f"[TEST] {message['subject']}"
    assert (mail["To"], mail["Tigc-Mail-Test"]) == ("ana@example.org", "yes")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Hello Alex" in text
    assert "Hello Alex" in message["text"]
    inbox = told(preview, "inbox")
    assert [(each["name"], each["test"]) for each in inbox["messages"]] == [(file.name, True)]


def test_no_test_is_sent_of_a_message_whose_files_are_wrong_by_now(
    preview: ASGIApp, small: Small
) -> None:
    shown(preview)
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", small.folder / "audiences/readers.yaml")
    (fault, *_) = tried(preview, "ana@example.org")["faults"]
    assert fault["place"].startswith("audiences/readers.yaml: ceiling")
    assert outbox(small) == []


def test_the_values_of_the_contact_that_is_looked_at_are_in_it(
    preview: ASGIApp, small: Small
) -> None:
    file = small.folder / "contacts.csv"
    file.write_text(CONTACTS, "utf-8")
    contacts = Workspace.open(small.folder).contacts
    contacts.import_file(file)
    rosa = contacts.get("rosa@example.org")
    assert rosa is not None
    greet(small)
    tried(preview, "ana@example.org", contact=str(rosa.id))
    (sent,) = outbox(small)
    assert b"Hello Rosa" in sent.read_bytes()
    assert b"rosa@example.org" not in sent.read_bytes()
    (fault,) = tried(preview, "ana@example.org", contact="4711")["faults"]
    assert fault["cause"] == "there is no contact of this number"
    assert len(outbox(small)) == 1


def test_what_was_saved_since_it_was_shown_is_not_sent(preview: ASGIApp, small: Small) -> None:
    digest = shown(preview)["compiled"]
    small.change("changed three things", "changed four things")
    (fault,) = tried(preview, "ana@example.org", digest=digest)["faults"]
    assert fault["cause"] == "is not what the page showed: a file was saved since"
    assert fault["cure"]
    assert outbox(small) == []


@pytest.mark.parametrize(
    ("to", "asked", "cause"),
    [
        ([], {}, "nobody is named"),
        (["  "], {}, "nobody is named"),
        (["ana"], {}, "is not an e-mail address"),
        (["ana@example.org"], {"edition": "gone"}, "there is no edition 'gone'"),
        (["ana@example.org"], {"audience": "gone"}, "there is no audience 'gone'"),
        (["ana@example.org"], {"locale": "ar"}, "is not written in 'ar'"),
    ],
)
def test_a_refusal_tells_cause_and_cure(
    preview: ASGIApp, small: Small, to: list[str], asked: dict[str, str], cause: str
) -> None:
    answer = tried(preview, *to, **asked)
    assert cause in answer["faults"][0]["cause"]
    assert "tests" not in answer
    assert outbox(small) == []


def test_what_is_marked_goes_to_nobody_who_may_not_read_it(preview: ASGIApp, small: Small) -> None:
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:GREEN", small.audience)
    small.change("marking: TLP:CLEAR", "marking: TLP:GREEN")
    (fault,) = tried(preview, "ana@example.org")["faults"]
    assert "is TLP:GREEN, and 1 of the addresses is not of that audience" in fault["cause"]
    assert "test_addresses" in fault["cure"]
    (small.folder / "tigc-mail.toml").write_text('test_addresses = ["Ana@example.org"]\n', "utf-8")
    assert tried(preview, "ana@example.org")["tests"][0]["outcome"] == "accepted"


def test_a_suppressed_address_gets_nothing(preview: ASGIApp, small: Small) -> None:
    Workspace.open(small.folder).contacts.suppress("ana@example.org", "asked", "phone")
    (fault,) = tried(preview, "ana@example.org")["faults"]
    assert "must not be written to" in fault["cause"]
    assert outbox(small) == []


def test_a_provider_that_breaks_is_told_as_what_nobody_knows(
    preview: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Outbox, "send", breaks)
    (fault,) = tried(preview, "ana@example.org")["faults"]
    assert fault["cause"].startswith("nobody knows whether the test was sent")


def test_an_outbox_that_cannot_be_written_to_is_told(preview: ASGIApp, small: Small) -> None:
    (small.folder / "outbox").write_text("a file stands here", "utf-8")
    (fault,) = tried(preview, "ana@example.org")["faults"]
    assert fault["cause"].startswith("the outbox cannot be written to")
    assert fault["cure"]


def test_the_page_is_told_what_the_provider_does(
    preview: ASGIApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def provider() -> Any:
        return told(preview, "test/provider")

    assert provider()["does"].startswith("It is written to the outbox of this workspace")
    settings = small.folder / "tigc-mail.toml"
    settings.write_text('provider = "discard"\n', "utf-8")
    assert provider()["does"] == "It is composed and thrown away; nobody gets it."
    settings.write_text('provider = "smtp,outbox"\n', "utf-8")
    (fault,) = provider()["faults"]
    assert "SMTP_URL" in fault["place"]
    monkeypatch.setenv("TIGC_MAIL_SMTP_URL", "smtp://127.0.0.1:9")
    answer = provider()
    assert (answer["provider"], answer["real"]) == ("smtp", True)
    assert answer["does"].startswith("It is really sent")
    assert not list(small.folder.glob("*.db*")), "to ask makes no database"


def test_only_the_page_itself_sends(preview: ASGIApp, small: Small) -> None:
    body = json.dumps({**MESSAGE, "digest": shown(preview)["compiled"], "to": ["a@example.org"]})
    assert post(preview, "test", body.encode(), origin="https://example.org").status == 404
    assert ask(preview, "/api/test", {"to": "a@example.org"}).status == 405
    assert outbox(small) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"to": "x"}', b"\xff"])
def test_what_cannot_be_understood_is_refused(preview: ASGIApp, body: bytes) -> None:
    assert post(preview, "test", body).status == 400


def test_what_is_too_long_is_refused(preview: ASGIApp) -> None:
    assert post(preview, "test", b" " * 70_000).status == 413
