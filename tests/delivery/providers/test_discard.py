"""The discard provider keeps what every provider must, and composes what it throws away."""

import pytest

from tigc_mail import Provider, Shipment
from tigc_mail.delivery.providers.discard import Discard
from tigc_mail.testing import Arrived, ProviderConformance, shipment


class TestDiscard(ProviderConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        return Discard()

    @pytest.fixture
    def arrived(self) -> Arrived | None:
        return None


def test_every_message_is_composed_before_it_is_thrown_away() -> None:
    sent, fewer = shipment(range(3)), shipment(range(2))
    with pytest.raises(ValueError, match="shorter"):
        Discard().send(Shipment(sent.message, sent.envelopes, fewer.values))
