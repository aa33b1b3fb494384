"""Two messages side by side, by what somebody at the page sees."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.axe import SCRIPT, faults_of_colour, faults_of_structure
from tests.browser.preview import NEWS, Desk, desk_at, lay_down, served
from tests.interfaces.preview.revised import git

PUBLIC = {"edition": NEWS, "audience": "public", "locale": "en"}
OFFICERS = {"other_audience": "law-enforcement", "other_locale": "en"}
ARABIC = {"other_audience": "public", "other_locale": "ar"}

# Frames are looked at from the page around them: in them no script runs.
_FRAMES = """() => [...document.querySelectorAll("iframe.message.ready")].map((frame) => ({
  scrolled: frame.contentWindow.scrollY,
  text: frame.contentDocument.body.textContent,
  marks: Object.fromEntries([...frame.contentDocument.querySelectorAll("[data-block]")].map((each) =>
    [each.dataset.block, frame.contentWindow.getComputedStyle(each).outlineStyle])),
  story: frame.contentDocument.querySelector("[data-block=story]").getBoundingClientRect().top,
}))"""
_SCROLL = """([at, to]) =>
  document.querySelectorAll("iframe.message.ready")[at].contentWindow.scrollTo(0, to)"""


@pytest.fixture(scope="module")
def kept_in_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a small workspace in git, and the address of its preview."""
    folder = lay_down(tmp_path_factory.mktemp("versioned") / "writing")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Three parcels")
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def desk(kept_in_git: tuple[Path, str], browser: Browser) -> Iterator[Desk]:
    with desk_at(*kept_in_git, browser) as desk:
        yield desk


def compare(desk: Desk, **asked: str) -> Page:
    """Open two messages, and wait until both are painted."""
    page = desk.open("differences", **asked)
    painted(page)
    return page


def painted(page: Page) -> list[dict[str, Any]]:
    """Return what both frames show, once they show it."""
    expect(page.locator("iframe.message.ready")).to_have_count(2)
    expect(page.locator(".rows article").first).to_be_visible()
    found: list[dict[str, Any]] = page.evaluate(_FRAMES)
    return found


def row(page: Page, name: str) -> Locator:
    return page.locator(f"[data-row={name}]")


def side(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"{name} message")


def test_what_differs_between_audiences_is_told_and_marked_in_the_pages(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, **OFFICERS)
    expect(row(page, "story").locator(".status")).to_have_text(["same"])
    expect(row(page, "opening").locator(".status")).to_have_text(["changed"])
    expect(row(page, "for-officers").locator(".status")).to_have_text(["only right"])
    expect(row(page, "for-officers")).to_contain_text("left: above its ceiling")
    left, right = painted(page)
    assert (left["marks"]["opening"], left["marks"]["story"]) == ("solid", "none")
    assert right["marks"]["for-officers"] == "solid"
    assert "The driver talked." in right["text"]
    assert "The driver talked." not in left["text"]


def test_words_that_differ_are_marked_as_taken_out_and_put_in(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, **OFFICERS)
    row(page, "opening").get_by_role("button").click()
    expect(row(page, "opening").get_by_role("deletion")).to_contain_text("Hello")
    expect(row(page, "opening").get_by_role("insertion")).to_contain_text("Dear")
    subject = page.locator("article", has=page.get_by_role("heading", name="Subject"))
    expect(subject.get_by_role("insertion")).to_contain_text("TLP:AMBER")


def test_what_is_above_both_ceilings_is_named_and_not_told(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, **ARABIC)
    expect(row(page, "for-officers")).to_contain_text("left: above its ceiling; right: above its")
    row(page, "for-officers").get_by_role("button").click()
    expect(row(page, "for-officers").locator(".words")).to_have_count(0)
    for word in ("The driver talked", "تكلم السائق", "What officers know"):
        assert word not in page.content()
        assert all(word not in frame["text"] for frame in painted(page))


