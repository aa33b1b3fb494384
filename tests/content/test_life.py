"""The life of an event: what may follow what, and what is let through."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lives import FIRST, STAGES, event_of, let_through, notice, sent_by_campaigns, written

from tigc_mail.content.edition import Edition
from tigc_mail.content.life import LifeFault, life_faults, notices_of

ON_DATES = ("announced", "registration-open", "reminder")
VOID = ("postponed", "cancelled")


def at(day: int, stage: str = "announced", **event: Any) -> Edition:
    """Return the notice of a day, whose sequence is the number of the day."""
    known = {"sequence": day, "issued": FIRST + timedelta(days=day)}
    return notice(event.pop("name_", f"day-{day}"), stage=stage, **(known | event))


def faults(own: Edition, *others: Edition, campaign: str = "") -> list[LifeFault]:
    known = [one._replace(campaign=campaign) for other in others for one in notices_of(other)]
    return list(life_faults(own, known))


# What is let through


@given(written())
def test_the_notices_that_check_lets_through_rise_together(editions: list[Edition]) -> None:
    events = [event_of(one) for one in let_through(editions)]
    for earlier, later in pairwise(events):
        assert earlier.issued < later.issued
        assert earlier.sequence < later.sequence


@given(written())
def test_nothing_is_let_through_that_calls_back_what_does_not_take_place(
    editions: list[Edition],
) -> None:
    stages = [event_of(one).stage for one in let_through(editions)]
    for number, stage in enumerate(stages):
        if stage == "cancelled":
            assert set(stages[number:]) == {"cancelled"}
        if stage == "postponed" and number + 1 < len(stages):
            assert stages[number + 1] not in ON_DATES


@given(written())
def test_what_campaigns_send_ends_with_what_became_of_the_event(editions: list[Edition]) -> None:
    sent = [event_of(one) for one in sent_by_campaigns(editions)]
    assert len({event.issued for event in sent}) == len(sent)
    for number, event in enumerate(sent):
        if event.stage not in ON_DATES:
            assert all(before.sequence < event.sequence for before in sent[:number])
        if event.stage == "cancelled":
            assert all(after.stage == "cancelled" for after in sent[number:])


@given(days=st.sets(st.integers(0, 99), min_size=1, max_size=7), data=st.data())
def test_a_life_that_is_told_in_order_is_not_stopped(days: set[int], data: st.DataObject) -> None:
    told: list[Edition] = []
    stages = [*STAGES]
    for day in sorted(days):
        stage = data.draw(st.sampled_from(stages))
        own = at(day, stage)
        assert faults(own, *told) == faults(own, *told, campaign="c") == []
        told.append(own)
        if stage == "cancelled":
            stages = ["cancelled"]
        elif stage == "postponed":
            stages = [one for one in stages if one not in ON_DATES]
        elif stage in ("rescheduled", "moved-online"):
            stages = [*STAGES]
    assert let_through(told) == told


# Stages


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_follows_a_cancellation_but_another(stage: str) -> None:
    found = faults(at(3, stage), at(1, "cancelled"), at(2, "cancelled"))
    if stage == "cancelled":
        assert found == []
        return
    [fault] = found
    assert fault.place == "blocks[0].event.stage"
    assert fault.path == ("blocks", 0, "event", "stage")
    assert fault.cause == "day-1 has cancelled ipcc@example.org (2027-01-05T09:00:00Z)"
    assert "`uid` of its own" in fault.cure


@pytest.mark.parametrize("stage", ON_DATES)
def test_dates_that_were_postponed_are_not_told_as_if_they_held(stage: str) -> None:
    [fault] = faults(at(2, stage), at(1, "postponed"))
    assert fault.place == "blocks[0].event.stage"
    assert fault.cause.startswith("day-1 has postponed ipcc@example.org")
    assert "`rescheduled`" in fault.cure
    assert faults(at(3, stage), at(1, "postponed"), at(2, "rescheduled")) == []
    assert faults(at(4, stage), at(1, "rescheduled"), at(2, "postponed"), at(3, "reminder"))


def test_what_is_issued_before_may_be_of_any_stage() -> None:
    assert faults(at(1), at(2, "cancelled"), at(3, "postponed")) == []


# What was sent


def test_the_same_notice_may_be_sent_again() -> None:
    for stage in STAGES:
        assert faults(at(1, stage), at(1, stage), campaign="day-1-abc") == []


@pytest.mark.parametrize(
    "change",
    [{"stage": "postponed"}, {"start": "2027-08-25"}, {"end": "2027-08-27"}, {"sequence": 2}],
)
def test_a_notice_that_was_sent_and_then_changed_is_another(change: dict[str, Any]) -> None:
    [fault] = faults(at(1, **change), at(1), campaign="day-1-abc")
    assert fault.place == "blocks[0].event.issued"
    assert "day-1 and the campaign day-1-abc tell of ipcc@example.org" in fault.cause


def test_what_was_sent_goes_before_what_is_sent_now() -> None:
    for stage in VOID:
        [fault] = faults(at(1), at(2, stage), campaign="c")
        assert fault.field == "stage"
        assert faults(at(1), at(2, stage)) == []


def test_what_changes_the_dates_is_not_sent_behind_a_later_notice() -> None:
    [fault] = faults(at(1, "cancelled"), at(2, "reminder"), campaign="c")
    assert fault.place == "blocks[0].event.issued"
    assert fault.cure == "Issue this one after 2027-01-06T09:00:00Z, with a higher sequence."
    assert faults(at(1, "registration-open"), at(2, "reminder"), campaign="c") == []


def test_dates_that_no_longer_hold_are_not_sent_behind_those_that_do() -> None:
    for stage in ("rescheduled", "moved-online"):
        [fault] = faults(at(1, "registration-open"), at(2, stage), campaign="c")
        assert fault.field == "issued"


def test_what_was_sent_counts_although_its_edition_is_still_there() -> None:
    own, over = at(1), at(2, "cancelled")
    files = [*notices_of(over)]
    sent = [one._replace(campaign="c") for one in files]
    assert [fault.field for fault in life_faults(own, [*sent, *files])] == ["stage"]


def test_a_file_and_the_campaign_that_sent_it_are_one_notice() -> None:
    other, own = at(2), at(1, sequence=2)
    known = [*(one._replace(campaign="c") for one in notices_of(other)), *notices_of(other)]
    assert len(list(life_faults(own, known))) == 1
