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
