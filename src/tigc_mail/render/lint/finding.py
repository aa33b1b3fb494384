"""What a check finds, and for which readers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from tigc_mail.ground.language import Locale


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    """Some readers cannot read, trust or leave the message: do not send it."""
    WARNING = "warning"
    """The message is worse than it has to be."""
    NOTE = "note"
    """Worth knowing; nothing has to be done."""


class Check(NamedTuple):
    """One thing that is looked at."""

    id: str
    """In kebab case, for programs."""
    severity: Severity
    why: str
    """Why it matters, in one sentence."""


def error(name: str, why: str) -> Check:
    """Return a check whose findings are errors."""
    return Check(name, Severity.ERROR, why)


def warning(name: str, why: str) -> Check:
    """Return a check whose findings are warnings."""
    return Check(name, Severity.WARNING, why)


def note(name: str, why: str) -> Check:
    """Return a check whose findings are notes."""
    return Check(name, Severity.NOTE, why)


class Variant(NamedTuple):
    """Some readers of an edition: an audience, a language and the conditional blocks they see."""

    audience: str
    locale: Locale
    shown: tuple[str, ...] = ()
    """The ids of the conditional blocks shown, in the author's order."""

    def to_json(self) -> dict[str, Any]:
        """Return the variant for programs."""
        return {"audience": self.audience, "locale": self.locale, "shown": list(self.shown)}


TEXT = "its words"
"""The part of an element that no attribute holds."""

TEXT_END = "the end of the plain text"
"""What stands among the tags of a remark on a plain text that lacks something."""


class Spot(NamedTuple):
    """An element of a page, and what of it is meant."""

    element: HtmlElement
    parts: tuple[str, ...] = ()
    """Attributes of the element as it was written, the likeliest first, or `TEXT`."""
    values: tuple[str, ...] = ()
    """What the theme or a style gives to it where it holds none of them itself: a colour."""
    theme: str = ""
    """What of the theme it is given, where that is known: `theme.light.ink`."""


class Remark(NamedTuple):
    """What a check has to say of one variant, before its place is known."""

    check: Check
    cause: str
    cure: str
    clues: tuple[str, ...] = ()
    """Texts to find in the author's files where nothing else leads there."""
    path: str = ""
    """The text that it is about, as `Fallback.path` names it; it goes before all else."""
    offset: int | None = None
    """Which letter of that text; None for the whole."""
    place: str = ""
    """Where it is if nothing leads anywhere; by default the layout of the edition."""
    group: str = ""
    """Remarks of one group at one place are one finding: that with the greatest weight is told."""
    weight: float = 0
    spots: tuple[Spot, ...] = ()
    """The elements that it is about, the likeliest first."""
    tags: tuple[str, ...] = ()
    """The elements of the layout that it is about, if no one of the page is: `mj-head`."""
    in_text: bool = False
    """Whether it is about the plain text of what its spots are in."""
    once: bool = False
    """Whether those of its group are one finding wherever they are: at the place of the first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, told once for all the variants that it concerns."""

    check: Check
    place: str
    """In the author's files: `editions/x/edition.yaml: blocks[2].body.fr (line 31, column 7)`."""
    cause: str
    cure: str
    variants: tuple[Variant, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.check.severity

    def to_json(self) -> dict[str, Any]:
        """Return the finding for programs."""
        return {
            "severity": self.severity.value,
            "check": self.check.id,
            "place": self.place,
            "cause": self.cause,
            "why": self.check.why,
            "cure": self.cure,
            "variants": [variant.to_json() for variant in self.variants],
        }


class Findings:
    """Gathers remarks of many variants; equal ones become one finding."""

    def __init__(self) -> None:
        self._found: dict[tuple[Check, str, str], tuple[float, Finding]] = {}
        self._first: dict[tuple[Check, str], str] = {}

    def add(self, remark: Remark, place: str, variants: Iterable[Variant]) -> None:
        """Note a remark at its place, for some variants."""
        if remark.once:
            place = self._first.setdefault((remark.check, remark.group), place)
        key = (remark.check, place, remark.group or remark.cause)
        weight, known = self._found.get(key, (remark.weight, None))
        concerned = dict.fromkeys((*(known.variants if known else ()), *variants))
        if known is not None and weight >= remark.weight:
            cause, cure = known.cause, known.cure
        else:
            weight, cause, cure = remark.weight, remark.cause, remark.cure
        told = Finding(remark.check, place, cause, cure, tuple(concerned))
        self._found[key] = (weight, told)

    def all(self) -> tuple[Finding, ...]:
        """Return the findings, the worst first, then in the order of their places."""
        severities = list(Severity)
        return tuple(
            sorted(
                (finding for _, finding in self._found.values()),
                key=lambda finding: severities.index(finding.severity),
            )
        )
