"""What SendGrid is asked: one request for up to a thousand recipients of a message."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

from tigc_mail.delivery.providers.protocol import Envelope, Outcome, Receipt, Shipment
from tigc_mail.delivery.providers.sendgrid.answers import PLACE, SHORTER, TooLargeError
from tigc_mail.render.contexts import all_visible
from tigc_mail.render.message import CompiledMessage, filled
from tigc_mail.render.mime import CALENDAR_FILE

MAX_RECIPIENTS = 1_000
MAX_BYTES = 30_000_000
MAX_SUBSTITUTIONS = 10_000
"""Bytes of the substitutions of one recipient."""

_NO_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}

_NOT_IN_NAMES = dict.fromkeys([*range(32), *range(127, 160), ord(";"), ord(",")], " ")
"""What a name must not hold; everything else stays as it is."""


@dataclass(frozen=True)
class Request:
    """A message for some recipients."""

    common: Mapping[str, Any]
    """What is the same for all of them, as the API has it."""
    envelopes: Sequence[Envelope]
    personalizations: Sequence[str]
    """What differs, as JSON, in the order of `envelopes`."""
    apart: bool = False
    """Whether the texts are one recipient's, with the values written out."""

    def __len__(self) -> int:
        return len(self.envelopes)

    def body(self) -> bytes:
        """Return it as JSON in UTF-8.

        Raises:
            TooLargeError: if it is larger than SendGrid takes.
        """
        people = b",".join(map(str.encode, self.personalizations))  # most of them are in ASCII
        body = b'%b,"personalizations":[%b]}' % (_json(self.common)[:-1].encode(), people)
        if len(body) > MAX_BYTES:
            raise TooLargeError("the message is larger than 30 MB", PLACE, SHORTER)
        return body

    def is_too_large_for_one(self) -> bool:
        """Return whether it would be too large with any one of its recipients."""
        return sum(map(len, _texts_in(self.common))) > MAX_BYTES

    def only(self, positions: Sequence[int]) -> "Request":
        """Return the part of it for the recipients at these positions."""
        return replace(
            self,
            envelopes=[self.envelopes[at] for at in positions],
            personalizations=[self.personalizations[at] for at in positions],
        )

    def halves(self) -> tuple["Request", "Request"]:
        """Return it as two."""
        middle = len(self) // 2
        return self.only(range(middle)), self.only(range(middle, len(self)))

    def divided(self, reasons: Mapping[int, str]) -> tuple["Request", list[Receipt]]:
        """Return it without the recipients at these positions, and the receipts of those."""
        good = [at for at in range(len(self)) if at not in reasons]
        bad = [
            Receipt(envelope.delivery_id, "rejected", reason=reasons[at])
            for at, envelope in enumerate(self.envelopes)
            if at in reasons
        ]
        return self.only(good), bad

    def receipts(
        self, outcome: Outcome, reference: str | None = None, reason: str | None = None
    ) -> list[Receipt]:
        """Return the same receipt for each of the recipients."""
        return [Receipt(e.delivery_id, outcome, reference, reason) for e in self.envelopes]


def requests_of(shipment: Shipment, *, sandbox: bool) -> Iterator[Request]:
    """Yield the requests for a shipment.

    A recipient whose values are too large for substitutions, or look like tags, gets a request with
    the texts written out.
    """
    message, texts = shipment.message, shipment.substitutions.tagged
    common = _common(shipment, sandbox=sandbox)
    whole = {
        **common,
        "subject": texts.subject,
        "content": _content(message, texts.text, texts.html),
    }
    everybody = _personalizations(shipment)
    apart = _apart(shipment, everybody)
    together = [at for at in range(len(everybody)) if at not in apart]
    personalizations = everybody if not apart else [everybody[at] for at in together]
    for first in range(0, len(together), MAX_RECIPIENTS):
        part = slice(first, first + MAX_RECIPIENTS)
        envelopes = [shipment.envelopes[at] for at in together[part]]
        yield Request(whole, envelopes, personalizations[part])
    for at in sorted(apart):
        values = {slot: column[at] for slot, column in shipment.values.items()}
        text, html = filled(message.text, values), filled(message.html, values)
        own = {"subject": filled(message.subject, values), "content": _content(message, text, html)}
        one = shipment.only([at])
        heads = _personalizations(one, with_values=False)
        yield Request({**common, **own}, one.envelopes, heads, apart=True)


def _apart(shipment: Shipment, personalizations: Sequence[str]) -> frozenset[int]:
    """Return the recipients (by position) whose values must not travel as substitutions."""
    told = shipment.substitutions
    found: set[int] = set()
    for column in told.columns.values():
        if told.tagged.prefix in "".join(column):
            found |= {at for at, value in enumerate(column) if told.tagged.prefix in value}
    if 4 * max(map(len, personalizations), default=0) > MAX_SUBSTITUTIONS:
        tags = sum(map(len, told.columns))
        found |= {
            at
            for at, row in enumerate(told.rows(len(shipment.envelopes)))
            if tags + len("".join(row).encode()) > MAX_SUBSTITUTIONS
        }
    return frozenset(found)


