"""Whether everyone can read a page."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.render.lint.conftest import BODY, SUBJECT, with_, without

from tigc_mail.content.tailored import (
    TailoredBlock,
    TailoredCustom,
    TailoredFigure,
    TailoredStatistic,
    TailoredStatistics,
)
from tigc_mail.ground.marking import Marking
from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.access import check
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import Occurrence

Ids = Callable[..., list[str]]

PHOTO = "https://example.org/p.png"


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


@pytest.mark.parametrize(
    "part", ['<html lang="en"', '<body lang="en"', '<html lang="en" dir="ltr"']
)
def test_a_page_names_its_language_and_direction(ids: Ids, part: str) -> None:
    assert ids(check, without(part, part.split(" ", maxsplit=1)[0])) == ["language"]
    assert ids(check, without(part, part.replace("en", "fr", 1))) == ["language"] or "dir" in part


def test_a_page_has_a_title(ids: Ids) -> None:
    assert ids(check, without(f"<title>{SUBJECT}</title>")) == ["title"]
    assert ids(check, without(f"<title>{SUBJECT}<", "<title> <")) == ["title"]


def test_an_image_of_a_template_has_an_alt_that_may_be_empty(ids: Ids) -> None:
    assert ids(check, with_(f'<img src="{PHOTO}">')) == ["image-alt"]
    assert ids(check, with_(f'<img src="{PHOTO}" alt="">')) == []


def test_an_image_of_an_author_says_what_it_shows(ids: Ids) -> None:
    for alt, found in (("", ["image-alt"]), ("A seized container", [])):
        body = f"{BODY}\n\n![A container]({PHOTO})"
        assert ids(check, with_(f'<img src="{PHOTO}" alt="{alt}">'), body=body) == found


def test_a_message_says_something_beside_its_images(ids: Ids) -> None:
    page = with_(f'<img src="{PHOTO}" alt="All the news">')
    assert ids(check, page, body=f"![All the news]({PHOTO})") == ["image-only"]
    assert ids(check, page, body=f"{{{{ recipient.attributes.{'x' * 80} }}}} Hi.") == ["image-only"]
    assert ids(check, page) == []


SAYING = "Fewer fakes were bought in spring than in any of the years before."

CUSTOM = TailoredCustom(
    id="b", marking=Marking.CLEAR, template="pic", lines={"alt": SAYING}, texts={}, links={}
)
COUNTED = TailoredStatistics(
    id="b",
    marking=Marking.CLEAR,
    statistics=(
        TailoredStatistic(number=Decimal(5), unit=None, label=SAYING, marking=Marking.CLEAR),
    ),
)
FIGURE = TailoredFigure(
    id="b", marking=Marking.CLEAR, image=PHOTO, alt=SAYING, caption=SAYING, url=None
)


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (CUSTOM, []),
        (replace(CUSTOM, lines={}, texts={"more": SAYING}), []),
        (
            replace(CUSTOM, lines={}, links={"more": f"https://example.org/{SAYING}"}),
            ["image-only"],
        ),
        (COUNTED, []),
        (FIGURE, []),
        (replace(FIGURE, caption=""), ["image-only"]),
    ],
)
def test_all_that_a_block_says_counts(
    page_of: Callable[..., Page], block: TailoredBlock, found: list[str]
) -> None:
    page = page_of(with_(f'<img src="{PHOTO}" alt="All the news">'))
    shown = replace(page, edition=replace(page.edition, blocks=(block,)))
    assert [remark.check.id for remark in check(shown)] == found


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (f'<img src="{PHOTO}" alt="SLOT">', ["image-alt"]),
        (f'<img src="{PHOTO}" alt="The team of SLOT">', []),
        ("<h2>SLOT</h2>", ["heading-empty"]),
        ("<h2>For SLOT</h2>", []),
    ],
)
def test_what_says_something_is_not_a_slot_alone(ids: Ids, part: str, found: list[str]) -> None:
    head, _, tail = with_(part).partition("SLOT")
    role = Occurrence("recipient.organisation", Context.WORD)
    assert ids(check, (head, role, tail)) == found


@pytest.mark.parametrize(
    ("headings", "right"),
    [
        ("<h2>One</h2><h3>Two</h3><h2>Three</h2>", True),
        ("<h2>One</h2><h4>Two</h4>", False),
        ("<h3>One</h3>", False),
        ("<h1>One</h1>", False),
    ],
)
def test_headings_go_down_one_level_at_a_time(ids: Ids, headings: str, right: bool) -> None:  # noqa: FBT001
    assert ids(check, with_(headings)) == ([] if right else ["heading-order"])


def test_the_first_heading_is_of_the_first_level(ids: Ids) -> None:
    assert ids(check, without("<h1 ", "<h2 ").replace("</h1>", "</h2>")) == ["heading-order"]
    assert ids(check, without("<h1 ", "<p ").replace("</h1>", "</p>")) == ["heading-order"]


def test_a_heading_is_not_empty(ids: Ids) -> None:
    assert ids(check, with_("<h2> &nbsp;</h2>")) == ["heading-empty"]
    assert ids(check, with_(f'<h2><img src="{PHOTO}" alt="Three steps"></h2>')) == []


def test_a_layout_table_has_a_role_and_a_table_of_data_has_heads(ids: Ids) -> None:
    assert ids(check, with_("<table><tr><td>One</td></tr></table>")) == ["layout-table"]
    assert ids(check, with_('<table role="none"><tr><td>One</td></tr></table>')) == []
    assert ids(check, with_("<table><tr><th>One</th></tr></table>")) == []


def test_what_is_not_shown_is_not_checked(ids: Ids) -> None:
    hidden = f'<div style="display: none"><img src="{PHOTO}"><h4></h4><table></table></div>'
    assert ids(check, with_(hidden)) == []


def test_a_page_is_prepared_for_dark_mode(ids: Ids) -> None:
    assert ids(check, without('content="light dark"', 'content="light"')) == ["color-scheme"]
    assert ids(check, without("prefers-color-scheme: dark", "print")) == ["color-scheme"]


def test_a_heading_out_of_order_is_told_of_the_heading_itself(
    page_of: Callable[..., Page],
) -> None:
    (remark,) = check(page_of(with_("<h4>The second way</h4>")))
    assert [spot.element.text for spot in remark.spots] == ["The second way"]
