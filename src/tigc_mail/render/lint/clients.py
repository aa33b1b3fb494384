"""What authors write that large mail programs do not know.

Facts from caniemail.com, reduced to the three programs that most readers have and that know least:
Gmail, Outlook for Windows (up to 2019, which draws with Word) and Yahoo. What fails without harm
(round corners, shadows) is left out, and so is what MJML itself makes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tigc_mail.ground.spot import spot
from tigc_mail.render.lint.finding import Remark, Spot, warning
from tigc_mail.render.lint.page import Page

SUPPORT = warning(
    "client-support", "Readers in these programs see a broken layout, or nothing at all."
)

CHECKS = (SUPPORT,)
"""The checks of this family."""

_OUTLOOK = "Outlook for Windows"
_TWO = f"Gmail and {_OUTLOOK}"
_THREE = f"Gmail, {_OUTLOOK} and Yahoo"


class Feature(NamedTuple):
    """Something of CSS or HTML that is not known everywhere."""

    name: str
    sign: re.Pattern[str]
    """What gives it away."""
    unknown_to: str
    instead: str


def _feature(name: str, sign: str, unknown_to: str, instead: str) -> Feature:
    return Feature(name, re.compile(sign, re.IGNORECASE), unknown_to, instead)


_COLUMNS = "Use <mj-section> and <mj-column>."
_DRAWING = "Use a PNG or JPEG image with an alt."

CSS = (
    _feature(
        "position", r"(?<![\w-])position\s*:\s*(absolute|relative|fixed|sticky)", _TWO, _COLUMNS
    ),
    _feature(
        "display: flex",
        r"(?<![\w-])display\s*:\s*(inline-)?flex",
        f"{_OUTLOOK} and Gmail's apps with accounts of others",
        _COLUMNS,
    ),
    _feature("display: grid", r"(?<![\w-])display\s*:\s*(inline-)?grid", _THREE, _COLUMNS),
    _feature("float", r"(?<![\w-])float\s*:\s*(left|right|inline)", _OUTLOOK, _COLUMNS),
    _feature("@font-face", r"@font-face", _THREE, "Name fonts in theme.yaml that readers have."),
    _feature("@import", r"@import", _THREE, "Write the rules themselves into the layout."),
    _feature(
        "animation",
        r"@keyframes|(?<![\w-])animation(-name)?\s*:",
        _THREE,
        "Do without, or use an animated GIF whose first picture says all.",
    ),
    _feature("var()", r"var\(\s*--", _THREE, "Print a colour of the theme: {{ theme.light.ink }}."),
    _feature(
        "a background image",
        r"(?<![\w-])background(-image)?\s*:[^;}]*url\(",
        _OUTLOOK,
        "Use background-url on an <mj-section>, which Outlook is given in its own way.",
    ),
    _feature(
        "a gradient", r"(linear|radial|conic)-gradient\(", _OUTLOOK, "Give a plain background too."
    ),
    _feature("calc()", r"(?<![\w-])calc\(", _OUTLOOK, "Write the number."),
)

HTML = (
    _feature("<video>", r"<video\b", _THREE, "Link an image to the page that shows the film."),
    _feature("<audio>", r"<audio\b", _THREE, "Link to the page that plays it."),
    _feature(
        "a form",
        r"<(form|input|select|textarea|button)\b",
        f"{_OUTLOOK}, and in part Gmail and Yahoo",
        "Use an <mj-button> that leads to a page with the form.",
    ),
    _feature("<svg>", r"<svg\b", _THREE, _DRAWING),
    _feature("<canvas>", r"<canvas\b", _THREE, _DRAWING),
    _feature("an embedded page", r"<(iframe|object|embed)\b", _THREE, "Link to the page."),
    _feature("<script>", r"<script\b", "every mail program", "Remove it."),
    _feature(
        "a linked style sheet or font",
        r"<link\b|<mj-font\b",
        _THREE,
        "Write rules into an <mj-style>, and name fonts in theme.yaml that readers have.",
    ),
)

_IMAGE = _feature(
    "an SVG image", r"\.svg([?#][^\s\"')>]*)?$", f"Gmail, {_OUTLOOK} and some of Yahoo", _DRAWING
)
_MODERN = _feature("a WebP or AVIF image", r"\.(webp|avif)([?#].*)?$", _OUTLOOK, _DRAWING)

_BLANKED = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_STYLED = re.compile(
    r"<mj-style\b[^>]*>(.*?)</mj-style>|<style\b[^>]*>(.*?)</style>|\bstyle=\"([^\"]*)\"",
    re.DOTALL | re.IGNORECASE,
)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def check(page: Page) -> Iterator[Remark]:
    """Check the formats of a page's images."""
    for image in page.images:
        source = image.get("src") or ""
        for feature in (_IMAGE, _MODERN):
            if feature.sign.search(source):
                yield _remark(feature, (Spot(image, ("src",)),))


def check_files(files: Mapping[str, str]) -> Iterator[tuple[Remark, str]]:
    """Check the templates.

    Args:
        files: the text of each by name.

    Yields:
        A remark and its place, for each feature once a file.
    """
    for name, text in files.items():
        if name.endswith(".css"):
            yield from _met(name, text, CSS, [(0, text)])
        elif name.endswith(".mjml.j2"):
            bare = _blank(_BLANKED, text)
            yield from _met(name, bare, HTML, [(0, bare)])
            yield from _met(name, bare, CSS, [*_styles(bare)])


def _styles(text: str) -> Iterator[tuple[int, str]]:
    """Yield the styles in a template, and where each begins."""
    for found in _STYLED.finditer(text):
        group = found.lastindex or 0
        yield found.start(group), found.group(group)


def _met(
    name: str, text: str, features: tuple[Feature, ...], parts: list[tuple[int, str]]
) -> Iterator[tuple[Remark, str]]:
    bare = [(start, _blank(_CSS_COMMENT, part)) for start, part in parts]
    for feature in features:
        for start, part in bare:
            if found := feature.sign.search(part):
                yield _remark(feature), f"{name} ({spot(text, start + found.start())})"
                break


def _blank(what: re.Pattern[str], text: str) -> str:
    """Replace parts of a text by blanks; what is left keeps its place."""
    return what.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _remark(feature: Feature, spots: tuple[Spot, ...] = ()) -> Remark:
    cause = f"{feature.name} is not known to {feature.unknown_to}"
    return Remark(SUPPORT, cause, feature.instead, spots=spots)
