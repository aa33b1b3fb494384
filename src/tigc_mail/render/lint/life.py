"""Whether the notices of an event, in all the editions of a workspace, tell its life in order."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tigc_mail.content.edition import Edition
from tigc_mail.content.life import life_faults, notices_of
from tigc_mail.ground.documents import Step
from tigc_mail.render.lint.finding import Remark, error

ORDER = error(
    "event-order",
    "Calendars keep the notice with the highest sequence, so an event may go back to an old state.",
)
STAGE = error(
    "event-stage",
    "Readers were told that it does not take place, and would now be told to come.",
)

CHECKS = (ORDER, STAGE)
"""The checks of this family."""


class OutOfOrder(NamedTuple):
    """Something wrong between two notices, and the field of the first that says so."""

    remark: Remark
    path: tuple[Step, ...]


def check(edition: Edition, others: Iterable[Edition]) -> Iterator[OutOfOrder]:
    """Check the notices of an edition against those of the other editions.

    Args:
        edition: the one that is checked.
        others: those that it is checked against.
    """
    known = [notice for other in others for notice in notices_of(other)]
    for fault in life_faults(edition, known):
        found = STAGE if fault.field == "stage" else ORDER
        yield OutOfOrder(Remark(found, fault.cause, fault.cure), fault.path)
