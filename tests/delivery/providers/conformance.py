"""What every provider must keep.

A provider's own tests inherit from `ProviderConformance` and give two fixtures:

- `provider`: the provider, new and ready to be used;
- `arrived`: a function that returns the complete messages that its service holds now, one an
  item; or None where the service keeps nothing (a dry run).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from tests.delivery.world import World, shipment

from tigc_mail import Provider, Receipt, Shipment

Arrived = Callable[[], Sequence[bytes]]


class ProviderConformance:
    """The tests; each holds for every provider."""

    def test_it_says_who_it_is(self, provider: Provider) -> None:
        assert provider.name == provider.name.strip().lower() != ""
        assert isinstance(provider.idempotent, bool)
        assert isinstance(provider.leaves_machine, bool)

    def test_it_answers_for_each_delivery_once(self, world: World, provider: Provider) -> None:
        sent = shipment(world, range(20))
        receipts = list(provider.send(sent))
        assert answered(receipts) == expected(sent)

    def test_it_accepts_what_is_right(self, world: World, provider: Provider) -> None:
        receipts = provider.send(shipment(world, range(5)))
        assert {receipt.outcome for receipt in receipts} == {"accepted"}

    def test_a_shipment_of_one_is_answered_too(self, world: World, provider: Provider) -> None:
        sent = shipment(world, range(1))
        assert answered(provider.send(sent)) == expected(sent)

    def test_each_message_arrives_once_and_complete(
        self, world: World, provider: Provider, arrived: Arrived | None
    ) -> None:
        sent = shipment(world, range(20))
        list(provider.send(sent))
        if arrived is not None:
            assert ids(arrived()) == expected(sent)
            assert {str(each["To"]) for each in map(parsed, arrived())} == {
                envelope.recipient for envelope in sent.envelopes
            }

    def test_what_arrives_is_a_message_without_defects(
        self, world: World, provider: Provider, arrived: Arrived | None
    ) -> None:
        list(provider.send(shipment(world, range(3))))
        for content in arrived() if arrived is not None else ():
            message = parsed(content)
            assert not [part.defects for part in message.walk() if part.defects]
            assert {part.get_content_type() for part in message.iter_parts()} == {
                "text/plain",
                "text/html",
            }

    def test_several_threads_may_send_at_the_same_time(
        self, world: World, provider: Provider, arrived: Arrived | None
    ) -> None:
        sent = [shipment(world, range(first, first + 10)) for first in range(0, 80, 10)]
        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(lambda each: list(provider.send(each)), sent))
        assert [answered(each) for each in receipts] == [expected(each) for each in sent]
        if arrived is not None:
            assert ids(arrived()) == sum(map(expected, sent), Counter())

    def test_an_idempotent_one_may_be_given_the_same_again(
        self, world: World, provider: Provider, arrived: Arrived | None
    ) -> None:
        if not provider.idempotent:
            pytest.skip("it does not claim to be idempotent, so nothing is given to it twice")
        sent = shipment(world, range(5))
        for _ in range(2):
            assert answered(provider.send(sent)) == expected(sent)
        if arrived is not None:
            assert ids(arrived()) == expected(sent)

    def test_it_closes_whether_it_was_used_or_not(self, world: World, provider: Provider) -> None:
        list(provider.send(shipment(world, range(2))))
        provider.close()

    def test_it_closes_unused(self, provider: Provider) -> None:
        provider.close()


def expected(sent: Shipment) -> Counter[str]:
    return Counter(envelope.delivery_id for envelope in sent.envelopes)


def answered(receipts: Iterable[Receipt]) -> Counter[str]:
    return Counter(receipt.delivery_id for receipt in receipts)


def ids(contents: Iterable[bytes]) -> Counter[str]:
    """Return the delivery ids of messages, which their Message-IDs begin with."""
    return Counter(parsed(each)["Message-ID"].strip("<>").partition("@")[0] for each in contents)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)
