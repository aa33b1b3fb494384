"""What tests of providers need: the suite that each provider keeps, and shipments to send.

A provider's own tests inherit from `ProviderConformance`::

    from tigc_mail.testing import Arrived, ProviderConformance

    class TestFax(ProviderConformance):
        @pytest.fixture
        def provider(self): return Fax(...)

        @pytest.fixture
        def arrived(self): return lambda: [the complete messages that the service holds]

Where the service can be made to fail, they inherit from `FailureConformance`, too.

It needs pytest.
"""

from tigc_mail.testing.conformance import Arrived, ProviderConformance
from tigc_mail.testing.failures import Failing, Failure, FailureConformance
from tigc_mail.testing.shipments import SENDER, address, shipment

__all__ = [
    "SENDER",
    "Arrived",
    "Failing",
    "Failure",
    "FailureConformance",
    "ProviderConformance",
    "address",
    "shipment",
]
