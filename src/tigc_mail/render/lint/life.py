"""Whether the notices of an event, in all the editions of a workspace, tell its life in order."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tigc_mail.content.block import EventBlock
from tigc_mail.content.edition import Edition
from tigc_mail.ground.documents import Step
from tigc_mail.render.lint.finding import Remark, error

ORDER = error(
    "event-order",
    "Calendars keep the notice with the highest sequence, so an event may go back to an old state.",
)

CHECKS = (ORDER,)
"""The checks of this family."""


class Notice(NamedTuple):
    """One notice of an event."""

    edition: str
    block: int
    """Which block of the edition it is, counted from 0."""
    uid: str
    sequence: int
    issued: datetime

    def path(self, field: str) -> tuple[Step, ...]:
        """Return where a field of the event stands in the edition's file."""
        return ("blocks", self.block, "event", field)


class OutOfOrder(NamedTuple):
    """Something wrong between two notices, and the field of the first that says so."""

    remark: Remark
    path: tuple[Step, ...]


def notices_of(edition: Edition) -> Iterator[Notice]:
    """Yield the notices of an edition, one for each event."""
    seen = set[str]()
    for at, block in enumerate(edition.blocks):
        if isinstance(block, EventBlock) and block.event.uid not in seen:
            seen.add(block.event.uid)
            event = block.event
            yield Notice(edition.id, at, event.uid, event.sequence, event.issued)


def check(edition: Edition, others: Iterable[Edition]) -> Iterator[OutOfOrder]:
    """Check the notices of an edition against those of the other editions.

    Args:
        edition: the one that is checked.
        others: those that it is checked against.
    """
    known = [notice for other in others for notice in notices_of(other)]
    for own in notices_of(edition):
        for other in known:
            if other.uid == own.uid:
                yield from _compared(own, other)


def _compared(own: Notice, other: Notice) -> Iterator[OutOfOrder]:
    both = f"{own.edition} and {other.edition} tell of {own.uid}"
    if own.issued == other.issued:
        cause = f"{both}, and both are issued at {_moment(own.issued)}"
        cure = "Give each notice the moment at which it is issued."
        yield OutOfOrder(Remark(ORDER, cause, cure), own.path("issued"))
        return
    earlier, later = sorted((own, other), key=lambda notice: notice.issued)
    if later.sequence > earlier.sequence:
        return
    cause = (
        f"{both}; {later.edition} is issued later ({_moment(later.issued)}) than {earlier.edition} "
        f"({_moment(earlier.issued)}), but its sequence {later.sequence} is not above "
        f"{earlier.sequence}"
    )
    cure = "Raise the sequence with every notice, in the order in which they are issued."
    yield OutOfOrder(Remark(ORDER, cause, cure), own.path("sequence"))


def _moment(issued: datetime) -> str:
    return f"{issued:%Y-%m-%dT%H:%M:%SZ}"
