"""Shipments as dispatch hands them over: a shipped notice, to imaginary readers."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from tempfile import TemporaryDirectory

from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values
from tigc_mail.delivery.providers.protocol import Envelope, Shipment
from tigc_mail.delivery.tokens import Signer
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.message import CompiledMessage

SENDER = "programme@example.org"
"""The address of the envelopes' sender."""

_SIGNER = Signer("a key for nothing but tests")
_DATE = datetime(2026, 11, 24, 12, tzinfo=UTC)
_GIVEN = ("Ana", "Zoë", "", "ليلى", "Jean-Pierre")
_FAMILY = ("Lopez", "", "", "حسن", "O'Brien; née <Ørsted>")


def address(number: int) -> str:
    """Return the address of the so-manyth reader."""
    return f"reader{number}@example.org"


def shipment(numbers: Iterable[int]) -> Shipment:
    """Return a notice of an event, with its calendar, for some readers.

    Every fifth reader has an ordinary name, others one that is hard for some header or language,
    or none at all.

    Args:
        numbers: which readers; equal numbers stand for the same delivery.
    """
    chosen = list(numbers)
    ids = [f"news-001-{number}" for number in chosen]
    emails, nothing = [address(number) for number in chosen], [""] * len(chosen)
    given = [_GIVEN[number % len(_GIVEN)] for number in chosen]
    family = [_FAMILY[number % len(_FAMILY)] for number in chosen]
    people = Addressees(
        delivery_ids=ids,
        tokens=_SIGNER.tokens(ids),
        emails=emails,
        given_names=given,
        family_names=family,
        organisations=["Reederei Größe & Söhne"] * len(chosen),
        roles=nothing,
        countries=[None] * len(chosen),
        attributes=dict.fromkeys(attribute_names(_message()), nothing),
    )
    names = [f"{one} {other}".strip() for one, other in zip(given, family, strict=True)]
    envelopes = [
        Envelope(name, SENDER, email, called)
        for name, email, called in zip(ids, emails, names, strict=True)
    ]
    return Shipment(_message(), envelopes, slot_values(_message(), people, _DATE))


@cache
def _message() -> CompiledMessage:
    with TemporaryDirectory() as folder:
        workspace = Workspace.create(folder)
        edition = workspace.edition("ip-crime-conference-2027-2-registration-open")
        audience = workspace.audience("public")
        return workspace.compile(edition, audience, "ar", frozenset())
