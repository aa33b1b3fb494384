"""The page that the demo writes, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tigc_mail.interfaces.cli.demo import demo

AUDIENCES, LANGUAGES, EDITIONS = 4, 4, 2


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """The gallery of a demo."""
    folder = tmp_path_factory.mktemp("gallery") / "demo"
    demo(Path(folder), as_json=True)
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("width", [320, 360, 700, 1000, 1280])
def test_the_gallery_never_scrolls_sideways(gallery: Page, width: int) -> None:
    gallery.set_viewport_size({"width": width, "height": 900})
    assert gallery.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_wider_than_a_telephone_scrolls_in_itself_and_with_the_keyboard(
    gallery: Page,
) -> None:
    gallery.set_viewport_size({"width": 240, "height": 900})
    accounts = gallery.get_by_role("region").all()
    assert len(accounts) == EDITIONS
    for account in accounts:
        assert account.evaluate("found => found.scrollWidth > found.clientWidth")
        account.focus()
        account.press("ArrowRight")
        gallery.wait_for_function("found => found.scrollLeft > 0", arg=account.element_handle())


@pytest.mark.parametrize("width", [700, 1000, 1280])
def test_every_audience_of_the_gallery_begins_a_row_of_its_own(gallery: Page, width: int) -> None:
    gallery.set_viewport_size({"width": width, "height": 900})
    cards = gallery.locator("article").evaluate_all(
        """found => found.map((card) => ({
          top: Math.round(card.getBoundingClientRect().top),
          audience: card.querySelector("h3").textContent.split(",")[0]}))"""
    )
    assert len(cards) == AUDIENCES * LANGUAGES * EDITIONS
    rows: dict[int, set[str]] = {}
    for card in cards:
        rows.setdefault(card["top"], set()).add(card["audience"])
    assert all(len(audiences) == 1 for audiences in rows.values())


def test_the_gallery_says_that_a_sample_reader_is_shown_all_conditional_blocks(
    gallery: Page,
) -> None:
    assert "is shown all conditional blocks" in " ".join(gallery.locator("p").all_inner_texts())
