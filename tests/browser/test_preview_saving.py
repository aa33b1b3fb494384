"""The editions of the preview while files are saved, and where files are wrong or large."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.preview import NEWS, NOTICE, Desk, desk_at, lay_down, served

LARGEST = 5_000_000
"""Octets of a file that may be attached."""

FIT = re.compile("· fit to be sent")

PNG = b"\x89PNG\r\n\x1a\n"

# Notes whether faults of an edition come, or go, from now on; of what is replaced at once it sees nothing.
_NOTE_FAULTS = """section => {
  const told = () => section.querySelectorAll(".fault").length > 0;
  const before = told();
  section.dataset.faults = "as they were";
  new MutationObserver(() => {
    if (told() !== before) section.dataset.faults = before ? "gone" : "come";
  }).observe(section, { subtree: true, childList: true });
}"""


def section(page: Page, edition: str) -> Locator:
    """Return where an edition stands, whatever it is called by now."""
    return page.locator(f"section[aria-labelledby='edition-{edition}']")


def verdict(page: Page, edition: str) -> Locator:
    """Return the line that says whether an edition is fit to be sent."""
    return section(page, edition).locator(".what")


def note_faults(place: Locator) -> None:
    """Have the page note whether faults come or go from now on."""
    place.evaluate(_NOTE_FAULTS)


def test_a_mistake_that_is_saved_while_a_check_runs_stays_told_once_it_is_done(desk: Desk) -> None:
    """It is of the edition that is checked next: of what the check began with, it is not."""
    page = desk.page
    news = section(page, NEWS)
    with desk.held("api/findings"):
        desk.open()
        expect(verdict(page, NOTICE)).to_contain_text("Checking")
        desk.change("kind:", "knid:")
        expect(news.locator(".fault")).to_have_count(2)
        note_faults(news)
    expect(verdict(page, NEWS)).to_contain_text("not fit to be sent")
    expect(news.locator(".fault", has_text="knid")).to_have_count(1)
    assert news.get_attribute("data-faults") == "as they were"


def test_a_mistake_that_is_mended_while_a_check_runs_does_not_come_back(desk: Desk) -> None:
    page = desk.open()
    news = section(page, NEWS)
    expect(verdict(page, NEWS)).to_contain_text(FIT)
    desk.change("kind:", "knid:")
    expect(verdict(page, NEWS)).to_contain_text("not fit to be sent")
    expect(news.locator(".fault")).to_have_count(2)
    template = desk.folder / "templates" / "blocks" / "text.mjml.j2"
    with desk.held("api/findings"):
        desk.write(template.read_text("utf-8") + "\n", template)  # so that all is checked anew
        expect(verdict(page, NOTICE)).to_contain_text("Checking")
        desk.change("knid:", "kind:")
        expect(news.locator(".fault")).to_have_count(0)
        note_faults(news)
    expect(verdict(page, NEWS)).to_contain_text(FIT)
    assert news.get_attribute("data-faults") == "as they were"


def test_files_that_are_saved_in_one_burst_each_keep_their_faults(desk: Desk) -> None:
    page = desk.page
    notice = desk.folder / "editions" / NOTICE / "edition.yaml"
    with desk.held("api/findings"):
        desk.open()
        expect(verdict(page, NOTICE)).to_contain_text("Checking")
        for file in (desk.edition, notice):
            desk.change("kind:", "knid:", file)
        for each in (NEWS, NOTICE):
            expect(section(page, each).locator(".fault")).to_have_count(2)
            note_faults(section(page, each))
    for each in (NEWS, NOTICE):
        expect(verdict(page, each)).to_contain_text("not fit to be sent")
        assert section(page, each).get_attribute("data-faults") == "as they were"


@pytest.fixture
def unread(tmp_path: Path, browser: Browser) -> Iterator[Desk]:
    """A page of a preview that was started where the file of every audience is wrong."""
    folder = lay_down(tmp_path / "writing")
    for file in (folder / "audiences").iterdir():
        file.write_text(file.read_text("utf-8").replace("ceiling:", "cieling:"), "utf-8")
    with served(folder) as address, desk_at(folder, address, browser) as desk:
        yield desk


def test_where_no_audience_is_right_the_editions_stand_there_with_what_else_is_wrong(
    unread: Desk,
) -> None:
    page = unread.open()
    expect(page.get_by_role("alert")).to_contain_text("audiences/public.yaml")
    expect(page.locator("main h2")).to_have_text([NOTICE, NEWS])
    for each in (NEWS, NOTICE):
        expect(section(page, each)).to_contain_text("until the file of an audience is right")
    unread.change("kind:", "knid:")
    expect(section(page, NEWS).locator(".fault", has_text="knid")).to_have_count(1)
    for name in ("public", "law-enforcement"):
        unread.change("cieling:", "ceiling:", unread.folder / "audiences" / f"{name}.yaml")
    expect(section(page, NOTICE).locator("a.cell .facts .tlp")).to_have_count(2)
    expect(section(page, NEWS).locator(".fault", has_text="knid")).to_have_count(1)
    expect(page.get_by_role("alert")).to_be_empty()


def test_where_no_audience_is_right_nothing_can_be_compared_and_all_that_is_wrong_is_told(
    unread: Desk,
) -> None:
    unread.change("kind:", "knid:")
    page = unread.open("differences")
    told = page.get_by_role("alert")
    expect(page.get_by_text("Nothing can be compared before that is mended.")).to_be_visible()
    expect(told).to_contain_text("audiences/public.yaml")
    unread.open("differences", edition=NEWS)
    expect(told).to_contain_text(f"editions/{NEWS}/edition.yaml: kind")
    expect(told).to_contain_text("audiences/public.yaml")
    expect(page.get_by_text("Nothing can be compared before that is mended.")).to_be_visible()


@pytest.fixture
def photo(desk: Desk) -> Iterator[Path]:
    """The largest picture that may be attached, beside the newsletter, which does not name it."""
    file = desk.edition.with_name("photo.png")
    file.write_bytes(PNG.ljust(LARGEST, b"\0"))
    yield file
    desk.restore()
    file.unlink()


def test_a_picture_as_large_as_may_be_attached_is_told_and_one_that_is_larger_is_refused(
    desk: Desk, photo: Path
) -> None:
    page = desk.open()
    attached = "attachments: [{file: photo.png, title: A photo, marking: TLP:CLEAR}]\n"
    desk.write(desk.edition.read_text("utf-8") + attached)
    expect(verdict(page, NEWS)).to_contain_text(FIT)
    expect(section(page, NEWS).locator(".fault")).to_have_count(0)
    desk.open_message().get_by_text("Three parcels came").wait_for()
    expect(desk.panel("Inbox")).to_contain_text("photo.png, 5.0 MB")
    photo.write_bytes(PNG.ljust(LARGEST + 1, b"\0"))
    told = page.get_by_role("alert")
    expect(told).to_contain_text("is empty, or larger than 5 MB")
    expect(told.locator("code")).to_contain_text("edition.yaml: attachments[0].file (line")
    expect(desk.message.get_by_text("Three parcels came")).to_be_visible()
    desk.open()
    expect(section(page, NEWS).locator(".fault")).to_contain_text("larger than 5 MB")
    expect(verdict(page, NEWS)).to_contain_text("not fit to be sent")
