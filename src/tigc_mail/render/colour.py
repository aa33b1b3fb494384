"""Colours as CSS writes them, and the contrast between two (WCAG 2.2)."""

import re
from typing import NamedTuple

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+(1|1\.0+|100%))?\s*\)")
_FOUND = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)|\b[a-z]+\b")
_NAMES = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "navy": (0, 0, 128),
    "maroon": (128, 0, 0),
    "teal": (0, 128, 128),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
}


class Colour(NamedTuple):
    """An opaque colour, each part from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        """Return the colour as #rrggbb."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """The relative luminance, from 0 (black) to 1 (white)."""
        red, green, blue = (_linear(part / 255) for part in self)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, from 1 (none) to 21.

    >>> contrast(Colour(0, 0, 0), Colour(255, 255, 255))
    21.0
    """
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def colour(written: str) -> Colour | None:
    """Return an opaque colour of CSS; None for what is none, or shines through."""
    text = written.strip().lower()
    if text in _NAMES:
        return Colour(*_NAMES[text])
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return Colour(*(int(digits[at : at + 2], 16) for at in (0, 2, 4)))
    if found := _RGB.fullmatch(text):
        return Colour(*(min(int(part), 255) for part in found.groups()[:3]))
    return None


def ground(written: str) -> Colour | None:
    """Return the colour in a `background`; None where it has none, or more than a colour."""
    if "url(" in written or "gradient" in written:
        return None
    found = [colour(part) for part in _FOUND.findall(written.lower())]
    return next(filter(None, found), None)
