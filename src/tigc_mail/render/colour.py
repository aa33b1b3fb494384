"""Colours as CSS writes them, and the contrast between two (WCAG 2.2)."""

import re
from colorsys import hls_to_rgb
from typing import NamedTuple

from tigc_mail.render.colour_names import NAMES

_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_FOUND = re.compile(r"#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^)]*\)|\b[a-z]+\b")
_TURN = {"deg": 360.0, "grad": 400.0, "rad": 6.283185307179586, "turn": 1.0, "": 360.0}
_ANGLE = re.compile(r"([-+]?[\d.]+)(deg|grad|rad|turn|)")


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


class Paint(NamedTuple):
    """A colour, and how much of it covers what is behind it."""

    colour: Colour
    alpha: float = 1.0
    """From 0 (nothing) to 1 (all)."""

    def over(self, ground: Colour) -> Colour:
        """Return what is seen of the paint on a ground.

        >>> str(Paint(Colour(0, 0, 0), 0.2).over(Colour(255, 255, 255)))
        '#cccccc'
        """
        mixed = (
            round(above * self.alpha + below * (1 - self.alpha))
            for above, below in zip(self.colour, ground, strict=True)
        )
        return Colour(*mixed)


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
    read = paint(written)
    return read.colour if read is not None and read.alpha == 1 else None


def paint(written: str) -> Paint | None:
    """Return a colour of CSS; None for what is none, or depends on more than itself."""
    text = written.strip().lower()
    if text == "transparent":
        return Paint(Colour(0, 0, 0), 0.0)
    if text in NAMES:
        return Paint(Colour(*NAMES[text]))
    if found := _HEX.fullmatch(text):
        return _of_digits(found[1])
    if found := _FUNCTION.fullmatch(text):
        parts = [part for part in re.split(r"[\s,/]+", found[2]) if part]
        try:
            return _of_parts(found[1], parts)
        except ValueError:
            return None
    return None


def ground(written: str) -> Paint | None:
    """Return the colour in a `background`; None where it has none, or more than a colour."""
    if "url(" in written or "gradient" in written:
        return None
    found = [paint(part) for part in _FOUND.findall(written.lower())]
    return next(filter(None, found), None)


def _of_digits(digits: str) -> Paint:
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, *alpha = (int(digits[at : at + 2], 16) for at in range(0, len(digits), 2))
    return Paint(Colour(red, green, blue), alpha[0] / 255 if alpha else 1.0)


def _of_parts(model: str, parts: list[str]) -> Paint | None:
    """Return the colour of `rgb()` or `hsl()`.

    Raises:
        ValueError: if a part is not a number.
    """
    if len(parts) not in (3, 4):
        return None
    alpha = _share(parts[3], 1.0) if len(parts) == 4 else 1.0
    if model == "rgb":
        return Paint(Colour(*(round(255 * _share(part, 255.0)) for part in parts[:3])), alpha)
    turned = _ANGLE.fullmatch(parts[0])
    if turned is None:
        return None
    hue = float(turned[1]) / _TURN[turned[2]] % 1
    saturation, lightness = (_share(part, 100.0) for part in parts[1:3])
    rgb = hls_to_rgb(hue, lightness, saturation)
    return Paint(Colour(*(round(255 * part) for part in rgb)), alpha)


def _share(part: str, whole: float) -> float:
    """Return a number as a share of a whole, from 0 to 1."""
    share = float(part[:-1]) / 100 if part.endswith("%") else float(part) / whole
    return min(max(share, 0.0), 1.0)
