"""How every block looks: names among Arabic words, numbers, partners, paper."""

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.messages import Shown

WIDTHS = (375, 700)

_LETTERS = """(words) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (let at = node.data.indexOf(words); at >= 0; at = node.data.indexOf(words, at + 1)) {
      const boxes = [...words].map((_, each) => {
        const range = document.createRange();
        range.setStart(node, at + each);
        range.setEnd(node, at + each + 1);
        return range.getClientRects()[0];
      });
      if (boxes.every(Boolean)) found.push(boxes.map((box) => [Math.round(box.top), box.left]));
    }
  }
  return found;
}"""
_LINES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
  const around = element.closest("td");
  return {text: element.textContent, lines: tops.size, room: around.clientWidth - around.scrollWidth};
})"""
_CORNERS = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const box = element.getBoundingClientRect();
  return [Math.round(box.top), Math.round(box.left)];
})"""
_BEHIND = """(selector) => [...document.querySelectorAll(selector)].map(
  (link) => [link.getAttribute("href"), getComputedStyle(link, "::after").content]
)"""


def html_in(messages: tuple[Shown, ...], locale: str) -> str:
    (html,) = [one.html for one in messages if one.variant.locale == locale]
    return html


def show(page: Page, html: str, width: int = 700) -> Page:
    page.emulate_media(color_scheme="light", media="screen")
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(html, wait_until="load")  # images, too: their words move what follows
    return page


def from_left_to_right(letters: list[list[float]]) -> str | bool:
    """Whether letters stand on one line, each behind the one before it."""
    tops, lefts = zip(*letters, strict=True)
    return len(set(tops)) == 1 and list(lefts) == sorted(lefts)


NAMES = [
    "Ana Mora Jr.",
    "Acme, Inc.",
    "1st Brands Ltd.",
    "Zeta S.A.",
    "Hotel X (Wing B)",
    "@IIPCIC (C++)",
    "#IPCrimeConference",
    "@INTERPOL_TIGC",
    "Not translated, yet (at all).",
    "A text that nobody translated. (Yet.)",
]


@pytest.mark.parametrize("name", NAMES)
def test_latin_words_keep_their_order_in_an_arabic_page(
    name: str, page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    found = show(page, html_in(all_blocks, "ar")).evaluate(_LETTERS, name)
    assert found
    assert all(from_left_to_right(letters) for letters in found), found


def test_without_what_sets_them_apart_they_would_not(
    page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    html = html_in(all_blocks, "ar").replace('<span dir="ltr">', "<span>")
    (letters,) = show(page, html).evaluate(_LETTERS, "Ana Mora Jr.")
    assert not from_left_to_right(letters)


def test_the_full_stop_of_an_arabic_sentence_stands_at_its_end(
    page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    shown = show(page, html_in(all_blocks, "ar"))
    handles = shown.evaluate(_LETTERS, "@IIPCIC (C++)")
    stops = shown.evaluate(_LETTERS, ". واسألوا")
    assert any(
        stop[0][0] == pytest.approx(handle[0][0], abs=4) and stop[0][1] < handle[0][1]
        for stop in stops
        for handle in handles
    )


def test_a_text_in_another_language_runs_and_stands_as_that_does(
    page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    styles = """() => [...document.querySelectorAll('[lang="en"][dir="ltr"] :is(p, li)')].map(
      (element) => [getComputedStyle(element).direction, getComputedStyle(element).textAlign])"""
    found = show(page, html_in(all_blocks, "ar")).evaluate(styles)
    assert found
    assert {tuple(style) for style in found} == {("ltr", "left")}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", ["en", "fr", "es", "ar"])
def test_a_number_stays_on_one_line_within_its_column(
    locale: str, width: int, page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    numbers = show(page, html_in(all_blocks, locale), width).evaluate(_LINES, ".number span")
    assert len(numbers) == 5
    for number in numbers:
        assert number["lines"] == 1, number
        assert number["room"] >= 0, number


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_partners_are_a_wall_where_there_is_room_and_a_column_on_a_telephone(
    locale: str, page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    html = html_in(all_blocks, locale)
    first, second, third, *_ = show(page, html).evaluate(_CORNERS, ".partners li")
    assert first[0] == second[0] < third[0]
    assert (first[1] < second[1]) is (locale == "en")
    first, second, third, *_ = show(page, html, 375).evaluate(_CORNERS, ".partners li")
    assert first[0] < second[0] < third[0]
    assert first[1] == second[1] == third[1]


def test_paper_shows_where_links_and_buttons_lead_but_not_the_recipients_own(
    page: Page, all_blocks: tuple[Shown, ...]
) -> None:
    shown = show(page, html_in(all_blocks, "en"))
    shown.emulate_media(media="print")
    for selector in (".prose a", ".button a", ".link a", ".quotation a"):
        links: list[Any] = shown.evaluate(_BEHIND, f"{selector}[href^='https']")
        assert links, selector
        assert all(href in content for href, content in links), (selector, links)
    own = shown.evaluate(_BEHIND, ".quiet-link a")
    assert own
    assert {content for _, content in own} == {"none"}
