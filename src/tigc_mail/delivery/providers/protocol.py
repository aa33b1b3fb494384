"""What a provider is: the one small protocol between dispatch and whatever sends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from tigc_mail.render.message import Columns, CompiledMessage, Splice, Unfit
from tigc_mail.render.recall import Recalls
from tigc_mail.render.substitutions import Substitutions, substitutions

Outcome = Literal["accepted", "rejected", "postponed", "unknown"]
"""What became of one message handed to a provider.

- `accepted`: the provider has it and answers for it.
- `rejected`: the provider refused it for good; it was not sent.
- `postponed`: the provider refused it for now; it was not sent, and is tried again later.
- `unknown`: the provider may or may not have it.
"""

Form = Literal["mime", "substitutions"]
"""How a provider wants its messages.

- `mime`: each message complete (RFC 5322).
- `substitutions`: the texts once, and for each recipient the values that go into them.
"""


class Receipt(NamedTuple):
    """A provider's answer about one delivery."""

    delivery_id: str
    outcome: Outcome
    reference: str | None = None
    """The provider's own name for the message, if it gave one."""
    reason: str | None = None
    """Why it was not accepted; never an address."""
    undeliverable: bool = False
    """Whether it was rejected because of this address alone, which does not exist."""


class Envelope(NamedTuple):
    """What stands outside a message."""

    delivery_id: str
    sender: str
    recipient: str
    """The deliverable address (an internationalised domain as punycode)."""
    name: str = ""
    """The recipient's name, for providers that write the header themselves."""


@dataclass(frozen=True)
class Shipment:
    """The deliveries of one batch: one compiled message, and what differs for each recipient."""

    message: CompiledMessage
    envelopes: Sequence[Envelope]
    values: Columns
    """The value of every slot for each recipient, in the order of `envelopes`."""
    recalls: Recalls = field(default_factory=Recalls, repr=False)
    """The values that the batches of a send share, as they stand in messages."""

    @cached_property
    def splice(self) -> Splice:
        """The complete messages, in the order of `envelopes`, joined as they are read."""
        return self.message.splice(self.values, self.recalls)

    @cached_property
    def substitutions(self) -> Substitutions:
        """The texts with tags, and the values of each recipient, in the order of `envelopes`."""
        return substitutions(self.message, self.values)

    def unfit(self, form: Form) -> Mapping[int, Unfit]:
        """Render it in a form, and return the recipients (by position) whose values do not fit."""
        return self.substitutions.unfit if form == "substitutions" else self.splice.unfit

    def only(self, positions: Sequence[int]) -> "Shipment":
        """Return the part of it for the recipients at these positions."""
        return Shipment(
            self.message,
            [self.envelopes[at] for at in positions],
            {slot: [column[at] for at in positions] for slot, column in self.values.items()},
            self.recalls,
        )

    def __iter__(self) -> Iterator[tuple[Envelope, bytes]]:
        """Yield each envelope with its complete message (RFC 5322, lines ended by CRLF)."""
        return zip(self.envelopes, self.splice, strict=True)


class Provider(Protocol):
    """Something that sends.

    One provider serves all threads of a send at the same time, so `send` must be safe to be called
    from several of them. `tigc_mail.testing` holds what each must keep.
    """

    name: str
    """As settings and commands call it."""

    idempotent: bool
    """Whether handing over the same delivery twice has the effect of once. Only then may a delivery
    with an unknown outcome be handed over again."""

    leaves_machine: bool
    """Whether recipients really get what is sent; then a secret key is required."""

    discards: bool
    """Whether it delivers to nobody what it accepts, as in a dry run; the account then says so."""

    takes: Form
    """How it wants its messages; they are rendered in this form before anything is claimed."""

    largest_shipment: int
    """How many deliveries it is handed at once, at most. Where a process dies, those of a shipment
    are all unknown that it had no answer for: a thousand for a service that takes them in one
    request, fewer for one that takes them one by one."""

    def send(self, shipment: Shipment) -> Iterable[Receipt]:
        """Hand over the deliveries of a shipment, and answer with one receipt for each.

        Receipts may come one by one while the sending goes on.

        Raises:
            UnavailableError: the deliveries without a receipt so far were surely not sent, and may
                be later.
            ProviderError: they were surely not sent, and somebody has to mend something first.
            Exception: any other means that nobody knows about them; they become `unknown`.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; called once, after the last `send`."""
        ...


DISCARDED = "discarded: nobody gets it"
"""The reason of what was accepted by a provider that delivers to nobody."""


def hand_over(provider: Provider, shipment: Shipment) -> Iterable[Receipt]:
    """Have a provider send a shipment, and return its receipts as they go into the account."""
    receipts = provider.send(shipment)
    if not provider.discards:
        return receipts
    return (
        Receipt(each.delivery_id, "accepted", each.reference, DISCARDED)
        if each.outcome == "accepted"
        else each
        for each in receipts
    )


EventKind = Literal[
    "processed",
    "deferred",
    "delivered",
    "bounced",
    "blocked",
    "dropped",
    "spam-report",
    "unsubscribed",
]
"""What a provider reports of a delivery.

- `processed`: it has the message and will send it.
- `deferred`: the recipient's server put it off; the provider goes on trying.
- `delivered`: the recipient's server took it.
- `bounced`: the recipient's server refused it for good; the address is not written to again.
- `blocked`: it was refused for another reason than the address.
- `dropped`: the provider did not send it.
- `spam-report`, `unsubscribed`: the recipient wants no more; the address is not written to again.
"""


class ProviderEvent(NamedTuple):
    """One report of a provider about one delivery."""

    event_id: str
    """The provider's name for the report: the same again is the same report."""
    delivery_id: str
    kind: EventKind
    at: datetime
    """When it happened, as the provider says."""
    reason: str | None = None
    """Why, in the provider's words; never an address."""


@dataclass(frozen=True)
class Opening:
    """What a provider is opened with. Its secrets it takes from the environment."""

    workspace: Path
    """The workspace's folder."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The table `[providers.NAME]` of the workspace's settings, as it is written there."""
