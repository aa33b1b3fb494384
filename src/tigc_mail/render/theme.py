"""The theme of a workspace: `theme.yaml` as a model; contrasts are checked when it is read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from tigc_mail.ground.documents import Frozen, read_document
from tigc_mail.ground.language import LOCALES, Filled, Translations
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.problems import Problems
from tigc_mail.render.colour import Colour, colour, contrast
from tigc_mail.render.fallbacks import ByLanguage

_NAME = "templates/theme.yaml"

LEAST_TEXT = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3)."""

LEAST_SHAPE = 3.0
"""The contrast that a button, a bar or a frame needs (WCAG 2.2, 1.4.11)."""


def _hex(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f'{value!r} is not a colour; write "#" and six digits, in quotes')
    return value.lower()


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s<>\"'\\{}]+", value):
        raise ValueError("is not a link that begins with https://")
    return value


_GENERIC = ("serif", "sans-serif", "monospace", "system-ui")


def _fonts(value: str) -> str:
    families = [family.strip() for family in value.split(",")]
    if not all(re.fullmatch(r"[\w -]+", family) for family in families):
        raise ValueError("is not a list of font names with commas between them, without quotes")
    if families[-1] not in _GENERIC:
        generic = ", ".join(_GENERIC)
        raise ValueError(f"ends in no font that every reader has; end it with one of {generic}")
    return value


Hex = Annotated[str, AfterValidator(_hex)]
"""A colour with all its digits: mail programs do not all know short ones, or names."""

Https = Annotated[str, AfterValidator(_https)]
"""An address that begins with https://."""

Fonts = Annotated[str, AfterValidator(_fonts)]
"""Names of fonts, the last one generic."""


class Organisation(Frozen):
    """Who every message says it is from."""

    name: Translations
    purpose: Translations
    wordmark: Filled
    """Its name in a few letters, at the head of the message."""
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    site: Https
    address: str = ""
    """A postal address; printed where it is not empty."""


class Logo(Frozen):
    """An image in the place of the wordmark."""

    url: Https
    alt: Translations
    """What stands there where images are not shown."""
    width: Annotated[int, Field(ge=16, le=360)]
    """Pixels."""


class Channel(Frozen):
    """One place where the organisation can be followed."""

    name: Filled
    """As it is known there: `@IIPCIC`."""
    url: Https | None = None
    """Where it leads; only named where there is none."""


class FontNames(Frozen):
    """The fonts of titles and of text."""

    body: Fonts
    display: Fonts
    arabic: Fonts


class Palette(Frozen):
    """The colours of one mode."""

    canvas: Hex
    surface: Hex
    inset: Hex
    rule: Hex
    frame: Hex
    ink: Hex
    heading: Hex
    quiet: Hex
    accent: Hex
    on_accent: Hex
    band: Hex
    on_band: Hex
    quiet_on_band: Hex
    alert: Hex
    alert_ground: Hex

    @model_validator(mode="after")
    def _stands_out(self) -> Self:
        """See that every colour stands out from its grounds; told is the weakest pair of each."""
        problems, told = Problems(), set[str]()
        for pair in sorted(_pairs(), key=lambda pair: self._ratio(pair) / pair.least):
            if self._ratio(pair) < pair.least and pair.colour not in told:
                told.add(pair.colour)
                self._tell(pair, problems)
        problems.report("palette")
        return self

    def _ratio(self, pair: "_Pair") -> float:
        return contrast(self._colour(pair.colour), self._colour(pair.ground))

    def _colour(self, name: str) -> Colour:
        return _known(getattr(self, name))

    def _tell(self, pair: "_Pair", problems: Problems) -> None:
        one, ground = self._colour(pair.colour), self._colour(pair.ground)
        ratio = int(self._ratio(pair) * 100) / 100
        cause = (
            f"{one} on `{pair.ground}` {ground} has a contrast of {ratio}:1, "
            f"below the {pair.least}:1 that {pair.what} needs"
        )
        above, below = ("darker", "lighter")
        if one.luminance > ground.luminance:
            above, below = below, above
        cure = f"Make `{pair.colour}` {above}, or `{pair.ground}` {below}."
        problems.add(str(one), cause, cure, (pair.colour,))


