"""Whether text stands out from its ground, in light and in dark mode, on a desk and on a telephone.

Colours come from the styles in the elements and from the rules of the page, as a program applies
them. Where a colour cannot be known (an image behind the text, a variable of CSS) nothing is said.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lxml.html import HtmlElement

from tigc_mail.render.colour import Colour, contrast, ground
from tigc_mail.render.lint.cascade import NARROW, Screen
from tigc_mail.render.lint.css import declarations_of
from tigc_mail.render.lint.dyes import Dyes, Seen
from tigc_mail.render.lint.finding import Remark, Spot, error
from tigc_mail.render.lint.looks import Look, looks_of
from tigc_mail.render.lint.page import Page, even, own_text

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

_SCREENS = {
    "light mode": Screen(),
    "dark mode": Screen(dark=True),
    "light mode on a telephone": Screen(width=NARROW),
    "dark mode on a telephone": Screen(dark=True, width=NARROW),
}


class _Weak(NamedTuple):
    """Text that does not stand out."""

    text: Colour
    ground: Colour
    least: float
    words: str
    element: HtmlElement
    written: tuple[str, ...]
    """The styles of the text, as they are written."""

    @property
    def values(self) -> tuple[str, ...]:
        """What a rule or the theme may hold of the colour of the text."""
        seen = str(self.text)
        return (*(form for one in self.written for form in _forms(one, seen)), seen)

    @property
    def spots(self) -> tuple[Spot | None, Spot | None]:
        """The elements around the text whose own styles give it its colour, and its ground."""
        text = below = None
        for one in (self.element, *self.element.iterancestors()):
            own = {each.name: each.value for each in declarations_of(one.get("style") or "")}
            if text is None and f"color:{own.get('color')}" in self.written:
                text = Spot(one, _TEXT, self.values)
            behind = own.get("background-color") or own.get("background") or one.get("bgcolor")
            painted = ground(behind) if behind else None
            if below is None and painted is not None and painted.colour == self.ground:
                below = Spot(one, _GROUND, (str(self.ground),))
        return text, below


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


def check(page: Page) -> Iterator[Remark]:
    """Check the contrast of all visible text of a page."""
    told: set[tuple[Colour, Colour, bool]] = set()
    dyes: Dyes | None = None
    for mode, screen in _SCREENS.items():
        if not screen.dark or page.cascade.has_dark_rules:
            for weak in _weak(page, screen):
                if (weak.text, weak.ground, screen.dark) not in told:
                    told.add((weak.text, weak.ground, screen.dark))
                    dyes = dyes or Dyes(page)
                    yield _remark(weak, mode, dyes.at(weak.element, screen))


def _remark(weak: _Weak, mode: str, seen: Seen) -> Remark:
    ratio = int(contrast(weak.text, weak.ground) * 100) / 100
    cause = (
        f"{weak.text} on {weak.ground} has a contrast of {ratio}:1 in {mode}, "
        f"below {weak.least}:1; first at `{weak.words[:40]}`"
    )
    group = f"{weak.text} {weak.ground} {mode}"
    text, below = weak.spots
    given = [Spot(spot.element) for spot in (text, below) if spot is not None]
    if mode.startswith("dark") and (given or not weak.written):  # no rule gives another colour
        cure = "Give it a css-class that has colours for dark mode, such as those of style.mjml.j2."
        return Remark(CONTRAST, cause, cure, group=group, spots=(*given, Spot(weak.element)))
    spots = (
        (text or Spot(weak.element, (), weak.values))._replace(theme=seen.text),
        (below or Spot(weak.element))._replace(theme=seen.ground),
    )
    return Remark(CONTRAST, cause, _cure(seen), group=group, spots=spots)


def _cure(seen: Seen) -> str:
    """Return what to do about two colours, with their names where they are those of the theme."""
    named = (("the text", seen.text), ("the ground", seen.ground))
    told = [f"`{name.removeprefix('theme.')}` for {what}" for what, name in named if name]
    where = f"; the theme gives {' and '.join(told)}" if told else ""
    return f"Choose a darker and a lighter colour{where}."


def _weak(page: Page, screen: Screen) -> Iterator[_Weak]:
    body = page.tree.find("body")
    if body is None:
        return
    for element, look in looks_of(body, page.cascade.on(screen)):
        words = even(" ".join(own_text(element)))
        least = LEAST_LARGE if is_large(look) else LEAST
        if words and look.text and look.ground and contrast(look.text, look.ground) < least:
            yield _Weak(look.text, look.ground, least, words, element, look.written)


def _forms(written: str, seen: str) -> Iterator[str]:
    """Yield how a style may be written in a file; not that of a colour which is found as it is."""
    name, _, value = written.partition(":")
    if value != seen:
        for one in dict.fromkeys((value, value.replace(", ", ","))):
            yield from (f"{name}:{one}", f"{name}: {one}", f'{name}="{one}"')


def is_large(look: Look) -> bool:
    """Return whether text is large enough to be read with less contrast."""
    return look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD)
