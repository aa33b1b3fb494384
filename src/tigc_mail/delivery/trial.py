"""Test sends: messages to named people, marked as tests, outside the account of any campaign.

No delivery and no state changes. The ids of test messages belong to no delivery and no token is
signed, so that their links act on nobody and reports about them are passed over.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.addressing import (
    IMAGINARY,
    Addressees,
    attribute_names,
    slot_values,
)
from tigc_mail.delivery.audit import Deed, note, user_name
from tigc_mail.delivery.contents import Contents, guarded
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.providers.protocol import (
    Envelope,
    Provider,
    Receipt,
    Shipment,
    hand_over,
)
from tigc_mail.errors import ConfidentialityError, ProviderError, UsageError
from tigc_mail.ground.marking import Marking
from tigc_mail.people.address import Address, read_address
from tigc_mail.people.contact import Contact
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


MOST = 50
"""How many addresses a test goes to at most: more would be a send that nobody approved."""

Made = Iterable[tuple[Variant, TailoredEdition, CompiledMessage]]
"""Variants with what they show and their messages, marked and guarded."""


def send_test(
    office: Office,
    contents: Contents,
    campaign: str,
    number: int,
    to: Sequence[str],
    *,
    audience: str | None,
    locale: str | None,
    provider: str | None,
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
        provider: the name of a provider; that of the settings by default.
        by: who sends them; the name of this process's user where it is empty.

    Raises:
        UsageError: if an address is none or must not be written to, or no variant is such.
        ConfidentialityError: if somebody may not read one of them; nothing was sent.
        ProviderError: if the provider could not be used.
    """
    people = _people(office, to)
    variants = _chosen(office.ledger.variants(number), campaign, audience, locale)
    with _opened(office, provider) as chosen:
        made = list(contents.compiled(variants, MARKS))
        for _, tailored, _ in made:
            _require_readers(office, tailored, people.keys(), "campaign test")
        detail = {"variants": len(made), "recipients": len(people), **_named(chosen)}
        _note(office, campaign, by, detail)
        return _sent(office, made, campaign, people, None, chosen)


def send_edition_test(
    office: Office,
    edition: Edition,
    variant: Variant,
    to: Sequence[str],
    *,
    reader: Contact | None,
    provider: str | None,
    by: str,
) -> Sequence[Receipt]:
    """Send one message of an edition, of which there need be no campaign, to some addresses.

    The rules are those of `send_test`. The values of a contact are another's personal data: what
    leaves this machine has them only for the contact, and for the addresses that the settings name
    for tests. The log has the test under no campaign.

    Args:
        office: the ledger and the sources.
        edition: the edition.
        variant: the message.
        to: the addresses; of those that differ only in case, one.
        reader: whose values are in it, but for the address; an imaginary reader by default, as is
            one who is not stored.
        provider: the name of a provider; that of the settings by default.
        by: who sends it; the name of this process's user where it is empty.

    Raises:
        UsageError: if an address is none or must not be written to, or there is no such message.
        ConfidentialityError: if somebody may not read it; nothing was sent.
        ProviderError: if the provider could not be used.
    """
    people = _people(office, to)
    place = f"edition {edition.id}"
    _require_variant(office, edition, variant, place)
    with _opened(office, provider) as chosen:
        made = list(guarded(office.sources, edition, [variant], MARKS))
        for _, tailored, _ in made:
            if not tailored.blocks:
                raise UsageError(f"shows {variant.audience} nothing", place, "Choose another one.")
            _require_readers(office, tailored, people.keys(), place)
        if reader is not None and reader.id is not None and chosen.leaves_machine:
            _require_own(office, reader, people.keys(), place)
        told = {"edition": edition.id, "audience": variant.audience, "locale": variant.locale}
        _note(office, "", by, {**told, "recipients": len(people), **_named(chosen)})
        answers = _sent(office, made, edition.id, people, reader or IMAGINARY, chosen)
    return answers[variant]


@contextmanager
def _opened(office: Office, names: str | None) -> Iterator[Provider]:
    """Open the first of some providers, or of those of the settings, and close it at the end."""
    chosen = office.sources.open_providers(names)
    try:
        yield chosen[0]
    finally:
        for each in chosen:
            each.close()


def _people(office: Office, to: Sequence[str]) -> Mapping[str, str]:
    """Return the addresses by their keys, all of which may be written to."""
    people = {each.key: each.email for each in map(_address, to, count(1))}
    if not people:
        raise UsageError("nobody is named", "to", "Name an address: --to ana@example.org.")
    if len(people) > MOST:
        cause = f"{len(people)} addresses are more than a test is for"
        raise UsageError(cause, "to", f"Name at most {MOST}.")
    _require_reachable(office, people.keys())
    return people


