"""Whether labels of the Traffic Light Protocol are shown as FIRST's TLP 2.0 asks.

Each label stands before what it covers, in the colours of the standard. What a label covers is
found by the block's own words; a block whose words are not met (its template prints others) is
taken for labelled where its label is met at all.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate

from tigc_mail.content.tailored import TailoredBlock, TailoredCustom
from tigc_mail.ground.marking import Marking
from tigc_mail.render.colour import Colour
from tigc_mail.render.lint.cascade import Screen
from tigc_mail.render.lint.finding import Remark, error
from tigc_mail.render.lint.looks import looks_of
from tigc_mail.render.lint.page import HEADINGS, Page, even, template_of

SUBJECT = error(
    "tlp-subject", "FIRST's TLP 2.0 asks for the label in the subject, so that nobody forwards it."
)
BODY = error("tlp-body", "FIRST's TLP 2.0 asks for the label in the text, before what it covers.")
COLOURS = error("tlp-colour", "Readers know a label by the colours of FIRST's TLP 2.0.")

CHECKS = (SUBJECT, BODY, COLOURS)
"""The checks of this family."""

GROUND = Colour(0, 0, 0)
TEXT = {
    Marking.CLEAR: Colour(0xFF, 0xFF, 0xFF),
    Marking.GREEN: Colour(0x33, 0xFF, 0x00),
    Marking.AMBER: Colour(0xFF, 0xC0, 0x00),
    Marking.AMBER_STRICT: Colour(0xFF, 0xC0, 0x00),
    Marking.RED: Colour(0xFF, 0x2B, 0x2B),
}
"""The colours of each label, as the standard gives them."""

CURE = "Print {{ marking }} where it is above TLP:CLEAR, as the shipped layout does."
CURE_BLOCK = "Print {{ block.marking }} before it, as blocks/label.mjml.j2 and title.txt.j2 do."
CURE_COLOURS = "Print the label in color:{{ theme.tlp[marking] }} on #000000."

LEAST_RUN = 15
"""Characters of a block's words that are looked for in the page."""

_LABEL = re.compile(r"TLP:(RED|AMBER\+STRICT|AMBER|GREEN|CLEAR)(?![+\w])")
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SLOT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_SIGNS = re.compile(r"[^\w\s,;:.'\u2019-]+|\n\s*\n|^\s*(?:[-+*]|\d+\.)\s", re.MULTILINE)


class _Said:
    """A part of a message as it is read, from its beginning to its end."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self.pieces = [even(_MARKS.sub("", piece)) for piece in pieces]

    @cached_property
    def starts(self) -> list[int]:
        """Where each piece begins in the text."""
        return list(accumulate((len(piece) + 1 for piece in self.pieces), initial=0))[:-1]

    @cached_property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.pieces)

    @cached_property
    def labels(self) -> list[tuple[int, Marking]]:
        """Each label, and where it stands."""
        return [(found.start(), Marking(found[0])) for found in _LABEL.finditer(self.text)]

    def find(self, block: TailoredBlock, after: int) -> int | None:
        """Return where the first words of a block stand, as far as they are met."""
        places = (self._title(block, after), self._body(block, after))
        return min((place for place in places if place is not None), default=None)

    def _title(self, block: TailoredBlock, after: int) -> int | None:
        if not block.title:
            return None
        title = re.compile(".*".join(map(re.escape, _SLOT.split(even(block.title)))))
        met = zip(self.starts, self.pieces, strict=True)
        return next((at for at, piece in met if at >= after and title.fullmatch(piece)), None)

    def _body(self, block: TailoredBlock, after: int) -> int | None:
        texts = block.texts.values() if isinstance(block, TailoredCustom) else (block.body,)
        parts = _SLOT.split("\n\n".join(texts))
        runs = (even(run) for part in parts for run in _SIGNS.split(part))
        run = next((run for run in runs if len(run) >= LEAST_RUN), "")
        found = self.text.find(run, after) if run else -1
        return found if found >= 0 else None

    def has(self, label: Marking, begin: int, end: int) -> bool:
        """Return whether a label stands between two places."""
        return any(begin <= at < end for at, met in self.labels if met is label)


def check(page: Page) -> Iterator[Remark]:
    """Check the labels of a page above TLP:CLEAR."""
    marking = page.edition.marking
    if marking is Marking.CLEAR:
        return
    if marking not in {Marking(found[0]) for found in _LABEL.finditer(page.rendered.subject)}:
        yield Remark(SUBJECT, f"the subject lacks {marking.value}", CURE, path="subject")
    html = _Said(piece for piece, _ in page.pieces)
    heading = next((text for text, element in page.pieces if element.tag in HEADINGS), "")
    subject = page.rendered.subject.removeprefix(marking.value)
    text = _Said(page.rendered.text.splitlines())
    yield from _in_part(page, html, "HTML", "mjml.j2", even(heading))
    yield from _in_part(page, text, "plain text", "txt.j2", even(subject))
    yield from _colours(page)


def _in_part(page: Page, said: _Said, part: str, kind: str, heading: str) -> Iterator[Remark]:
    """Check that the labels of one part of a message stand before what they cover."""
    marking, end = page.edition.marking, len(said.text)
    layout = f"templates/{page.edition.kind}.{kind}"
    if not said.has(marking, 0, end):
        yield Remark(BODY, f"the {part} lacks {marking.value}", CURE, place=layout)
        return
    met = heading and heading in said.pieces
    begin = said.starts[said.pieces.index(heading)] if met else 0
    covered = False
    for block in page.edition.blocks:
        at = said.find(block, begin)
        due = block.marking
        if at is not None and due is marking and not covered:
            covered = True
            if not said.has(marking, 0, at):
                cause = f"the {part} shows {marking.value} only after what it covers"
                yield Remark(BODY, cause, CURE, place=layout)
                return
        window = (0, end) if at is None else (begin, at)
        if due is not Marking.CLEAR and not said.has(due, *window):
            place = f"templates/blocks/{template_of(block)}.{kind}"
            cause = f"the {part} lacks {due.value} before the block `{block.id}`"
            yield Remark(BODY, cause, CURE_BLOCK, place=place)
        begin = begin if at is None else at + 1


def _colours(page: Page) -> Iterator[Remark]:
    """Check the colours of all labels, as far as they are known."""
    body = page.tree.find("body")
    labels = {
        element: Marking(found[0])
        for text, element in page.pieces
        if (found := _LABEL.fullmatch(text.strip()))
    }
    if body is None or not labels:
        return
    for screen in (Screen(), Screen(dark=True)):
        for element, look in looks_of(body, page.cascade.on(screen)):
            label = labels.get(element)
            if label is None or look.text is None or look.ground is None:
                continue
            if (look.text, look.ground) != (TEXT[label], GROUND):
                mode = "dark" if screen.dark else "light"
                cause = (
                    f"{label.value} is {look.text} on {look.ground} in {mode} mode, "
                    f"not {TEXT[label]} on {GROUND}"
                )
                clues = () if look.text == TEXT[label] else (str(look.text),)
                yield Remark(COLOURS, cause, CURE_COLOURS, clues, group=f"{label} {look.text}")
