"""Words, and runs of them, compared whatever became of their case, accents, blanks and markup."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import unescape
from urllib.parse import unquote

WINDOW = 5
"""So many words in a row are a run; a text, or a line of one, with fewer is a run as a whole."""

LEAST_LETTERS = 5
"""Letters and digits in a run that can be told from others; `EU` stands in every second text."""

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = ("Mn", "Cf")
"""Categories of accents (once letters are taken apart), soft hyphens, marks of direction."""

_SLOT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LINK = re.compile(r"[a-z]+://[^\s)>\]\"']+", re.IGNORECASE)
_CELL = re.compile(r"[\n|]")


def words(text: str) -> list[str]:
    """Return the words of a text in one spelling: decoded, small letters, no accents."""
    plain = unquote(unescape(text))
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in apart if unicodedata.category(c) not in _INVISIBLE)
    return _WORD.findall(plain.casefold())


def runs(text: str) -> Iterator[str]:
    """Yield the runs of a text as its author wrote it that can be told from others.

    What stands on either side of a slot does not belong together. A line, a cell of a table and a
    link are looked at on their own as well.
    """
    for piece in _SLOT.split(text):
        for part in (piece, *_CELL.split(piece), *_LINK.findall(piece)):
            found = words(part)
            size = min(len(found), WINDOW)
            yield from filter(_is_distinctive, _windows(found, size))


def all_runs(texts: Iterable[str]) -> set[str]:
    """Return every sequence of words in some texts that a run could be."""
    found: set[str] = set()
    for text in texts:
        of_text = words(text)
        for size in range(1, WINDOW + 1):
            found.update(_windows(of_text, size))
    return found


def fingerprint(content: bytes) -> str:
    """Return a word that stands for the content of a file, and for no other."""
    return f"file{sha256(content).hexdigest()}"


def _windows(found: Sequence[str], size: int) -> Iterator[str]:
    if size:
        for at in range(len(found) - size + 1):
            yield " ".join(found[at : at + size])


def _is_distinctive(run: str) -> bool:
    letters = run.replace(" ", "")
    return len(letters) >= LEAST_LETTERS and not letters.isdigit()
