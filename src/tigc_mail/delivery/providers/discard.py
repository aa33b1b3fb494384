"""The discard provider: composes every message in full and throws it away, for dry runs."""

from collections.abc import Iterable

from tigc_mail.delivery.providers.protocol import Form, Opening, Receipt, Shipment


class Discard:
    """Accepts everything, sends nothing.

    The ledger takes it for a real sending: afterwards the campaign is over.

    The messages are joined as for a real provider, so that a dry run fails where a real one would.
    """

    name = "discard"
    idempotent = True
    leaves_machine = False
    discards = True
    takes: Form = "mime"
    largest_shipment = 1_000

    @classmethod
    def open(cls, _opening: Opening) -> "Discard":
        """Return one; it needs nothing."""
        return cls()

    def send(self, shipment: Shipment) -> Iterable[Receipt]:
        """Accept every delivery of the shipment."""
        return [Receipt(envelope.delivery_id, "accepted") for envelope, _ in shipment]

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
