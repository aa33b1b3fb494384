"""A send window says the earliest moment at which mail may go out, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.delivery.windows import SendWindow
from tigc_mail.interfaces.pacing import Schedule

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
OFFICE_HOURS = SendWindow(PARIS, frozenset(range(5)), time(8), time(18))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-26 07:59", "2026-11-26 08:00"),
        ("2026-11-26 08:00", "2026-11-26 08:00"),
        ("2026-11-26 17:59", "2026-11-26 17:59"),
        ("2026-11-26 18:00", "2026-11-27 08:00"),
        ("2026-11-27 18:00", "2026-11-30 08:00"),  # over the weekend
    ],
)
def test_office_hours_open_in_the_morning_of_the_next_working_day(now: str, opens: str) -> None:
    assert OFFICE_HOURS.next_moment(at(now)) == at(opens)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = SendWindow(PARIS, frozenset({4}), time(22), time(4))
    assert night.next_moment(at("2026-11-28 03:00")) == at("2026-11-28 03:00")
    assert night.next_moment(at("2026-11-28 04:00")) == at("2026-12-04 22:00")


def test_an_hour_that_clocks_skip_opens_when_they_do() -> None:
    early = SendWindow(PARIS, frozenset(range(7)), time(2, 30), time(5))
    opens = early.next_moment(datetime(2026, 3, 29, 0, 0, tzinfo=UTC))
    assert opens == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 is not there: 03:30 is


def test_a_window_within_the_hour_that_clocks_skip_comes_an_hour_later() -> None:
    short = SendWindow(PARIS, frozenset(range(7)), time(2, 15), time(2, 45))
    opens = short.next_moment(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    assert opens == datetime(2026, 3, 29, 1, 15, tzinfo=UTC)  # 03:15 in summer
    assert short.next_moment(opens) == opens
    assert short.seconds_until(opens, opens + timedelta(hours=2)) == 30 * 60


def test_a_day_whose_midnight_clocks_skip_is_as_long_as_the_others() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # 2026-04-24 begins at 01:00
    late = datetime(2026, 4, 23, 23, 30, tzinfo=cairo).astimezone(UTC)
    assert SendWindow(cairo, begins=time(8)).next_moment(late) == late


windows = st.builds(
    SendWindow,
    zone=st.sampled_from([PARIS, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")]),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    begins=st.times(),
    ends=st.times(),
)
moments = st.floats(0, 730).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + days * DAY)


@given(window=windows, now=moments)
def test_the_next_moment_is_open_and_no_earlier_one_is(window: SendWindow, now: datetime) -> None:
    opens = window.next_moment(now)
    assert now <= opens <= now + timedelta(days=9)
    assert window.next_moment(opens) == opens
    if opens > now:
        almost = now + (opens - now) * 0.999
        assert window.next_moment(almost) == opens
        assert window.seconds_until(now, opens) == 0


@given(window=windows, now=moments, first=st.integers(0, 10**6), second=st.integers(0, 10**6))
def test_open_time_adds_up(window: SendWindow, now: datetime, first: int, second: int) -> None:
    middle = now + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    parts = window.seconds_until(now, middle) + window.seconds_until(middle, end)
    assert parts == pytest.approx(window.seconds_until(now, end))
    assert 0 <= parts <= (first + second) * (1 + 1e-12)  # the seconds are added up as floats


def test_a_window_is_told_as_settings_write_it() -> None:
    days = ["mon", "tue", "wed", "thu", "fri"]
    written = {"zone": "Europe/Paris", "days": days, "from": "08:00", "to": "18:00"}
    assert OFFICE_HOURS.to_json() == written
    assert Schedule.model_validate(written).window() == OFFICE_HOURS
