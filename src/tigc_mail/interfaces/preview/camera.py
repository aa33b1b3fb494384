"""Taking pictures of pages with a headless Chromium."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING

from tigc_mail.errors import OutputError
from tigc_mail.interfaces.chromium import find, launched, offline

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, PdfMargins

WIDTH = 640
"""Pixels: the width at which messages are photographed, where their columns stand side by side."""

_SHEET_WIDTHS = (1_600, 3_160, 4_720, 6_280)
"""Pixels: with room for one row of a contact sheet, for two beside each other, and so on."""
_SHARPNESS = 1.25
_TALLEST = 16_384 / _SHARPNESS
"""Pixels of a page; Chromium makes no picture that is taller."""
_STRIP_SHARPNESS = 0.75
"""Pixels of a picture for each one of a page: enough to read it enlarged, and no more to mail."""
_MARGINS: "PdfMargins" = {"top": "17mm", "bottom": "15mm", "left": "10mm", "right": "10mm"}
_HEIGHT = "document.documentElement.scrollHeight"


class Camera:
    """Takes pictures; whatever a page would load or run is left out.

    Args:
        browser: that of `launched`.
    """

    def __init__(self, browser: "Browser") -> None:
        self._page = offline(browser, scripts=False, sharpness=_STRIP_SHARPNESS).new_page()
        self._sharp = offline(browser, scripts=False, sharpness=_SHARPNESS).new_page()

    def strips(self, html: str, number: Callable[[int], int]) -> tuple[int, list[bytes]]:
        """Return how tall a message is, and all of it as JPEG files, from its top to its end.

        Args:
            html: its page.
            number: returns how many strips of one height a message that is so tall is cut into.
        """
        page = _showing(self._page, html, WIDTH)
        height = page.evaluate(_HEIGHT)
        step = ceil(height / number(height))
        return height, [
            page.screenshot(
                full_page=True,
                type="jpeg",
                quality=60,
                clip={"x": 0, "y": top, "width": WIDTH, "height": min(step, height - top)},
            )
            for top in range(0, height, step)
        ]

    def png(self, html: str) -> bytes:
        """Return a page as one picture, no wider than it has to be.

        Raises:
            OutputError: if it is too much for one picture.
        """
        for width in _SHEET_WIDTHS:
            height = _showing(self._sharp, html, width).evaluate(_HEIGHT)
            if height <= _TALLEST:
                return self._sharp.screenshot(full_page=True)
        raise OutputError("is too much for one picture", "", "Make a PDF of it: OUT.pdf.")

    def pdf(self, html: str, top: str, bottom: str) -> bytes:
        """Return a page on paper (A4, landscape).

        Args:
            html: the page.
            top: what stands above it on every sheet of paper.
            bottom: what stands below.
        """
        page = _showing(self._page, html, WIDTH)
        return page.pdf(
            format="A4",
            landscape=True,
            print_background=True,
            display_header_footer=True,
            header_template=top,
            footer_template=bottom,
            margin=_MARGINS,
            tagged=True,
        )


@contextmanager
def camera() -> Iterator[Camera]:
    """Start a Chromium and lend what takes pictures with it.

    Raises:
        MissingBrowserError: if there is none, or it does not start.
        OutputError: if it ends before its pictures are taken.
    """
    with launched(find()) as browser:
        from playwright.sync_api import Error  # noqa: PLC0415 (an extra, which `find` looked for)

        try:
            yield Camera(browser)
        except Error as error:
            cause = f"the browser ended too soon: {error.message.splitlines()[0]}"
            raise OutputError(cause, "", "Run it again.") from None


def _showing(page: "Page", html: str, width: int) -> "Page":
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(html, wait_until="load")
    return page
