"""What a provider is: the one small protocol between dispatch and whatever sends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from tigc_mail.render.message import CompiledMessage, Splice

Outcome = Literal["accepted", "rejected", "unknown"]
"""What became of one message handed to a provider.

- `accepted`: the provider has it and answers for it.
- `rejected`: the provider refused it for good; it was not sent.
- `unknown`: the provider may or may not have it.
"""


class Receipt(NamedTuple):
    """A provider's answer about one delivery."""

    delivery_id: str
    outcome: Outcome
    reference: str | None = None
    """The provider's own name for the message, if it gave one."""
    reason: str | None = None
    """Why it was not accepted; never an address."""


class Envelope(NamedTuple):
    """What stands outside a message."""

    delivery_id: str
    sender: str
    recipient: str
    """The deliverable address (an internationalised domain as punycode)."""


@dataclass(frozen=True)
class Shipment:
    """The deliveries of one batch: one compiled message, and what differs for each recipient."""

    message: CompiledMessage
    envelopes: Sequence[Envelope]
    splice: Splice
    """The complete messages, in the order of `envelopes`, joined as they are read."""

    def __iter__(self) -> Iterator[tuple[Envelope, bytes]]:
        """Yield each envelope with its complete message (RFC 5322, lines ended by CRLF)."""
        return zip(self.envelopes, self.splice, strict=True)


class Provider(Protocol):
    """Something that sends.

    One provider serves all threads of a send at the same time, so `send` must be safe to be called
    from several of them. `tests/delivery/providers/conformance.py` holds what each must keep.
    """

    name: str
    """As settings and commands call it."""

    idempotent: bool
    """Whether handing over the same delivery twice has the effect of once. Only then may a delivery
    with an unknown outcome be handed over again."""

    leaves_machine: bool
    """Whether recipients really get what is sent; then a secret key is required."""

    def send(self, shipment: Shipment) -> Iterable[Receipt]:
        """Hand over the deliveries of a shipment, and answer with one receipt for each.

        Receipts may come one by one while the sending goes on.

        Raises:
            ProviderError: the deliveries without a receipt so far were surely not sent.
            Exception: any other means that nobody knows about them; they become `unknown`.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; called once, after the last `send`."""
        ...
