"""Two calendar programs, as far as an entry goes: they keep the latest state of each event."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


class State(NamedTuple):
    """What an entry says."""

    method: str | None
    status: str | None
    start: date
    summary: str | None


class Store:
    """A calendar as a reader has it: entries by UID; the greater SEQUENCE wins, then DTSTAMP."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, datetime, State]] = {}

    def take(self, uid: str, sequence: int, stamp: datetime, state: State) -> None:
        known = self.entries.get(uid)
        if known is None or (sequence, stamp) > known[:2]:
            self.entries[uid] = (sequence, stamp, state)


def read_by_icalendar(content: bytes, store: Store) -> None:
    """Read a file with the library that wrote it."""
    read = Calendar.from_ical(content)
    for event in read.walk("VEVENT"):
        state = State(
            str(read["METHOD"]),
            str(event["STATUS"]),
            event["DTSTART"].dt,
            str(event["SUMMARY"]),
        )
        store.take(str(event["UID"]), event["SEQUENCE"], event["DTSTAMP"].dt, state)


def read_by_ical(content: bytes, store: Store) -> None:
    """Read a file with a library that shares no code with it."""
    read = IcsCalendarStream.calendar_from_ics(content.decode())
    for event in read.events:
        status = event.status.value if event.status else None
        state = State(read.method, status, event.dtstart, event.summary)
        stamp = event.dtstamp
        assert event.sequence is not None
        assert isinstance(stamp, datetime)
        store.take(event.uid, event.sequence, stamp.astimezone(UTC), state)


READERS: list[Callable[[bytes, Store], None]] = [read_by_icalendar, read_by_ical]
