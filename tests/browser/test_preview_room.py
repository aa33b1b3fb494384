"""There is room for everything on the page, however narrow it is."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.preview import NEWS, Desk

SIDES = {"audience": "public", "other_audience": "public", "locale": "en", "other_locale": "ar"}

# What has words of its own or can be pressed, as far as what scrolls shows of it.
_OVERLAPS = """() => {
  const shown = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const box = { left, top, right, bottom };
    for (let each = element.parentElement; each && each !== document.body; each = each.parentElement) {
      if (getComputedStyle(each).overflow === "visible") continue;
      const edge = each.getBoundingClientRect();
      box.left = Math.max(box.left, edge.left); box.right = Math.min(box.right, edge.right);
      box.top = Math.max(box.top, edge.top); box.bottom = Math.min(box.bottom, edge.bottom);
    }
    return box;
  };
  const said = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const found = [...document.body.querySelectorAll("*")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".hidden, .skip, .thumb, dialog"))
    .filter((element) => said(element) || element.matches("button, select, input, a[href], .stage"))
    .map((element) => ({ element, box: shown(element), name: `${element.tagName} ${element.textContent.trim().slice(0, 40)}` }));
  const over = [];
  for (const [at, one] of found.entries()) for (const other of found.slice(at + 1)) {
    if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
    const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
    const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
    if (width > 1 && height > 1) over.push(`${one.name} / ${other.name}`);
  }
  return over;
}"""
# Between what stands above a table of messages and the table.
_ROOM = """() => [...document.querySelectorAll(".editions section")].map((section) => {
  const head = Math.min(...[...section.querySelectorAll("thead th")].map((cell) => cell.getBoundingClientRect().top));
  const above = [...section.querySelectorAll(".contact-sheet button, .what")].map((each) => each.getBoundingClientRect().bottom);
  return head - Math.max(...above);
})"""
_BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [375, 400, 768, 1280])
def test_nothing_overlaps_nor_reaches_beyond_the_edge(desk: Desk, width: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": 900})
    desk.open()
    expect(page.locator("a.cell .facts .tlp").first).to_be_visible()
    assert faults(page) == []
    assert min(page.evaluate(_ROOM)) >= 6
    desk.open_message(audience="law-enforcement", locale="ar")
    expect(desk.panel("Findings").get_by_role("article").first).to_be_visible()
    assert faults(page) == []
    desk.open("differences", edition=NEWS, **SIDES)
    expect(page.locator("[data-row]").first).to_be_visible()
    assert faults(page) == []
    for view in ("inbox", "campaigns"):
        desk.open(view)
        assert faults(page) == []


def faults(page: Page) -> list[Any]:
    """Return what stands over something else, or beyond the edge."""
    page.evaluate("scrollTo(0, 0)")  # the bar stays above what is scrolled
    over: list[Any] = page.evaluate(_OVERLAPS)
    beyond = page.evaluate(_BEYOND)
    return over + ([f"{beyond} pixels beyond the edge"] if beyond > 0 else [])
