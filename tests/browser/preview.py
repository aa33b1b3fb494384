"""The preview of a small workspace, really served, and a page of the browser that looks at it."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Route, expect
from tests.conftest import SHIPPED

NEWS, NOTICE = "news", "conference-postponed"
EDITIONS = {NEWS: "preview.yaml", NOTICE: "preview_notice.yaml"}

PATIENCE = 20_000
"""Milliseconds to wait for what a page is to show, at most; nothing takes as long."""

LOOPBACK = "http://127.0.0.1:"
PIXEL = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")
"""A picture (GIF) of one pixel, which stands for all that the web would give."""

_NOTE_PROGRESS = """() => {
  window.noted = [];
  new MutationObserver(() => {
    const told = document.querySelector("[data-progress]")?.textContent ?? "";
    if (/ [1-9]\\d* of /.test(told) && window.noted.at(-1) !== told) window.noted.push(told);
  }).observe(document.body, { subtree: true, childList: true });
}"""

COMMAND = "from tigc_mail.interfaces.cli import main; main()"


def lay_down(folder: Path) -> Path:
    """Make the workspace: two editions in English and Arabic, for the public and law enforcement."""
    shutil.copytree(SHIPPED / "templates", folder / "templates")
    for name in ("public", "law-enforcement"):
        (folder / "audiences").mkdir(exist_ok=True)
        shutil.copy(SHIPPED / "audiences" / f"{name}.yaml", folder / "audiences")
    for name, file in EDITIONS.items():
        (folder / "editions" / name).mkdir(parents=True)
        shutil.copy(Path(__file__).with_name(file), folder / "editions" / name / "edition.yaml")
    return folder


@contextmanager
def served(folder: Path, *words: str, command: str = COMMAND) -> Iterator[str]:
    """Start the preview of a workspace as its users do; yield its address, and end it."""
    begin = [sys.executable, "-c", command, "-w", str(folder), "preview", "--no-browser", "--json"]
    with subprocess.Popen([*begin, *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = takewhile(lambda line: line != "}\n", process.stdout)
            yield json.loads("".join([*lines, "}"]))["address"]
        finally:
            process.send_signal(signal.SIGINT)


@dataclass
class Desk:
    """Where somebody writes: the files, and the page beside them."""

    folder: Path
    address: str
    page: Page
    web: list[str] = field(default_factory=list)
    """What was asked of the web, all of which gets `PIXEL`."""
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console as an error, or could not catch."""
    has_clock: bool = False
    """Whether a test set the clock of the page; it is set in frames, too, where no script may run."""
    written: dict[Path, str] = field(default_factory=dict)
    """What files held before they were changed."""

    @property
    def edition(self) -> Path:
        """The file of the newsletter."""
        return self.folder / "editions" / NEWS / "edition.yaml"

    def open(self, path: str = "", **asked: str) -> Page:
        """Open a view of the page, and wait until its server tells it of changes."""
        query = f"?{urlencode(asked)}" if asked else ""
        self.page.goto(f"{self.address}#/{path}{query}")
        self.page.locator("#live[data-state=Live]").wait_for()
        return self.page

    def open_message(
        self, edition: str = NEWS, audience: str = "public", locale: str = "en", **asked: str
    ) -> FrameLocator:
        """Open a message, and return what is in its frame once it is painted."""
        self.open("message", edition=edition, audience=audience, locale=locale, **asked)
        return self.message

    @property
    def message(self) -> FrameLocator:
        """The message that is shown."""
        return self.page.frame_locator("iframe.message.ready")

    def panel(self, name: str) -> Locator:
        """Choose what is told beside the message, and return it."""
        self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel")

    def change(self, old: str, new: str, file: Path | None = None) -> None:
        """Replace a text in the newsletter, or in another file, until the test has ended."""
        path = file or self.edition
        text = path.read_text("utf-8")
        assert old in text
        self.write(text.replace(old, new, 1), path)

    def write(self, text: str, file: Path | None = None) -> None:
        """Write the newsletter, or another file, anew until the test has ended."""
        path = file or self.edition
        self.written.setdefault(path, path.read_text("utf-8"))
        path.write_text(text, "utf-8")

    @contextmanager
    def held(self, path: str) -> Iterator[None]:
        """Have the server's answers for a path wait until the end."""
        waiting: list[Route] | None = []

        def wait(route: Route) -> None:
            if waiting is None:
                route.continue_()
            else:
                waiting.append(route)

        self.page.route(re.compile(re.escape(path)), wait)
        try:
            yield
        finally:
            held, waiting = waiting, None
            for route in held:
                route.continue_()

    def note_progress(self) -> None:
        """Have the page note how far something is, whenever that is told."""
        self.page.evaluate(_NOTE_PROGRESS)

    def progress(self) -> list[str]:
        """Return what was noted."""
        noted: list[str] = self.page.evaluate("window.noted")
        return noted

    def restore(self) -> None:
        """Write everything as it was."""
        for path, text in self.written.items():
            path.write_text(text, "utf-8")


@contextmanager
def desk_at(folder: Path, address: str, browser: Browser) -> Iterator[Desk]:
    """Sit down before a page that nobody used yet.

    Raises:
        AssertionError: at the end, if the browser complained of anything.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    desk = Desk(folder, address, page)
    _overhear(context, desk)
    try:
        yield desk
    finally:
        desk.restore()
        context.close()
    refused = "Blocked script execution" if desk.has_clock else None
    complaints = [each for each in desk.complaints if not refused or refused not in each]
    assert not complaints, complaints


def _overhear(context: BrowserContext, desk: Desk) -> None:
    def from_web(route: Route) -> None:
        desk.web.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/gif")

    context.route(lambda url: url.startswith("http") and not url.startswith(LOOPBACK), from_web)
    desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    desk.page.on(
        "console",
        lambda said: desk.complaints.append(said.text) if said.type == "error" else None,
    )
