"""The pictures of the preview that docs/ shows: `python -m tests.browser.pictures --out docs/images`."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser
from tests.browser.preview import Desk, desk_at, served

from tigc_mail import Workspace
from tigc_mail.interfaces.chromium import MissingBrowserError, find, launched
from tigc_mail.interfaces.preview.camera import Camera
from tigc_mail.interfaces.preview.sheet import photograph
from tigc_mail.interfaces.preview.studio import Studio

NEWSLETTER, NOTICE = "2026-11-newsletter", "ip-crime-conference-2027-4-postponed"
SIZE = {"width": 1280, "height": 800}


def editions(desk: Desk) -> None:
    """All messages of the newsletter, checked."""
    page = desk.open()
    page.locator(".what", has_text=NEWSLETTER).get_by_text("fit to be sent").wait_for()
    for cell in page.locator("tr:has(a.cell)").first.locator("a.cell").all():
        cell.locator(".tlp").wait_for()
    page.wait_for_load_state("networkidle")


def message(desk: Desk) -> None:
    """One message on a tablet, and how inboxes show it."""
    desk.open_message(NEWSLETTER, "law-enforcement", "fr")
    desk.page.keyboard.press("2")
    desk.message.locator("h1").wait_for()


def dark(desk: Desk) -> None:
    """An Arabic notice in the dark, with its calendar."""
    desk.page.emulate_media(color_scheme="dark")
    desk.open_message(NOTICE, "public", "ar")
    desk.message.locator("h1").wait_for()
    desk.page.keyboard.press("d")
    desk.panel("Calendar").get_by_role("article").wait_for()
    desk.message.locator("h1").wait_for()


def mistake(desk: Desk) -> None:
    """A mistake that was just saved, above the last good message."""
    desk.open_message(NEWSLETTER, "public", "en")
    desk.message.locator("h1").wait_for()
    file = desk.folder / "editions" / NEWSLETTER / "edition.yaml"
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE", file)
    desk.page.get_by_role("alert").locator("code").wait_for()


SHEET = "contact-sheet"
VIEWS: dict[str, Callable[[Desk], None]] = {
    "preview-editions": editions,
    "preview-message": message,
    "preview-dark": dark,
    "preview-mistake": mistake,
}


def main() -> None:
    """Take them, of the shipped workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=[*VIEWS, SHEET], action="append", help="just this one")
    options = parser.parse_args()
    out: Path = options.out
    wanted = options.only or [*VIEWS, SHEET]
    out.mkdir(parents=True, exist_ok=True)
    with _shipped() as (folder, address, browser):
        for name in wanted:
            if name == SHEET:
                _contact_sheet(folder, browser, out / f"{SHEET}.jpg")
                continue
            with desk_at(folder, address, browser) as desk:
                desk.page.set_default_timeout(120_000)
                desk.page.set_viewport_size(SIZE)
                VIEWS[name](desk)
                desk.page.mouse.move(0, 0)
                desk.page.screenshot(path=out / f"{name}.png", animations="disabled")
            print(out / f"{name}.png", flush=True)


def _contact_sheet(folder: Path, browser: Browser, path: Path) -> None:
    """Take a picture of the upper part of a contact sheet."""
    camera = Camera(browser)
    png = photograph(Studio(folder), NEWSLETTER, camera).files(camera, (".png",))[".png"]
    whole = path.with_suffix(".png")
    whole.write_bytes(png)
    page = browser.new_page(viewport=SIZE)
    page.goto(whole.resolve().as_uri())
    page.evaluate(
        "document.images[0].style.cssText = 'position:fixed;top:0;left:0;width:1280px;height:auto;max-height:none;max-width:none'"
    )
    page.screenshot(path=path, type="jpeg", quality=75)
    whole.unlink()
    print(path, flush=True)


@contextmanager
def _shipped() -> Iterator[tuple[Path, str, Browser]]:
    try:
        executable = find()
    except MissingBrowserError as missing:
        sys.exit(str(missing))
    with TemporaryDirectory() as made:
        folder = Workspace.create(Path(made) / "news").folder
        with launched(executable) as browser, served(folder) as address:
            yield folder, address, browser


if __name__ == "__main__":
    main()
