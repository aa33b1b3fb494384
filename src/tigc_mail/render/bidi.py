"""Right-to-left plain text: Latin names, handles and links keep their order among Arabic words.

Plain text has no markup for directions, so characters without width say them (Unicode Standard
Annex 9). What is Latin stands in an isolate (U+2066 to U+2069), and a line that does not begin with
a letter of its own direction begins with a mark (U+200F). A link stands in no isolate, because mail
programs that find links in a text would take the end of it for a part of the address.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from tigc_mail.render.slots import TOKEN

LTR_MARK, RTL_MARK = "\u200e", "\u200f"
LTR_ISOLATE, RTL_ISOLATE, FIRST_STRONG_ISOLATE, END = "\u2066", "\u2067", "\u2068", "\u2069"

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LATIN = rf"(?:(?![{_RTL}])[^\W\d_])"
"""A letter that is written from left to right."""

_PIECES = re.compile(
    rf"(?P<link>https?://[^\s<>\"{_RTL}]*[^\s<>\".,;:!?)\]{_RTL}])(?P<behind> ?)"
    rf"|(?P<slots>{TOKEN.pattern}(?: {TOKEN.pattern})*)"
)
_BRACKETED = rf"\([^(){_RTL}]*\)"
_RUN = re.compile(
    rf"[^\s{_RTL}()\[\]\"'«»“”|│·:;,!?<>]{{0,40}}{_LATIN}"
    rf"(?:(?:[^{_RTL}|│·()]|{_BRACKETED})*(?:{_LATIN}|(?<=\))))?[\d+%]*"
    r"|(?<!\S)[-+\u2212]\d(?:[ .,\u00a0\u202f]?\d)*%?"
)
"""Latin words, with what is written to them: the sign of a handle, the digits of a name;
and numbers with their sign."""

_LATIN_LINE = re.compile(rf"((?:[-*>] |\d+\. |\s){{0,40}})([^{_RTL}|│·]*{_LATIN}[^{_RTL}|│·]*)")
"""A line without a word from right to left: the mark of an item, and what it says."""

_FIRST_LETTER = re.compile(r"[^\W\d_]")
_IS_RTL = re.compile(f"[{_RTL}]")

OWN_DIRECTION = {"recipient.salutation": RTL_ISOLATE}
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


def _line(line: str, slot_of: Callable[[str], str]) -> str:
    if not line.strip():
        return line
    whole = _LATIN_LINE.fullmatch(line)
    if whole is not None and not _PIECES.search(line):
        return f"{RTL_MARK}{whole[1]}{LTR_ISOLATE}{whole[2]}{END}"
    letter = _FIRST_LETTER.search(line)
    begins_rtl = letter is not None and _IS_RTL.match(letter.group())
    return ("" if begins_rtl else RTL_MARK) + "".join(_pieces(line, slot_of))


def _pieces(line: str, slot_of: Callable[[str], str]) -> Iterator[str]:
    at = 0
    for piece in _PIECES.finditer(line):
        yield _isolated(line[at : piece.start()])
        if piece["link"]:
            ends = piece.end() == len(line)
            yield _link(piece["link"], piece["behind"], ends=ends)
        else:
            yield _slots(piece["slots"], slot_of)
        at = piece.end()
    yield _isolated(line[at:])


def _isolated(text: str) -> str:
    return _RUN.sub(lambda run: f"{LTR_ISOLATE}{run.group()}{END}", text)


def _link(link: str, behind: str, *, ends: bool) -> str:
    """Return a link; behind one that ends in a sign, a mark keeps the sign at its end.

    A blank parts the link from the mark, or the mark would become a part of the link.
    """
    safe = link[-1].isalnum() and TOKEN.search(link, max(0, len(link) - 20)) is None
    if safe or not (behind or ends):
        return link + behind
    return f"{link} {LTR_MARK}"


def _slots(tokens: str, slot_of: Callable[[str], str]) -> str:
    names = {slot_of(token) for token in tokens.split(" ")}
    if any(name.endswith(".own_time") for name in names):  # a line of its own, in its own words
        return tokens
    kinds = {OWN_DIRECTION.get(name, FIRST_STRONG_ISOLATE) for name in names}
    kind = kinds.pop() if len(kinds) == 1 else FIRST_STRONG_ISOLATE
    return f"{kind}{tokens}{END}"
