"""The shipped notices of a whole life, as calendars of their readers take them."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from tests.render.calendars import READERS, State, Store
from tests.render.events import STAGES

from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.message import CompiledMessage

LIFE = tuple(f"ip-crime-conference-2027-{number}-{stage}" for number, stage in enumerate(STAGES, 1))
UID = "ip-crime-conference-2027@tigc.example.org"
NAME = "International Law Enforcement IP Crime Conference"
FIRST, MOVED = date(2027, 5, 11), date(2027, 11, 9)
SESSION = datetime(2027, 11, 9, 8, tzinfo=ZoneInfo("America/Costa_Rica"))

EXPECTED = (
    State("PUBLISH", "CONFIRMED", FIRST, NAME),
    State("PUBLISH", "CONFIRMED", FIRST, NAME),
    State("PUBLISH", "CONFIRMED", FIRST, NAME),
    State("PUBLISH", "TENTATIVE", FIRST, f"Postponed: {NAME}"),
    State("PUBLISH", "CONFIRMED", MOVED, NAME),
    State("PUBLISH", "CONFIRMED", SESSION, f"Now online: {NAME}"),
    State("CANCEL", "CANCELLED", SESSION, f"Cancelled: {NAME}"),
)
"""What the one entry of an officer who reads English says after each notice."""


@pytest.fixture(scope="module")
def calendars(
    shipped: Workspace, compile_shipped: Callable[[TailoredEdition], CompiledMessage]
) -> tuple[bytes, ...]:
    """The calendars of the life, in order, as they travel with the messages to officers."""
    officers, found = shipped.audience("law-enforcement"), []
    for name in LIFE:
        message = compile_shipped(shipped.edition(name).for_audience(officers, "en"))
        assert message.calendar is not None
        found.append(message.calendar.content)
    return tuple(found)


@pytest.mark.parametrize("read", READERS)
def test_the_calendars_of_the_life_give_one_entry_with_the_state_of_each_notice(
    calendars: tuple[bytes, ...], read: Callable[[bytes, Store], None]
) -> None:
    store = Store()
    for sequence, (content, expected) in enumerate(zip(calendars, EXPECTED, strict=True)):
        read(content, store)
        ((uid, (number, _, state)),) = store.entries.items()
        assert (uid, number, state) == (UID, sequence, expected)


@pytest.mark.parametrize("read", READERS)
def test_a_notice_that_comes_late_changes_nothing_in_the_entry(
    calendars: tuple[bytes, ...], read: Callable[[bytes, Store], None]
) -> None:
    store = Store()
    for content in reversed(calendars):
        read(content, store)
        ((_, (number, _, state)),) = store.entries.items()
        assert (number, state) == (len(LIFE) - 1, EXPECTED[-1])


def test_a_parser_finds_no_error_and_one_event_in_each_calendar(
    calendars: tuple[bytes, ...],
) -> None:
    for content in calendars:
        read = Calendar.from_ical(content)
        assert len(read.walk("VEVENT")) == 1
        assert [part.errors for part in read.walk()] == [[] for _ in read.walk()]


def events_of(shipped: Workspace, audience: str) -> list[TailoredEventDetails]:
    editions = (shipped.edition(name) for name in LIFE)
    tailored = [one.for_audience(shipped.audience(audience), "en") for one in editions]
    blocks = [[each for each in one.blocks if isinstance(each, TailoredEvent)] for one in tailored]
    return [block.event for (block,) in blocks]


@pytest.mark.parametrize("audience", ["law-enforcement", "government", "private-sector", "public"])
def test_every_audience_is_told_the_whole_life_in_order(shipped: Workspace, audience: str) -> None:
    events = events_of(shipped, audience)
    assert tuple(event.stage for event in events) == STAGES
    assert {event.uid for event in events} == {UID}
    assert [event.sequence for event in events] == list(range(len(LIFE)))
    issued = [event.issued for event in events]
    assert issued == sorted(set(issued))


def test_the_dates_before_are_those_that_were_announced(shipped: Workspace) -> None:
    events = dict(zip(STAGES, events_of(shipped, "public"), strict=True))
    announced, moved = events["announced"], events["rescheduled"]
    assert (moved.previous_start, moved.previous_end) == (announced.start, announced.end)
    assert events["postponed"].start == announced.start
    assert events["cancelled"].start == events["moved-online"].start


def test_the_room_is_for_the_community_and_the_public_reads_nothing_of_it(
    shipped: Workspace, compile_shipped: Callable[[TailoredEdition], CompiledMessage]
) -> None:
    edition = shipped.edition(LIFE[STAGES.index("reminder")])
    found = {}
    for name in ("law-enforcement", "public"):
        message = compile_shipped(edition.for_audience(shipped.audience(name), "en"))
        read = message.fill(dict.fromkeys(message.slots, "plain"))
        found[name] = (read.subject[:10], "Room" in read.html, "Room" in read.text)
    assert found == {
        "law-enforcement": ("TLP:GREEN ", True, True),
        "public": ("Reminder: ", False, False),
    }


def test_the_programme_is_a_small_document_that_programs_can_read_aloud(
    shipped: Workspace,
) -> None:
    """PDF/UA asks for a title that is shown, a language, and a structure of tags."""
    folder = shipped.folder / "editions" / LIFE[STAGES.index("registration-open")]
    content = (folder / "programme.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(content) < 100_000
    for sign in (b"/Title (IP Crime", b"/DisplayDocTitle true", b"/Lang (", b"/StructTreeRoot"):
        assert sign in content
    assert b"/Marked true" in content
