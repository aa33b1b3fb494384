"""What every provider must keep.

Two fixtures are given by who inherits from `ProviderConformance`:

- `provider`: the provider, new and ready to be used;
- `arrived`: a function that returns the complete messages that its service holds now, one an
  item; or None where the service keeps nothing (a dry run).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import get_args

import pytest

from tigc_mail.delivery.providers.protocol import Form, Provider, Receipt, Shipment
from tigc_mail.testing.shipments import shipment

Arrived = Callable[[], Sequence[bytes]]


class ProviderConformance:
    """The tests; each holds for every provider."""

    def test_it_says_who_it_is(self, provider: Provider) -> None:
        """It has all that the protocol says."""
        assert provider.name == provider.name.strip().lower() != ""
        assert isinstance(provider.idempotent, bool)
        assert isinstance(provider.leaves_machine, bool)
        assert isinstance(provider.discards, bool)
        assert provider.takes in get_args(Form)
        assert isinstance(provider.largest_shipment, int)
        assert provider.largest_shipment >= 1
        assert callable(provider.send)
        assert callable(provider.close)

    def test_it_answers_for_each_delivery_once(self, provider: Provider) -> None:
        """There is a receipt for each envelope, and no other."""
        sent = shipment(range(20))
        assert answered(provider.send(sent)) == expected(sent)

    def test_it_accepts_what_is_right(self, provider: Provider) -> None:
        """Nothing is refused where nothing is wrong."""
        receipts = provider.send(shipment(range(5)))
        assert {receipt.outcome for receipt in receipts} == {"accepted"}

    def test_a_shipment_of_one_is_answered_too(self, provider: Provider) -> None:
        """A shipment need not be large."""
        sent = shipment(range(1))
        assert answered(provider.send(sent)) == expected(sent)

    def test_each_message_arrives_once_and_complete(
        self, provider: Provider, arrived: Arrived | None
    ) -> None:
        """Each recipient gets the one message that is theirs."""
        sent = shipment(range(20))
        list(provider.send(sent))
        if arrived is not None:
            readers = {ids_of(each): recipients_of(each) for each in arrived()}
            assert readers == {e.delivery_id: [e.recipient] for e in sent.envelopes}
            assert ids(arrived()) == expected(sent)

    def test_what_arrives_is_a_message_without_defects(
        self, provider: Provider, arrived: Arrived | None
    ) -> None:
        """What arrives has the parts of what was sent, and no slot is left unfilled."""
        sent = shipment(range(5))
        list(provider.send(sent))
        for content in arrived() if arrived is not None else ():
            message = parsed(content)
            assert not [part.defects for part in message.walk() if part.defects]
            types = {part.get_content_type() for part in message.walk()}
            assert {"text/plain", "text/html", "text/calendar"} <= types

    def test_what_is_read_is_what_was_composed(
        self, provider: Provider, arrived: Arrived | None
    ) -> None:
        """Subject, texts and list headers are to each reader those of the complete message."""
        sent = shipment(range(10))
        list(provider.send(sent))
        composed = {e.delivery_id: readable(content) for e, content in sent}
        for content in arrived() if arrived is not None else ():
            assert readable(content) == composed[ids_of(content)]

    def test_several_threads_may_send_at_the_same_time(
        self, provider: Provider, arrived: Arrived | None
    ) -> None:
        """Nothing is lost, doubled or mixed up between threads."""
        sent = [shipment(range(first, first + 10)) for first in range(0, 80, 10)]
        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(lambda each: list(provider.send(each)), sent))
        assert [answered(each) for each in receipts] == [expected(each) for each in sent]
        if arrived is not None:
            assert ids(arrived()) == sum(map(expected, sent), Counter())

    def test_an_idempotent_one_may_be_given_the_same_again(
        self, provider: Provider, arrived: Arrived | None
    ) -> None:
        """Handing over twice has the effect of once, where it says so."""
        if not provider.idempotent:
            pytest.skip("it does not claim to be idempotent, so nothing is given to it twice")
        sent = shipment(range(5))
        for _ in range(2):
            assert answered(provider.send(sent)) == expected(sent)
        if arrived is not None:
            assert ids(arrived()) == expected(sent)

    def test_it_closes_after_it_was_used(self, provider: Provider) -> None:
        """Closing raises nothing."""
        list(provider.send(shipment(range(2))))
        provider.close()

    def test_it_closes_unused(self, provider: Provider) -> None:
        """Nothing needs to have been sent."""
        provider.close()


def expected(sent: Shipment) -> Counter[str]:
    """Return the ids of the deliveries of a shipment."""
    return Counter(envelope.delivery_id for envelope in sent.envelopes)


def answered(receipts: Iterable[Receipt]) -> Counter[str]:
    """Return the ids of the deliveries that receipts are for."""
    return Counter(receipt.delivery_id for receipt in receipts)


def ids(contents: Iterable[bytes]) -> Counter[str]:
    """Return the delivery ids of messages."""
    return Counter(map(ids_of, contents))


def ids_of(content: bytes) -> str:
    """Return the delivery id of a message, which its Message-ID begins with."""
    return str(parsed(content)["Message-ID"]).strip("<>").partition("@")[0]


def recipients_of(content: bytes) -> list[str]:
    """Return the addresses in the To header of a message."""
    return [address.addr_spec for address in parsed(content)["To"].addresses]


def readable(content: bytes) -> dict[str, str]:
    """Return what a reader, or a mail program, is told by a message."""
    message = parsed(content)
    told = {name: str(message[name]).strip() for name in ("Subject", *LIST_HEADERS)}
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        told[kind] = "" if part is None else part.get_content().replace("\r\n", "\n").strip()
    return told


LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
"""RFC 2919, RFC 2369 and RFC 8058."""


def parsed(content: bytes) -> EmailMessage:
    """Return a message as the standard library reads it."""
    return message_from_bytes(content, policy=policy.default)
