"""Test sends: variants of a campaign to named people, marked as tests, outside the account.

No delivery and no state changes. The ids of test messages belong to no delivery, so that their
links act on nobody and reports about them are passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values
from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.contents import Contents
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.providers.protocol import Envelope, Provider, Receipt, Shipment
from tigc_mail.errors import ConfidentialityError, UsageError
from tigc_mail.ground.marking import Marking
from tigc_mail.people.address import read_address
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import contacts
from tigc_mail.render.message import CompiledMessage

MARK = "[TEST] "
"""What the subject of a test begins with."""


def send_test(
    office: Office,
    contents: Contents,
    campaign: str,
    number: int,
    to: Sequence[str],
    *,
    audience: str | None,
    locale: str | None,
    provider: Provider,
    by: str,
) -> Mapping[Variant, Sequence[Receipt]]:
    """Send variants of a campaign to some addresses, and return what the provider answered.

    What is marked above TLP:CLEAR goes only to contacts who are in its audience, and to the
    addresses that the settings name for tests.

    Args:
        office: the ledger and the sources.
        contents: what the campaign is made of.
        campaign: its id.
        number: its number.
        to: the addresses.
        audience: the one whose variants are sent; all by default.
        locale: the language of the variants that are sent; all by default.
        provider: through what.
        by: who sends them.

    Raises:
        UsageError: if an address is none, or there is no such variant.
        ConfidentialityError: if somebody may not read one of them; nothing was sent.
        ProviderError: if the provider could not be used.
    """
    addresses = [_address(each) for each in dict.fromkeys(to)]
    if not addresses:
        raise UsageError("nobody is named", "to", "Name an address: --to ana@example.org.")
    chosen = [
        variant
        for variant in office.ledger.variants(number)
        if audience in (None, variant.audience) and locale in (None, variant.locale)
    ]
    if not chosen:
        known = ", ".join(f"{v.audience} {v.locale}" for v in office.ledger.variants(number))
        raise UsageError("has no such variant", campaign, f"There are {known}.")
    contents.messages()  # passes the second guard
    for variant in chosen:
        _require_readers(office, contents, variant, addresses)
    answers = {
        variant: list(provider.send(_shipment(office, contents, campaign, variant, addresses)))
        for variant in chosen
    }
    detail = {"variants": len(chosen), "recipients": len(addresses), "provider": provider.name}
    with office.ledger.writing() as connection:
        note(connection, campaign, "test", Deed(office.clock(), by, detail))
    return answers


def _address(text: str) -> str:
    try:
        return read_address(text.strip()).email
    except ValueError as error:
        raise UsageError(str(error), "to", "") from None


def _require_readers(
    office: Office, contents: Contents, variant: Variant, addresses: Sequence[str]
) -> None:
    """Refuse to send a variant to who may not read it."""
    audience = office.sources.audiences()[variant.audience]
    tailored = contents.edition.for_audience(audience, variant.locale, variant.shown)
    marking = tailored.marking
    if marking is Marking.CLEAR:
        return
    keys = {address.lower() for address in addresses} - office.sources.test_addresses()
    with office.ledger.reading() as connection:
        readers = connection.execute(
            select(contacts.c.email_key).where(
                contacts.c.email_key.in_(keys), Segment(audience.segment).condition()
            )
        )
        strangers = len(keys - set(readers.scalars()))
    if strangers:
        cause = (
            f"the message for {audience.id} is {marking.value}, "
            f"and {strangers} of the addresses are not of that audience"
        )
        cure = "Name others, choose --audience, or list colleagues under test_addresses."
        raise ConfidentialityError(cause, "campaign test", cure)


def _shipment(
    office: Office, contents: Contents, campaign: str, variant: Variant, addresses: Sequence[str]
) -> Shipment:
    message = _marked(office, contents, variant)
    ids = [f"test-{campaign}-{variant.code}-{at}" for at, _ in enumerate(addresses)]
    nothing = [""] * len(ids)
    people = Addressees(
        delivery_ids=ids,
        tokens=ids,
        emails=addresses,
        given_names=nothing,
        family_names=nothing,
        organisations=nothing,
        roles=nothing,
        countries=[None] * len(ids),
        attributes=dict.fromkeys(attribute_names(message), nothing),
    )
    sender = message.letterhead.sender_address
    envelopes = [Envelope(name, sender, to) for name, to in zip(ids, addresses, strict=True)]
    return Shipment(message, envelopes, slot_values(message, people, office.clock()))


def _marked(office: Office, contents: Contents, variant: Variant) -> CompiledMessage:
    """Return the message of a variant with the mark in its subject."""
    audience = office.sources.audiences()[variant.audience]
    tailored = contents.edition.for_audience(audience, variant.locale, variant.shown)
    marked = replace(tailored, subject=f"{MARK}{tailored.subject}")
    return office.sources.compiler().compile(marked)
