"""What people type into a field is understood, or refused with what would be right."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.people import values
from tigc_mail.people.contact import day_in, number_in


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.country, "cr", "CR"),
        (values.sector, "Law-Enforcement", "law-enforcement"),
        (values.locale, "FR", "fr"),
        (values.consent_basis, "Public-Task", "public-task"),
        (values.tags, "liaison; press ;;liaison", frozenset({"liaison", "press"})),
        (values.tags, " ; ", frozenset()),
        (values.moment, "2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        (values.moment, "2026-11-24T09:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        (values.moment, "2026-11-24T09:30:00Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        (values.moment, "2026-11-24T09:30:00+02:00", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        (values.line_of_text, "Zoë Ñandú \N{PILE OF POO}", "Zoë Ñandú \N{PILE OF POO}"),
        (values.attribute, "two\nlines", "two\nlines"),
    ],
)
def test_a_value_is_read(read: Callable[[str], Any], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (values.country, "XX", "such as FR"),
        (values.country, "France", "for this one FR"),
        (values.country, "fra", "for this one FR"),
        (values.country, "UK", "for this one GB"),
        (values.sector, "police", "public, government, law-enforcement or private-sector"),
        (values.locale, "de", "en, fr, es or ar"),
        (values.consent_basis, "yes", "consent, public-task or legitimate-interest"),
        (values.moment, "24/11/2026", "2026-11-30T09:00:00Z"),
        (values.moment, "0001-01-01T00:00:00+14:00", "ISO 8601"),
        (values.line_of_text, "Ana\r\nBcc: x", "on one line"),
        (values.line_of_text, "Ana\u2028x", "on one line"),
        (values.line_of_text, "Ana\x00", "remove it"),
        (values.tags, "a;b\n", "on one line"),
        (values.attribute, "bell\x07", "remove it"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    read: Callable[[str], Any], text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        read(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_written_out_is_a_number(number: float) -> None:
    assert number_in(repr(number)) == number


@pytest.mark.parametrize("text", ["", "3,5", " 3", "٣", "0x10", "nan", "inf", "1e999", "1_000"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert number_in(text) is None


@given(st.dates())
def test_every_date_written_out_is_a_date(day: date) -> None:
    assert day_in(day.isoformat()) == day


@pytest.mark.parametrize("text", ["2026-02-30", "20260201", "2026-02-01T00:00", "2026-0\u0662-01"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert day_in(text) is None
