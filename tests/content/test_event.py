"""Events: their dates, zone, country and links."""

from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from tigc_mail.content.event import Event, Stage, Url

CONFERENCE: dict[str, Any] = {
    "name": "The conference",
    "uid": "ipcc-2020@tigc.example.org",
    "issued": "2020-06-15T09:00:00Z",
    "stage": "postponed",
    "start": date(2020, 8, 26),
    "end": date(2020, 8, 27),
    "time_zone": "America/Costa_Rica",
    "country": "CR",
    "hashtag": "#IPCrimeConference",
}


def event(**changes: Any) -> Event:
    return Event.model_validate(CONFERENCE | changes)


def faulty(**changes: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        event(**changes)
    return [".".join(map(str, problem["loc"])) for problem in caught.value.errors()]


def test_days_stay_days() -> None:
    found = event(start="2020-08-26")
    assert (found.start, found.end) == (date(2020, 8, 26), date(2020, 8, 27))
    assert type(found.start) is date


def test_a_time_without_offset_is_local_to_the_zone() -> None:
    found = event(start="2020-08-26 09:00", end=None)
    assert isinstance(found.start, datetime)
    assert found.start.astimezone(UTC) == datetime(2020, 8, 26, 15, tzinfo=UTC)


def test_a_time_with_an_offset_is_told_in_the_zone() -> None:
    found = event(start=datetime(2020, 8, 26, 15, tzinfo=UTC), end="2020-08-26T16:00:00Z")
    assert isinstance(found.start, datetime)
    assert found.start.isoformat() == "2020-08-26T09:00:00-06:00"


def test_an_event_does_not_end_before_it_starts() -> None:
    assert faulty(end="2020-08-25") == ["end"]
    assert faulty(start="2020-08-26T09:00:00", end="2020-08-26T08:59:59") == ["end"]
    assert event(end="2020-08-26").end == date(2020, 8, 26)


def test_a_day_and_a_time_do_not_go_together() -> None:
    assert faulty(end="2020-08-27T12:00:00") == ["end"]


def test_a_time_that_the_clocks_skip_is_a_fault() -> None:
    skipped = {"time_zone": "Europe/Paris", "start": "2026-03-29T02:30:00", "end": None}
    assert faulty(**skipped) == ["start"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start", "tomorrow"),
        ("start", 20200826),
        ("start", "0001-01-01"),
        ("end", "9999-12-31"),
        ("issued", "9999-12-31T23:00:00-05:00"),
        ("time_zone", "Costa Rica"),
        ("country", "Costa Rica"),
        ("country", "cr"),
        ("stage", "unsure"),
        ("hashtag", "IPCrimeConference"),
        ("hashtag", "#IP Crime"),
        ("uid", "with a space@example.org"),
        ("uid", "line\nbreak"),
        ("sequence", -1),
        ("sequence", True),
        ("url", "http://example.org"),
    ],
)
def test_a_wrong_value_is_a_fault_at_its_field(field: str, value: Any) -> None:
    assert faulty(**{field: value}) == [field]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "javascript:alert(1)",
        "https:",
        "https:///path",
        "//example.org",
        "mailto:",
        "https://[example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        'https://example.org/"onload',
        "https://example.org/{{ recipient.given_name }}",
        "",
    ],
)
def test_a_link_is_https_or_mailto_and_whole(url: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Url).validate_python(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/é?a=1&b=2#top", "mailto:desk@example.org?subject=Hello"]
)
def test_a_good_link_stays_as_written(url: str) -> None:
    assert TypeAdapter(Url).validate_python(url) == url


@pytest.mark.parametrize("field", ["name", "place"])
def test_what_a_calendar_shows_holds_no_slot(field: str) -> None:
    with pytest.raises(ValidationError, match="the same for all readers"):
        event(**{field: "For {{ recipient.given_name }}"})


def stage(stage: str, **changes: Any) -> dict[str, Any]:
    """Return the fields of an event at a stage, with what it asks for."""
    own = {
        "registration-open": {"registration_url": "https://example.org/register"},
        "rescheduled": {"previous_start": "2020-06-01"},
        "moved-online": {"online_url": "https://example.org/online"},
    }
    return {"stage": stage, **own.get(stage, {}), **changes}


