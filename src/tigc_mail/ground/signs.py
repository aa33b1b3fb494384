"""Signs that no text of a message may hold: what nobody can see, and what turns words round."""

import re
from typing import NamedTuple
from unicodedata import category

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of a character, and what is none: no format of a message has them."""

_TURNING = re.compile("[\u202a-\u202e]")
"""Embeddings and overrides of directions: what stands behind one is read as something else."""

_WHAT = {"Cc": "a control character", "Cs": "half a character"}
"""What a sign is, by its Unicode category."""

_LAST = 0x10FFFF


class Unfit(NamedTuple):
    """A sign that may not stand in a text."""

    position: int
    what: str
    """What it is, such as `a control character (U+0007)`."""
    cure: str


def unfit(text: str) -> Unfit | None:
    """Return the first sign of a text that may not stand there; None where there is none."""
    if found := _NO_TEXT.search(text):
        what = _WHAT.get(category(found.group()), "a noncharacter")
        return Unfit(found.start(), f"{what} ({_code(found)})", "Remove it.")
    if found := _TURNING.search(text):
        cure = (
            "Remove it: each language has its direction, and a mark (U+200E, U+200F) does no harm."
        )
        what = f"a sign that turns the letters behind it round ({_code(found)})"
        return Unfit(found.start(), what, cure)
    return None


def unfit_code(code: int) -> Unfit | None:
    """Return why a text may not hold the character of a number; None where it may."""
    if not 0 < code <= _LAST:
        return Unfit(0, "no character", "Remove it.")
    return unfit(chr(code))


def _code(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"
