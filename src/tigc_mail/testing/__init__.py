"""What tests of providers need: the suite that each provider keeps, and shipments to send.

A provider's own tests inherit from `ProviderConformance`::

    from tigc_mail.testing import Arrived, ProviderConformance

    class TestFax(ProviderConformance):
        @pytest.fixture
        def provider(self): return Fax(...)

        @pytest.fixture
        def arrived(self): return lambda: [the complete messages that the service holds]

It needs pytest.
"""

from tigc_mail.testing.conformance import Arrived, ProviderConformance
from tigc_mail.testing.shipments import SENDER, address, shipment

__all__ = ["SENDER", "Arrived", "ProviderConformance", "address", "shipment"]
