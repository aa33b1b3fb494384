"""A contact: a person we know, and what we know of them."""

import re
from datetime import date, datetime
from math import isfinite
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tigc_mail.ground.language import Locale

Sector = Literal["public", "government", "law-enforcement", "private-sector"]
"""Which part of society a contact works in."""

SECTORS: tuple[Sector, ...] = get_args(Sector)

ConsentBasis = Literal["consent", "public-task", "legitimate-interest"]
"""The legal ground on which a contact is written to."""

CONSENT_BASES: tuple[ConsentBasis, ...] = get_args(ConsentBasis)

TEXT_FIELDS = ("given_name", "family_name", "organisation", "role")
"""The fields of free text; an unknown one is empty."""

CODED_FIELDS = ("sector", "country", "locale")
"""The fields that hold one of a list of codes; an unknown one is None."""


_BETWEEN_WORDS = re.compile("[ -]+")


def as_field(name: str) -> str:
    """Return the name of a field as we write it, from a name of a column as people write it.

    >>> as_field("Given-Name"), as_field("given  name")
    ('given_name', 'given_name')
    """
    return _BETWEEN_WORDS.sub("_", name.strip().lower())


class Contact(BaseModel):
    """A person we know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int | None = None
    """The number in the database; None where the contact is not stored."""
    email: str
    """The deliverable address: an internationalised domain stands as punycode."""
    email_readable: str
    """The address as people read it."""
    given_name: str = ""
    family_name: str = ""
    organisation: str = ""
    role: str = ""
    sector: Sector | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case."""
    locale: Locale | None = None
    consent_basis: ConsentBasis | None = None
    """The basis in force; None where none is recorded or it was withdrawn."""
    consent_at: datetime | None = None
    """When that basis was granted; only filled in a contact read from a file."""
    tags: frozenset[str] = frozenset()
    attributes: dict[str, str] = Field(default_factory=dict)
    """The other columns of a contacts file, by name; a blank one is absent."""

    @property
    def email_key(self) -> str:
        """The identity of a contact: addresses that differ only in case are one."""
        return self.email.lower()


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def number_in(value: str) -> float | None:
    """Return the value of an attribute as a number; None where it is none.

    >>> number_in("3.50"), number_in("three"), number_in("3,5")
    (3.5, None, None)
    """
    if not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    return number if isfinite(number) else None


def day_in(value: str) -> date | None:
    """Return the value of an attribute as a date; None where it is not one written YYYY-MM-DD.

    >>> day_in("2026-11-30"), day_in("2026-11-31")
    (datetime.date(2026, 11, 30), None)
    """
    if not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