def test_two_languages_stand_side_by_side_each_in_its_direction(desk: Desk) -> None:
    """Other words are as they should be; the same ones were not translated."""
    desk.change("ar: أخبرونا}", "ar: Tell us}")
    desk.change("ar: من يتلقى طردًا كهذا فليخبرنا.", "ar: Whoever gets such a parcel may tell us.")
    desk.change("ar: الإبلاغ عن طرد", "ar: Report a parcel")
    page = compare(desk, **PUBLIC, **ARABIC)
    expect(row(page, "story").locator(".status")).to_have_text(["in both"])
    expect(row(page, "report").locator(".status")).to_have_text(["same words"])
    marks = painted(page)[0]["marks"]
    assert (marks["story"], marks["report"]) == ("none", "solid")
    row(page, "story").get_by_role("button").click()
    english, arabic = row(page, "story").locator(".words").all()
    expect(english).to_contain_text("The way of a parcel")
    expect(english).to_have_css("direction", "ltr")
    expect(arabic).to_contain_text("مسار طرد")
    expect(arabic).to_have_css("direction", "rtl")


def test_a_revision_is_compared_with_what_is_saved_while_one_writes(desk: Desk) -> None:
    desk.change("The way of a parcel", "The road of a parcel")
    page = compare(desk, **PUBLIC, other_audience="public", other_locale="en")
    side(page, "Left").get_by_label("Revision").select_option(label=_committed(desk))
    expect(row(page, "story").locator(".status")).to_have_text(["changed"])
    row(page, "story").get_by_role("button").click()
    expect(row(page, "story").get_by_role("deletion")).to_have_text("way ")
    expect(row(page, "story").get_by_role("insertion")).to_have_text("road ")
    desk.change("The road of a parcel", "The street of a parcel")
    expect(row(page, "story").get_by_role("insertion")).to_have_text("street ")
    expect(row(page, "story").get_by_role("button")).to_have_attribute("aria-expanded", "true")
    assert f"revision={git(desk.folder, 'rev-parse', 'HEAD')}" in page.url


