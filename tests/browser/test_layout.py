"""Where things stand on the screen: columns, directions, and nothing beyond the edge."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import html as lxml_html
from playwright.sync_api import Page
from tests.browser.messages import Shown

WIDTHS = (375, 700)
COLUMN = ".mj-outlook-group-fix"
ARABIC_TEXT = '.prose p:not([dir="ltr"] *), .prose li:not([dir="ltr"] *)'

_BOXES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const box = element.getBoundingClientRect();
  return {left: box.left, right: box.right, top: box.top, parent: [...document.querySelectorAll("*")].indexOf(element.parentElement)};
})"""
_STYLES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const style = getComputedStyle(element);
  return {text: element.textContent.trim(), own: element.getAttribute("dir"),
          direction: style.direction, align: style.textAlign};
})"""

_LINES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const words = document.createRange();
  words.selectNodeContents(element);
  return [...words.getClientRects()].filter((box) => box.width > 0).map((box) =>
    ({left: Math.round(box.left), right: Math.round(box.right), top: Math.round(box.top)}));
})"""


@pytest.fixture
def show(page: Page) -> Callable[..., Page]:
    """Show a message at a width."""

    def at(html: str, width: int = 700) -> Page:
        page.emulate_media(media="screen", color_scheme="light")
        page.set_viewport_size({"width": width, "height": 900})
        page.set_content(html, wait_until="domcontentloaded")
        return page

    return at


def in_language(messages: tuple[Shown, ...], locale: str) -> dict[tuple[str, str, int], str]:
    return {
        (one.edition, one.variant.audience, one.number): one.html
        for one in messages
        if one.variant.locale == locale
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_reaches_beyond_the_edge(
    width: int, show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    measure = "document.documentElement.scrollWidth"
    wide = {one.name: show(one.html, width).evaluate(measure) for one in messages}
    assert {name: found for name, found in wide.items() if found > width} == {}


def test_cards_stand_within_the_column_of_text_on_a_telephone(
    show: Callable[..., Page], all_blocks: tuple[Shown, ...]
) -> None:
    within = "> table > tbody > tr > td > *"
    for one in all_blocks:
        page = show(one.html, 375)
        texts, cards = (page.evaluate(_BOXES, f".{kind} {within}") for kind in ("gutter", "card"))
        assert cards, one.name
        edges = {(box["left"], box["right"]) for box in texts + cards if box["right"] > box["left"]}
        assert edges == {(20, 355)}, one.name


def test_the_links_of_the_foot_are_parted_by_room_alone(messages: tuple[Shown, ...]) -> None:
    """A dot between them would stand at the end of a line where a telephone breaks it."""
    for one in messages:
        page = lxml_html.document_fromstring(one.html)
        (way_out,) = page.xpath("//a[contains(@href, '/unsubscribe/')]")
        around = (way_out.getparent().text, *(link.tail for link in way_out.getparent()))
        assert "".join(part or "" for part in around).strip() == "", one.name


def rows(boxes: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The columns that stand beside each other, row by row, in the order of the document."""
    by_parent: dict[int, list[dict[str, Any]]] = {}
    for box in boxes:
        by_parent.setdefault(box["parent"], []).append(box)
    return [row for row in by_parent.values() if len(row) > 1]


def test_arabic_pages_mirror_the_english_column_by_column(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    english, arabic = in_language(messages, "en"), in_language(messages, "ar")
    assert arabic
    for at, html in arabic.items():
        left_to_right = rows(show(english[at]).evaluate(_BOXES, COLUMN))
        right_to_left = rows(show(html).evaluate(_BOXES, COLUMN))
        assert left_to_right, at
        assert [len(row) for row in right_to_left] == [len(row) for row in left_to_right], at
        for one, other in zip(left_to_right, right_to_left, strict=True):
            for box, mirrored in zip(one, other, strict=True):
                assert mirrored["right"] == pytest.approx(700 - box["left"], abs=1), at
                assert mirrored["left"] == pytest.approx(700 - box["right"], abs=1), at


def test_the_first_column_of_an_arabic_page_stands_on_the_right(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    for at, html in in_language(messages, "ar").items():
        masthead = rows(show(html).evaluate(_BOXES, f".band {COLUMN} {COLUMN}"))[0]
        lefts = [box["left"] for box in masthead]
        assert lefts == sorted(lefts, reverse=True), at
        assert len(set(lefts)) == len(lefts), at


def test_arabic_text_runs_from_the_right_and_stands_there(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    for at, html in in_language(messages, "ar").items():
        page = show(html)
        for style in page.evaluate(_STYLES, f"html, body, h1, h2, h3, {ARABIC_TEXT}"):
            assert style["direction"] == "rtl", (at, style)
        for style in page.evaluate(_STYLES, f"h1, h2, h3, {ARABIC_TEXT}"):
            assert style["align"] in ("right", "start"), (at, style)


def test_other_languages_run_from_the_left(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    for locale in ("en", "fr", "es"):
        html = next(iter(in_language(messages, locale).values()))
        for style in show(html).evaluate(_STYLES, "body, h1, h2, .prose p"):
            assert (style["direction"], style["align"] in ("left", "start")) == ("ltr", True)


def test_the_purpose_in_the_masthead_leaves_no_word_alone(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    """It fills one line of a wide screen; on a telephone its lines are about as long as each other."""
    for locale in ("en", "fr", "es", "ar"):
        html = next(iter(in_language(messages, locale).values()))
        (wide,) = show(html, 700).evaluate(_LINES, ".quiet-on-band div")
        assert len({box["top"] for box in wide}) == 1, locale
        (narrow,) = show(html, 360).evaluate(_LINES, ".quiet-on-band div")
        lengths = [box["right"] - box["left"] for box in narrow]
        assert min(lengths) > max(lengths) / 2, locale


def test_on_a_telephone_a_label_begins_above_the_beginning_of_its_explanation(
    show: Callable[..., Page], messages: tuple[Shown, ...]
) -> None:
    for locale, side in (("en", "left"), ("fr", "left"), ("es", "left"), ("ar", "right")):
        html = next(
            one for one in in_language(messages, locale).values() if 'class="tlp-label"' in one
        )
        page = show(html, 360)
        (label, *_), words = page.evaluate(_LINES, ".tlp-label div, .tlp-words div")
        assert label["top"] < words[0]["top"], locale
        assert abs(label[side] - words[0][side]) <= 2, locale
