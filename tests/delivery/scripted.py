"""Providers whose answers a test writes."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tigc_mail import Envelope, ProviderError, Receipt, Shipment
from tigc_mail.delivery.providers.protocol import Form
from tigc_mail.errors import UnavailableError

Act = Literal[
    "accepted",
    "rejected",
    "unknown",
    "outage",
    "crash",
    "crash after",
    "silence",
    "postponed",
    "undeliverable",
    "unavailable",
]
"""What the provider does with one delivery.

- `accepted`, `rejected`, `unknown`, `postponed`: answers so.
- `undeliverable`: rejects it because of its address.
- `unavailable`: raises `UnavailableError` without taking it.
- `outage`: raises `ProviderError` without taking it.
- `crash`: raises another exception without taking it; `crash after`: takes it first.
- `silence`: takes it and never answers.
"""

ACTS: tuple[Act, ...] = (
    "accepted",
    "rejected",
    "unknown",
    "outage",
    "crash",
    "crash after",
    "silence",
)

_TAKES = frozenset({"accepted", "unknown", "crash after", "silence"})


class Crash(Exception):  # noqa: N818 (it stands for an exception that nobody foresaw)
    """What a provider's own fault looks like."""


@dataclass
class Scripted:
    """A provider that does what `act` says for each envelope."""

    act: Callable[[Envelope], Act]
    idempotent: bool = False
    name: str = "scripted"
    leaves_machine: bool = False
    discards: bool = False
    takes: Form = "mime"
    largest_shipment: int = 1_000
    taken: Counter[str] = field(default_factory=Counter)
    """How often the provider took each delivery, by address."""
    content: dict[str, bytes] = field(default_factory=dict)
    """The message last taken, by address."""
    shipments: int = 0
    closed: int = 0

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        self.shipments += 1
        for envelope, content in shipment:
            act = self.act(envelope)
            if act in _TAKES:
                self.taken[envelope.recipient] += 1
                self.content[envelope.recipient] = content
            if act == "outage":
                raise ProviderError("is not there", self.name, "Try again.")
            if act == "unavailable":
                raise UnavailableError("is busy", self.name, "Try again later.")
            if act.startswith("crash"):
                raise Crash
            if act == "accepted":
                yield Receipt(envelope.delivery_id, "accepted", reference=f"ref {envelope[0]}")
            elif act == "undeliverable":
                gone = Receipt(
                    envelope.delivery_id, "rejected", reason="nobody", undeliverable=True
                )
                yield gone
            elif act in ("rejected", "unknown", "postponed"):
                yield Receipt(envelope.delivery_id, act, reason="because")

    def close(self) -> None:
        self.closed += 1


def accepting(*, idempotent: bool = False) -> Scripted:
    """Return a provider that accepts everything."""
    return Scripted(lambda _: "accepted", idempotent)


def doing(act: Act, *recipients: str, idempotent: bool = False) -> Scripted:
    """Return a provider that does `act` for some addresses, and accepts the others."""
    return Scripted(
        lambda envelope: act if envelope.recipient in recipients else "accepted", idempotent
    )
