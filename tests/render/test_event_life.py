"""The rules of RFC 5545 and RFC 5546, and what calendars make of the notices of a whole life."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Event, vDDDTypes
from tests.lives import ONLINE, UID, event_of, let_through, sent_by_campaigns, written
from tests.readers import AUDIENCES
from tests.render.calendars import READERS, Store
from tests.render.events import STAGES, about, at_stage, life

from tigc_mail.content.edition import Edition
from tigc_mail.content.event import Event as ToldEvent
from tigc_mail.content.tailored import TailoredEdition, TailoredEventDetails
from tigc_mail.ground.language import LOCALES, direction
from tigc_mail.render.calendar import calendar_of
from tigc_mail.render.message import EventCalendar
from tigc_mail.render.vtimezone import described

EditionOf = Callable[..., TailoredEdition]

LINES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Cn", "Co"]), min_size=1
).filter(lambda line: "\\N" not in line)  # which icalendar takes for a line break: docs/limits.md
NAMES = st.one_of(
    LINES,
    st.lists(LINES, min_size=1, max_size=8).map(" ".join),
    st.sampled_from(
        ["a,b;c\\n:\\,", '"quoted"', "é" * 90, "مؤتمر IP Crime " * 9, "x" * 300, "😀" * 60]
    ),
)
ZONES = st.sampled_from(
    """America/Costa_Rica Europe/Paris Asia/Kathmandu Australia/Lord_Howe UTC
    America/Santiago Africa/Casablanca Pacific/Kiritimati""".split()
)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@st.composite
def events(draw: st.DrawFn) -> TailoredEventDetails:
    """Draw an event of days or of times, at any stage."""
    zone = draw(ZONES)
    start: Any = draw(DAYS)
    end: Any = start + timedelta(days=draw(st.integers(0, 400)))
    if draw(st.booleans()):
        # no time that a clock skips or shows twice: those are not what is looked at here
        start = datetime.combine(start, datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=9)
        end = datetime.combine(end, datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=17)
    return at_stage(
        draw(st.sampled_from(STAGES)),
        name=draw(NAMES),
        place=draw(NAMES),
        start=start,
        end=end,
        time_zone=zone,
        sequence=draw(st.integers(0, 10_000)),
    )


def calendar(edition_of: EditionOf, event: TailoredEventDetails, locale: Any) -> EventCalendar:
    found = calendar_of(about(edition_of(locale=locale, direction=direction(locale)), event), str)
    assert found is not None
    return found


def entry(content: bytes) -> Event:
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


given_a_notice = given(event=events(), locale=st.sampled_from(LOCALES))


def bare(text: str) -> str:
    """Return a text without the marks of its directions."""
    return re.sub("[\u200e\u200f\u2066-\u2069]", "", text)


@given_a_notice
def test_what_is_printed_reads_back_as_the_same(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    content = calendar(edition_of, event, locale).content
    assert Calendar.from_ical(content).to_ical() == content


@given_a_notice
def test_lines_end_in_crlf_and_have_at_most_75_octets(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    content = calendar(edition_of, event, locale).content
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert all(b"\r" not in line and b"\n" not in line and line for line in lines)
    for line in lines:
        line.decode()  # no letter is cut in two


@given_a_notice
def test_every_zone_named_is_described_and_tells_the_same_time(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    read = Calendar.from_ical(calendar(edition_of, event, locale).content)
    named = {
        value.params["TZID"]
        for part in read.walk("VEVENT")
        for value in part.values()
        if isinstance(value, vDDDTypes) and "TZID" in value.params
    }
    described = {zone["TZID"]: zone for zone in read.walk("VTIMEZONE")}
    assert named == set(described)
    for name in named:
        own = described[name].to_tz(lookup_tzid=False)
        for moment in (event.start, event.end):
            assert isinstance(moment, datetime)
            assert moment.replace(tzinfo=own).utcoffset() == moment.utcoffset()


@given(zone=st.sampled_from(sorted(available_timezones())), day=DAYS, minute=st.integers(0, 1439))
def test_a_zone_is_described_as_it_is_to_the_minute(zone: str, day: date, minute: int) -> None:
    told = described(zone, date(day.year, 1, 1), date(day.year, 12, 31)).to_tz(lookup_tzid=False)
    moment = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    local = moment.replace(tzinfo=ZoneInfo(zone))
    if local.utcoffset() == local.replace(fold=1).utcoffset():  # neither skipped nor shown twice
        assert moment.replace(tzinfo=told).utcoffset() == local.utcoffset()


@pytest.mark.parametrize(
    ("zone", "moment", "hours"),
    [
        ("Africa/Casablanca", "2022-04-01T09:00", 0),  # summer time is suspended in Ramadan
        ("Africa/Casablanca", "2022-06-01T09:00", 1),
        ("Europe/Paris", "2027-03-28T01:59", 1),
        ("Europe/Paris", "2027-03-28T03:01", 2),
        ("Europe/Paris", "2027-10-31T03:01", 1),
        ("Pacific/Apia", "2011-12-29T23:00", -10),  # the next day was the 31st
        ("Pacific/Apia", "2011-12-31T01:00", 14),
    ],
)
def test_a_zone_is_told_around_its_changes(zone: str, moment: str, hours: int) -> None:
    local = datetime.fromisoformat(moment)
    told = described(zone, date(local.year, 1, 1), date(local.year, 12, 31))
    shown = local.replace(tzinfo=told.to_tz(lookup_tzid=False)).utcoffset()
    assert shown == timedelta(hours=hours)


@given_a_notice
def test_days_end_before_the_day_that_is_written(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    found = entry(calendar(edition_of, event, locale).content)
    extra = timedelta(0) if isinstance(event.end, datetime) else timedelta(days=1)
    assert found["DTSTART"].dt == event.start
    assert found["DTEND"].dt == event.end + extra
    assert found["DTEND"].dt > found["DTSTART"].dt


@given_a_notice
def test_a_notice_has_what_rfc_5546_asks_for(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    method, content = calendar(edition_of, event, locale)
    read, found = Calendar.from_ical(content), entry(content)
    assert read["METHOD"] == method
    assert (method == "CANCEL") is (found["STATUS"] == "CANCELLED") is (event.stage == "cancelled")
    for name in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "SUMMARY", "ORGANIZER"):
        assert not isinstance(found[name], list)
    assert "ATTENDEE" not in found
    assert (found["UID"], found["SEQUENCE"]) == (event.uid, event.sequence)
    assert found["DTSTAMP"].dt == event.issued
    assert bare(event.name) in bare(found["SUMMARY"])


@given_a_notice
def test_another_parser_reads_the_same(
    edition_of: EditionOf, event: TailoredEventDetails, locale: Any
) -> None:
    method, content = calendar(edition_of, event, locale)
    found = entry(content)
    read = IcsCalendarStream.calendar_from_ics(content.decode())
    (other,) = read.events
    assert (read.method, other.uid, other.sequence) == (method, event.uid, event.sequence)
    assert (other.dtstart, other.dtend) == (found["DTSTART"].dt, found["DTEND"].dt)
    assert (other.summary, other.location) == (found["SUMMARY"], found["LOCATION"])
    assert other.status is not None
    assert other.status.value == found["STATUS"]


EXPECTED = {
    "announced": ("PUBLISH", "CONFIRMED", date(2020, 8, 26), "The conference"),
    "registration-open": ("PUBLISH", "CONFIRMED", date(2020, 8, 26), "The conference"),
    "reminder": ("PUBLISH", "CONFIRMED", date(2020, 8, 26), "The conference"),
    "postponed": ("PUBLISH", "TENTATIVE", date(2020, 8, 26), "Postponed: The conference"),
    "rescheduled": ("PUBLISH", "CONFIRMED", date(2020, 11, 3), "The conference"),
    "moved-online": ("PUBLISH", "CONFIRMED", date(2020, 11, 3), "Now online: The conference"),
    "cancelled": ("CANCEL", "CANCELLED", date(2020, 11, 3), "Cancelled: The conference"),
}


@pytest.mark.parametrize("read", READERS)
def test_each_notice_of_a_life_updates_the_one_entry(
    edition_of: EditionOf, read: Callable[[bytes, Store], None]
) -> None:
    store = Store()
    for notice, stage in zip(life(edition_of()), STAGES, strict=True):
        found = calendar_of(notice, str)
        assert found is not None
        read(found.content, store)
        ((_, _, state),) = store.entries.values()
        assert state == EXPECTED[stage]


@pytest.mark.parametrize("read", READERS)
@given(order=st.permutations(range(len(STAGES))))
def test_the_last_state_wins_in_whatever_order_mail_arrives(
    edition_of: EditionOf, read: Callable[[bytes, Store], None], order: list[int]
) -> None:
    store, notices = Store(), list(life(edition_of()))
    for at in order:
        found = calendar_of(notices[at], str)
        assert found is not None
        read(found.content, store)
    ((sequence, _, state),) = store.entries.values()
    assert (sequence, state) == (len(STAGES) - 1, EXPECTED["cancelled"])


# Lives as teams write them, numbered well or badly


def calendars(editions: list[Edition]) -> list[bytes]:
    """Return the calendars of editions as their readers get them."""
    found = []
    for edition in editions:
        made = calendar_of(edition.for_audience(AUDIENCES["public"], "en"), str)
        assert made is not None
        found.append(made.content)
    return found


@given(written())
def test_uid_is_for_life_and_sequence_and_stamp_rise_in_all_that_is_let_through(
    editions: list[Edition],
) -> None:
    entries = [entry(content) for content in calendars(let_through(editions))]
    assert {str(one["UID"]) for one in entries} <= {UID}
    for earlier, later in pairwise(entries):
        assert earlier["SEQUENCE"] < later["SEQUENCE"]
        assert earlier["DTSTAMP"].dt < later["DTSTAMP"].dt


@given(written())
def test_every_notice_of_a_life_reads_back_as_it_was_printed(editions: list[Edition]) -> None:
    for content in calendars(editions):
        assert Calendar.from_ical(content).to_ical() == content


def last_state(event: ToldEvent) -> tuple[str, str, Any, str]:
    """Return what the one entry of a reader says after a notice, told by the notice alone."""
    told = {"postponed": "Postponed: ", "moved-online": "Now online: ", "cancelled": "Cancelled: "}
    status = {"postponed": "TENTATIVE", "cancelled": "CANCELLED"}.get(event.stage, "CONFIRMED")
    method = "CANCEL" if event.stage == "cancelled" else "PUBLISH"
    return method, status, event.start, f"{told.get(event.stage, '')}The conference"


@pytest.mark.parametrize("read", READERS)
@given(editions=written(), data=st.data())
def test_whatever_is_let_through_ends_in_one_entry_with_the_last_state(
    read: Callable[[bytes, Store], None], editions: list[Edition], data: st.DataObject
) -> None:
    through = let_through(editions)
    contents, events = calendars(through), [event_of(one) for one in through]
    in_order = Store()
    for content, event in zip(contents, events, strict=True):
        read(content, in_order)
        ((_, _, state),) = in_order.entries.values()
        assert state == last_state(event)
    as_it_arrives = Store()
    for content in data.draw(st.permutations(contents)):
        read(content, as_it_arrives)
    assert as_it_arrives.entries == in_order.entries


@pytest.mark.parametrize("read", READERS)
@given(editions=written())
def test_whatever_campaigns_send_leaves_the_notice_that_was_issued_last(
    read: Callable[[bytes, Store], None], editions: list[Edition]
) -> None:
    sent, store = sent_by_campaigns(editions), Store()
    for content in calendars(sent):
        read(content, store)
    latest = max(map(event_of, sent), key=lambda event: event.issued)
    ((sequence, stamp, state),) = store.entries.values()
    assert (sequence, stamp) == (latest.sequence, latest.issued)
    assert state == last_state(latest)


@given(written())
def test_no_entry_invites_to_what_does_not_take_place(editions: list[Edition]) -> None:
    for edition, content in zip(editions, calendars(editions), strict=True):
        event = event_of(edition)
        goes_on = event.stage not in ("postponed", "cancelled")
        joins = event.online_url is not None and goes_on
        found = entry(content)
        assert (ONLINE in str(found["DESCRIPTION"])) is joins
        assert (found["URL"] == ONLINE) is joins
        assert (found.get("LOCATION") == "Online") is joins
        assert found.get("TRANSP") == (None if goes_on else "TRANSPARENT")
