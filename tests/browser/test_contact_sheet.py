"""The contact sheet: all messages of an edition, for whoever approves it, as a picture and on paper."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import unpack
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.browser.preview import COMMAND, NEWS, NOTICE, Desk, lay_down

from tigc_mail.errors import Fault, OutputError
from tigc_mail.interfaces.preview.camera import WIDTH, Camera
from tigc_mail.interfaces.preview.sheet import Sheet, photograph, write_sheets
from tigc_mail.interfaces.preview.studio import Answer, Studio, Wanted
from tigc_mail.render.lint.finding import Variant

LANGUAGES = ["English", "Arabic", "French", "Spanish"]

PAPER = 1047
"""Pixels of A4, landscape between its margins."""

# Articles whose tops are at one height stand in one row.
_ROWS = """() => {
  const rows = new Map();
  for (const shot of document.querySelectorAll("article")) {
    const box = shot.getBoundingClientRect();
    const top = Math.round(box.top);
    const strips = [...shot.querySelectorAll("img")];
    rows.set(top, [...rows.get(top) ?? [], {
      title: shot.querySelector("h2").textContent,
      box: { left: box.left, right: box.right },
      strip: Math.min(...strips.map((strip) => strip.width)),
      fits: shot.scrollWidth <= shot.clientWidth,
    }]);
  }
  return [...rows.values()];
}"""


class Noting(Camera):
    """A camera that notes which pages it took."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        self.taken: dict[str, str] = {}

    def png(self, html: str) -> bytes:
        self.taken["picture"] = html
        return super().png(html)

    def pdf(self, html: str, top: str, bottom: str) -> bytes:
        self.taken |= {"paper": html, "top": top, "bottom": bottom}
        return super().pdf(html, top, bottom)


@pytest.fixture(scope="module")
def camera(browser: Browser) -> Noting:
    return Noting(browser)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(lay_down(tmp_path_factory.mktemp("photographed") / "writing"))


@pytest.fixture(scope="module")
def sheet(studio: Studio, camera: Noting) -> Sheet:
    """That of the newsletter, whose files the camera has noted."""
    sheet = photograph(studio, NEWS, camera)
    files = sheet.files(camera)
    assert files[".png"].startswith(b"\x89PNG")
    assert files[".pdf"].startswith(b"%PDF")
    return sheet


