"""Right-to-left text: Latin names, handles and links keep their order among Arabic words.

`pieces` tells what is written in another direction; `isolation` sets it apart in HTML. Plain text
has no markup for directions, so characters without width say them (Unicode Standard
Annex 9). What is Latin stands in an isolate (U+2066 to U+2069), and a line that does not begin with
a letter of its own direction begins with a mark (U+200F). A link stands in no isolate, because mail
programs that find links in a text would take the end of it for a part of the address.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from tigc_mail.render.slots import TOKEN

LTR_MARK, RTL_MARK = "\u200e", "\u200f"
LTR_ISOLATE, RTL_ISOLATE, FIRST_STRONG_ISOLATE, END = "\u2066", "\u2067", "\u2068", "\u2069"

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LATIN = rf"(?:(?![{_RTL}])[^\W\d_])"
"""A letter that is written from left to right."""

_PIECES = re.compile(
    rf"(?P<link>https?://[^\s<>\"{_RTL}]*[^\s<>\".,;:!?)\]{_RTL}])"
    rf"|(?P<slots>{TOKEN.pattern}(?: {TOKEN.pattern})*)"
)
_BRACKETED = rf"\([^(){_RTL}]*\)"
_SHORT = r"(?:(?<=\b(?:Co|Jr|Sr))|(?<=\b(?:Inc|Ltd))|(?<=\b(?:Bros|Corp)))\."
"""The point of a name that ends in an abbreviation."""

_RUN = re.compile(
    rf"[^\s{_RTL}()\[\]\"'«»“”|│·:;,!?<>]{{0,40}}{_LATIN}"
    rf"(?:(?:[^{_RTL}|│·()]|{_BRACKETED})*(?:{_LATIN}|(?<=\))))?(?:{_SHORT}|[\d+%]*)"
    rf"|(?<!\S)[-+\u2212]\d(?:[ .,\u00a0\u202f]?\d)*%?(?!{_LATIN}|\d)"
)
"""Latin words, with what is written to them: the sign of a handle, the digits of a name;
and numbers with their sign, as far as no name begins with their digits."""

_LATIN_LINE = re.compile(rf"((?:[-*>] |\d+\. |\s){{0,40}})([^{_RTL}|│·]*{_LATIN}[^{_RTL}|│·]*)")
"""A line without a word from right to left: the mark of an item, and what it says."""

_FIRST_LETTER = re.compile(r"[^\W\d_]")
_IS_RTL = re.compile(f"[{_RTL}]")

OWN_DIRECTION: dict[str, "Kind"] = {"recipient.salutation": "rtl"}
"""Slots whose values are sentences in the language of the message."""


def arranged(text: str, slot_of: Callable[[str], str] = str) -> str:
    """Return a right-to-left text with the marks that keep its words in order.

    Args:
        text: plain text, with tokens where slots are.
        slot_of: returns the slot that a token stands for.
    """
    return "\n".join(_line(line, slot_of) for line in text.split("\n"))


def directed(text: str, direction: Literal["ltr", "rtl"]) -> str:
    """Return a text without slots as it is shown in its direction; from left to right, as it is."""
    return arranged(text) if direction == "rtl" else text


def is_latin(text: str) -> bool:
    """Return whether all the words of a text are written from left to right; no slot is in it."""
    return _LATIN_LINE.fullmatch(text) is not None and TOKEN.search(text) is None


Kind = Literal["plain", "link", "ltr", "rtl", "auto"]


class Piece(NamedTuple):
    """A part of a right-to-left text."""

    kind: Kind
    """Its direction; a slot's is that of its value, `auto`. What is "plain" needs no isolate."""
    text: str


def pieces(text: str, slot_of: Callable[[str], str] = str) -> Iterator[Piece]:
    """Yield the pieces of a right-to-left text, in their order.

    Args:
        text: with tokens where slots are.
        slot_of: returns the slot that a token stands for.
    """
    at = 0
    for piece in _PIECES.finditer(text):
        yield from _runs(text[at : piece.start()])
        if piece["link"]:
            yield Piece("link", piece["link"])
        else:
            yield Piece(_kind(piece["slots"], slot_of), piece["slots"])
        at = piece.end()
    yield from _runs(text[at:])


def _runs(text: str) -> Iterator[Piece]:
    at = 0
    for run in _RUN.finditer(text):
        yield Piece("plain", text[at : run.start()])
        yield Piece("ltr", run.group())
        at = run.end()
    yield Piece("plain", text[at:])


def _line(line: str, slot_of: Callable[[str], str]) -> str:
    if not line.strip():
        return line
    whole = _LATIN_LINE.fullmatch(line)
    if whole is not None and not _PIECES.search(line):
        return f"{RTL_MARK}{whole[1]}{LTR_ISOLATE}{whole[2]}{END}"
    letter = _FIRST_LETTER.search(line)
    begins_rtl = letter is not None and _IS_RTL.match(letter.group())
    parts = [piece for piece in pieces(line, slot_of) if piece.text]
    if parts[-1].kind == "link":
        parts.append(Piece("plain", "" if _is_safe(parts[-1].text) else " "))
    marked = [_marked(*pair) for pair in pairwise([Piece("plain", ""), *parts])]
    return ("" if begins_rtl else RTL_MARK) + "".join(marked)


_ISOLATES: dict[Kind, str] = {
    "ltr": LTR_ISOLATE,
    "rtl": RTL_ISOLATE,
    "auto": FIRST_STRONG_ISOLATE,
}


def _marked(before: Piece, piece: Piece) -> str:
    """Return a piece with its marks.

    A mark behind a link keeps the sign that the link ends in at its end. A blank parts the two, or
    the mark would become a part of the link.
    """
    if piece.kind in _ISOLATES:
        return f"{_ISOLATES[piece.kind]}{piece.text}{END}"
    if before.kind == "link" and piece.text.startswith(" ") and not _is_safe(before.text):
        return f" {LTR_MARK}{piece.text[1:]}"
    return piece.text


def _is_safe(link: str) -> bool:
    return link[-1].isalnum() and TOKEN.search(link, max(0, len(link) - 20)) is None


def _kind(tokens: str, slot_of: Callable[[str], str]) -> Kind:
    """Return the direction of slots that stand together."""
    names = {slot_of(token) for token in tokens.split(" ")}
    if any(name.endswith(".own_time") for name in names):  # a line of its own, in its own words
        return "plain"
    kinds = {OWN_DIRECTION.get(name, "auto") for name in names}
    return kinds.pop() if len(kinds) == 1 else "auto"
