"""Events in calendars."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from tests.render.events import STAGES, details

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetail
from tigc_mail.ground.marking import Marking
from tigc_mail.render.calendar import calendar_of
from tigc_mail.render.stages import NOT_TAKING_PLACE

ZONE = ZoneInfo("America/Costa_Rica")
EditionOf = Callable[..., TailoredEdition]


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 1, day, hour, 30, tzinfo=ZONE)


def phrase(text: str) -> str:
    return text if "%" in text else f"<{text}>"


def entry(edition_of: EditionOf, **changes: Any) -> tuple[Calendar, Any]:
    block = TailoredEvent(id="event", marking=Marking.CLEAR, event=details(**changes))
    found = calendar_of(edition_of(blocks=(block,)), phrase)
    assert found is not None
    calendar = Calendar.from_ical(found.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_the_last_day_of_an_event_is_part_of_it(edition_of: EditionOf) -> None:
    _, event = entry(edition_of)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2020, 8, 26), date(2020, 8, 28))


@pytest.mark.parametrize(
    ("stage", "method", "told", "summary"),
    [
        ("announced", "PUBLISH", "CONFIRMED", "The conference"),
        ("postponed", "PUBLISH", "TENTATIVE", "<Postponed>: The conference"),
        ("cancelled", "CANCEL", "CANCELLED", "<Cancelled>: The conference"),
    ],
)
def test_a_notice_updates_the_entry_of_its_event(
    edition_of: EditionOf, stage: str, method: str, told: str, summary: str
) -> None:
    calendar, event = entry(edition_of, stage=stage)
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


def test_a_moment_has_no_end(edition_of: EditionOf) -> None:
    _, event = entry(edition_of, start=at(2, 9), end=at(2, 9))
    assert "DTEND" not in event


def test_dates_that_no_longer_hold_block_no_time(edition_of: EditionOf) -> None:
    for stage in ("postponed", "cancelled"):
        assert entry(edition_of, stage=stage)[1]["TRANSP"] == "TRANSPARENT"
    assert "TRANSP" not in entry(edition_of)[1]


JOIN, REGISTER, ABOUT = (f"https://example.org/{page}" for page in ("join", "register", "about"))
EVERYTHING = {"online_url": JOIN, "registration_url": REGISTER, "url": ABOUT}


@pytest.mark.parametrize("stage", [one for one in STAGES if one not in ("postponed", "cancelled")])
def test_an_online_event_is_where_one_joins_it(edition_of: EditionOf, stage: Stage) -> None:
    _, event = entry(edition_of, stage=stage, **EVERYTHING)
    assert (event["LOCATION"], event["URL"]) == ("<Online>", JOIN)
    assert f"<Join online>: {JOIN}" in event["DESCRIPTION"]
    assert (f"<Register>: {REGISTER}" in event["DESCRIPTION"]) is (stage != "announced")


@pytest.mark.parametrize("stage", ["postponed", "cancelled"])
def test_an_event_that_does_not_take_place_invites_nobody(
    edition_of: EditionOf, stage: Stage
) -> None:
    calendar, event = entry(edition_of, stage=stage, **EVERYTHING)
    for invitation in (JOIN, REGISTER, "Online", "Join", "Register"):
        assert invitation.encode() not in calendar.to_ical().replace(b"\r\n ", b"")
    assert "LOCATION" not in event
    assert event["URL"] == ABOUT
    first, second = event["DESCRIPTION"].split("\n")
    assert (first, second) == (f"<{NOT_TAKING_PLACE[stage]}>", f"<About the event>: {ABOUT}")


@pytest.mark.parametrize("stage", ["postponed", "cancelled"])
def test_an_event_that_does_not_take_place_keeps_the_place_it_had(
    edition_of: EditionOf, stage: Stage
) -> None:
    assert entry(edition_of, stage=stage)[1]["LOCATION"] == "San José"


@pytest.mark.parametrize("stage", STAGES)
def test_an_entry_above_clear_says_so_first_and_is_not_shared(
    edition_of: EditionOf, stage: Stage
) -> None:
    _, event = entry(edition_of, stage=stage, marking=Marking.AMBER)
    for name in ("SUMMARY", "DESCRIPTION"):
        assert event[name].startswith("TLP:AMBER")
    assert event["SUMMARY"].endswith("The conference")
    assert event["CLASS"] == "CONFIDENTIAL"


def test_what_is_not_in_an_entry_does_not_mark_it(edition_of: EditionOf) -> None:
    room = TailoredEventDetail(label="Room", text="First floor", marking=Marking.GREEN)
    block = TailoredEvent(id="event", marking=Marking.GREEN, event=details(details=(room,)))
    found = calendar_of(edition_of(blocks=(block,), marking=Marking.GREEN), phrase)
    assert found is not None
    for sign in (b"TLP:", b"CLASS", b"Room", b"First floor"):
        assert sign not in found.content


def test_the_texts_of_a_calendar_name_their_language(edition_of: EditionOf) -> None:
    _, event = entry(edition_of, url="https://example.org/")
    for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
        assert event[name].params["LANGUAGE"] == "en"


def test_the_same_notice_is_the_same_calendar_whenever_it_is_made(edition_of: EditionOf) -> None:
    block = TailoredEvent(
        id="event", marking=Marking.CLEAR, event=details(start=at(2, 9), end=at(3, 9))
    )
    made = {calendar_of(edition_of(blocks=(block,)), phrase) for _ in range(3)}
    assert len(made) == 1


def test_one_event_in_two_blocks_is_one_entry(edition_of: EditionOf) -> None:
    blocks = tuple(
        TailoredEvent(id=name, marking=Marking.CLEAR, event=details()) for name in ("a", "b")
    )
    found = calendar_of(edition_of(blocks=blocks), phrase)
    assert found is not None
    assert found.content.count(b"BEGIN:VEVENT") == 1


def test_an_edition_without_events_has_no_calendar(edition_of: EditionOf) -> None:
    assert calendar_of(edition_of(), str) is None


def test_latin_names_keep_their_order_in_an_arabic_calendar(edition_of: EditionOf) -> None:
    block = TailoredEvent(id="event", marking=Marking.CLEAR, event=details(place="فندق Hilton"))
    arabic = edition_of(blocks=(block,), locale="ar", direction="rtl")
    found = calendar_of(arabic, str)
    assert found is not None
    (event,) = Calendar.from_ical(found.content).walk("VEVENT")
    assert event["LOCATION"] == "فندق \u2066Hilton\u2069"
    assert event["SUMMARY"] == "\u200f\u2066The conference\u2069"
