"""The discard provider keeps what every provider must, and composes what it throws away."""

import pytest
from tests.delivery.providers.conformance import Arrived, ProviderConformance
from tests.delivery.world import World, shipment

from tigc_mail import Provider, Shipment
from tigc_mail.delivery.providers.discard import Discard


class TestDiscard(ProviderConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        return Discard()

    @pytest.fixture
    def arrived(self) -> Arrived | None:
        return None


def test_every_message_is_composed_before_it_is_thrown_away(world: World) -> None:
    sent = shipment(world, range(3))
    with pytest.raises(ValueError, match="shorter"):
        Discard().send(Shipment(sent.message, sent.envelopes, sent.splice.only([0, 1])))