def test_a_message_is_shown_as_of_a_revision(desk: Desk) -> None:
    revision = git(desk.folder, "rev-parse", "HEAD")
    desk.change("The way of a parcel", "The road of a parcel")
    desk.open_message(revision=revision)
    expect(desk.message.get_by_text("The way of a parcel")).to_be_visible()
    expect(desk.page.get_by_text(f"as of {revision[:7]}")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Send a test")).to_have_count(0)
    desk.page.get_by_label("Language").select_option("ar")
    expect(desk.message.get_by_text("مسار طرد")).to_be_visible()
    assert f"revision={revision}" in desk.page.url


def _committed(desk: Desk) -> str:
    """Return how the one commit that there is stands in the list."""
    return git(desk.folder, "log", "-1", "--format=%cs %h", "--abbrev=7") + " Three parcels"


def test_both_pages_scroll_together_by_their_blocks_until_they_are_untied(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, **OFFICERS)
    page.evaluate(_SCROLL, [0, 500])
    page.wait_for_function(f"() => ({_FRAMES})()[1].scrolled > 500")
    left, right = painted(page)
    assert left["scrolled"] == 500
    assert abs(left["story"] - right["story"]) < 2  # below a block that one of them lacks
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Tied")).to_have_attribute("aria-pressed", "false")
    page.evaluate(_SCROLL, [0, 0])
    page.wait_for_function(f"() => ({_FRAMES})()[0].scrolled === 0")
    assert painted(page)[1]["scrolled"] == right["scrolled"]


def test_a_keyboard_is_enough(desk: Desk) -> None:
    """From a message to its differences, through them, with the sides changed, and back."""
    desk.open_message()
    expect(desk.message.get_by_text("Hello Alex")).to_be_visible()
    page = desk.page
    page.keyboard.press("v")
    painted(page)
    expect(side(page, "Right").get_by_label("Audience")).to_have_value("law-enforcement")
    expect(row(page, "for-officers")).to_be_visible()
    for expected in ("opening", "for-officers"):
        page.keyboard.press("j")
        expect(row(page, expected).get_by_role("button")).to_be_focused()
        expect(row(page, expected).get_by_role("button")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("k")
    expect(row(page, "opening").get_by_role("button")).to_be_focused()
    page.keyboard.press("x")
    expect(side(page, "Left").get_by_label("Audience")).to_have_value("law-enforcement")
    expect(row(page, "for-officers").locator(".status")).to_have_text(["only left"])
    page.keyboard.press("Escape")
    expect(desk.message.get_by_text("The driver talked.")).to_be_visible()


def test_the_keys_go_through_all_that_is_other_in_two_languages(desk: Desk) -> None:
    """Also where each block is as it should be: in both."""
    page = compare(desk, **PUBLIC, **ARABIC)
    expect(row(page, "opening").locator(".status")).to_have_text(["in both"])
    for expected in ("opening", "picture", "story", "report", "opening"):
        page.keyboard.press("j")
        expect(row(page, expected).get_by_role("button")).to_be_focused()
        expect(row(page, expected).locator(".words")).to_have_count(2)
    page.keyboard.press("k")
    expect(row(page, "report").get_by_role("button")).to_be_focused()
    expect(page.get_by_text("No block differs")).to_have_count(0)
    expect(page.get_by_text("true", exact=True)).to_have_count(0)
    expect(page.locator(".rows")).not_to_contain_text("true")


def test_where_no_block_differs_the_page_says_so(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, other_audience="public", other_locale="en")
    expect(page.get_by_text("No block differs")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[aria-expanded=true]")).to_have_count(0)


def test_the_editions_lead_to_the_differences_of_one(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("link", name="Compare messages of What a parcel").click()
    painted(page)
    expect(page.get_by_label("Edition")).to_have_value(NEWS)
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.locator("a.cell[href*='edition=news'][href*='locale=ar']").first.focus()
    page.keyboard.press("v")
    painted(page)
    expect(side(page, "Left").get_by_label("Language")).to_have_value("ar")


def test_a_mistake_is_told_beside_its_message_and_both_stay(desk: Desk) -> None:
    page = compare(desk, **PUBLIC, **OFFICERS)
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(side(page, "Left").locator(".fault code")).to_contain_text("blocks[0].marking (line")
    expect(side(page, "Right").locator(".fault code")).to_contain_text("blocks[0].marking (line")
    assert all("Three parcels came from" in frame["text"] for frame in painted(page))


def test_axe_finds_nothing_serious_in_differences(desk: Desk) -> None:
    desk.page.emulate_media(color_scheme="light")
    page = compare(desk, **PUBLIC, **OFFICERS)
    row(page, "opening").get_by_role("button").click()
    page.evaluate(SCRIPT)
    assert faults_of_structure(page) + faults_of_colour(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults_of_colour(page) == []


def test_of_an_edition_that_is_not_there_the_page_says_so_and_leads_on(desk: Desk) -> None:
    page = desk.open("differences", edition="gone")
    expect(page.get_by_text("There is no edition gone.")).to_be_visible()
    page.get_by_role("link", name="Compare messages of another edition").click()
    expect(page.locator("iframe.message.ready")).to_have_count(2)
    expect(page.get_by_label("Edition")).to_be_visible()


def test_of_an_edition_that_never_was_right_the_page_says_what_is_wrong(desk: Desk) -> None:
    draft = desk.folder / "editions" / "draft" / "edition.yaml"
    draft.parent.mkdir()
    draft.write_text("kind: newsletter\nlanguage: xx\n", "utf-8")
    try:
        page = desk.open("differences", edition="draft")
        expect(page.get_by_role("alert").locator(".place").first).to_contain_text(
            "editions/draft/edition.yaml"
        )
        expect(page.get_by_text("Nothing can be compared before that is mended.")).to_be_visible()
        draft.write_text(desk.edition.read_text("utf-8"), "utf-8")
        painted(page)
        expect(page.get_by_role("alert")).to_be_empty()
    finally:
        draft.unlink()
        draft.parent.rmdir()
