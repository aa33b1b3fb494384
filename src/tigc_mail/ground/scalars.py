"""Where in a YAML file a letter of a text stands, however the text is written there.

YAML folds lines and takes indentation away, but leaves every other letter where it is: so the
letters of a text are followed through the file, and what is blank on either side is skipped.
"""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

_ESCAPES = {'"': "\\", "'": "'"}
"""What may stand before a letter of a quoted text without being one."""


def written_at(file: str, content: Any, path: tuple[str | int, ...], offset: int) -> int | None:
    """Return where in the file a letter of a text stands; None where that cannot be told.

    Args:
        file: what the file says.
        content: what was read from it.
        path: keys and indices of the text.
        offset: which letter of it, without the blanks around it.
    """
    begin = _begin(file, content, path)
    text = None if begin is None else _at(content, path)
    return _follow(file, begin, text.strip(), offset) if begin and isinstance(text, str) else None


def _at(content: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


def _begin(file: str, content: Any, path: tuple[str | int, ...]) -> int | None:
    """Return where a value begins in the file."""
    try:
        holder, last = _at(content, path[:-1]), path[-1]
        if isinstance(holder, CommentedMap):
            line, column = holder.lc.value(last)
        elif isinstance(holder, CommentedSeq):
            line, column = holder.lc.item(last)
        else:
            return None
    except (KeyError, IndexError, TypeError):
        return None
    return sum(len(one) + 1 for one in file.split("\n")[:line]) + int(column)


def _follow(file: str, at: int, text: str, offset: int) -> int | None:
    """Return where the letter of a text stands whose writing begins at a place of the file."""
    opening = file[at : at + 1]
    if opening in ("|", ">"):
        at = file.find("\n", at)
    elif opening in _ESCAPES:
        at += 1
    escape = _ESCAPES.get(opening, "")
    for sign in (sign for sign in text[: offset + 1] if not sign.isspace()):
        at = _skipped(file, at)
        if escape and file[at : at + 1] != sign and file[at : at + 1] == escape:
            at = _skipped(file, at + 1)
        if file[at : at + 1] != sign:
            return None
        at += 1
    return at - 1


def _skipped(file: str, at: int) -> int:
    while file[at : at + 1].isspace():
        at += 1
    return at
