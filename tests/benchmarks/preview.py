"""(i) The preview: from a saved file to the repainted message, in a browser."""

from pathlib import Path
from statistics import median, quantiles
from time import time
from typing import Any

from playwright.sync_api import Page
from tests.benchmarks.report import Figure, Goal, Result
from tests.browser.preview import Desk, desk_at, served

from tigc_mail import Workspace
from tigc_mail.interfaces.chromium import MissingBrowserError, find, launched

TITLE = "preview: from the saved file to the repainted message"

ABOUT = """\
The shipped newsletter in English for the public, open in headless Chromium, beside the preview of a
copy of the shipped workspace with nothing else open; both are warm. Another word is written into the
first paragraph. The time runs from just before the file is written to the end of the first frame that
shows it, by the clock of the page, which is compared with that of the benchmark before. In between the
change is noticed, told to the page, the edition is read and checked, the message is compiled, sent and
laid out."""

EDITION, WORDS = "2026-11-newsletter", "Nothing here asks you"
PAUSE = 500
"""Milliseconds in which the one who saves looks at the message; nobody saves as soon as it is there."""
SAVES, QUICK_SAVES, WARMING = 30, 6, 5

_WATCH = """() => {
  window.painted = {};
  const stage = document.querySelector(".stage");
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(() => {
    const text = document.querySelector("iframe.message.ready").contentDocument.body.textContent;
    const found = text.match(/benchmark\\d+/);
    if (!found) return;
    requestAnimationFrame(() => { // what is sent from within a frame comes once it was painted
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { window.painted[found[0]] ??= now(); };
      channel.port2.postMessage(null);
    });
  }).observe(stage, { attributes: true, attributeFilter: ["data-painted-at"] });
}"""
_PAINTED = "word => window.painted[word]"
_NOW = "performance.timeOrigin + performance.now()"


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`; without a Chromium, say so."""
    try:
        executable = find()
    except MissingBrowserError as missing:
        return Result(TITLE, f"Not measured. {missing}", (), ())
    Workspace.create(folder / "preview")
    with (
        launched(executable) as browser,
        served(folder / "preview") as address,
        desk_at(folder / "preview", address, browser) as desk,
    ):
        seconds = _saves(desk, QUICK_SAVES if quick else SAVES)
    worst = quantiles(seconds, n=20)[-1]
    return Result(
        title=TITLE,
        about=ABOUT,
        figures=(
            Figure("saved to repainted, median", median(seconds) * 1e3, "ms", f"of {len(seconds)}"),
            Figure("saved to repainted, 95th percentile", worst * 1e3, "ms"),
            Figure("saved to repainted, quickest", min(seconds) * 1e3, "ms"),
        ),
        goals=(
            Goal("median", median(seconds) * 1e3, 250, " ms"),
            Goal("95th percentile", worst * 1e3, 250, " ms"),
        ),
    )


def _saves(desk: Desk, wanted: int) -> list[float]:
    """Save so many times, and return the seconds that each took until it was seen."""
    desk.open_message(EDITION).get_by_text(WORDS).wait_for()
    page, file = desk.page, desk.folder / "editions" / EDITION / "edition.yaml"
    page.evaluate(_WATCH)
    original = file.read_text("utf-8")
    taken = []
    for number in range(WARMING + wanted):
        word = f"benchmark{number}"
        text = original.replace(WORDS, f"{word} {WORDS}", 1)
        page.wait_for_timeout(PAUSE)
        ahead = _ahead(page)
        begun = time()
        file.write_text(text, "utf-8")
        painted: Any = page.wait_for_function(_PAINTED, arg=word).json_value()
        taken.append(painted / 1e3 - ahead - begun)
    return taken[WARMING:]


def _ahead(page: Page) -> float:
    """Return by how many seconds the clock of the page is ahead of that of this process."""
    asked = time()
    answered: float = page.evaluate(_NOW)
    return answered / 1e3 - (asked + time()) / 2
