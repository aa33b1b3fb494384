"""Events in calendars."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.ground.marking import Marking
from tigc_mail.render.calendar import calendar_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Costa_Rica")
EditionOf = Callable[..., TailoredEdition]


def details(**changes: Any) -> TailoredEventDetails:
    known: dict[str, Any] = {
        "name": "The conference",
        "start": date(2020, 8, 26),
        "end": date(2020, 8, 27),
        "time_zone": "America/Costa_Rica",
        "place": "San Jos\u00e9",
        "country": "CR",
        "status": "scheduled",
        "url": None,
        "hashtag": None,
        "uid": "ipcc@example.org",
        "sequence": 3,
    }
    return TailoredEventDetails(**(known | changes))


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 1, day, hour, 30, tzinfo=ZONE)


def entry(edition_of: EditionOf, **changes: Any) -> tuple[Calendar, Any]:
    block = TailoredEvent(id="event", marking=Marking.CLEAR, event=details(**changes))
    content = calendar_of(edition_of(blocks=(block,)), lambda phrase: f"<{phrase}>", NOW)
    assert content is not None
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_the_last_day_of_an_event_is_part_of_it(edition_of: EditionOf) -> None:
    _, event = entry(edition_of)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2020, 8, 26), date(2020, 8, 28))


@pytest.mark.parametrize(
    ("status", "method", "told", "summary"),
    [
        ("scheduled", "PUBLISH", "CONFIRMED", "The conference"),
        ("postponed", "PUBLISH", "TENTATIVE", "<Postponed> - The conference"),
        ("cancelled", "CANCEL", "CANCELLED", "<Cancelled> - The conference"),
    ],
)
def test_a_notice_updates_the_entry_of_its_event(
    edition_of: EditionOf, status: str, method: str, told: str, summary: str
) -> None:
    calendar, event = entry(edition_of, status=status)
    assert (calendar["METHOD"], event["STATUS"], event["SUMMARY"]) == (method, told, summary)
    assert (event["UID"], event["SEQUENCE"]) == ("ipcc@example.org", 3)


def test_a_time_brings_its_zone_along(edition_of: EditionOf) -> None:
    calendar, event = entry(edition_of, start=at(2, 9), end=at(2, 17))
    assert event["DTSTART"].dt == at(2, 9)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["America/Costa_Rica"]


def test_what_is_not_known_is_left_out(edition_of: EditionOf) -> None:
    _, event = entry(edition_of, place="")
    assert "LOCATION" not in event
    assert "URL" not in event


def test_an_edition_without_events_has_no_calendar(edition_of: EditionOf) -> None:
    assert calendar_of(edition_of(), str, NOW) is None


def test_latin_names_keep_their_order_in_an_arabic_calendar(edition_of: EditionOf) -> None:
    block = TailoredEvent(id="event", marking=Marking.CLEAR, event=details(place="فندق Hilton"))
    arabic = edition_of(blocks=(block,), locale="ar", direction="rtl")
    content = calendar_of(arabic, str, NOW)
    assert content is not None
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event["LOCATION"] == "فندق \u2066Hilton\u2069"
    assert event["SUMMARY"] == "\u200f\u2066The conference\u2069"
