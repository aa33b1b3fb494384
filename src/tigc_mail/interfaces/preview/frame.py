"""A message's page as the preview shows it in a frame: in one colour scheme, on paper, or not."""

import re
from collections.abc import Mapping
from enum import StrEnum

from starlette.exceptions import HTTPException
from starlette.responses import Response

from tigc_mail.interfaces.preview.loading import spared

_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_RULE = re.compile(r"@media\b[^{;@]*", re.IGNORECASE)
_MEDIUM = re.compile(r"\b(screen|print)\b", re.IGNORECASE)

_TRUE, _FALSE = "(min-width: 0px)", "(max-width: 0px)"
"""Conditions that always hold, and never do."""


class Mode(StrEnum):
    """How a page is looked at."""

    LIGHT = "light"
    DARK = "dark"
    PRINT = "print"


def page_for(html: str, query: Mapping[str, str]) -> Response:
    """Return a page for a frame, looked at as the query says (`mode`, `images`).

    Raises:
        HTTPException: 400, if there is no such mode.
    """
    headers = {"Content-Security-Policy": policy(images=_images(query))}
    page = looked_at(html, query).encode("utf-8", "replace")
    return Response(page, media_type="text/html", headers=headers)


def looked_at(html: str, query: Mapping[str, str]) -> str:
    """Return a page as it is looked at by a query (`mode`, `images`).

    Raises:
        HTTPException: 400, if there is no such mode.
    """
    try:
        mode = Mode(query.get("mode", Mode.LIGHT))
    except ValueError:
        raise HTTPException(400) from None
    return framed(html, mode, images=_images(query))


def _images(query: Mapping[str, str]) -> bool:
    return query.get("images") == "1"


def framed(html: str, mode: Mode, *, images: bool = False) -> str:
    """Return a page whose style sheets answer as in a mode, whatever the browser's own is.

    Args:
        html: the page.
        mode: how it is looked at.
        images: whether images of the web stay in it. Without, their words are shown. Whatever else
            it would load is taken out in any case, so that a browser has nothing to complain of:
            `policy` forbids it.
    """
    dark = mode is Mode.DARK

    def scheme(found: re.Match[str]) -> str:
        return _TRUE if (found[1].lower() == "dark") is dark else _FALSE

    def medium(found: re.Match[str]) -> str:
        return "all" if (found[1].lower() == "print") is (mode is Mode.PRINT) else "not all"

    def style(sheet: str) -> str:
        rules = _RULE.sub(lambda rule: _MEDIUM.sub(medium, rule[0]), sheet)
        return _SCHEME.sub(scheme, rules)

    return spared(html, images=images, style=style)


def policy(*, images: bool) -> str:
    """Return the Content-Security-Policy of a message's frame: no script, nothing loaded unasked.

    Args:
        images: whether images of the web may be loaded.
    """
    pictures = "data: https: http:" if images else "data:"
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {pictures};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
    )
