"""As whom a message is looked at: somebody imaginary, or a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tigc_mail.delivery.addressing import IMAGINARY
from tigc_mail.errors import UsageError
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.people.contact import Contact


@dataclass(frozen=True)
class Sample:
    """Somebody imaginary, and what is seen with their values."""

    contact: Contact
    about: str


def _imaginary(email: str, about: str, **values: Any) -> Sample:
    return Sample(Contact(email=email, email_readable=email, **values), about)


SAMPLES: Mapping[str, Sample] = {
    "": Sample(IMAGINARY, "imaginary; everything is known"),
    "unnamed": _imaginary("somebody@example.org", "imaginary; only the address is known"),
    "long": _imaginary(
        "maximiliane-konstantina.schwarzenbach-oberholzer@directorate.example.org",
        "imaginary; every value is long",
        given_name="Maximiliane-Konstantina",
        family_name="Schwarzenbach-Oberholzer",
        organisation="Inter-Ministerial Directorate for Customs, Excise and Product Safety",
        role="Deputy Head of the Department for Operational Coordination",
    ),
    "arabic": _imaginary(
        "layla@example.org",
        "imaginary; in Arabic letters",
        given_name="ليلى",
        family_name="حداد",
        organisation="مديرية الجمارك",
        role="محققة",
    ),
}
"""By the name that stands in addresses of the page; contacts stand there with their number."""


def reader_of(workspace: Workspace, name: str) -> Contact:
    """Return whose values a message is filled with.

    Args:
        workspace: whose contacts are looked at.
        name: that of a sample, or the number of a contact.

    Raises:
        UsageError: if there is none.
    """
    if name in SAMPLES:
        return SAMPLES[name].contact
    known = workspace.known_contacts()
    if known is not None and name.isascii() and name.isdigit():
        found = known.with_id(int(name[:20]))
        if found is not None:
            return found
    raise UsageError("there is no contact of this number", "contact", "Choose another person.")


def name_of(contact: Contact) -> str:
    """Return how a contact is called in the page: by name, or else by the address."""
    return f"{contact.given_name} {contact.family_name}".strip() or contact.email_readable
