"""Lives of an event as teams might write them: numbered well or badly, at any stages, in any zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from tigc_mail.content.edition import Edition
from tigc_mail.content.event import Event, Stage
from tigc_mail.content.life import life_faults, notices_of

STAGES: tuple[Stage, ...] = get_args(Stage)
UID = "ipcc@example.org"
FIRST = datetime(2027, 1, 4, 9, tzinfo=UTC)
ONLINE = "https://example.org/online"


def notice(name: str, **event: Any) -> Edition:
    """Return an edition that tells of the event; fields that are not given are the simplest."""
    stage = event.setdefault("stage", "announced")
    asked: dict[str, dict[str, Any]] = {
        "registration-open": {"registration_url": "https://example.org/register"},
        "rescheduled": {"previous_start": "2027-01-14"},
        "moved-online": {"online_url": ONLINE},
    }
    known = {
        "name": "The conference",
        "uid": UID,
        "sequence": 0,
        "issued": FIRST,
        "time_zone": "America/Costa_Rica",
        "start": "2027-08-26",
        "place": "San José",
        "url": "https://example.org/event",
    }
    block = {
        "id": "event",
        "type": "event",
        "marking": "TLP:CLEAR",
        "title": "News",
        "event": known | asked.get(stage, {}) | event,
    }
    return Edition.model_validate(
        {
            "id": name,
            "kind": "notice",
            "language": "en",
            "languages": ["en"],
            "audiences": ["public"],
            "subject": "News",
            "preheader": "What is new",
            "blocks": [block],
        }
    )


def event_of(edition: Edition) -> Event:
    """Return the event that an edition tells of."""
    (block,) = edition.blocks
    event: Event = block.event  # type: ignore[union-attr]
    return event


_ZONES = st.sampled_from(["America/Costa_Rica", "Europe/Paris", "Asia/Kathmandu", "UTC"])
_DAYS = st.dates(date(2027, 2, 1), date(2029, 12, 31))


@st.composite
def _dates(draw: st.DrawFn) -> dict[str, Any]:
    """Draw dates of days or of times of day that no clock skips, in some zone."""
    zone, day = draw(_ZONES), draw(_DAYS)
    last = day + timedelta(days=draw(st.integers(0, 3)))
    if draw(st.booleans()):
        return {"time_zone": zone, "start": f"{day}T09:00:00", "end": f"{last}T17:30:00"}
    return {"time_zone": zone, "start": day, "end": last}


@st.composite
def _numbers(draw: st.DrawFn, count: int) -> list[int]:
    """Draw what is counted up from notice to notice: well, but for a slip or two, or not at all."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    numbers = [*range(count)]
    for at in draw(st.lists(st.integers(1, count - 1), max_size=2)) if count > 1 else ():
        numbers[at] = numbers[draw(st.integers(0, count - 1))]
    return numbers


@st.composite
def written(draw: st.DrawFn) -> list[Edition]:
    """Draw the notices of one event in the order of their writing, which is nobody's promise."""
    count = draw(st.integers(1, 7))
    sequences, days = draw(_numbers(count)), draw(_numbers(count))
    editions = [
        notice(
            f"notice-{at}",
            stage=draw(st.sampled_from(STAGES)),
            sequence=sequence,
            issued=FIRST + timedelta(days=day),
            **draw(_dates()),
            **({"online_url": ONLINE} if draw(st.booleans()) else {}),
        )
        for at, (sequence, day) in enumerate(zip(sequences, days, strict=True))
    ]
    return draw(st.permutations(editions)) if draw(st.booleans()) else editions


def let_through(editions: Iterable[Edition]) -> list[Edition]:
    """Return those that `check` finds nothing wrong with, in the order in which they are issued."""
    kept: list[Edition] = []
    for edition in editions:
        if not _faulty(edition, kept):
            kept.append(edition)
    while wrong := [one for one in kept if _faulty(one, kept)]:
        kept.remove(wrong[0])
    return sorted(kept, key=lambda one: event_of(one).issued)


def sent_by_campaigns(editions: Iterable[Edition]) -> list[Edition]:
    """Return those that campaigns send, one after the other, in the order of their writing."""
    sent: list[Edition] = []
    for edition in editions:
        known = [told._replace(campaign="c") for one in sent for told in notices_of(one)]
        if not list(life_faults(edition, known)):
            sent.append(edition)
    return sent


def _faulty(edition: Edition, beside: list[Edition]) -> bool:
    known = [told for one in beside if one is not edition for told in notices_of(one)]
    return bool(list(life_faults(edition, known)))
