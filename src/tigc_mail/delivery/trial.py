"""Test sends: variants of a campaign to named people, marked as tests, outside the account.

No delivery and no state changes. The ids of test messages belong to no delivery and no token is
signed, so that their links act on nobody and reports about them are passed over.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from sqlalchemy import select

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values
from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.contents import Contents
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.providers.protocol import (
    Envelope,
    Provider,
    Receipt,
    Shipment,
    hand_over,
)
from tigc_mail.errors import ConfidentialityError, UsageError
from tigc_mail.ground.marking import Marking
from tigc_mail.people.address import Address, read_address
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import contacts, suppressions
from tigc_mail.render.message import CompiledMessage

MARKS: Mapping[str, str] = {
    "en": "[TEST] ",
    "fr": "[TEST] ",
    "es": "[PRUEBA] ",
    "ar": "[اختبار] ",
}
"""What the subject of a test begins with, by language."""

HEADER = b"Tigc-Mail-Test: yes\r\n"
"""The header of a test that is sent as a whole message; services that write heads have none."""


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

    What is marked above TLP:CLEAR goes only to contacts who are in its audience and may be written
    to, and to the addresses that the settings name for tests. Nothing goes to an address that is
    suppressed or whose contact withdrew. The log has the test before the provider gets it.

    Args:
        office: the ledger and the sources.
        contents: what the campaign is made of.
        campaign: its id.
        number: its number.
        to: the addresses; of those that differ only in case, one.
        audience: the one whose variants are sent; all by default.
        locale: the language of the variants that are sent; all by default.
        provider: through what.
        by: who sends them.

    Raises:
        UsageError: if an address is none or must not be written to, or no variant is such.
        ConfidentialityError: if somebody may not read one of them; nothing was sent.
        ProviderError: if the provider could not be used.
    """
    people = {each.key: each.email for each in map(_address, to)}
    if not people:
        raise UsageError("nobody is named", "to", "Name an address: --to ana@example.org.")
    _require_reachable(office, people.keys())
    variants = _chosen(office.ledger.variants(number), campaign, audience, locale)
    made = list(contents.compiled(variants, MARKS))
    for _, tailored, _ in made:
        _require_readers(office, tailored, people.keys())
    detail = {"variants": len(made), "recipients": len(people), "provider": provider.name}
    if provider.discards:
        detail["discards"] = provider.name
    with office.ledger.writing() as connection:
        note(connection, campaign, "test", Deed(office.clock(), by, detail))
    run = uuid4().hex[:12]  # mail programs show one of two messages with the same id
    answers = {}
    for variant, _, message in made:
        names = [f"test-{campaign}-{run}-{variant.code}-{at}" for at, _ in enumerate(people)]
        shipment = _shipment(office, message, names, [*people.values()])
        answers[variant] = _hand_over(provider, shipment)
    return answers


def _chosen(
    variants: Sequence[Variant], campaign: str, audience: str | None, locale: str | None
) -> list[Variant]:
    chosen = [
        variant
        for variant in variants
        if audience in (None, variant.audience) and locale in (None, variant.locale)
    ]
    if not chosen:
        known = ", ".join(dict.fromkeys(f"{v.audience} {v.locale}" for v in variants))
        raise UsageError("has no such variant", campaign, f"There are {known}.")
    return chosen


def _address(text: str) -> Address:
    try:
        return read_address(text.strip())
    except ValueError as error:
        raise UsageError(str(error), "to", "") from None


def _require_reachable(office: Office, keys: Collection[str]) -> None:
    """Refuse to write to who must not be written to, tests included."""
    blocked = select(suppressions.c.email_key).where(suppressions.c.email_key.in_(keys))
    withdrawn = select(contacts.c.email_key).where(
        contacts.c.email_key.in_(keys), contacts.c.consent_withdrawn
    )
    with office.ledger.reading() as connection:
        found = set(connection.execute(blocked.union(withdrawn)).scalars())
    if found:
        cause = f"{len(found)} of the addresses must not be written to: suppressed or withdrawn"
        raise UsageError(cause, "to", "Leave them out; nothing was sent.")


def _require_readers(office: Office, tailored: TailoredEdition, keys: Collection[str]) -> None:
    """Refuse to send a message to who may not read it."""
    if tailored.marking is Marking.CLEAR:
        return
    audience = office.sources.audiences()[tailored.audience.id]
    others = set(keys) - office.sources.test_addresses()
    with office.ledger.reading() as connection:
        readers = connection.execute(
            select(contacts.c.email_key).where(
                contacts.c.email_key.in_(others),
                contacts.c.consent_basis.is_not(None),
                Segment(audience.segment).condition(),
            )
        )
        strangers = len(others - set(readers.scalars()))
    if strangers:
        cause = (
            f"the message for {audience.id} is {tailored.marking.value}, "
            f"and {strangers} of the addresses are not of that audience"
        )
        cure = "Name others, choose --audience, or list colleagues under test_addresses."
        raise ConfidentialityError(cause, "campaign test", cure)


def _shipment(
    office: Office, message: CompiledMessage, names: Sequence[str], emails: Sequence[str]
) -> Shipment:
    first, *rest = message.wire
    wire = (HEADER + first, *rest) if isinstance(first, bytes) else message.wire
    marked = replace(message, wire=wire)
    nothing = [""] * len(names)
    people = Addressees(
        delivery_ids=names,
        tokens=names,
        emails=emails,
        given_names=nothing,
        family_names=nothing,
        organisations=nothing,
        roles=nothing,
        countries=[None] * len(names),
        attributes=dict.fromkeys(attribute_names(marked), nothing),
    )
    sender = marked.letterhead.sender_address
    envelopes = [Envelope(name, sender, to) for name, to in zip(names, emails, strict=True)]
    return Shipment(marked, envelopes, slot_values(marked, people, office.clock()))


def _hand_over(provider: Provider, shipment: Shipment) -> list[Receipt]:
    """Return a receipt for each delivery; a value that does not fit is rejected and not sent."""
    unfit = shipment.unfit(provider.takes)
    receipts = [
        Receipt(shipment.envelopes[at].delivery_id, "rejected", reason=str(why))
        for at, why in unfit.items()
    ]
    fit = [at for at, _ in enumerate(shipment.envelopes) if at not in unfit]
    return [*receipts, *(hand_over(provider, shipment.only(fit)) if fit else ())]
