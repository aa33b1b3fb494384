"""SendGrid: up to a thousand recipients a request, through its v3 API and its official package.

The texts of a message travel once a request, with tags that SendGrid fills for each recipient
("substitutions"). What was accepted, surely not sent, or is unknown follows from its documented
answers: only 202 means that it has a message, and there is no key that would make a repetition
harmless, so nothing is repeated whose request may have been read to its end.
"""

from collections.abc import Iterator

from tigc_mail.delivery.providers.protocol import Form, Opening, Receipt, Shipment
from tigc_mail.delivery.providers.sendgrid.answers import (
    PLACE,
    BadRecipientsError,
    TooLargeError,
)
from tigc_mail.delivery.providers.sendgrid.client import Client
from tigc_mail.delivery.providers.sendgrid.options import SendGridOptions
from tigc_mail.delivery.providers.sendgrid.request import Request, requests_of


class SendGrid:
    """Hands messages to SendGrid.

    Args:
        options: host, key, timeout and so on.
    """

    name = PLACE
    idempotent = False
    takes: Form = "substitutions"
    largest_shipment = 1_000

    def __init__(self, options: SendGridOptions) -> None:
        self.leaves_machine = not options.sandbox
        self.discards = options.sandbox
        self._sandbox = options.sandbox
        self._client = Client(options)

    @classmethod
    def open(cls, opening: Opening) -> "SendGrid":
        """Return that of a workspace.

        Raises:
            ConfigurationError: if the key is missing, or an option is wrong.
        """
        return cls(SendGridOptions.read(opening))

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        """Send a shipment, in as few requests as its size allows."""
        for request in requests_of(shipment, sandbox=self._sandbox):
            yield from self._post(request)

    def close(self) -> None:
        """Do nothing: every request has a connection of its own."""

    def _post(self, request: Request) -> Iterator[Receipt]:
        """Send one request, or what is left of it when it is too large or recipients are refused.

        Raises:
            ProviderError: if nothing of it was sent.
        """
        try:
            answer = self._client.post(request.body())
        except TooLargeError as error:
            if request.apart:
                yield from request.receipts("rejected", reason=error.cause)
                return
            if len(request) == 1 or request.is_too_large_for_one():
                raise
            for half in request.halves():
                yield from self._post(half)
        except BadRecipientsError as error:
            good, bad = request.divided(error.reasons)
            if not bad:
                raise
            yield from bad
            if len(good):
                yield from self._post(good)
        else:
            yield from request.receipts(answer.outcome, answer.reference, answer.reason)
            if answer.failure is not None:
                raise answer.failure
