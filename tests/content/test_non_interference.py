"""The law: what an audience must not read changes nothing of what is made for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from hypothesis import given
from tests.editions import BLOCKS, HIDDEN_NUMBER, Pair, pairs
from tests.readers import HIDDEN

from tigc_mail.content.block import BlockType
from tigc_mail.content.edition import Edition
from tigc_mail.content.matrix import Cell, Showing, matrix_of
from tigc_mail.people.audience import Audience


def own_cells(
    edition: Edition, audience: Audience, audiences: Mapping[str, Audience]
) -> list[tuple[str, Cell]]:
    """Return what the matrix tells of the blocks that an audience is shown.

    Its author is also told what of them is left out for it; that is no part of what is shown.
    """
    return [
        (row.id, replace(cell, left_out=()))
        for row in matrix_of(edition, audiences)
        for cell in row.cells
        if cell.audience == audience.id
        and cell.showing not in (Showing.HIDDEN, Showing.ABOVE_CEILING)
    ]


def conditions(edition: Edition, audience: Audience) -> list[tuple[str, str]]:
    """Return all that planning and checking ask of the conditional blocks: ids and rules."""
    return [(b.id, repr(b.show_when)) for b in edition.conditional_blocks(audience)]


def hold_the_law(pair: Pair) -> None:
    """Assert that the two editions of a pair are one to their reader."""
    one, other, audience, locale, shown, audiences = pair
    tailored = one.for_audience(audience, locale, shown)
    assert tailored == other.for_audience(audience, locale, shown)
    assert one.for_audience(audience, locale) == other.for_audience(audience, locale)
    assert conditions(one, audience) == conditions(other, audience)
    assert own_cells(one, audience, audiences) == own_cells(other, audience, audiences)
    assert HIDDEN not in repr(tailored)
    assert HIDDEN_NUMBER[:4] not in repr(tailored)
    assert audience.ceiling.allows(tailored.marking)


@given(pair=pairs())
def test_what_an_audience_must_not_read_changes_nothing_of_its_edition(pair: Pair) -> None:
    hold_the_law(pair)


def test_the_law_is_tried_with_every_type_of_block() -> None:
    assert set(BLOCKS) == set(get_args(BlockType)), "teach tests/editions.py to write the new type"
