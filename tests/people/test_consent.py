"""What is in force follows from the history alone."""

from datetime import UTC, datetime, timedelta

import pytest

from tigc_mail.people.consent import Consent, StaysWithdrawn, in_force, new_grant
from tigc_mail.people.contact import ConsentBasis

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def granted(at: int, basis: ConsentBasis = "consent") -> Consent:
    return Consent("granted", basis, "form", day(at), day(at))


def withdrawn(at: int) -> Consent:
    return Consent("withdrawn", None, "page", day(at), day(at))


def test_nothing_is_in_force_without_a_history() -> None:
    assert in_force([]) is None


@pytest.mark.parametrize(
    ("history", "current"),
    [
        ([granted(1), granted(3, "public-task"), granted(2)], granted(3, "public-task")),
        ([granted(1), withdrawn(2)], withdrawn(2)),
        ([granted(1), withdrawn(2), granted(3)], granted(3)),
        ([withdrawn(2), granted(2)], withdrawn(2)),
        ([granted(2), withdrawn(2)], withdrawn(2)),
    ],
)
def test_the_latest_event_is_in_force_and_a_withdrawal_beats_its_own_moment(
    history: list[Consent], current: Consent
) -> None:
    assert in_force(history) == current


@pytest.mark.parametrize(
    ("history", "told", "dated", "adds"),
    [
        ([], granted(5), False, True),
        ([granted(1)], granted(5), False, False),
        ([granted(1)], granted(5, "public-task"), False, True),
        ([granted(1)], granted(1), True, False),
        ([granted(1)], granted(5), True, True),
        ([granted(1), granted(5)], granted(1), True, False),
        ([granted(5)], granted(1), True, True),
        ([granted(1), withdrawn(2)], granted(3), True, True),
    ],
)
def test_a_grant_is_appended_where_it_says_something_new(
    history: list[Consent], told: Consent, *, dated: bool, adds: bool
) -> None:
    assert new_grant(history, told, dated=dated) == (told if adds else None)


@pytest.mark.parametrize(
    ("told", "dated"), [(granted(1), True), (granted(2), True), (granted(9), False)]
)
def test_a_withdrawn_consent_comes_back_only_by_a_later_date(told: Consent, *, dated: bool) -> None:
    with pytest.raises(StaysWithdrawn):
        new_grant([granted(0), withdrawn(2)], told, dated=dated)
