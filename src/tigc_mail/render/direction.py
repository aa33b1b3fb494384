"""Plain text in two directions, for programs that know nothing of its language."""

import re
from typing import Literal

LEFT_TO_RIGHT = "\u200e"
RIGHT_TO_LEFT = "\u200f"
"""Marks without width: each is as strong as a letter of its direction (Unicode, UAX 9)."""

_LATIN = re.compile(
    r"""(?<!\u200e)
    [#@]?[A-Za-z\u00c0-\u024f]                 # a name, with its sign in front
    (?:[^\s()\[\]\u0590-\u08ff]               # whatever belongs to a word,
      |[ ](?=[A-Za-z0-9\u00c0-\u024f#@]))*    # and the next word, if it is Latin too
    """,
    re.VERBOSE,
)


def directed(text: str, direction: Literal["ltr", "rtl"]) -> str:
    """Return a text that reads in its direction wherever it is shown.

    From right to left, a mark begins each line, and marks hold Latin names, links and handles
    together with their signs; none follows a link, because programs would take it for a part of it.
    From left to right, a text stays as it is.
    """
    if direction == "ltr":
        return text
    return "\n".join(_marked(line) if line else line for line in text.split("\n"))


def _marked(line: str) -> str:
    held = _LATIN.sub(lambda name: _held(name.group()), line)
    return held if held.startswith(RIGHT_TO_LEFT) else RIGHT_TO_LEFT + held


def _held(name: str) -> str:
    is_link = "://" in name.rpartition(" ")[2]
    return f"{LEFT_TO_RIGHT}{name}" if is_link else f"{LEFT_TO_RIGHT}{name}{LEFT_TO_RIGHT}"
