"""What SendGrid's event webhook tells of deliveries: whether it is from SendGrid, and what it says.

The signature is looked at first, over the bytes as they came; only then are they read. One event
that is wrong takes no other with it.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tigc_mail.delivery.providers.protocol import EventKind, ProviderEvent
from tigc_mail.errors import ConfigurationError

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

DELIVERY_ID = "delivery_id"
"""The custom argument that holds the id of our delivery; SendGrid gives it back beside its own."""

MAX_BYTES = 1_000_000
"""What a body may hold; SendGrid documents at most 768 KB."""

WINDOW = timedelta(hours=25)
"""How old a signature may be: SendGrid tries again for 24 hours what was not answered with 2xx, and
it is not documented that it signs again."""

AHEAD = timedelta(minutes=5)
"""How far SendGrid's clock may be ahead of ours."""

_KINDS: Mapping[str, EventKind] = {
    "processed": "processed",
    "deferred": "deferred",
    "delivered": "delivered",
    "bounce": "bounced",
    "dropped": "dropped",
    "spamreport": "spam-report",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
"""By the name of SendGrid's event. The others change no delivery: `open` and `click` are not looked
at, and `group_resubscribe` is no consent of ours."""

_ADDRESS = re.compile(r"\S*@\S*")
_LONGEST_REASON = 200
_LONGEST_ID = 200


class SignatureError(ValueError):
    """A body is not known to be SendGrid's; it is to be answered with 4xx."""


class MalformedError(ValueError):
    """A body is no list of events at all; it is to be answered with 4xx."""


class BadEvent(NamedTuple):
    """An event that cannot be taken in."""

    position: int
    """In the body, from 0."""
    reason: str


@dataclass(frozen=True)
class Events:
    """What a body holds; each of its events is counted in one of the four."""

    taken: tuple[ProviderEvent, ...]
    bad: tuple[BadEvent, ...]
    foreign: int
    """How many are of mail that is none of ours: no delivery's id is with them."""
    passed_over: int
    """How many are of a kind that changes no delivery, or that is not known."""


class Verifier:
    """Tells what SendGrid signed (ECDSA with SHA-256, over the timestamp and the body).

    Args:
        public_key: the verification key as SendGrid shows it: base64, on one line.
        window: how old a signature may be.

    Raises:
        ConfigurationError: if it is no such key.
    """

    def __init__(self, public_key: str, window: timedelta = WINDOW) -> None:
        try:
            key = load_der_public_key(b64decode(public_key.strip(), validate=True))
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePublicKey):
            cure = "Copy the verification key of the event webhook again, on one line."
            raise ConfigurationError("is no verification key of SendGrid", "sendgrid", cure)
        self._key = key
        self._window = window

    def verify(
        self, body: bytes, signature: str | None, timestamp: str | None, now: datetime
    ) -> None:
        """Return if SendGrid signed the body, and not too long ago.

        Args:
            body: the bytes as they came.
            signature: the header `SIGNATURE_HEADER`.
            timestamp: the header `TIMESTAMP_HEADER`.
            now: the time, with its zone.

        Raises:
            SignatureError: if it did not, or too long ago.
        """
        if not signature or not timestamp:
            raise SignatureError("it is not signed")
        try:
            signed = b64decode(signature, validate=True)
            self._key.verify(signed, timestamp.encode() + body, ec.ECDSA(SHA256()))
        except (ValueError, InvalidSignature):
            raise SignatureError("the signature is not SendGrid's") from None
        at = _time(int(timestamp)) if re.fullmatch("[0-9]{1,12}", timestamp) else None
        if at is None or not now - self._window <= at <= now + AHEAD:
            raise SignatureError("it was signed too long ago, or one of the clocks is wrong")


def read_events(body: bytes) -> Events:
    """Return what a verified body tells.

    Raises:
        MalformedError: if it is no list of events.
    """
    if len(body) > MAX_BYTES:
        raise MalformedError(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("it is no JSON") from None
    if not isinstance(told, list):
        raise MalformedError("it is no list of events")
    taken, bad, foreign, passed_over = list[ProviderEvent](), list[BadEvent](), 0, 0
    for position, event in enumerate(told):
        try:
            kind = _kind(event)
            if DELIVERY_ID not in event:
                foreign += 1
            elif kind is None:
                passed_over += 1
            else:
                taken.append(_event(event, kind))
        except MalformedError as error:
            bad.append(BadEvent(position, str(error)))
    return Events(tuple(taken), tuple(bad), foreign, passed_over)


def _kind(event: Any) -> EventKind | None:
    """Return what happened; None where it does not concern a delivery.

    A bounce is for good only where its type says so: what was blocked may be taken another time,
    and the address is good.
    """
    if not isinstance(event, dict):
        raise MalformedError("it is no object")
    name = event.get("event")
    if not isinstance(name, str):
        raise MalformedError("`event` is no text")
    if name == "bounce" and event.get("type") != "bounce":
        return "blocked"
    return _KINDS.get(name)


def _event(event: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    timestamp = event.get("timestamp")
    at = _time(timestamp) if type(timestamp) is int else None
    if at is None:
        raise MalformedError("`timestamp` is no time in seconds")
    event_id, delivery_id = _id(event, "sg_event_id"), _id(event, DELIVERY_ID)
    return ProviderEvent(event_id, delivery_id, kind, at, _reason(event))


def _id(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise MalformedError(f"`{name}` is no id")
    if not (value.isascii() and value.isprintable()) or "@" in value:
        raise MalformedError(f"`{name}` is no id")
    return value


def _time(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _reason(event: Mapping[str, Any]) -> str | None:
    """Return why, on one line and without addresses: bounces have `reason`, others `response`."""
    for name in ("reason", "response"):
        value = event.get(name)
        if isinstance(value, str) and value.strip():
            words = _ADDRESS.sub("(an address)", " ".join(value.split()))
            return "".join(filter(str.isprintable, words))[:_LONGEST_REASON] or None
    return None
