"""What SendGrid documents of its requests: which it refuses, and the mail that it makes of them."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from itertools import chain
from typing import Any

_FORBIDDEN = frozenset(
    """x-sg-id x-sg-eid received dkim-signature content-type content-transfer-encoding to from
    subject reply-to cc bcc""".split()
)
_KNOWN = frozenset(
    """personalizations from reply_to reply_to_list subject content attachments template_id headers
    categories custom_args send_at batch_id asm ip_pool_name mail_settings
    tracking_settings""".split()
)
_KNOWN_PER_RECIPIENT = frozenset(
    "to from cc bcc subject headers substitutions custom_args send_at dynamic_template_data".split()
)
_EMAIL = re.compile(r"[^\s@<>,;]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


class Refusal(Exception):  # noqa: N818 (it is an answer)
    """A request that SendGrid does not take."""

    def __init__(self, message: str, field_name: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errors": [{"message": message, "field": field_name, "help": None}]}


def checked(path: str, headers: Any, body: bytes, key: str) -> Any:
    """Return a request as it was meant, if SendGrid takes such.

    Raises:
        Refusal: if it does not.
    """
    if path != "/v3/mail/send":
        raise Refusal("not found", status=404)
    if headers.get("Authorization") != f"Bearer {key}":
        message = "The provided authorization grant is invalid, expired, or revoked"
        raise Refusal(message, status=401)
    if headers.get_content_type() != "application/json":
        raise Refusal("Content-Type should be application/json.", status=415)
    if len(body) > 30_000_000:
        raise Refusal("the payload is too large", status=413)
    try:
        request = json.loads(body)
    except ValueError:
        raise Refusal("Bad Request") from None
    check(request)
    return request


def check(request: Any) -> None:
    """Look at a request as SendGrid does.

    Raises:
        Refusal: if it would not take it.
    """
    _check_message(request)
    for at, person in enumerate(request["personalizations"]):
        _check_person(at, person)


def _require(condition: object, message: str, field_name: str) -> None:
    if not condition:
        raise Refusal(message, field_name)


def _check_message(request: Any) -> None:
    _require(isinstance(request, dict), "is no object", "")
    _require(request.keys() <= _KNOWN, f"unknown: {request.keys() - _KNOWN}", "")
    people = request.get("personalizations")
    _require(isinstance(people, list) and people, "is required", "personalizations")
    _require(len(people) <= 1_000, "at most 1000 personalizations", "personalizations")
    _check_mailbox(request.get("from"), "from.email")
    if "reply_to" in request:
        _check_mailbox(request["reply_to"], "reply_to.email")
    _require(request.get("subject"), "is required", "subject")
    content = request.get("content")
    _require(isinstance(content, list) and content, "is required", "content")
    order = ["text/plain", "text/html", "text/calendar"]
    kinds = [str(part.get("type")).partition(";")[0] for part in content]
    _require(all(part.get("value") for part in content), "must not be empty", "content.0.value")
    ordered = sorted(kinds, key=lambda kind: order.index(kind) if kind in order else 9)
    _require(kinds == ordered, "text/plain comes first, then text/html", "content")
    _check_headers(request.get("headers", {}), "headers")
    categories = request.get("categories", [])
    _require(len(categories) <= 10, "at most 10 categories", "categories")
    _require(len(set(categories)) == len(categories), "must be unique", "categories")
    _require(all(len(each) <= 255 for each in categories), "at most 255 characters", "categories")
    _require(not any("@" in each for each in categories), "an address!", "categories")
    for file in request.get("attachments", []):
        _require(file.get("content") and file.get("filename"), "is required", "attachments.0")
        _require(str(file["filename"]).isascii(), "would be garbled", "attachments.0.filename")
        _require("\r" not in file.get("type", ""), "must not hold CRLF", "attachments.0.type")


def _check_person(at: int, person: Any) -> None:
    place = f"personalizations.{at}"
    _require(person.keys() <= _KNOWN_PER_RECIPIENT, "unknown property", place)
    to = person.get("to")
    _require(isinstance(to, list) and to, "is required", f"{place}.to")
    addresses = [str(each.get("email")).lower() for each in to]
    _require(len(set(addresses)) == len(addresses), "duplicate address", f"{place}.to")
    for number, mailbox in enumerate(to):
        _check_mailbox(mailbox, f"{place}.to.{number}.email")
    _check_headers(person.get("headers", {}), f"{place}.headers")
    tags = person.get("substitutions", {})
    _require(_all_texts(tags), "must be texts", f"{place}.substitutions")
    size = sum(len(each.encode()) for each in chain(tags, tags.values()))
    _require(size <= 10_000, "at most 10000 bytes", f"{place}.substitutions")
    values = "\0".join(tags.values())
    _require(not any(tag in values for tag in tags), "holds a tag", f"{place}.substitutions")
    arguments = person.get("custom_args", {})
    _require(_all_texts(arguments), "must be texts", f"{place}.custom_args")
    _require(len(json.dumps(arguments)) <= 10_000, "at most 10000 bytes", f"{place}.custom_args")
    _require("@" not in json.dumps(arguments), "an address!", f"{place}.custom_args")


def _check_mailbox(mailbox: Any, place: str) -> None:
    _require(isinstance(mailbox, dict), "is required", place)
    email, name = mailbox.get("email"), mailbox.get("name", "")
    _require(isinstance(email, str) and _EMAIL.fullmatch(email), "is no address", place)
    _require(email.isascii(), "Does not contain a valid address.", place)
    _require(isinstance(name, str) and not set(name) & set(";,\r\n"), "holds ; or ,", place)


def _check_headers(headers: Any, place: str) -> None:
    _require(_all_texts(headers), "must be texts", place)
    for name, value in headers.items():
        _require(name.lower() not in _FORBIDDEN, f"{name} is reserved", place)
        _require(name.isascii() and value.isascii(), "must be ASCII", place)
        _require("\r" not in value and "\n" not in value, "must not hold CRLF", place)


def _all_texts(values: Any) -> bool:
    return isinstance(values, dict) and all(isinstance(each, str) for each in values.values())


def is_sandboxed(request: Mapping[str, Any]) -> bool:
    """Return whether a request asks for a look at it and no more."""
    settings = request.get("mail_settings", {})
    return bool(settings.get("sandbox_mode", {}).get("enable"))


def composed(request: Mapping[str, Any], person: Mapping[str, Any]) -> bytes:
    """Return the mail that one recipient gets."""
    tags = person.get("substitutions", {})

    def filled(text: str) -> str:
        for tag, value in tags.items():
            text = text.replace(tag, value)
        return text

    mail = EmailMessage(policy=SMTP.clone(max_line_length=1000))
    mail["From"] = _address(request["from"])
    mail["To"] = [_address(each) for each in person["to"]]
    mail["Subject"] = filled(person.get("subject") or request["subject"])
    for name, value in {**request.get("headers", {}), **person.get("headers", {})}.items():
        mail[name] = value
    first, *others = request["content"]
    mail.set_content(filled(first["value"]), cte="base64")
    for part in others:
        mail.add_alternative(filled(part["value"]), part["type"].split("/")[1], cte="base64")
    for file in request.get("attachments", []):
        main, _, sub = file.get("type", "application/octet-stream").partition("/")
        content = b64decode(file["content"])
        mail.add_attachment(content, maintype=main, subtype=sub, filename=file["filename"])
    return mail.as_bytes()


def _address(mailbox: Mapping[str, str]) -> Address:
    return Address(mailbox.get("name", ""), addr_spec=mailbox["email"])