def _known(written: str) -> Colour:
    found = colour(written)
    assert found is not None  # noqa: S101  # its digits were checked before
    return found


class LabelColours(Frozen):
    """What stands around the words of a TLP label, the same in light and in dark."""

    ground: Hex = "#000000"
    """FIRST's TLP 2.0 asks for black."""
    text: Hex = "#ffffff"
    """Of the words beside the label of a message."""
    edge: Hex = "#5b6b76"
    """Of the line around the label of a block."""

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        """See that the words stand out."""
        if contrast(_known(self.text), _known(self.ground)) < LEAST_TEXT:
            cause = f"{self.text} on {self.ground} has a contrast below {LEAST_TEXT}:1"
            raise ValueError(f"{cause}; FIRST's TLP 2.0 has white on black")
        return self


class _Pair(NamedTuple):
    """Two colours that the templates put on each other."""

    colour: str
    ground: str
    least: float
    what: str


_TEXT = {
    "surface": ("ink", "heading", "quiet", "accent"),
    "inset": ("ink", "heading", "quiet", "accent"),
    "alert_ground": ("ink", "heading", "quiet", "alert"),
    "canvas": ("quiet",),
    "accent": ("on_accent",),
    "band": ("on_band", "quiet_on_band"),
}
_SHAPES = {"surface": ("frame",), "alert_ground": ("accent",)}
"""Beside the colours of text, which stand out more than a shape needs to."""


def _pairs() -> Iterator[_Pair]:
    for grounds, least, what in ((_TEXT, LEAST_TEXT, "text"), (_SHAPES, LEAST_SHAPE, "a shape")):
        for ground, colours in grounds.items():
            for name in colours:
                yield _Pair(name, ground, least, what)


class Theme(Frozen):
    """How every message looks, and who it says it is from."""

    organisation: Organisation
    logo: Logo | None = None
    social: tuple[Channel, ...] = ()
    fonts: FontNames
    width: Annotated[int, Field(ge=320, le=800)]
    """Pixels."""
    gutter: Annotated[int, Field(ge=0, le=80)]
    """Pixels between text and the edge of the message."""
    light: Palette
    dark: Palette
    band_image: Https | None = None
    """An image behind the masthead; it has to be as dark as `band`."""
    label: LabelColours = LabelColours()
    tlp: dict[Marking, Hex]
    """The colours of the labels, on the ground of `label`."""
    own: dict[str, Any] = Field(default_factory=dict)
    """Whatever else the templates of the team need."""

    @field_validator("tlp")
    @classmethod
    def _has_all_labels(cls, value: dict[Marking, str], info: ValidationInfo) -> dict[Marking, str]:
        missing = [marking.value for marking in Marking if marking not in value]
        if missing:
            raise ValueError(f"has no colour for {', '.join(missing)}")
        ground = info.data.get("label", LabelColours()).ground
        weak = [
            f"{marking.value} {written}"
            for marking, written in value.items()
            if contrast(_known(written), _known(ground)) < LEAST_TEXT
        ]
        if weak:
            cause = f"{', '.join(weak)}: the contrast with {ground} is below {LEAST_TEXT}:1"
            raise ValueError(f"{cause}; take the colours of FIRST's TLP 2.0")
        return value


def load_theme(path: Path) -> dict[str, Any]:
    """Return the theme as templates know it.

    Raises:
        DocumentError: with every fault of the file: what is missing, unknown or unreadable, and
            every pair of colours whose contrast is too low.
    """
    theme = read_document(path, _NAME).check(Theme).model_dump(mode="json")
    return {key: _by_language(key, value) for key, value in theme.items()}


def _by_language(path: str, value: Any) -> Any:
    """Return a part of the theme; a text in some languages has one for each that is missing."""
    if isinstance(value, list):
        return [_by_language(f"{path}[{at}]", part) for at, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value and all(key in LOCALES and isinstance(text, str) for key, text in value.items()):
        return ByLanguage(f"{_NAME}: {path}", value)
    return {key: _by_language(f"{path}.{key}", part) for key, part in value.items()}
