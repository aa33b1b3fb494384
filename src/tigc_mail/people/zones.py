"""The time zone of a contact, as a contacts file gives it."""

from functools import cache
from zoneinfo import available_timezones

ATTRIBUTE = "time_zone"
"""The attribute that holds it: an IANA name."""


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())  # reads the whole folder of zones


def known_zone(written: str) -> str:
    """Return an attribute that is the name of a time zone; blank where it is none.

    >>> known_zone("Europe/Paris"), known_zone("Mars/Olympus"), known_zone("")
    ('Europe/Paris', '', '')
    """
    return written if written in _known() else ""
