"""Sizes: what Gmail cuts off."""

from collections.abc import Callable

import pytest
from tests.render.lint.conftest import HTML, without

from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.weight import LONGEST_VALUE, check
from tigc_mail.render.message import Occurrence

Ids = Callable[..., list[str]]


def sized(octets: int) -> str:
    """Return a page of that many octets."""
    return HTML + " " * (octets - len(HTML.encode()))


@pytest.mark.parametrize(
    ("octets", "found"),
    [(79_999, []), (80_000, ["html-heavy"]), (99_999, ["html-heavy"]), (100_000, ["html-clipped"])],
)
def test_gmail_clips_a_large_page(ids: Ids, octets: int, found: list[str]) -> None:
    assert ids(check, sized(octets)) == found


def test_the_longest_values_of_slots_count(ids: Ids) -> None:
    slot = Occurrence("recipient.role", Context.MARKUP)
    assert ids(check, (sized(80_000 - 2 * LONGEST_VALUE - 1), slot, slot)) == []
    assert ids(check, (sized(80_000 - 2 * LONGEST_VALUE), slot, slot)) == ["html-heavy"]


def test_octets_count_and_not_letters(ids: Ids) -> None:
    assert ids(check, HTML + "é" * 40_000) == ["html-heavy"]


def test_gmail_drops_a_long_style(ids: Ids) -> None:
    assert ids(check, without("/* dark */", "/*" + "s" * 15_000 + "*/")) == []
    assert ids(check, without("/* dark */", "/*" + "s" * 16_000 + "*/")) == ["style-size"]