@pytest.fixture
def seen(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a page that was photographed."""
    context = browser.new_context(offline=True)

    def open_(html: str) -> Page:
        page = context.new_page()
        page.set_content(html)
        return page

    yield open_
    context.close()


def test_every_message_is_on_the_sheet_with_all_that_an_approver_asks(
    sheet: Sheet, studio: Studio, camera: Noting, seen: Callable[[str], Page]
) -> None:
    shots = seen(camera.taken["picture"]).get_by_role("article")
    expect(shots).to_have_count(8)
    officers = shots.filter(has_text="Law enforcement, Arabic").filter(has_text="without cond")
    proof = studio.proof(Wanted(NEWS, Variant("law-enforcement", "ar", ()))).last
    assert proof
    for told in (
        proof.compiled.digest,
        proof.message.subject,
        "34 KB",
        "1 note",
        "ceiling TLP:AMBER",
    ):
        expect(officers).to_contain_text(told)
    expect(officers.locator(".tlp")).to_have_text("TLP:AMBER")
    expect(officers.locator(".subject")).to_have_css("direction", "rtl")
    digests = shots.locator(".digest").all_inner_texts()
    assert len(set(digests)) == 8
    assert sheet.complete


def test_the_sheet_says_what_it_is_of_and_when_it_was_made(
    sheet: Sheet, camera: Noting, seen: Callable[[str], Page]
) -> None:
    head = seen(camera.taken["paper"]).locator(".head")
    expect(head).to_contain_text("What a parcel tells about those who sent it")
    for told in (NEWS, "8 messages", f"{sheet.moment:%d %B %Y, %H:%M} UTC", "fit to be sent"):
        expect(head).to_contain_text(told)


def test_every_page_has_the_label_of_what_may_travel_least(
    sheet: Sheet, camera: Noting, seen: Callable[[str], Page]
) -> None:
    assert sheet.marking == "TLP:AMBER"
    for edge in ("top", "bottom"):
        assert ">TLP:AMBER</span>" in camera.taken[edge]
    picture = seen(camera.taken["picture"])
    expect(picture.locator(".head .tlp, .edge .tlp")).to_have_text(["TLP:AMBER", "TLP:AMBER"])


def test_every_picture_is_there(sheet: Sheet, camera: Noting, seen: Callable[[str], Page]) -> None:
    page = seen(camera.taken["paper"])
    widths = page.evaluate("[...document.images].map((image) => image.naturalWidth)")
    assert len(widths) >= 8
    assert all(width > 0 for width in widths)


def test_a_message_that_cannot_be_rendered_is_told_and_the_others_are_shown(
    studio: Studio, camera: Noting, seen: Callable[[str], Page], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(studio.folder, tmp_path / "writing"))
    file = folder / "editions" / NOTICE / "edition.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("**postponed**", "{{ 1 / 0 }}"), "utf-8")
    ((sheet, files),) = write_sheets(Studio(folder), [NOTICE], tmp_path / "sheets", camera)
    assert not sheet.complete
    assert [path.name for path in files] == [f"{NOTICE}.png", f"{NOTICE}.pdf"]
    shots = seen(camera.taken["picture"]).get_by_role("article")
    expect(seen(camera.taken["paper"]).locator(".head")).to_contain_text("not fit to be sent")
    expect(shots.nth(0)).to_contain_text("cannot be rendered")
    expect(shots.nth(0)).to_contain_text(f"editions/{NOTICE}/edition.yaml")
    expect(shots.nth(1).locator("img").first).to_be_visible()


def test_what_could_not_be_checked_is_not_called_fit(
    studio: Studio, camera: Noting, seen: Callable[[str], Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault("database_url", "is not a database URL")
    monkeypatch.setattr(Studio, "check", lambda *_: Answer(None, (fault,)))
    photograph(studio, NOTICE, camera).files(camera, (".png",))
    page = seen(camera.taken["picture"])
    expect(page.locator(".head")).to_contain_text("could not be checked")
    expect(page.get_by_text("fit to be sent")).to_have_count(0)
    expect(page.get_by_text("nothing found")).to_have_count(0)


def test_a_long_message_is_cut_into_strips_of_one_height_and_nothing_of_it_is_lost(
    browser: Browser,
) -> None:
    page = "<body style='margin:0'><div style='height:4500px'>"
    height, strips = Camera(browser).strips(page, lambda height: height // 1500)
    assert height == 4500
    sizes = [jpeg_size(strip) for strip in strips]
    assert len(strips) == 3
    assert {width for width, _ in sizes} == {WIDTH * 3 // 4}
    assert sum(tall for _, tall in sizes) == pytest.approx(height * 0.75, abs=3)
    assert max(tall for _, tall in sizes) - min(tall for _, tall in sizes) <= 2


@pytest.fixture(params=(2, 3, 4), ids="{}-languages".format)
def polyglot(request: pytest.FixtureRequest, tmp_path: Path) -> Studio:
    """The newsletter in so many languages, for two audiences, with and without a block."""
    folder = lay_down(tmp_path / "writing")
    file = folder / "editions" / NEWS / "edition.yaml"
    codes = ", ".join(("en", "ar", "fr", "es")[: request.param])
    text = file.read_text("utf-8").replace("languages: [en, ar]", f"languages: [{codes}]")
    file.write_text(text, "utf-8")
    return Studio(folder)


def test_each_row_is_one_audience_in_all_its_languages_as_large_as_there_is_room(
    polyglot: Studio, camera: Noting, seen: Callable[[str], Page]
) -> None:
    sheet = photograph(polyglot, NEWS, camera)
    pdf = sheet.files(camera)[".pdf"]
    number = len(sheet.edition.languages)
    for medium, width in (("picture", 1600), ("paper", PAPER)):
        page = seen(camera.taken[medium])
        page.set_viewport_size({"width": width, "height": 900})
        rows = page.evaluate(_ROWS)
        titles = [[one["title"] for one in row] for row in rows]
        assert titles == [
            [f"{audience}, {language}" for language in LANGUAGES[:number]]
            for audience in ("General public", "Law enforcement")
            for _ in ("with the block", "without")
        ]
        boxes = [one["box"] for row in rows for one in row]
        assert all(0 <= box["left"] < box["right"] <= width for box in boxes)
        assert all(one["fits"] for row in rows for one in row)
        assert min(one["strip"] for row in rows for one in row) >= 95, "about an inch"
    assert count_pages(pdf) <= len(rows), "no row is broken, nor does the head stand alone"


def count_pages(pdf: bytes) -> int:
    """Return how many sheets of paper it takes."""
    return len(re.findall(rb"/MediaBox ", pdf))


def test_what_is_too_much_for_one_picture_is_refused(browser: Browser) -> None:
    with pytest.raises(OutputError, match="Make a PDF"):
        Camera(browser).png("<div style='height:20000px'>")


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Return width and height, from the start of frame (ITU-T T.81, B.2.2)."""
    at = content.index(b"\xff\xc0")
    height, width = unpack(">HH", content[at + 5 : at + 9])
    return width, height


def test_the_command_writes_the_files_and_lists_them(studio: Studio, tmp_path: Path) -> None:
    words = ["preview", "--contact-sheet", str(tmp_path / "sheets"), "--edition", NOTICE, "--json"]
    command = [sys.executable, "-c", COMMAND, "-w", str(studio.folder), *words]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (sheet,) = told["sheets"]
    assert (sheet["edition"], sheet["marking"], sheet["messages"]) == (NOTICE, "TLP:CLEAR", 2)
    png, pdf = (Path(name).read_bytes() for name in sheet["files"])
    assert (png[:4], pdf[:4]) == (b"\x89PNG", b"%PDF")
    sizes = re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)[.\d]*\]", pdf)
    assert set(sizes) == {(b"842", b"595")}, "A4, landscape, in points"


