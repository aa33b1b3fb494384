"""The history of a contact's consent, and what it means now.

The event with the latest `at` is in force; of two at the same moment, the withdrawal.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from tigc_mail.people.contact import ConsentBasis

Event = Literal["granted", "withdrawn"]


class Consent(NamedTuple):
    """One entry of the history; none is ever changed or removed."""

    event: Event
    basis: ConsentBasis | None
    """None for a withdrawal."""
    source: str
    """Where we have it from, such as `import members.csv`."""
    at: datetime
    """When the person granted or withdrew it."""
    recorded_at: datetime
    """When we wrote it down."""


class StaysWithdrawn(Exception):  # noqa: N818  # an answer to the caller, not a fault
    """A grant cannot revive a consent that was withdrawn after it."""


def in_force(history: Sequence[Consent]) -> Consent | None:
    """Return the entry that counts now; None for an empty history."""
    return max(history, key=lambda entry: (entry.at, entry.event == "withdrawn"), default=None)


def new_grant(history: Sequence[Consent], told: Consent, *, dated: bool) -> Consent | None:
    """Return what to append to a history when a grant is told; None where it adds nothing.

    Args:
        history: what is recorded of the contact.
        told: the grant.
        dated: whether the grant came with its own date, or only with that of its recording.

    Raises:
        StaysWithdrawn: if a withdrawal is in force, and the grant is not known to be later.
    """
    current = in_force(history)
    if current is None:
        return told
    if current.event == "withdrawn" and not (dated and told.at > current.at):
        raise StaysWithdrawn
    if not dated:
        return None if told.basis == current.basis else told
    recorded = {(entry.event, entry.basis, entry.at) for entry in history}
    return None if (told.event, told.basis, told.at) in recorded else told