def _personalizations(shipment: Shipment, *, with_values: bool = True) -> list[str]:
    """Return what is each recipient's own, as JSON.

    It is spliced of literals and columns as a message is: `json.dumps` of as many dictionaries
    costs four times as much.
    """
    head, told = shipment.message.letterhead, shipment.substitutions
    domain = head.sender_address.rpartition("@")[2]
    ids = _escaped([envelope.delivery_id for envelope in shipment.envelopes])
    parts: list[tuple[str, Sequence[str]]] = [
        ('{"to":[', _mailboxes(shipment.envelopes)),
        (
            f'],"headers":{{"List-Unsubscribe":"<{_inner(head.unsubscribe)}',
            _escaped(shipment.values["delivery.token"]),
        ),
        ('>","Message-ID":"<', ids),
        (f'@{_inner(domain)}>"}},"custom_args":{{"delivery_id":"', ids),
    ]
    end = '"}}'
    if with_values and told.columns:
        before = '"},"substitutions":{"'
        for tag, column in told.columns.items():
            parts.append((f'{before}{_inner(tag)}":"', _escaped(column)))
            before = '","'
    columns: list[Iterable[str]] = []
    for literal, column in parts:
        columns += [repeat(literal), column]
    return list(map("".join, zip(*columns, repeat(end), strict=False)))  # columns of one length


def _mailboxes(envelopes: Sequence[Envelope]) -> list[str]:
    """Return the mailbox of each recipient, as JSON."""
    emails = _escaped([envelope.recipient for envelope in envelopes])
    names = [envelope.name for envelope in envelopes]
    together = "".join(names)
    if ";" in together or "," in together or not all_visible(together):
        names = [_plain(name) for name in names]
    return [
        f'{{"email":"{email}","name":"{name}"}}' if name else f'{{"email":"{email}"}}'
        for email, name in zip(emails, _escaped(names), strict=True)
    ]


def _escaped(values: Sequence[str]) -> Sequence[str]:
    """Return texts as they stand between the quotation marks of JSON."""
    together = "".join(values)
    if all_visible(together) and '"' not in together and "\\" not in together:
        return values
    # JSON has no line break within a text, so one between two texts is the border of both.
    lines = json.dumps(
        list(values), ensure_ascii=False, separators=("\n", ":"), check_circular=False
    )
    return lines[2:-2].split('"\n"')


def _inner(text: str) -> str:
    return _json(text)[1:-1]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _plain(name: str) -> str:
    """Return a name without what must not stand in one."""
    return name.translate(_NOT_IN_NAMES).strip()


def _mailbox(email: str, name: str) -> dict[str, str]:
    name = _plain(name)
    return {"email": email, "name": name} if name else {"email": email}


def _common(shipment: Shipment, *, sandbox: bool) -> dict[str, Any]:
    """Return what is the same for all recipients, but for subject and texts."""
    message = shipment.message
    head = message.letterhead
    campaign = shipment.envelopes[0].delivery_id.rpartition("-")[0]
    common: dict[str, Any] = {
        "from": _mailbox(head.sender_address, head.sender_name),
        "headers": {
            "List-Id": f"<{head.list_id}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Content-Language": message.locale,
        },
        "categories": [campaign, message.audience, message.locale],
        "tracking_settings": _NO_TRACKING,
    }
    if head.reply_to:
        common["reply_to"] = {"email": head.reply_to}
    if sandbox:
        common["mail_settings"] = {"sandbox_mode": {"enable": True}}
    attachments = _attachments(message)
    if attachments:
        common["attachments"] = attachments
    return common


def _content(message: CompiledMessage, text: str, html: str) -> list[dict[str, str]]:
    content = [
        {"type": "text/plain", "value": text},
        {"type": "text/html", "value": html},
    ]
    if message.calendar is not None:
        content.append({"type": "text/calendar", "value": message.calendar.content.decode()})
    return content


def _texts_in(told: Any) -> Iterator[str]:
    """Yield every text that a part of a request holds."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for value in told.values():
            yield from _texts_in(value)
    elif isinstance(told, list):
        for value in told:
            yield from _texts_in(value)


def _attachments(message: CompiledMessage) -> list[dict[str, str]]:
    """Return the files; a calendar is none of text, whose charset SendGrid passes over."""
    files = [(file.name, file.media_type, file.content) for file in message.attachments]
    if message.calendar is not None:
        files.insert(0, (CALENDAR_FILE, "application/ics", message.calendar.content))
    return [
        {
            "filename": name,
            "type": media_type,
            "disposition": "attachment",
            "content": b64encode(content).decode(),
        }
        for name, media_type, content in files
    ]
