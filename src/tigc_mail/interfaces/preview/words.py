"""What differs between two texts, word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

_WORDS = re.compile(r"\w+ *|[^\w\s] *|\s")
"""Words and signs, each with the blanks behind it: blanks alone are nothing in common."""

MAX_PAIRS = 4_000_000
"""Longer passages are not compared word by word: it takes as long as the product of their words."""

ALIKE = 0.5
"""The share of words that passages have in common, at least, to be compared word by word."""


Kind: TypeAlias = Literal["same", "left", "right"]
"""Whether a piece stands in both texts, or in one only."""


class Piece(NamedTuple):
    """A part of two texts."""

    kind: Kind
    text: str


def pieces(left: Sequence[str], right: Sequence[str]) -> tuple[Piece, ...]:
    """Return two texts as one.

    All pieces but those of kind `right`, one after another, are the left text; all but those of
    kind `left` are the right one.

    Args:
        left: the lines of one text.
        right: those of the other.
    """
    return tuple(_joined(_compared([f"{x}\n" for x in left], [f"{x}\n" for x in right])))


def _compared(left: Sequence[str], right: Sequence[str]) -> Iterator[Piece]:
    """Compare line by line, and the lines that differ word by word."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, begin, end, start, stop in matcher.get_opcodes():
        before, after = "".join(left[begin:end]), "".join(right[start:stop])
        if kind == "equal":
            yield Piece("same", before)
        else:
            yield from _worded(before, after)


def _worded(before: str, after: str) -> Iterator[Piece]:
    """Compare word by word; passages that have little in common are told as a whole."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    whole = (Piece("left", before), Piece("right", after))
    if len(left) * len(right) > MAX_PAIRS:
        yield from whole
        return
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        yield from whole
        return
    found = matcher.get_opcodes()
    for at, (kind, begin, end, start, stop) in enumerate(found):
        between = 0 < at < len(found) - 1
        if kind == "equal" and not (between and _says_little(left[begin:end])):
            yield Piece("same", "".join(left[begin:end]))
        else:
            yield from (
                Piece("left", "".join(left[begin:end])),
                Piece("right", "".join(right[start:stop])),
            )


def _says_little(words: Sequence[str]) -> bool:
    """Return whether a passage is one short word, which reads best with the changes around it."""
    text = "".join(words)
    return len(words) <= 2 and len(text.strip()) <= 4 and "\n" not in text


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces without the empty ones; of a run of changes, all the left before the right."""
    for same, run in groupby(found, lambda piece: piece.kind == "same"):
        pieces = list(run)
        kinds: tuple[Kind, ...] = ("same",) if same else ("left", "right")
        for kind in kinds:
            if text := "".join(piece.text for piece in pieces if piece.kind == kind):
                yield Piece(kind, text)
