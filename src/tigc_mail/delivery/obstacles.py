"""Why somebody does not get an edition, or not through an audience: the reasons of exclusions."""

from enum import IntEnum

from sqlalchemy import ColumnElement, case, select

from tigc_mail.people.tables import contacts, suppressions


class Obstacle(IntEnum):
    """Why somebody in an audience does not get the edition."""

    NONE = 0
    NO_CONSENT = 1
    WITHDRAWN = 2
    SUPPRESSED = 3
    ALREADY_SENT = 4

    @property
    def reason(self) -> str:
        """The reason as reports name it."""
        return self.name.lower().replace("_", "-")


EARLIER_AUDIENCE = "in-an-earlier-audience"
LATER_AUDIENCE = "in-a-later-audience"
NOTHING_TO_SHOW = "nothing-to-show"
OUTSIDE = "in-no-audience"

ELSEWHERE = (EARLIER_AUDIENCE, LATER_AUDIENCE)
"""The reasons of those who get the edition all the same, through another audience."""


def obstacle(already: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """Return what stands in the way of writing to a contact.

    Args:
        already: whether a contact is not to be written to again; nobody by default.
    """
    blocked = contacts.c.email_key.in_(select(suppressions.c.email_key))
    cases = [
        (blocked, Obstacle.SUPPRESSED.value),
        (contacts.c.consent_withdrawn, Obstacle.WITHDRAWN.value),
        (contacts.c.consent_basis.is_(None), Obstacle.NO_CONSENT.value),
    ]
    if already is not None:
        cases.append((already, Obstacle.ALREADY_SENT.value))
    return case(*cases, else_=Obstacle.NONE.value)
