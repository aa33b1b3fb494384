"""What SendGrid's event webhook sends, made and signed on this machine.

In tests::

    source = EventSource()
    verifier = Verifier(source.public_key)
    body, headers = source.signed(source.events(["news-001-1"], "delivered"), at)
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tigc_mail.delivery.providers.sendgrid.events import (
    DELIVERY_ID,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
)


class EventSource:
    """Makes events, and signs them with a key of its own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._numbers = count()

    @property
    def public_key(self) -> str:
        """The verification key, as SendGrid shows it."""
        public = self._key.public_key()
        return b64encode(
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def events(
        self, delivery_ids: Iterable[str], event: str, timestamp: int = 1_795_600_000, **more: Any
    ) -> list[dict[str, Any]]:
        """Return one event for each delivery, as SendGrid writes them, each with an id of its own.

        Args:
            delivery_ids: the ids that the requests had as custom arguments.
            event: SendGrid's name of it: `delivered`, `bounce` and so on.
            timestamp: when it happened, in seconds.
            more: other fields, such as `type="blocked"`.
        """
        return [
            {
                "email": "reader@example.org",
                "timestamp": timestamp,
                "event": event,
                "sg_event_id": f"event-{next(self._numbers)}",
                "sg_message_id": "message.recvd-0",
                DELIVERY_ID: delivery_id,
                **more,
            }
            for delivery_id in delivery_ids
        ]

    def signed(self, events: Any, at: datetime) -> tuple[bytes, Mapping[str, str]]:
        """Return the body of some events, and the headers that prove where it comes from."""
        body = json.dumps(events).encode()
        timestamp = str(int(at.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        return body, {
            SIGNATURE_HEADER: b64encode(signature).decode(),
            TIMESTAMP_HEADER: timestamp,
        }

    def post(self, url: str, events: Any, at: datetime) -> int:
        """Post events to a server on this machine, and return the status of its answer.

        Raises:
            ValueError: if the address is not on this machine.
            HTTPError: if the answer is not 2xx.
        """
        if not url.startswith(("http://127.0.0.1:", "http://localhost:")):
            raise ValueError("events of tests are posted on this machine only")
        body, headers = self.signed(events, at)
        headers = {**headers, "Content-Type": "application/json"}
        with urlopen(Request(url, body, dict(headers)), timeout=30) as answer:  # noqa: S310
            return int(answer.status)
