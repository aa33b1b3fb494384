"""Words of messages about what is not known: what was meant, and what there is."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a question for the name that was meant; empty where none is near."""
    found = get_close_matches(name.lower(), list(names), n=1, cutoff=0.7)
    return f"Did you mean `{found[0]}`?" if found else ""


def known(names: Iterable[str]) -> str:
    """Return a sentence with all the names that would do."""
    told = listed(f"`{name}`" for name in sorted(names))
    return f"It takes {told}." if told else "Remove it."


def listed(names: Iterable[str]) -> str:
    """Return names as a list in words: a, b or c."""
    *others, last = list(names) or [""]
    return f"{', '.join(others)} or {last}" if others else last
