"""Whether text stands out from its ground, in light and in dark mode, on a desk and on a telephone.

Colours come from the styles in the elements and from the rules of the page, as a program applies
them. Where a colour cannot be known (an image behind the text, a variable of CSS) nothing is said.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lxml.html import HtmlElement

from tigc_mail.render.colour import Colour, contrast
from tigc_mail.render.lint.cascade import NARROW, Screen
from tigc_mail.render.lint.finding import Remark, error
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
    written: tuple[str, ...]
    """The styles of the text, as they are written."""
    classes: str
    """Those of the element, or of the nearest around it, that a template gave."""
    is_left_behind: bool
    """Whether it keeps its colour in dark mode."""

    @property
    def clues(self) -> tuple[str, ...]:
        """What leads to the place where the colours are chosen."""
        seen = (str(self.text), str(self.ground))
        return (*(form for one in self.written for form in _forms(one, seen[0])), *seen)


def check(page: Page) -> Iterator[Remark]:
    """Check the contrast of all visible text of a page."""
    told: set[tuple[Colour, Colour, bool]] = set()
    for mode, screen in _SCREENS.items():
        if not screen.dark or page.cascade.has_dark_rules:
            for weak in _weak(page, screen):
                if (weak.text, weak.ground, screen.dark) not in told:
                    told.add((weak.text, weak.ground, screen.dark))
                    yield _remark(weak, mode)


def _remark(weak: _Weak, mode: str) -> Remark:
    ratio = int(contrast(weak.text, weak.ground) * 100) / 100
    cause = (
        f"{weak.text} on {weak.ground} has a contrast of {ratio}:1 in {mode}, "
        f"below {weak.least}:1; first at `{weak.words[:40]}`"
    )
    cure = "Choose a darker and a lighter colour in theme.yaml."
    clues = weak.clues
    if weak.is_left_behind:
        cause = f"{cause}; no rule for dark mode gives it a colour"
        cure = 'Give it a class that has one, such as css-class="ink", or write a rule for its own.'
        clues = (f'class="{weak.classes}"' if weak.classes else weak.words,)
    group = f"{weak.text} {weak.ground} {mode}"
    return Remark(CONTRAST, cause, cure, clues, group=group)


def _weak(page: Page, screen: Screen) -> Iterator[_Weak]:
    body = page.tree.find("body")
    if body is None:
        return
    by_day = dict(looks_of(body, page.cascade.on(screen._replace(dark=False))))
    for element, look in looks_of(body, page.cascade.on(screen)):
        words = even(" ".join(own_text(element)))
        least = LEAST_LARGE if is_large(look) else LEAST
        if words and look.text and look.ground and contrast(look.text, look.ground) < least:
            behind = screen.dark and element in by_day and by_day[element].text == look.text
            written, classes = look.written, _classes(element)
            yield _Weak(look.text, look.ground, least, words, written, classes, behind)


def _classes(element: HtmlElement) -> str:
    """Return the classes next to a text that a template gave; MJML's own are none."""
    for one in (element, *element.iterancestors()):
        classes = one.get("class") or ""
        if classes and not classes.startswith("mj-"):
            return str(classes)
    return ""


def _forms(written: str, seen: str) -> Iterator[str]:
    """Yield how a style may be written in a file; not that of a colour which is found as it is."""
    name, _, value = written.partition(":")
    if value != seen:
        for one in dict.fromkeys((value, value.replace(", ", ","))):
            yield from (f"{name}:{one}", f"{name}: {one}", f'{name}="{one}"')


def is_large(look: Look) -> bool:
    """Return whether text is large enough to be read with less contrast."""
    return look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD)
