"""Days, times and zones in words; events on a reader's own clock."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.render.dates import OWN_TIME, EventTime, event_time, own_time, when, zone_name

COSTA_RICA = ZoneInfo("America/Costa_Rica")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def event(start: Any, end: Any, zone: str = "America/Costa_Rica") -> Any:
    return SimpleNamespace(start=start, end=end, time_zone=zone)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 1, day, hour, 30, tzinfo=COSTA_RICA)


def own(zone: str, country: str | None = None, locale: Locale = "en", **times: Any) -> str:
    told = event_time(event(times.get("start", at(2, 9)), times.get("end", at(2, 17))), str)
    assert told is not None
    return own_time(told, zone, country, locale)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "26\u201327 August 2020"),
        ("fr", "26\u201327 ao\u00fbt 2020"),
        ("es", "26\u201327 de agosto de 2020"),
    ],
)
def test_days_are_told_with_their_month_in_full(locale: Locale, words: str) -> None:
    assert when(event(date(2020, 8, 26), date(2020, 8, 27)), locale) == words


@pytest.mark.parametrize(
    ("end", "locale", "words"),
    [
        (at(2, 17), "en", "2 January 2026, 09:30\u201317:30 (Costa Rica time)"),
        (at(2, 9), "en", "2 January 2026, 09:30 (Costa Rica time)"),
        (at(3, 17), "en", "2 January 2026, 09:30 \u2013 3 January 2026, 17:30 (Costa Rica time)"),
        (at(2, 17), "fr", "2 janvier 2026, 09:30 \u2013 17:30 (heure locale, Costa Rica)"),
        (at(2, 17), "es", "2 de enero de 2026, 9:30\u201317:30 (hora de Costa Rica)"),
        (at(2, 9), "ar", "2 يناير 2026، 9:30 ص (توقيت كوستاريكا)"),
    ],
)
def test_times_are_told_as_each_language_writes_them(
    end: datetime, locale: Locale, words: str
) -> None:
    told = when(event(at(2, 9), end), locale)
    assert told.replace("\u2009", " ").replace("\xa0", " ") == words


@given(zone=st.sampled_from(ZONES), locale=st.sampled_from(LOCALES))
def test_no_zone_is_told_by_its_technical_name(zone: str, locale: Locale) -> None:
    name = zone_name(zone, datetime(2026, 7, 1, tzinfo=ZoneInfo(zone)), locale)
    assert name
    assert "/" not in name
    assert "_" not in name
    assert "heure :" not in name.replace("\xa0", " ").replace("\u202f", " ")


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - naive bounds
    minutes=st.integers(0, 5_000),
    locale=st.sampled_from(LOCALES),
)
def test_no_time_of_day_is_parted_from_its_half_of_the_day(
    start: datetime, minutes: int, locale: Locale
) -> None:
    first, last = (at.replace(tzinfo=UTC) for at in (start, start + timedelta(minutes=minutes)))
    told = when(event(first, last, "UTC"), locale)
    assert not re.search(r":\d\d [^\W\d_]", told)
    assert locale != "ar" or re.search(r":\d\d\xa0[صم]", told)


def test_cities_below_a_region_have_their_name_in_each_language() -> None:
    told = [own("America/Argentina/Buenos_Aires", locale=locale) for locale in LOCALES]
    assert [name.rpartition("(")[2] for name in told] == [
        "Buenos Aires)", "Buenos Aires)", "Buenos Aires)", "بوينوس أيرس)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "name"), [("UTC", "UTC"), ("Etc/GMT+3", "GMT-03:00"), ("Europe/Paris", "France time")]
)
def test_a_zone_without_a_country_is_told_by_its_offset(zone: str, name: str) -> None:
    assert zone_name(zone, datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)), "en") == name


def test_readers_are_told_the_time_on_their_own_clock() -> None:
    assert (
        own("Europe/Paris")
        == "\n2 January 2026, 16:30 \u2013 3 January 2026, 00:30 in your time zone (Paris)"
    )
    assert own("Europe/Paris", end=at(2, 11)) == "\n16:30\u201318:30 in your time zone (Paris)"


def test_a_country_with_one_time_tells_a_readers_clock() -> None:
    assert own("", "DE", end=at(2, 11)) == "\n16:30\u201318:30 in your time zone (Germany)"


def test_the_readers_zone_goes_before_the_country() -> None:
    assert "(New York)" in own("America/New_York", "FR")


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("", None),
        ("", "US"),
        ("", "ZZ"),
        ("America/Costa_Rica", None),
        ("", "CR"),
        ("America/Guatemala", None),
    ],
)
def test_nothing_is_told_where_the_clock_is_unknown_or_shows_the_same(
    zone: str, country: str | None
) -> None:
    assert own(zone, country) == ""


def test_an_event_told_in_days_has_no_time_of_the_readers() -> None:
    assert event_time(event(date(2026, 1, 2), date(2026, 1, 3)), str) is None


@given(
    start=st.integers(1_704_067_200, 1_893_456_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
    minutes=st.integers(0, 5_000),
    zone=st.sampled_from(ZONES),
    reader=st.sampled_from(ZONES),
    locale=st.sampled_from(LOCALES),
)
def test_a_readers_time_is_told_exactly_where_it_differs(
    start: datetime, minutes: int, zone: str, reader: str, locale: Locale
) -> None:
    moments = [m.astimezone(ZoneInfo(zone)) for m in (start, start + timedelta(minutes=minutes))]
    told = own_time(EventTime(*(m.isoformat() for m in moments), OWN_TIME), reader, None, locale)
    differs = any(m.utcoffset() != m.astimezone(ZoneInfo(reader)).utcoffset() for m in moments)
    assert bool(told) == differs
    assert not told or told.startswith("\n")
    assert told.count("\n") == differs
