"""What every provider must keep when its far end fails.

Three fixtures are given by who inherits from `FailureConformance`, the last where it matters:

- `failing`: a function that makes the far end fail in a way, and returns a provider, new and ready
  to be used, that sends there; or None where the far end cannot be made to fail so;
- `arrived`: as for `ProviderConformance`;
- `secrets`: keys and passwords that the provider is given, which nothing may tell.

What the far end itself logs must be kept out of the logs of the test.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

import pytest

from tigc_mail.delivery.providers.protocol import Provider, Receipt, Shipment
from tigc_mail.errors import ProviderError, UnavailableError
from tigc_mail.testing.conformance import Arrived, expected, ids
from tigc_mail.testing.shipments import shipment

Failure = Literal[
    "refuses for good",
    "refuses for now",
    "is not there",
    "breaks before reading",
    "is silent before reading",
    "breaks after reading",
    "breaks after accepting",
    "breaks during the answer",
    "is silent after accepting",
    "answers late",
]
"""What a far end does with each message that it is handed.

- `refuses for good`, `refuses for now`: it says so, with an address in its words if it can.
- `is not there`: nothing can be connected to, or written into.
- `breaks before reading`: it ends the connection before it has a whole message; `is silent before
  reading`: it keeps the connection, and says nothing until the provider gives up.
- `breaks after reading`: it read a whole message, forgets it and ends the connection.
- `breaks after accepting`, `breaks during the answer`: it has the message, and its answer is lost
  or cut short; `is silent after accepting`: it has the message, and never answers.
- `answers late`: it accepts the message after a while, sooner than the provider gives up.

A provider is best given short timeouts for what is silent, and long ones for all else.
"""

FAILURES: tuple[Failure, ...] = get_args(Failure)

NOT_SENT: tuple[Failure, ...] = ("refuses for good", "refuses for now", "is not there")
"""After these, everybody knows that nothing was sent."""

MAYBE_SENT: tuple[Failure, ...] = (
    "breaks after reading",
    "breaks after accepting",
    "breaks during the answer",
    "is silent after accepting",
)
"""After these, the provider cannot know whether a message was sent."""

Failing = Callable[[Failure], Provider | None]

Fate = Literal["accepted", "rejected", "postponed", "unknown", "unsent"]
"""The outcome of a delivery, or what an error says of one without a receipt."""


class FailureConformance:
    """The tests; each holds for every provider."""

    @pytest.fixture
    def secrets(self) -> Sequence[str]:
        """Return keys and passwords that the provider is given; none by default."""
        return ()

    @pytest.mark.parametrize("failure", FAILURES)
    def test_each_delivery_is_answered_at_most_once_and_truly(
        self, failing: Failing, arrived: Arrived | None, failure: Failure
    ) -> None:
        """What is accepted is there, once; what is not sent is not; of the unknown nobody knows."""
        fates, _ = fates_of(failing, failure)
        if arrived is None:
            return
        there = ids(arrived())
        assert there.keys() <= fates.keys()
        assert max(there.values(), default=0) <= 1
        wrong = {
            name: fate
            for name, fate in fates.items()
            if fate != "unknown" and there[name] != (fate == "accepted")
        }
        assert wrong == {}

    @pytest.mark.parametrize("failure", NOT_SENT)
    def test_what_surely_was_not_sent_is_told_so(self, failing: Failing, failure: Failure) -> None:
        """It is never unknown; what is refused for now is not given up, and the other way round."""
        fates, error = fates_of(failing, failure)
        never = {"accepted", "unknown"}
        if failure == "refuses for good":
            never |= {"postponed"}
            assert not isinstance(error, UnavailableError)
        else:
            never |= {"rejected"}
        assert never.isdisjoint(fates.values())

    @pytest.mark.parametrize("failure", MAYBE_SENT)
    def test_what_may_have_been_sent_is_unknown(self, failing: Failing, failure: Failure) -> None:
        """It is never told as not sent; a provider may leave off, so others are not sent at all."""
        fates, _ = fates_of(failing, failure)
        assert {"accepted", "unknown"} & {*fates.values()}
        assert {"rejected", "postponed"}.isdisjoint(fates.values())

    def test_an_answer_that_is_late_is_waited_for(self, failing: Failing) -> None:
        """Whoever waits long enough knows."""
        fates, error = fates_of(failing, "answers late")
        assert ({*fates.values()}, error) == ({"accepted"}, None)

    @pytest.mark.parametrize("failure", FAILURES)
    def test_nothing_tells_an_address_or_a_secret(
        self,
        failing: Failing,
        failure: Failure,
        secrets: Sequence[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Reasons, errors and logs hold none, whatever the far end says."""
        with caplog.at_level(logging.DEBUG):
            sent, receipts, error = handed_over(failing, failure)
        told = "\n".join([caplog.text, *map(str, receipts), *map(repr, shown(error))])
        for envelope in sent.envelopes:
            assert envelope.recipient not in told
            assert f"{envelope.recipient.partition('@')[0]}@" not in told
            assert envelope.sender not in told
        assert not [secret for secret in secrets if secret in told]


def handed_over(
    failing: Failing, failure: Failure
) -> tuple[Shipment, list[Receipt], Exception | None]:
    """Send some deliveries to a far end that fails, and return what came back."""
    provider = failing(failure)
    if provider is None:
        pytest.skip("its far end cannot be made to fail so")
    sent, receipts = shipment(range(12)), []
    try:
        for receipt in provider.send(sent):
            receipts.append(receipt)  # noqa: PERF402 (those before an error count)
    except Exception as error:  # noqa: BLE001 (it says what became of the others)
        return sent, receipts, error
    return sent, receipts, None


def fates_of(failing: Failing, failure: Failure) -> tuple[dict[str, Fate], Exception | None]:
    """Return what the account says of each delivery, and the error that ended the sending."""
    sent, receipts, error = handed_over(failing, failure)
    answered = Counter(receipt.delivery_id for receipt in receipts)
    assert answered <= expected(sent), "an answer too many"
    assert error is not None or answered == expected(sent), "an answer too few, and no error"
    rest: Fate = "unsent" if isinstance(error, ProviderError) else "unknown"
    fates: dict[str, Fate] = dict.fromkeys(expected(sent), rest)
    return fates | {receipt.delivery_id: receipt.outcome for receipt in receipts}, error


def shown(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those before it that a traceback shows."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
