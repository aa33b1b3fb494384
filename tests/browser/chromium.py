"""Finding a Chromium, or installing one: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    f"There is no Chromium. Install one (`make browser`), or name one: {VARIABLE}=/path/to/chromium"
)


class MissingBrowserError(Exception):
    """There is no browser to look with."""


def find() -> str:
    """Return the path of a Chromium: the one named, one on the PATH, or playwright's own.

    Raises:
        MissingBrowserError: if there is none.
    """
    if named := os.environ.get(VARIABLE):
        if found := shutil.which(named):
            return found
        raise MissingBrowserError(f"{VARIABLE} names {named}, which is no program.")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise MissingBrowserError(MISSING)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """Start a browser that looks nothing up by itself, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


def offline(browser: Browser) -> BrowserContext:
    """Return a context in which a page gets nothing from anywhere, without a wait."""
    context = browser.new_context(offline=True)
    context.route("**/*", lambda route: route.abort())
    return context


def install() -> None:
    """Install a Chromium where there is none: playwright's own, else the system's."""
    try:
        find()
    except MissingBrowserError as missing:
        if os.environ.get(VARIABLE):
            sys.exit(str(missing))
    else:
        return
    print("Installing Chromium, for the tests that look at messages in a browser ...", flush=True)
    for command in _ways():
        if subprocess.run(command, check=False).returncode != 0:
            print(f"`{' '.join(command)}` did not work.", flush=True)
            continue
        try:
            find()
        except MissingBrowserError:
            continue
        return
    sys.exit(MISSING)


def _ways() -> Iterator[list[str]]:
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        yield ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]


if __name__ == "__main__":
    install()
