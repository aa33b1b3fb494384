"""A message's page as the preview shows it in a frame: in one colour scheme, on paper, or not."""

import re
from collections.abc import Mapping
from enum import StrEnum

from starlette.exceptions import HTTPException
from starlette.responses import Response

_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_MEDIUM = re.compile(r"(@media\b[^{]*?)\b(screen|print)\b", re.IGNORECASE)

_INSIDE = r"(?:\"[^\"<]*\"|'[^'<]*'|[^'\"<>])*>"
"""The rest of a tag; it holds no `<`, so that a page of nothing but tags takes no longer."""
_IMAGE = re.compile(rf"<(?:img|image|feimage|input)\b{_INSIDE}", re.IGNORECASE)
_SOURCE = re.compile(
    r"(\s(?:src|(?:xlink:)?href)\s*=\s*[\"']?)\s*(?:https?:)?//[^\"'\s>]*", re.IGNORECASE
)
_PICTURE = re.compile(
    r"(<\w+\b[^>]*?\s(?:background|poster)=[\"']|\burl\([\"']?)https?:[^\"')\s]*", re.IGNORECASE
)
_CHOICE = re.compile(r"\ssrcset=(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_LINK = re.compile(rf"<link\b{_INSIDE}", re.IGNORECASE)
"""To style sheets, fonts and hosts of the web, none of which is ever loaded or called."""

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
        images: whether images of the web stay in it. Without, `policy` forbids to load them; where
            they are not there the browser has nothing to complain of, and shows their words.
    """
    dark = mode is Mode.DARK

    def scheme(found: re.Match[str]) -> str:
        return _TRUE if (found[1].lower() == "dark") is dark else _FALSE

    def medium(found: re.Match[str]) -> str:
        holds = (found[2].lower() == "print") is (mode is Mode.PRINT)
        return f"{found[1]}{'all' if holds else 'not all'}"

    page = _LINK.sub("", html)
    if not images:
        page = _PICTURE.sub(r"\1data:,", _IMAGE.sub(_held_back, _CHOICE.sub("", page)))
    return re.sub(
        r"<style\b[^>]*>.*?</style>",
        lambda style: _MEDIUM.sub(medium, _SCHEME.sub(scheme, style[0])),
        page,
        flags=re.DOTALL | re.IGNORECASE,
    )


def _held_back(image: re.Match[str]) -> str:
    """Return an image without what it would load."""
    return _SOURCE.sub(r"\1data:,", image[0])


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
