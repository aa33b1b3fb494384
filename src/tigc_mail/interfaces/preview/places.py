"""The file that a message is about, for the page to show at its line."""

import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tigc_mail.errors import UsageError
from tigc_mail.ground.reading import UnreadableError, content_of
from tigc_mail.interfaces.preview.live import FOLDERS
from tigc_mail.interfaces.settings import FILE as SETTINGS

LARGEST = 1_000_000
"""Octets of a file that is shown."""

_FILE = re.compile(r"[^:(]+?(?=: |$| \(|:$)")
_LINE = re.compile(r"\(line (\d+)(?:, column (\d+))?\)")


class Spot(NamedTuple):
    """A place in a file."""

    file: str
    """As seen from the workspace."""
    line: int
    """Counted from 1; 0 where the place is the whole file."""
    column: int
    text: str
    """The file."""


def spot_at(folder: Path, place: str) -> Spot:
    """Return the file of a place such as `editions/x/edition.yaml: subject (line 3, column 5)`.

    Raises:
        UsageError: if it is no file of the workspace that people write, or not a text.
    """
    name = _FILE.match(place)
    path = PurePosixPath(name[0].strip()) if name else PurePosixPath()
    ours = path.parts[:1] and (path.parts[0] in FOLDERS or path == PurePosixPath(SETTINGS))
    file = (folder / path).resolve() if ours and "\0" not in place else Path()
    if ".." in path.parts or not file.is_relative_to(folder.resolve()):
        raise UsageError("is no file of the workspace", place, "Open it in an editor.")
    try:
        content = content_of(file)
    except FileNotFoundError:
        raise UsageError("no such file", str(path), "Save it again.") from None
    except UnreadableError as error:
        raise UsageError(error.cause, str(path), error.cure) from None
    if len(content) > LARGEST or b"\0" in content:
        raise UsageError("is too large, or no text", str(path), "Open it in an editor.")
    found = _LINE.search(place)
    line, column = (int(found[1]), int(found[2] or 1)) if found else (0, 0)
    return Spot(str(path), line, column, content.decode("utf-8", "replace"))
