"""The values of a batch's slots: who it is addressed to, column by column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from tigc_mail.people.audience import greetings
from tigc_mail.people.contact import Contact
from tigc_mail.people.zones import ATTRIBUTE, known_zone
from tigc_mail.render.contexts import Context, encode
from tigc_mail.render.dates import own_time
from tigc_mail.render.message import Columns, CompiledMessage

_PHRASE = re.compile(r"[A-Za-z0-9 '\-]{1,66}")
"""What a display name may hold to stand in a header as it is, in quotes (RFC 5322, 3.2.4), on the
header's own line; encoded words are folded, however long it is."""


@dataclass(frozen=True)
class Addressees:
    """Some recipients, a sequence for each field, all of one length."""

    delivery_ids: Sequence[str]
    tokens: Sequence[str]
    emails: Sequence[str]
    given_names: Sequence[str]
    family_names: Sequence[str]
    organisations: Sequence[str]
    roles: Sequence[str]
    countries: Sequence[str | None]
    attributes: Mapping[str, Sequence[str]]
    """By attribute name; "" for a contact without it."""


def slot_values(
    message: CompiledMessage, people: Addressees, now: datetime, *, heads: bool = True
) -> Columns:
    """Return the value of every slot of a message, for each of the people.

    Args:
        message: the message.
        people: its recipients.
        now: the date that it has.
        heads: whether the head is ours to write; without it, `delivery.to` is left out.
    """
    columns: dict[str, Sequence[str]] = {
        "delivery.id": people.delivery_ids,
        "delivery.token": people.tokens,
        "delivery.date": [format_datetime(now)] * len(people.emails),
        "recipient.email": people.emails,
        "recipient.given_name": people.given_names,
        "recipient.family_name": people.family_names,
        "recipient.organisation": people.organisations,
        "recipient.role": people.roles,
    }
    if heads:
        columns["delivery.to"] = _headers(people)
    columns |= {f"recipient.attributes.{name}": v for name, v in people.attributes.items()}
    if "recipient.salutation" in message.slots:
        columns["recipient.salutation"] = _salutations(message.salutation, people)
    return columns | _own_times(message, people)


def attribute_names(message: CompiledMessage) -> list[str]:
    """Return the names of the attributes that a message prints, or that its values depend on."""
    prefix = "recipient.attributes."
    names = {slot.removeprefix(prefix) for slot in message.slots if slot.startswith(prefix)}
    if message.slots & message.event_times.keys():
        names.add(ATTRIBUTE)
    return sorted(names)


def _salutations(salutation: tuple[str, str], people: Addressees) -> Sequence[str]:
    fields = {
        "given_name": people.given_names,
        "family_name": people.family_names,
        "role": people.roles,
        "organisation": people.organisations,
    }
    return greetings(*salutation, fields, len(people.emails))


def _own_times(message: CompiledMessage, people: Addressees) -> dict[str, Sequence[str]]:
    """Return the columns of the recipients' own times of events, as far as the message has them.

    There are few different clocks among many people: a time is told once for each of them.
    """
    wanted = [slot for slot in message.event_times if slot in message.slots]
    if not wanted:
        return {}
    clocks = list(zip(people.attributes[ATTRIBUTE], people.countries, strict=True))
    columns: dict[str, Sequence[str]] = {}
    for slot in wanted:
        event = message.event_times[slot]
        told = {
            (zone, country): own_time(event, known_zone(zone), country, message.locale)
            for zone, country in set(clocks)
        }
        columns[slot] = [told[each] for each in clocks]
    return columns


def _headers(people: Addressees) -> list[str]:
    names = zip(people.given_names, people.family_names, people.emails, strict=True)
    return [_mailbox(f"{given} {family}".strip(), email) for given, family, email in names]


def _mailbox(name: str, email: str) -> str:
    """Return a mailbox for a header (RFC 5322): the display name quoted, or in encoded words."""
    if not name:
        return email
    if _PHRASE.fullmatch(name):
        return f'"{name}" <{email}>'
    return f"{encode(name, Context.WORD).decode().strip()}\r\n <{email}>"


def sample_values(
    message: CompiledMessage, reader: Contact | None, edition: str, now: datetime
) -> Mapping[str, str]:
    """Return values for one message that is only looked at; its links lead nowhere.

    Args:
        message: what is looked at.
        reader: whose values to take; an imaginary reader where there is none.
        edition: the edition's id, for the message's own id.
        now: the date of the message.
    """
    reader = reader or IMAGINARY
    people = Addressees(
        delivery_ids=[f"{edition}-sample"],
        tokens=[f"{edition}-sample"],
        emails=[reader.email],
        given_names=[reader.given_name],
        family_names=[reader.family_name],
        organisations=[reader.organisation],
        roles=[reader.role],
        countries=[reader.country],
        attributes={name: [reader.attributes.get(name, "")] for name in attribute_names(message)},
    )
    return {slot: column[0] for slot, column in slot_values(message, people, now).items()}


IMAGINARY = Contact(
    email="alex.sample@example.org",
    email_readable="alex.sample@example.org",
    given_name="Alex",
    family_name="Sample",
    organisation="Sample Organisation",
    role="Officer",
)
"""Whoever a message is shown to where nobody is named."""
