"""An e-mail address: the form that is delivered to, and the form that people read."""

import re
from typing import NamedTuple

from email_validator import EmailNotValidError, EmailUndeliverableError, validate_email

_LINE_BREAK = re.compile(r"[\n\v\f\r\x85\u2028\u2029]")


class Address(NamedTuple):
    """A checked e-mail address."""

    email: str
    """The deliverable form: an internationalised domain stands as punycode."""
    readable: str
    """The form that people read."""

    @property
    def key(self) -> str:
        """The identity of a contact: addresses that differ only in case are one."""
        return self.email.lower()


def read_address(text: str) -> Address:
    """Return the address written in `text`.

    A part before the @ that is not ASCII is kept. Nothing is looked up on the network.

    Raises:
        ValueError: with a reason that does not hold the address.
    """
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, EmailUndeliverableError) as error:
        raise ValueError(_reason(text, str(error))) from None
    return Address(f"{found.local_part}@{found.ascii_domain}", found.normalized)


def _reason(text: str, said: str) -> str:
    """Return why a text is no address, in words that do not give it away."""
    why = said.partition(" (")[0].rstrip(".")
    why = why[:1].lower() + why[1:]
    if _LINE_BREAK.search(text):
        why = "it holds a line break"
    elif text.count("@") > 1:
        why = "it has more than one @"
    elif any(len(part) > 1 and part in why for part in re.split(r"[@.\s]+", text)):
        why = "it is not written as one"
    return f"is not an e-mail address: {why}; write one such as name@example.org"
