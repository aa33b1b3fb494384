"""The events of an edition as a calendar file (RFC 5545, RFC 5546)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vText

from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.render.bidi import directed

PRODUCT = "-//tigc_mail//EN"

_STATUS = {
    "postponed": "TENTATIVE",  # there is no status for a date that is not known yet
    "cancelled": "CANCELLED",
}

_IN_SUMMARY = {"postponed": "Postponed", "cancelled": "Cancelled", "moved-online": "Now online"}


def calendar_of(
    edition: TailoredEdition, phrase: Callable[[str], str], now: datetime
) -> bytes | None:
    """Return the events of an edition for a calendar program; None where it has none.

    An event keeps its UID for life, and a notice with a greater SEQUENCE updates the entry that
    an earlier one made.

    Args:
        edition: the edition as one audience reads it.
        phrase: the translation of a fixed phrase into the language of the message.
        now: when this calendar is made (DTSTAMP).
    """
    events = [block.event for block in edition.blocks if isinstance(block, TailoredEvent)]
    if not events:
        return None
    over = all(event.status == "cancelled" for event in events)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if over else "PUBLISH")
    for event in events:
        calendar.add_component(_entry(event, edition, phrase, now))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _entry(
    event: TailoredEventDetails,
    edition: TailoredEdition,
    phrase: Callable[[str], str],
    now: datetime,
) -> Event:
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", now)
    entry.add("dtstart", event.start)
    entry.add("dtend", _end(event.end))
    entry.add("status", _STATUS.get(event.status, "CONFIRMED"))
    entry.add("summary", directed(_summary(event, phrase), edition.direction))
    if event.place:
        entry.add("location", vText(directed(event.place, edition.direction)))
    organizer = vText(f"mailto:{edition.audience.sender_address}")
    organizer.params["CN"] = edition.audience.sender_name
    entry.add("organizer", organizer)
    if event.url:
        entry.add("url", event.url)
    return entry


def _end(end: date | datetime) -> date | datetime:
    """Return the end as calendars count it: a last day is followed by the day after (RFC 5545)."""
    return end if isinstance(end, datetime) else end + timedelta(days=1)


def _summary(event: TailoredEventDetails, phrase: Callable[[str], str]) -> str:
    state = _IN_SUMMARY.get(event.status)
    return f"{phrase(state)} - {event.name}" if state else event.name