def _named(provider: Provider) -> Mapping[str, str]:
    """Return through what a test is sent, for the log."""
    told = {"provider": provider.name}
    return {**told, "discards": provider.name} if provider.discards else told


def _note(office: Office, campaign: str, by: str, detail: Mapping[str, Any]) -> None:
    who = " ".join(by.split()) or user_name()
    with office.ledger.writing() as connection:
        note(connection, campaign, "test", Deed(office.clock(), who, detail))


def _sent(
    office: Office,
    made: Made,
    name: str,
    people: Mapping[str, str],
    reader: Contact | None,
    provider: Provider,
) -> Mapping[Variant, Sequence[Receipt]]:
    run = uuid4().hex[:12]  # mail programs show one of two messages with the same id
    answers = {}
    for variant, _, message in made:
        names = [f"test-{name}-{run}-{variant.code}-{at}" for at, _ in enumerate(people)]
        shipment = _shipment(office, message, names, [*people.values()], reader)
        answers[variant] = _hand_over(provider, shipment)
    return answers


def _require_variant(office: Office, edition: Edition, variant: Variant, place: str) -> None:
    """Refuse what is no variant of an edition, as far as the edition itself does not."""
    audience = office.sources.audiences().get(variant.audience)
    if audience is None:
        cure = f"It is for {', '.join(edition.audiences)}."
        raise UsageError(f"is not for the audience {variant.audience!r}", place, cure)
    unknown = variant.shown - {block.id for block in edition.conditional_blocks(audience)}
    if unknown:
        cause = f"{variant.audience} has no conditional block {', '.join(sorted(unknown))}"
        raise UsageError(cause, place, "Look at it again: it may have changed.")


def _require_own(office: Office, reader: Contact, keys: Collection[str], place: str) -> None:
    """Refuse to send the values of a contact to strangers."""
    others = {*keys} - office.sources.test_addresses() - {read_address(reader.email).key}
    if others:
        whose = "is somebody else's" if len(others) == 1 else "are others'"
        cause = f"holds the values of a contact, and {len(others)} of the addresses {whose}"
        cure = "Look at it as somebody imaginary, or list colleagues under test_addresses."
        raise ConfidentialityError(cause, place, cure)


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


def _address(text: str, position: int) -> Address:
    try:
        return read_address(text.strip())
    except ValueError as error:
        raise UsageError(str(error), f"to, address {position}", "") from None


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


def _require_readers(
    office: Office, tailored: TailoredEdition, keys: Collection[str], place: str
) -> None:
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
            f"and {strangers} of the addresses {'is' if strangers == 1 else 'are'} "
            "not of that audience"
        )
        cure = "Name others, choose another audience, or list colleagues under test_addresses."
        raise ConfidentialityError(cause, place, cure)


def _shipment(
    office: Office,
    message: CompiledMessage,
    names: Sequence[str],
    emails: Sequence[str],
    reader: Contact | None,
) -> Shipment:
    """Return the message for some addresses, with the values of a reader, or none."""
    first, *rest = message.wire
    wire = (HEADER + first, *rest) if isinstance(first, bytes) else message.wire
    marked = replace(message, wire=wire)
    reader = reader or Contact(email=emails[0], email_readable=emails[0])
    size = len(names)
    people = Addressees(
        delivery_ids=names,
        tokens=names,
        emails=emails,
        given_names=[reader.given_name] * size,
        family_names=[reader.family_name] * size,
        organisations=[reader.organisation] * size,
        roles=[reader.role] * size,
        countries=[reader.country] * size,
        attributes={
            name: [reader.attributes.get(name, "")] * size for name in attribute_names(marked)
        },
    )
    sender = marked.letterhead.sender_address
    envelopes = [Envelope(name, sender, to) for name, to in zip(names, emails, strict=True)]
    values = {**slot_values(marked, people, office.clock()), "delivery.to": emails}
    return Shipment(marked, envelopes, values)


def _hand_over(provider: Provider, shipment: Shipment) -> list[Receipt]:
    """Return a receipt for each delivery; a value that does not fit is rejected and not sent.

    A provider that fails after it took some was surely not handed the others.
    """
    unfit = shipment.unfit(provider.takes)
    refused = [
        Receipt(shipment.envelopes[at].delivery_id, "rejected", reason=str(why))
        for at, why in unfit.items()
    ]
    fit = [at for at, _ in enumerate(shipment.envelopes) if at not in unfit]
    answers: dict[str, Receipt] = {}
    try:
        for receipt in hand_over(provider, shipment.only(fit)) if fit else ():
            answers[receipt.delivery_id] = receipt
    except ProviderError as error:
        if not answers:
            raise
        left = (shipment.envelopes[at].delivery_id for at in fit)
        for name in left:
            answers.setdefault(name, Receipt(name, "postponed", reason=str(error)))
    return [*refused, *answers.values()]
