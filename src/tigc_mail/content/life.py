"""The life of an event: whether the notices that tell of it follow each other as they must.

Calendars keep the notice with the highest SEQUENCE (RFC 5546), and readers believe the last one. So
of two notices of one event (`uid`), that which is issued later has the higher `sequence`, and what
was cancelled or postponed is not announced again as if nothing had happened.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from tigc_mail.content.block import EventBlock
from tigc_mail.content.edition import Edition
from tigc_mail.content.event import Stage
from tigc_mail.ground.documents import Step

_ON_DATES: frozenset[Stage] = frozenset({"announced", "registration-open", "reminder"})
"""Stages that tell of the dates as known to all: not after a postponement.

One of them may reach some readers after others got a later notice. What changes the dates may not:
calendars that have the later one would ignore it.
"""

_ANEW: frozenset[Stage] = frozenset({"rescheduled", "moved-online"})
"""Stages after which what was told before is no longer so."""

_TURNS = _ANEW | {"postponed"}
"""Stages at which dates fall, or are set anew."""


class Notice(NamedTuple):
    """One notice of an event."""

    edition: str
    uid: str
    sequence: int
    issued: datetime
    stage: Stage
    dates: str
    """The first and the last day, or moment, as ISO 8601 writes an interval."""
    campaign: str = ""
    """The campaign that sent it, of one that the ledger knows; else it stands in a file."""

    @property
    def teller(self) -> str:
        """Who tells of the event, for messages."""
        return f"the campaign {self.campaign}" if self.campaign else self.edition

    def is_same(self, other: "Notice") -> bool:
        """Return whether two are one notice: an edition may be sent again as it was sent before."""
        return self[:-1] == other[:-1]


class LifeFault(NamedTuple):
    """What is wrong with a notice, beside those that are known."""

    block: int
    """The block of the edition that tells it, counted from 0."""
    field: Literal["sequence", "issued", "stage"]
    """Which field of its event says so."""
    cause: str
    cure: str

    @property
    def path(self) -> tuple[Step, ...]:
        """The keys and indices that lead to the field."""
        return ("blocks", self.block, "event", self.field)

    @property
    def place(self) -> str:
        """The same as authors read it, such as `blocks[2].event.sequence`."""
        return f"blocks[{self.block}].event.{self.field}"


def notices_of(edition: Edition) -> dict[Notice, int]:
    """Return the notices of an edition, one for each event, with the first block that tells it."""
    found: dict[Notice, int] = {}
    for at, block in enumerate(edition.blocks):
        if isinstance(block, EventBlock):
            event = block.event
            dates = f"{event.start.isoformat()}/{event.last.isoformat()}"
            state = (event.uid, event.sequence, event.issued, event.stage, dates)
            found.setdefault(Notice(edition.id, *state), at)
    return found


def life_faults(edition: Edition, known: Iterable[Notice]) -> Iterator[LifeFault]:
    """Yield what is wrong with the notices of an edition.

    Args:
        edition: the one that is looked at.
        known: the notices that were sent, then those of the editions beside it. What was sent goes
            before what is sent now, whenever it was issued.
    """
    told = tuple(known)
    for own, block in notices_of(edition).items():
        others: list[Notice] = []
        for one in told:
            if one.uid == own.uid and not any(map(one.is_same, (own, *others))):
                others.append(one)
        for other in others:
            yield from _order(own, block, other)
        before = [one for one in others if one.campaign or one.issued < own.issued]
        yield from _stage(own, block, before)


def _order(own: Notice, block: int, other: Notice) -> Iterator[LifeFault]:
    both = f"{own.teller} and {other.teller} tell of {own.uid}"
    if own.issued == other.issued:
        cause = f"{both}, and both are issued at {_moment(own.issued)}"
        cure = "Give each notice the moment at which it is issued."
        yield LifeFault(block, "issued", cause, cure)
        return
    earlier, later = sorted((own, other), key=lambda notice: notice.issued)
    if later.sequence > earlier.sequence:
        holds = own.stage in _ON_DATES and other.stage not in _ANEW
        if other is later and other.campaign and not holds:
            cause = f"{other.teller} sent a later notice of {own.uid}, and calendars keep that one"
            cure = f"Issue this one after {_moment(other.issued)}, with a higher sequence."
            yield LifeFault(block, "issued", cause, cure)
        return
    cause = (
        f"{both}; {later.teller} is issued later ({_moment(later.issued)}) than {earlier.teller} "
        f"({_moment(earlier.issued)}), but its sequence {later.sequence} is not above "
        f"{earlier.sequence}"
    )
    cure = "Raise the sequence with every notice, in the order in which they are issued."
    yield LifeFault(block, "sequence", cause, cure)


def _stage(own: Notice, block: int, before: list[Notice]) -> Iterator[LifeFault]:
    over = [one for one in before if one.stage == "cancelled"]
    turns = [one for one in before if one.stage in _TURNS]
    last = max(turns, key=lambda notice: notice.issued, default=None)
    if over and own.stage != "cancelled":
        cause = f"{over[0].teller} has cancelled {own.uid} ({_moment(over[0].issued)})"
        cure = "Give an event that takes place after all a `uid` of its own."
        yield LifeFault(block, "stage", cause, cure)
    elif last is not None and last.stage == "postponed" and own.stage in _ON_DATES:
        cause = f"{last.teller} has postponed {own.uid} ({_moment(last.issued)})"
        cure = "Tell of its new dates first, in a notice of the stage `rescheduled`."
        yield LifeFault(block, "stage", cause, cure)


def _moment(issued: datetime) -> str:
    return f"{issued:%Y-%m-%dT%H:%M:%SZ}"
