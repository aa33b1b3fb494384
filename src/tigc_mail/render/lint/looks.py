"""How text looks at each place of a page: its colour, its ground, its size."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml.html import HtmlElement

from tigc_mail.render.colour import Colour, Paint, ground, paint
from tigc_mail.render.lint.cascade import Style
from tigc_mail.render.lint.page import HEADINGS, UNSEEN

_WHITE, _BLACK, _LINK = Colour(255, 255, 255), Colour(0, 0, 0), Colour(0, 0, 238)
_INK = Paint(_BLACK)
_BOLD = frozenset({"b", "strong", "th", *HEADINGS})
_SIZE = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_WEIGHT = re.compile(r"\b(bold|bolder|[1-9]00)\b")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}


class _Veil(NamedTuple):
    """An element that shines through, and what is seen behind it."""

    opacity: float
    behind: Colour


@dataclass(frozen=True)
class Look:
    """How text looks at one place; None for a colour that cannot be known."""

    paint: Paint | None = _INK
    own_ground: Colour | None = _WHITE
    """Before anything around it shines through."""
    written: tuple[str, ...] = ()
    """What of the styles makes the colour of the text, as it is written."""
    veils: tuple[_Veil, ...] = ()
    """What shines through, the innermost first."""
    size: float = 16.0
    """Pixels."""
    bold: bool = False

    @property
    def ground(self) -> Colour | None:
        """What is seen behind the text."""
        return None if self.own_ground is None else self._through(self.own_ground)

    @property
    def text(self) -> Colour | None:
        """The colour that is seen of the text."""
        if self.paint is None or self.own_ground is None:
            return None
        return self._through(self.paint.over(self.own_ground))

    def _through(self, colour: Colour) -> Colour:
        for opacity, behind in self.veils:
            colour = Paint(colour, opacity).over(behind)
        return colour


def looks_of(
    body: HtmlElement, styles: Mapping[HtmlElement, Style]
) -> Iterator[tuple[HtmlElement, Look]]:
    """Yield how the text looks that stands directly in each element that is shown."""
    yield from _looks(body, styles, Look())


def _looks(
    element: HtmlElement, styles: Mapping[HtmlElement, Style], above: Look
) -> Iterator[tuple[HtmlElement, Look]]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    style = styles[element]
    if style.get("display") == "none":
        return
    look = _look(element, style, above)
    yield element, look
    for child in element:
        yield from _looks(child, styles, look)


def _look(element: HtmlElement, style: Style, above: Look) -> Look:
    font = style.get("font", "")
    weight = style.get("font-weight") or "".join(_WEIGHT.findall(font)[:1])
    look = replace(
        _veiled(style, above),
        own_ground=_ground(element, style, above.own_ground),
        size=_size(style.get("font-size") or font, above.size),
        bold=_bold(str(element.tag), weight, above=above.bold),
    )
    hint = element.get("color") if element.tag == "font" else None
    veiled = tuple(one for one in look.written if one.startswith("opacity"))
    if written := style.get("color") or hint:
        if written in ("inherit", "currentcolor", "unset"):
            return look
        return replace(
            look,
            paint=paint(written) or paint(f"#{written}"),
            written=(*veiled, f"color:{written}"),
        )
    if element.tag == "a" and element.get("href"):
        return replace(look, paint=Paint(_LINK), written=veiled)
    return look


def _veiled(style: Style, above: Look) -> Look:
    """Return the look above, seen through the element's opacity."""
    written = style.get("opacity", "1")
    try:
        opacity = float(written[:-1]) / 100 if written.endswith("%") else float(written)
    except ValueError:
        return above
    if opacity >= 1:
        return above
    if above.own_ground is None:
        return replace(above, paint=None)
    veil = _Veil(max(opacity, 0.0), above.own_ground)
    said = (f"opacity:{written}", *above.written)
    return replace(above, veils=(veil, *above.veils), written=said)


def _ground(element: HtmlElement, style: Style, above: Colour | None) -> Colour | None:
    if "url(" in style.get("background", "") or style.get("background-image", "none") != "none":
        return None
    hint = element.get("bgcolor")
    written = style.get("background-color") or style.get("background") or hint
    if not written or written in ("none", "inherit", "initial", "unset"):
        return above
    found = ground(written)
    if found is None or found.alpha == 1:
        return found and found.colour
    return None if above is None else found.over(above)


def _size(written: str, above: float) -> float:
    found = _SIZE.search(written)
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
