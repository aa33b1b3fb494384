"""What mail programs know of CSS, HTML and images, as caniemail.com has found by trying.

`caniemail.csv` holds what is looked for: features that break a message where they fail. What fails
without harm (round corners, shadows) is not there. For each family of programs it says `yes`, `no`
or `partly`: in some of its programs, or in some of its forms. Outlook is that of Windows up to
2019, which draws with Word; nothing stands where nothing was tested.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FAMILIES = {
    "gmail": "Gmail",
    "outlook": "Outlook for Windows",
    "outlook.com": "Outlook.com",
    "apple-mail": "Apple Mail",
    "yahoo": "Yahoo",
}
"""How the columns of the table are told."""

CURES = {
    "address": "Write whole addresses.",
    "background": "Use background-url on an <mj-section>, which Outlook is given in its own way.",
    "colour": "Write the colour that is to be seen, as #rrggbb.",
    "columns": "Use <mj-section> and <mj-column>.",
    "dark": "Write the dark colour into an @media (prefers-color-scheme: dark).",
    "drawing": "Use a PNG or JPEG image with an alt.",
    "film": "Link an image to the page that plays it.",
    "fonts": "Name fonts in theme.yaml that readers have.",
    "form": "Use an <mj-button> that leads to a page with the form.",
    "ground": "Give a plain background too.",
    "hidden": "Leave out what is not to be seen.",
    "link": "Link to the page.",
    "number": "Write the number, in pixels.",
    "padding": "Use a smaller padding around it.",
    "picture": "Prepare the image as it is to be seen.",
    "plain": "Do without.",
    "rules": "Write rules into an <mj-style>, and name fonts in theme.yaml that readers have.",
    "selector": "Give the elements a css-class of their own.",
    "sides": "Write left and right, top and bottom; `start` and `end` of a layout are variables.",
    "still": "Do without, or use an animated GIF whose first picture says all.",
    "theme": "Print a colour of the theme: {{ theme.light.ink }}.",
    "width": "Write a width or a height as well.",
    "words": "Write the words themselves.",
}
"""What to do instead."""


@dataclass(frozen=True)
class Feature:
    """Something that is not known everywhere."""

    id: str
    """As caniemail.com names it."""
    kind: str
    """What it is: a property, a unit, an element..."""
    names: tuple[str, ...]
    """What gives it away; for a selector, an expression."""
    value: re.Pattern[str] | None
    """For a property: which of its values are meant, if not all."""
    title: str
    tested: str
    """The day of the last test."""
    cure: str
    known: dict[str, str]
    """`yes`, `no`, `partly` or nothing, by family."""

    @property
    def source(self) -> str:
        """Where the facts are from."""
        return f"caniemail.com/features/{self.id}/, tested {self.tested}"

    def told(self, without: frozenset[str] = frozenset()) -> str:
        """Return who does not know it, in words; nothing where all do.

        Args:
            without: families that never see it here.
        """
        unknown, partly = (
            [
                FAMILIES[name]
                for name in FAMILIES
                if self.known[name] == level and name not in without
            ]
            for level in ("no", "partly")
        )
        told = [f"not known to {_and(unknown)}"] if unknown else []
        told += [f"known only in part to {_and(partly)}"] if partly else []
        return ", ".join(told)


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@cache
def features(kind: str) -> tuple[Feature, ...]:
    """Return the features of a kind."""
    return tuple(feature for feature in _table() if feature.kind == kind)


@cache
def _table() -> tuple[Feature, ...]:
    with Path(__file__).with_name("caniemail.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_read(csv.DictReader(file)))


def _read(rows: Iterator[dict[str, str]]) -> Iterator[Feature]:
    for row in rows:
        sign, _, value = row["sign"].partition(": ")
        yield Feature(
            id=row["feature"],
            kind=row["kind"],
            names=tuple(sign.split()),
            value=re.compile(value, re.IGNORECASE | re.DOTALL) if value else None,
            title=row["title"],
            tested=row["tested"],
            cure=CURES.get(row["cure"], ""),
            known={name: row[name] for name in FAMILIES},
        )
