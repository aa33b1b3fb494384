"""What stands beside a message, one panel at a time, by what a person sees and presses."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.preview import Desk


@pytest.mark.parametrize(
    ("tag", "words", "field"),
    [
        ("mj-title", "TLP:AMBER What a parcel tells about", "subject"),
        ("h1", "What a parcel tells about", "subject"),
        ("mj-preview", "Three parcels, three routes", "preheader"),
    ],
)
def test_the_source_leads_to_the_authors_line_of_subject_and_preheader(
    desk: Desk, tag: str, words: str, field: str
) -> None:
    desk.open_message(audience="law-enforcement")
    line = desk.panel("Source").get_by_role("row").filter(has_text=f"<{tag}>{words}")
    line.get_by_role("button").click()
    file = desk.page.get_by_role("dialog")
    expect(file.get_by_role("heading")).to_have_text(re.compile(r"news/edition\.yaml:\d+:\d+$"))
    expect(file.locator("tr.here")).to_contain_text(words.removeprefix("TLP:AMBER "))
    number = file.locator("tr.here th").inner_text()
    text = desk.edition.read_text("utf-8").split("\n")
    assert text[int(number) - 2].startswith(f"{field}:")


# How far the ring around what has the focus reaches beyond what is shown of it.
_CUT = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const [width, offset] = [style.outlineWidth, style.outlineOffset].map(parseFloat);
  const box = focused.getBoundingClientRect();
  let cut = style.outlineStyle === "none" ? Infinity : 0;
  for (let each = focused.parentElement; each; each = each.parentElement) {
    if (each !== document.documentElement && getComputedStyle(each).overflow === "visible") continue;
    const edge = each === document.documentElement ? { left: 0, right: innerWidth } : each.getBoundingClientRect();
    cut = Math.max(cut, edge.left - box.left + width + offset, box.right + width + offset - edge.right);
    if (edge.top !== undefined) cut = Math.max(cut, edge.top - box.top + width + offset, box.bottom + width + offset - edge.bottom);
  }
  return cut;
}"""


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_the_ring_around_a_tab_that_has_the_focus_is_whole(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 900})
    desk.open_message()
    desk.panel("Inbox")
    tabs = desk.page.get_by_role("tab")
    for at in range(1, tabs.count() + 1):
        desk.page.keyboard.press("ArrowRight")
        expect(tabs.nth(at % tabs.count())).to_be_focused()
        assert desk.page.evaluate(_CUT) <= 0


HERE = "the link text `here` does not say where it leads"


def add_links(desk: Desk, number: int) -> None:
    """Add blocks, each with a link that says nothing."""
    blocks = (
        f"""  - id: here-{at}
    type: text
    marking: TLP:CLEAR
    title: {{en: Place {at}, ar: مكان {at}}}
    body: {{en: "More is [here](https://example.org/{at}).", ar: "المزيد عن [المكان {at}](https://example.org/{at})."}}
"""
        for at in range(number)
    )
    desk.write(desk.edition.read_text("utf-8") + "".join(blocks))


def test_what_is_found_at_many_places_is_told_once_and_leads_to_each(desk: Desk) -> None:
    """The keyboard unfolds the places, and goes to them."""
    add_links(desk, 120)
    desk.open_message()
    findings = desk.panel("Findings").get_by_role("article")
    finding = findings.filter(has_text=HERE)
    expect(finding).to_have_count(1)
    expect(finding.get_by_role("heading")).to_contain_text("\u00d7 120")
    assert findings.count() < 8
    place = finding.get_by_role("button")
    expect(place).to_have_count(0)
    summary = finding.locator("summary")
    expect(summary).to_have_text("120 places")
    summary.focus()
    desk.page.keyboard.press("Enter")
    expect(place).to_have_count(120)
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Tab")
    expect(place.nth(1)).to_be_focused()
    desk.page.keyboard.press("Enter")
    file = desk.page.get_by_role("dialog")
    expect(file.locator("tr.here")).to_contain_text("More is [here](https://example.org/1)")
    desk.page.keyboard.press("Escape")
    summary.press("Enter")
    expect(place).to_have_count(0)


def test_places_that_were_unfolded_stay_so_while_one_mends_them(desk: Desk) -> None:
    add_links(desk, 3)
    desk.open_message()
    finding = desk.panel("Findings").get_by_role("article").filter(has_text=HERE)
    finding.locator("summary").press("Enter")
    expect(finding.get_by_role("button")).to_have_count(3)
    desk.change("[here](https://example.org/1)", "[the second one](https://example.org/1)")
    expect(finding.get_by_role("button")).to_have_count(2)
    expect(finding.locator("summary")).to_be_focused()


def test_what_is_found_once_is_told_with_its_place_as_it_stands(desk: Desk) -> None:
    add_links(desk, 1)
    desk.open_message()
    finding = desk.panel("Findings").get_by_role("article").filter(has_text=HERE)
    expect(finding.get_by_role("button")).to_be_visible()
    expect(finding.locator("summary")).to_have_count(0)
