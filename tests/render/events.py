"""Events to render, and the calendars of a whole life."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.ground.marking import Marking

STAGES: tuple[Stage, ...] = get_args(Stage)
ISSUED = datetime(2020, 6, 15, 9, tzinfo=UTC)

_KNOWN: dict[str, Any] = {
    "marking": Marking.CLEAR,
    "name": "The conference",
    "uid": "ipcc@example.org",
    "sequence": 3,
    "issued": ISSUED,
    "stage": "announced",
    "start": date(2020, 8, 26),
    "end": date(2020, 8, 27),
    "time_zone": "America/Costa_Rica",
    "previous_start": None,
    "previous_end": None,
    "place": "San José",
    "country": "CR",
    "url": None,
    "hashtag": None,
    "registration_url": None,
    "registration_until": None,
    "online_url": None,
    "details": (),
}


def details(**changes: Any) -> TailoredEventDetails:
    """Return an event of two days, announced; `changes` replace its fields."""
    return TailoredEventDetails(**(_KNOWN | changes))


def at_stage(stage: Stage, **changes: Any) -> TailoredEventDetails:
    """Return an event with what its stage asks for."""
    own: dict[Stage, dict[str, Any]] = {
        "registration-open": {"registration_url": "https://example.org/register"},
        "rescheduled": {"previous_start": date(2020, 8, 26), "previous_end": date(2020, 8, 27)},
        "moved-online": {"online_url": "https://example.org/online"},
    }
    known = {"stage": stage, "url": "https://example.org/event"}
    return details(**(known | own.get(stage, {}) | changes))


def about(edition: TailoredEdition, *events: TailoredEventDetails) -> TailoredEdition:
    """Return the edition as a notice about some events."""
    blocks = tuple(
        TailoredEvent(id=f"event-{at}", marking=Marking.CLEAR, title="News", event=event)
        for at, event in enumerate(events)
    )
    return replace(edition, kind="notice", blocks=blocks)


def life(edition: TailoredEdition) -> Iterator[TailoredEdition]:
    """Yield the notices of a whole life, one a stage, in order; the dates change once."""
    for number, stage in enumerate(STAGES):
        moved = STAGES.index("rescheduled") <= number
        days = {"start": date(2020, 11, 3), "end": date(2020, 11, 4)} if moved else {}
        issued = ISSUED + timedelta(days=7 * number)
        yield about(edition, at_stage(stage, sequence=number, issued=issued, **days))
