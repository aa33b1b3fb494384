"""A Chromium of this machine, which takes pictures of messages and gets nothing from anywhere."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tigc_mail.errors import ConfigurationError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

VARIABLE = "CHROMIUM"
"""The environment variable that names the program to take."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What it is called on the PATH of most systems."""

CURE = (
    "Install one (your system's package, or `playwright install chromium`), "
    f"or name one: {VARIABLE}=/path/to/chromium."
)
PLAYWRIGHT = "pip install 'tigc-mail[pictures]'"
"""What brings playwright, which drives it."""


class MissingBrowserError(ConfigurationError):
    """There is no browser to look with."""


def find() -> str:
    """Return the path of a Chromium: the one named, one on the PATH, or playwright's own.

    Raises:
        MissingBrowserError: if there is none, or nothing to drive it with.
    """
    if find_spec("playwright") is None:
        cause = "pictures need playwright, which is not installed"
        raise MissingBrowserError(cause, "", f"Install it: {PLAYWRIGHT}.")
    if named := os.environ.get(VARIABLE):
        if found := shutil.which(named):
            return found
        cause = f"names {named}, which is no program"
        raise MissingBrowserError(cause, VARIABLE, "Correct it, or take it out.")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = _of_playwright()
    if own.exists():
        return str(own)
    raise MissingBrowserError("there is no Chromium on this machine", "", CURE)


def _of_playwright() -> Path:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (an extra)

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


@contextmanager
def launched(executable: str) -> Iterator["Browser"]:
    """Start a browser that looks nothing up by itself, and end it.

    Args:
        executable: its path, from `find`.

    Raises:
        MissingBrowserError: if it does not start.
    """
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 (an extra)

    with sync_playwright() as playwright:
        try:
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
        except Error as error:
            cause = f"does not start: {error.message.splitlines()[0]}"
            raise MissingBrowserError(cause, executable, CURE) from None
        try:
            yield browser
        finally:
            browser.close()


def offline(browser: "Browser", *, scripts: bool = True, sharpness: float = 1) -> "BrowserContext":
    """Return a context in which a page gets nothing from anywhere, without a wait.

    Args:
        browser: where.
        scripts: whether those of a page run.
        sharpness: pixels of a picture for each one of a page, across and down.
    """
    context = browser.new_context(
        offline=True, java_script_enabled=scripts, device_scale_factor=sharpness
    )
    context.route("**/*", lambda route: route.abort())
    return context
