"""Whether text stands out from its ground, in light and in dark mode.

Colours come from the styles in the elements; in dark mode, from the page's own rules for it as
well. Where a colour cannot be known (an image behind the text, something transparent) nothing is
said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from cssselect import SelectorError
from cssselect import parse as parse_selector
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from tigc_mail.render.colour import Colour, colour, contrast, ground
from tigc_mail.render.lint.finding import Remark, Spot, error
from tigc_mail.render.lint.page import HEADINGS, UNSEEN, Page, even, own_text, style_of

LEAST = 4.5
LEAST_LARGE = 3.0
"""WCAG 2.2, success criterion 1.4.3, level AA."""

LARGE = 24.0
LARGE_BOLD = 18.66
"""Pixels."""

CONTRAST = error(
    "contrast", "Text with less contrast cannot be read in sunlight, or with weak eyes (WCAG AA)."
)

CHECKS = (CONTRAST,)
"""The checks of this family."""

_WHITE, _BLACK, _LINK = Colour(255, 255, 255), Colour(0, 0, 0), Colour(0, 0, 238)
_BOLD = frozenset({"b", "strong", "th", *HEADINGS})
_SIZE = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;!]+)(!\s*important)?")

Declared = Mapping[HtmlElement, Mapping[str, str]]
"""What rules say about elements, beside their own styles."""


@dataclass(frozen=True)
class _Look:
    """How text looks at one place; None for a colour that cannot be known."""

    text: Colour | None = _BLACK
    ground: Colour | None = _WHITE
    size: float = 16.0
    """Pixels."""
    bold: bool = False

    @property
    def least(self) -> float:
        """The contrast that the text needs."""
        large = self.size >= LARGE or (self.bold and self.size >= LARGE_BOLD)
        return LEAST_LARGE if large else LEAST


class _Weak(NamedTuple):
    """Text that does not stand out."""

    text: Colour
    ground: Colour
    least: float
    words: str
    element: HtmlElement


def check(page: Page) -> Iterator[Remark]:
    """Check the contrast of all visible text of a page."""
    body = page.tree.find("body")
    if body is None:
        return
    for mode, declared in (("light", {}), ("dark", dark_rules(page))):
        told = set()
        for weak in _weak(body, _Look(), declared):
            if weak[:2] not in told and (mode == "light" or declared):
                told.add(weak[:2])
                yield _remark(weak, mode)


def _remark(weak: _Weak, mode: str) -> Remark:
    ratio = int(contrast(weak.text, weak.ground) * 100) / 100
    cause = (
        f"{weak.text} on {weak.ground} has a contrast of {ratio}:1 in {mode} mode, "
        f"below {weak.least}:1; first at `{weak.words[:40]}`"
    )
    group = f"{weak.text} {weak.ground} {mode}"
    text = _giver(weak.element, _TEXT, weak.text)
    below = _giver(weak.element, _GROUND, weak.ground)
    given = [Spot(spot.element) for spot in (text, below) if spot is not None]
    if mode == "dark" and (given or weak.text in (_BLACK, _LINK)):  # no rule gives another colour
        cure = "Give it a css-class that has colours for dark mode, such as those of style.mjml.j2."
        spots = (*given, Spot(weak.element))
        return Remark(CONTRAST, cause, cure, group=group, spots=spots)
    value = "" if weak.text in (_BLACK, _LINK) else str(weak.text)
    spots = (text or Spot(weak.element, value=value), below or Spot(weak.element))
    return Remark(
        CONTRAST, cause, "Choose a darker and a lighter colour.", group=group, spots=spots
    )


_TEXT = ("color", "style:color")
_GROUND = (
    "background-color",
    "container-background-color",
    "inner-background-color",
    "style:background-color",
    "style:background",
    "bgcolor",
)
"""The attributes of elements, as they are written, that give a colour."""


def _giver(element: HtmlElement, parts: tuple[str, ...], own: Colour) -> Spot | None:
    """Return the nearest element around a text whose own style gives it a colour."""
    read = colour if parts is _TEXT else ground
    for one in (element, *element.iterancestors()):
        style = style_of(one)
        written = [style.get(name.removeprefix("style:"), "") for name in parts]
        if own in [read(value) for value in (*written, one.get("bgcolor") or "") if value]:
            return Spot(one, parts, str(own))
    return None


def _weak(element: HtmlElement, above: _Look, declared: Declared) -> Iterator[_Weak]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    style = {**style_of(element), **declared.get(element, {})}
    if style.get("display") == "none":
        return
    look = _look(element, style, above)
    words = even(" ".join(own_text(element)))
    if words and look.text and look.ground and contrast(look.text, look.ground) < look.least:
        yield _Weak(look.text, look.ground, look.least, words, element)
    for child in element:
        yield from _weak(child, look, declared)


def _look(element: HtmlElement, style: Mapping[str, str], above: _Look) -> _Look:
    look = replace(
        above,
        ground=_ground(element, style, above.ground),
        size=_size(style.get("font-size", ""), above.size),
        bold=_bold(str(element.tag), style.get("font-weight", ""), above=above.bold),
    )
    if "color" in style:
        look = replace(look, text=_text(style["color"], above.text))
    elif element.tag == "a" and element.get("href"):
        look = replace(look, text=_LINK)
    return replace(look, text=None) if style.get("opacity", "1") not in ("1", "1.0") else look


def _text(written: str, above: Colour | None) -> Colour | None:
    return above if written in ("inherit", "currentcolor") else colour(written)


def _ground(element: HtmlElement, style: Mapping[str, str], above: Colour | None) -> Colour | None:
    written = style.get("background-color") or style.get("background") or element.get("bgcolor")
    if "url(" in (style.get("background") or "") or style.get("background-image", "none") != "none":
        return None
    if not written or written in ("transparent", "none", "inherit"):
        return above
    return ground(written)


def _size(written: str, above: float) -> float:
    found = _SIZE.fullmatch(written)
    if not found:
        return above
    number, unit = float(found[1]), found[2]
    if unit in _PIXELS:
        return number * _PIXELS[unit]
    return above * (number / 100 if unit == "%" else number)


def _bold(tag: str, weight: str, *, above: bool) -> bool:
    if weight in ("normal", "lighter"):
        return False
    if weight.isdigit():
        return int(weight) >= 700
    return above or tag in _BOLD or weight in ("bold", "bolder")


def dark_rules(page: Page) -> dict[HtmlElement, dict[str, str]]:
    """Return what the page's rules for dark mode say about colours, by element."""
    found: list[tuple[tuple[int, int, int], int, str, str]] = []
    for rules in _dark_blocks(page.styles):
        for selectors, declarations in _RULE.findall(rules):
            for selector in _selectors(selectors):
                found.append((selector[0], len(found), selector[1], declarations))
    declared: dict[HtmlElement, dict[str, str]] = {}
    for _, _, xpath, declarations in sorted(found):
        for element in page.tree.xpath(xpath):
            own = style_of(element)
            for name, value, important in _DECLARATION.findall(declarations.lower()):
                if important or name not in own:
                    declared.setdefault(element, {})[name] = value.strip()
    return declared


def _selectors(written: str) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Yield specificity and XPath of each selector of a list; the odd ones are left out."""
    try:
        for selector in parse_selector(written.strip()):
            if selector.pseudo_element is None:
                yield selector.specificity(), CSSSelector(selector.canonical()).path
    except SelectorError:
        return


def _dark_blocks(styles: str) -> Iterator[str]:
    """Yield what stands within each @media for dark mode."""
    styles = _COMMENT.sub("", styles)
    for found in _DARK.finditer(styles):
        depth, end = 1, found.end()
        while depth and end < len(styles):
            depth += {"{": 1, "}": -1}.get(styles[end], 0)
            end += 1
        yield styles[found.end() : end - 1]
