"""Which styles hold for each element of a page: its own, and those of the page's rules."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from cssselect import SelectorError
from cssselect import parse as parse_selector
from lxml.cssselect import CSSSelector
from lxml.etree import XPathError
from lxml.html import HtmlElement

from tigc_mail.render.lint.css import Declaration, declarations_of, each, rules_of

Style = dict[str, str]
"""Values by property, in small letters."""

WIDE, NARROW = 700, 375
"""Pixels: a window on a desk, and a telephone."""

_LONGHANDS = {
    "background": ("background-color", "background-image"),
    "font": ("font-size", "font-weight"),
}
_FEATURE = re.compile(r"\(\s*([\w-]+)\s*:\s*([\w.]+)\s*\)")
_STATE = re.compile(r":(hover|active|focus|visited|target|checked)", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"(only\s+)?(screen|all)", re.IGNORECASE)


class Screen(NamedTuple):
    """How a page is looked at."""

    dark: bool = False
    width: int = WIDE

    def shows(self, queries: str) -> bool:
        """Return whether rules for these media hold; what is not understood does not.

        >>> Screen(dark=True).shows("screen and (prefers-color-scheme: dark)")
        True
        """
        return any(self._meets(query) for query in queries.split(","))

    def _meets(self, query: str) -> bool:
        return all(
            _MEDIA_TYPE.fullmatch(part) is not None or self._has(part)
            for part in re.split(r"\s+and\s+", query.strip().lower())
            if part
        )

    def _has(self, feature: str) -> bool:
        found = _FEATURE.fullmatch(feature)
        if found is None:
            return False
        name, value = found.groups()
        if name == "prefers-color-scheme":
            return value == ("dark" if self.dark else "light")
        pixels = re.fullmatch(r"([\d.]+)(px|em|rem)", value)
        if pixels is None or name not in ("max-width", "min-width"):
            return False
        width = float(pixels[1]) * (1 if pixels[2] == "px" else 16)
        return self.width <= width if name == "max-width" else self.width >= width


class _Met(NamedTuple):
    """A rule that is for some elements."""

    specificity: tuple[int, int, int]
    order: int
    media: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    elements: tuple[HtmlElement, ...]


class Cascade:
    """The styles of a page.

    Args:
        tree: the page.
        styles: the content of its <style> elements.
    """

    def __init__(self, tree: HtmlElement, styles: str) -> None:
        self._tree = tree
        self._styles = styles
        self._on: dict[Screen, Mapping[HtmlElement, Style]] = {}

    @cached_property
    def _met(self) -> tuple[_Met, ...]:
        found: list[_Met] = []
        for rule, within in each(rules_of(self._styles)):
            media = tuple(outer.prelude[6:] for outer in within if outer.keyword == "media")
            if rule.keyword or len(media) < len(within):
                continue
            for specificity, path in _selectors(rule.prelude):
                elements = tuple(path(self._tree))
                found.append(_Met(specificity, len(found), media, rule.declarations, elements))
        return tuple(sorted(found, key=lambda met: met[:2]))

    @cached_property
    def _own(self) -> Mapping[HtmlElement, tuple[Declaration, ...]]:
        return {
            element: declarations_of(element.get("style") or "")
            for element in self._tree.iter()
            if isinstance(element.tag, str)
        }

    @property
    def has_dark_rules(self) -> bool:
        """Whether anything of the page is said to look otherwise in dark mode."""
        return any(
            Screen(dark=True).shows(media) and not Screen().shows(media)
            for met in self._met
            if met.elements
            for media in met.media
        )

    def on(self, screen: Screen) -> Mapping[HtmlElement, Style]:
        """Return what holds for each element on a screen."""
        if screen not in self._on:
            self._on[screen] = self._computed(screen)
        return self._on[screen]

    def _computed(self, screen: Screen) -> Mapping[HtmlElement, Style]:
        styles: dict[HtmlElement, Style] = {element: {} for element in self._own}
        rules = [met for met in self._met if all(map(screen.shows, met.media))]
        for important in (False, True):
            for met in rules:
                for element in met.elements:
                    _apply(styles[element], met.declarations, important=important)
            for element, declarations in self._own.items():
                _apply(styles[element], declarations, important=important)
        return styles


def _apply(style: Style, declarations: tuple[Declaration, ...], *, important: bool) -> None:
    for one in declarations:
        if one.important is important:
            for part in _LONGHANDS.get(one.name, ()):
                style.pop(part, None)
            style[one.name] = one.value.lower()


@lru_cache(maxsize=1000)
def _selectors(written: str) -> tuple[tuple[tuple[int, int, int], CSSSelector], ...]:
    """Return each selector of a list, and how specific it is; the odd ones are left out."""
    if _STATE.search(written):
        return ()
    try:
        return tuple(
            (selector.specificity(), CSSSelector(selector.canonical(), translator="html"))
            for selector in parse_selector(written)
            if selector.pseudo_element is None
        )
    except (SelectorError, XPathError):
        return ()
