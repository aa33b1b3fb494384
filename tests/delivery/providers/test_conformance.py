"""The suite that each provider keeps finds those that do not keep it."""

from collections.abc import Iterator

import pytest

from tigc_mail import Provider, ProviderError, Receipt, Shipment
from tigc_mail.delivery.providers.discard import Discard
from tigc_mail.delivery.providers.protocol import Outcome
from tigc_mail.errors import UnavailableError
from tigc_mail.testing import Failing, FailureConformance, ProviderConformance

SUITE, FAILURES = ProviderConformance(), FailureConformance()


@pytest.mark.parametrize(
    "name", ["name", "idempotent", "leaves_machine", "discards", "takes", "largest_shipment"]
)
def test_a_member_of_the_protocol_that_is_missing_is_found(name: str) -> None:
    members = {each: value for each, value in vars(Discard).items() if each != name}
    provider = type("Incomplete", (), members)()
    with pytest.raises(AttributeError, match=name):
        SUITE.test_it_says_who_it_is(provider)


@pytest.mark.parametrize(
    ("name", "value"), [("takes", "html"), ("largest_shipment", 0), ("close", None)]
)
def test_a_member_of_the_protocol_that_is_wrong_is_found(name: str, value: object) -> None:
    provider = Discard()
    setattr(provider, name, value)
    with pytest.raises(AssertionError):
        SUITE.test_it_says_who_it_is(provider)


class Answering(Discard):
    """Answers for every delivery alike, then raises, whatever became of them."""

    def __init__(self, *outcomes: Outcome, reason: str = "", error: Exception | None = None):
        self.outcomes, self.reason, self.error = outcomes, reason, error

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        for envelope in shipment.envelopes:
            for outcome in self.outcomes:
                told = self.reason.format(to=envelope.recipient)
                yield Receipt(envelope.delivery_id, outcome, reason=told)
        if self.error is not None:
            raise self.error


def always(provider: Provider) -> Failing:
    return lambda _: provider


TIMEOUT, LATER, MEND = TimeoutError("no answer"), UnavailableError("full"), ProviderError("no")


@pytest.mark.parametrize(
    "provider",
    [
        Answering("accepted"),
        Answering("unknown", "unknown"),
        Answering(),
        Answering("accepted", error=TIMEOUT),
    ],
    ids=["accepted and not there", "answered twice", "not answered", "accepted, then lost"],
)
def test_an_account_that_is_not_true_is_found(provider: Provider) -> None:
    with pytest.raises(AssertionError):
        FAILURES.test_each_delivery_is_answered_at_most_once_and_truly(
            always(provider), list, "breaks after reading"
        )


def test_what_arrived_and_is_told_as_not_sent_is_found() -> None:
    arrived = [b"Message-ID: <news-001-3@example.org>\r\n\r\n"]
    with pytest.raises(AssertionError):
        FAILURES.test_each_delivery_is_answered_at_most_once_and_truly(
            always(Answering(error=LATER)), lambda: arrived, "breaks after accepting"
        )


@pytest.mark.parametrize(
    ("failure", "provider"),
    [
        ("refuses for good", Answering("unknown")),
        ("refuses for good", Answering(error=TIMEOUT)),
        ("refuses for good", Answering("postponed")),
        ("refuses for good", Answering(error=LATER)),
        ("refuses for now", Answering("rejected")),
        ("is not there", Answering(error=TIMEOUT)),
    ],
)
def test_a_refusal_that_is_told_as_something_else_is_found(
    failure: str, provider: Provider
) -> None:
    with pytest.raises(AssertionError):
        FAILURES.test_what_surely_was_not_sent_is_told_so(always(provider), failure)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "provider", [Answering("postponed"), Answering("rejected"), Answering(error=LATER)]
)
def test_what_may_have_been_sent_and_is_told_as_not_sent_is_found(provider: Provider) -> None:
    with pytest.raises(AssertionError):
        FAILURES.test_what_may_have_been_sent_is_unknown(always(provider), "breaks after reading")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "provider",
    [
        Answering("rejected", reason="<{to}> is not known"),
        Answering(error=ProviderError("reader0@example.org is not known")),
        Answering(error=ProviderError("the key SG.secret is not taken")),
        Answering(error=caused(ProviderError("refused"), OSError("to reader0@example.org"))),
    ],
    ids=["a reason", "an error", "a key", "the cause of an error"],
)
def test_an_address_or_a_secret_that_is_told_is_found(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AssertionError):
        FAILURES.test_nothing_tells_an_address_or_a_secret(
            always(provider), "refuses for good", ["SG.secret"], caplog
        )