@pytest.mark.parametrize("name", get_args(Stage))
def test_every_stage_can_be_written(name: Any) -> None:
    assert event(**stage(name)).stage == name


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("registration-open", "registration_url"),
        ("rescheduled", "previous_start"),
        ("moved-online", "online_url"),
    ],
)
def test_a_stage_asks_for_what_it_is_about(name: str, field: str) -> None:
    with pytest.raises(ValidationError, match=f"is required at the stage `{name}`") as caught:
        event(stage=name)
    assert [problem["loc"] for problem in caught.value.errors()] == [(field,)]


@pytest.mark.parametrize("field", ["previous_start", "previous_end"])
@pytest.mark.parametrize("name", ["announced", "registration-open", "reminder", "postponed"])
def test_a_stage_refuses_what_belongs_to_another(name: str, field: str) -> None:
    assert faulty(**stage(name, **{field: "2020-06-01"})) == [field]


@pytest.mark.parametrize("name", get_args(Stage))
def test_an_event_may_be_online_at_every_stage(name: str) -> None:
    assert event(**stage(name, online_url="https://example.org/online")).online_url


def test_an_online_event_is_on_a_page() -> None:
    assert faulty(**stage("moved-online", online_url="mailto:desk@example.org")) == ["online_url"]


def test_the_dates_before_end_after_they_start_and_stand_in_the_zone() -> None:
    assert faulty(**stage("rescheduled", previous_end="2020-05-31")) == ["previous_end"]
    assert faulty(**stage("rescheduled", previous_end="2020-06-01T09:00:00")) == ["previous_end"]
    found = event(**stage("rescheduled", previous_start="2020-06-01T09:00:00"))
    assert isinstance(found.previous_start, datetime)
    assert found.previous_start.isoformat() == "2020-06-01T09:00:00-06:00"
    assert found.previous_last == found.previous_start


@pytest.mark.parametrize(
    ("start", "before"),
    [
        ("2020-06-01", "2020-06-01"),
        ("2020-06-01T09:00:00", "2020-06-01T09:00:00"),
        ("2020-06-01T09:00:00", "2020-06-01T15:00:00Z"),
        ("2020-06-01T09:00:00", "2020-06-01"),
        ("2020-06-01", "2020-06-01T09:00:00"),
    ],
)
def test_what_is_rescheduled_has_moved(start: str, before: str) -> None:
    same = stage("rescheduled", start=start, previous_start=before, end=None)
    with pytest.raises(ValidationError, match="so nothing was rescheduled"):
        event(**same)
    with pytest.raises(ValidationError, match="so nothing was rescheduled"):
        event(**same, previous_end=before)


def test_what_begins_as_before_is_rescheduled_where_its_end_has_moved() -> None:
    longer = {"start": "2020-06-01", "end": "2020-06-03"}
    assert event(**stage("rescheduled", **longer, previous_end="2020-06-02")).previous_end
    assert event(
        **stage(
            "rescheduled",
            start="2020-06-01T10:00:00",
            end=None,
            previous_start="2020-06-01T09:00:00",
        )
    ).previous_start


def test_registration_ends_with_a_day_before_the_event() -> None:
    opened = stage("registration-open")
    assert faulty(**opened, registration_until="2020-08-27") == ["registration_until"]
    assert faulty(**opened, registration_until="2020-07-01T12:00:00") == ["registration_until"]
    assert faulty(**opened, registration_until="2020-06-14") == ["registration_until"]
    assert event(**opened, registration_until="2020-06-15").registration_until
    assert event(**opened, registration_until="2020-08-26").registration_until


@pytest.mark.parametrize(
    "issued", [None, "2020-06-15", "2020-06-15T09:00:00", "2020-06-15T09:00:00.5Z", "soon"]
)
def test_a_notice_is_issued_at_a_whole_second_with_its_offset(issued: Any) -> None:
    assert faulty(issued=issued) == ["issued"]


def test_the_moment_of_a_notice_is_kept_in_utc() -> None:
    assert event(issued="2020-06-15T09:00:00+02:00").issued == datetime(2020, 6, 15, 7, tzinfo=UTC)


@pytest.mark.parametrize("sign", ["{{ a }}", "{% a %}", "{# a #}"])
def test_no_code_stands_in_a_calendar(sign: str) -> None:
    assert faulty(place=f"San José {sign}") == ["place"]