def test_the_page_makes_it_with_one_click(desk: Desk) -> None:
    page = desk.open()
    edition = page.get_by_role("region", name="The conference in San")
    desk.note_progress()
    edition.get_by_role("button", name="Contact sheet").click()
    with page.expect_download() as download:
        edition.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == f"{NOTICE}.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    expect(edition.get_by_role("link", name="PNG")).to_be_visible()
    told = "Taking pictures: 1 of 2 messages", "Taking pictures: 2 of 2 messages"
    assert any(each in desk.progress() for each in told)  # one may come with the other


def sheet_of(page: Page, edition: str) -> Locator:
    """Have the sheet of an edition made, and return where its files stand."""
    place = page.get_by_role("region", name=edition).locator(".contact-sheet")
    place.get_by_role("button").click()
    expect(place.get_by_role("link", name="PDF")).to_be_visible()
    return place


def test_the_page_offers_no_file_that_is_gone_and_says_which_is_of_before(desk: Desk) -> None:
    """The server keeps the sheet that was made last; this one is told by a stand-in."""
    page = desk.open()

    def tell(route: Route) -> None:
        name = f"{route.request.post_data_json['edition']}.pdf"
        told = {"marking": "TLP:CLEAR", "files": [{"name": name, "size": 9}], "faults": []}
        route.fulfill(json=told)

    page.route(re.compile("/api/contact-sheet"), tell)
    notice = sheet_of(page, "The conference in San")
    news = sheet_of(page, "What a parcel tells")
    expect(notice.get_by_role("link")).to_have_count(0)
    desk.change("postponed", "put off", desk.folder / "editions" / NOTICE / "edition.yaml")
    expect(page.get_by_role("region", name="The conference in San")).to_contain_text("put off")
    expect(news).not_to_contain_text("from before the last save")
    desk.change("Three parcels came", "Four parcels came")
    expect(news).to_contain_text("from before the last save")
    expect(sheet_of(page, "What a parcel tells")).not_to_contain_text("from before")


def test_a_file_that_another_page_had_replaced_says_so(desk: Desk) -> None:
    page = desk.open()
    notice = page.get_by_role("region", name="The conference in San").locator(".contact-sheet")
    notice.get_by_role("button").click()
    expect(notice.get_by_role("link", name="PNG")).to_be_focused()
    assert asked(f"{desk.address}api/contact-sheet", f'{{"edition": "{NOTICE}"}}')[0] == 200
    notice.get_by_role("link", name="PDF").click()
    expect(notice).to_contain_text("Another contact sheet was made since: make this one again.")
    expect(notice.get_by_role("link")).to_have_count(0)
    expect(notice.get_by_role("button")).to_be_focused()


def asked(address: str, body: str | None = None) -> tuple[int, Any]:
    """Ask the preview for something, and return its status and its JSON."""
    headers = {"Content-Type": "application/json"}
    request = Request(address, body and body.encode(), headers)  # noqa: S310  # our own server
    try:
        with urlopen(request) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, None


def test_what_the_page_never_asks_gets_no_sheet(previewed: tuple[Path, str]) -> None:
    _, address = previewed
    assert asked(f"{address}contact-sheet/other.pdf") == (404, None)
    for body in ("{}", "no JSON", "[]", "null"):
        assert asked(f"{address}api/contact-sheet", body) == (400, None)
    assert asked(f"{address}api/contact-sheet") == (405, None)
    status, told = asked(f"{address}api/contact-sheet", '{"edition": "nothing"}')
    assert (status, list(told)) == (200, ["faults"])
    assert "there is no edition 'nothing'" in told["faults"][0]["cause"]
