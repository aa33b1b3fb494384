"""Blocks for quotes, statistics, figures and a team's own: what they take, and what is told."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tigc_mail.content.edition import Edition
from tigc_mail.content.matrix import matrix_of
from tigc_mail.content.scope import Scope
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience

QUOTE = {"type": "quote", "body": {"en": "Ask."}, "speaker": "Ana"}
FIGURE = {"type": "figure", "image": "https://example.org/a.png", "alt": "A parcel"}
STATISTIC = {"number": 5, "label": "courses"}
STATISTICS = {"type": "statistics", "statistics": [STATISTIC]}
CUSTOM = {
    "type": "custom",
    "template": "poll",
    "lines": {"question": {"en": "Now?", "fr": "Maintenant ?"}},
    "texts": {"advice": {"en": "Think."}},
    "links": {"page": "https://example.org/poll"},
}


@pytest.fixture
def read(
    edition_of: Callable[..., Any], audiences: Mapping[str, Audience]
) -> Callable[[dict[str, Any]], Edition]:
    """Read an edition with one block, marked TLP:CLEAR."""

    def build(block: dict[str, Any]) -> Edition:
        whole = {"id": "one", "marking": "TLP:CLEAR", **block}
        return Edition.model_validate(edition_of(whole), context=Scope(workspace=audiences))

    return build


def causes(read: Callable[..., Edition], block: dict[str, Any]) -> list[tuple[str, str]]:
    """Return path within the block and cause of everything wrong with it."""
    with pytest.raises(ValidationError) as caught:
        read(block)
    return [
        (".".join(str(step) for step in error["loc"][2:]), error["msg"])
        for error in caught.value.errors()
        if len(error["loc"]) > 2  # not that the edition is then left without blocks
    ]


@pytest.mark.parametrize(
    ("block", "field"),
    [(QUOTE, "speaker"), (QUOTE, "body"), (FIGURE, "alt"), (FIGURE, "image"), (CUSTOM, "template")],
)
def test_a_field_that_a_block_cannot_do_without_is_asked_for(
    read: Callable[..., Edition], block: dict[str, Any], field: str
) -> None:
    rest = {key: value for key, value in block.items() if key != field}
    assert causes(read, rest) == [(field, "Field required")]


@pytest.mark.parametrize("image", ["http://example.org/a.png", "mailto:a@example.org", "a.png"])
def test_an_image_is_an_encrypted_address(read: Callable[..., Edition], image: str) -> None:
    [(path, cause)] = causes(read, FIGURE | {"image": image})
    assert path == "image"
    assert "https://" in cause


def test_a_blank_description_of_an_image_is_none(read: Callable[..., Edition]) -> None:
    assert causes(read, FIGURE | {"alt": " "}) == [("alt", "is empty")]


@pytest.mark.parametrize("number", ["5", "1,250", True, None, float("inf"), float("nan"), 10**15])
def test_what_is_no_number_is_told(read: Callable[..., Edition], number: object) -> None:
    block = STATISTICS | {"statistics": [STATISTIC, STATISTIC | {"number": number}]}
    [(path, cause)] = causes(read, block)
    assert path == "statistics.1.number"
    assert "is not a number" in cause


def test_a_number_keeps_the_digits_that_were_written(
    read: Callable[..., Edition], audiences: Mapping[str, Audience]
) -> None:
    written = [0, -3, 0.1, 12345678.25, 999_999_999_999_999]
    block = STATISTICS | {"statistics": [STATISTIC | {"number": one} for one in written[:5]]}
    [shown] = read(block).for_audience(audiences["public"], "en").blocks
    numbers = [one.number for one in shown.statistics]  # type: ignore[union-attr]
    assert numbers == [Decimal(str(one)) for one in written]


@pytest.mark.parametrize("count", [0, 7])
def test_statistics_are_one_to_six(read: Callable[..., Edition], count: int) -> None:
    [(path, _)] = causes(read, STATISTICS | {"statistics": [STATISTIC] * count})
    assert path == "statistics"


@pytest.mark.parametrize(("name", "cause"), [("items", "of its own"), ("Big one", "is not a name")])
@pytest.mark.parametrize("kind", ["lines", "texts", "links"])
def test_a_field_that_a_template_could_not_name_is_refused(
    read: Callable[..., Edition], kind: str, name: str, cause: str
) -> None:
    [(path, told)] = causes(read, CUSTOM | {kind: {name: "https://example.org/"}})
    assert path.startswith(kind)
    assert cause in told


def test_a_marked_number_is_shown_up_to_its_ceiling(
    read: Callable[..., Edition], audiences: Mapping[str, Audience]
) -> None:
    marked = STATISTIC | {"number": 7, "marking": "TLP:AMBER"}
    edition = read(STATISTICS | {"statistics": [STATISTIC, marked]})
    for name, numbers, marking in (
        ("public", [5], Marking.CLEAR),
        ("police", [5, 7], Marking.AMBER),
    ):
        [block] = edition.for_audience(audiences[name], "en").blocks
        assert [one.number for one in block.statistics] == numbers  # type: ignore[union-attr]
        assert block.marking is marking


def test_a_block_of_which_every_number_is_above_the_ceiling_is_not_shown(
    read: Callable[..., Edition], audiences: Mapping[str, Audience]
) -> None:
    edition = read(STATISTICS | {"statistics": [STATISTIC | {"marking": "TLP:GREEN"}]})
    assert edition.for_audience(audiences["public"], "en").blocks == ()


def test_the_fields_of_a_custom_block_fall_back_visibly(
    read: Callable[..., Edition], audiences: Mapping[str, Audience]
) -> None:
    edition = read(CUSTOM)
    tailored = edition.for_audience(audiences["public"], "fr")
    [block] = tailored.blocks
    assert block.lines == {"question": "Maintenant ?"}  # type: ignore[union-attr]
    assert block.texts == {"advice": "Think."}  # type: ignore[union-attr]
    assert [str(one) for one in tailored.fallbacks] == [
        "blocks[one].texts.advice: no fr, shown in en"
    ]
    row = matrix_of(edition, audiences)[-1]
    assert [cell.fallback for cell in row.cells if cell.audience == "public"] == [False, True]
