"""The events of an edition as a calendar (RFC 5545, RFC 5546).

The same notice is the same calendar, octet for octet, however often it is made: nothing in it is
taken from a clock.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vText

from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.ground.marking import Marking
from tigc_mail.render.bidi import directed
from tigc_mail.render.message import EventCalendar
from tigc_mail.render.stages import NOT_TAKING_PLACE, TOLD_IN_CALENDARS, Phrase, labelled, where
from tigc_mail.render.vtimezone import described

PRODUCT = "-//tigc_mail//EN"

_STATUS = {
    "postponed": "TENTATIVE",  # there is no status for a date that is not known yet
    "cancelled": "CANCELLED",
}


def calendar_of(edition: TailoredEdition, phrase: Phrase) -> EventCalendar | None:
    """Return the events of an edition for a calendar program; None where it has none.

    An event keeps its UID for life, and a notice with a greater SEQUENCE updates the entry that
    an earlier one made.

    Args:
        edition: the edition as one audience reads it.
        phrase: the translation of a fixed phrase into the language of the message.
    """
    told = (block for block in edition.blocks if isinstance(block, TailoredEvent))
    blocks = {block.event.uid: block for block in told}.values()
    if not blocks:
        return None
    over = all(block.event.stage == "cancelled" for block in blocks)
    method: Literal["PUBLISH", "CANCEL"] = "CANCEL" if over else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for block in blocks:
        calendar.add_component(_Entry(block, edition, phrase).component())
    years = [day.year for block in blocks for day in (block.event.start, block.event.end)]
    for zone in sorted(calendar.get_missing_tzids()):
        first, last = date(min(years), 1, 1), date(max(years), 12, 31)
        calendar.add_component(described(zone, first, last))
    return EventCalendar(method, calendar.to_ical())


class _Entry:
    """One event, in the language of the message."""

    def __init__(self, block: TailoredEvent, edition: TailoredEdition, phrase: Phrase) -> None:
        self._event = block.event
        self._marking = block.event.marking  # details are not in calendars: theirs counts nothing
        self._edition = edition
        self._phrase = phrase

    def component(self) -> Event:
        """Return the entry; icalendar writes its properties in an order of its own."""
        event, entry = self._event, Event()
        entry.add("uid", event.uid)
        entry.add("sequence", event.sequence)
        entry.add("dtstamp", event.issued)
        entry.add("dtstart", event.start)
        if (end := _end(event)) is not None:
            entry.add("dtend", end)
        entry.add("status", _STATUS.get(event.stage, "CONFIRMED"))
        if not event.takes_place:
            entry.add("transp", "TRANSPARENT")  # these dates are free again
        if self._marking is not Marking.CLEAR:
            entry.add("class", "CONFIDENTIAL")  # not for those who see the reader's calendar
        entry.add("summary", self._text(self._summary()))
        if place := where(event, self._phrase):
            entry.add("location", self._text(place))
        if told := "\n".join(self._description()):
            entry.add("description", self._text(told))
        entry.add("organizer", self._organizer())
        if link := event.join_url or event.url:
            entry.add("url", link)
        return entry

    def _text(self, text: str) -> vText:
        shown = vText(directed(text, self._edition.direction))
        shown.params["LANGUAGE"] = self._edition.locale
        return shown

    def _summary(self) -> str:
        """Return what lists of entries show: how far it may travel, and its stage, go first."""
        event = self._event
        told = event.name
        if event.stage in TOLD_IN_CALENDARS:
            told = labelled(event.stage, event.name, self._phrase)
        return told if self._marking is Marking.CLEAR else f"{self._marking.value} {told}"

    def _description(self) -> Iterator[str]:
        """Yield how far it may travel, what became of it, and where to join or read more."""
        event = self._event
        if self._marking is not Marking.CLEAR:
            yield self._marking.value
        if event.stage in NOT_TAKING_PLACE:
            yield self._phrase(NOT_TAKING_PLACE[event.stage])
        for label, link in (
            ("Join online", event.join_url),
            ("Register", event.registration_url if event.registration_is_open else None),
            ("About the event", event.url),
        ):
            if link is not None:
                told = {"label": self._phrase(label), "url": link}
                yield self._phrase("%(label)s: %(url)s") % told

    def _organizer(self) -> vText:
        audience = self._edition.audience
        organizer = vText(f"mailto:{audience.sender_address}")
        organizer.params["CN"] = directed(audience.sender_name, self._edition.direction)
        return organizer


def _end(event: TailoredEventDetails) -> date | datetime | None:
    """Return the end as calendars count it: the day after the last one (RFC 5545, 3.6.1).

    None for a moment, which has no end.
    """
    if not isinstance(event.end, datetime):
        return event.end + timedelta(days=1)
    return event.end if event.end > event.start else None
