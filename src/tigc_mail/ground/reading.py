"""Reading files and folders: whatever the file system refuses has a cause and a cure."""

import errno
import os
import re
import stat
from io import BufferedReader
from pathlib import Path

LINE_BREAK = re.compile("\r\n|\r")
"""Breaks of lines that are read as if they were one character."""

_RIGHT = "Give this account the right to read it."
_NO_FOLDER = ("is not a folder", "Move it away, and make a folder of that name.")
_OTHERWISE = "Look at it, and at the disk that it is on."
_CURES = {
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
    errno.ENAMETOOLONG: "Write a shorter name.",
}


class UnreadableError(OSError):
    """Something is there, or may be, and cannot be read.

    Args:
        cause: what is wrong.
        cure: what to do about it.
    """

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


class NotAFileError(UnreadableError):
    """There is a folder, a pipe, a device or a socket where a file should be."""

    def __init__(self) -> None:
        super().__init__("is not a file to read from", "Put a file in its place, or take it away.")


def open_file(path: Path) -> BufferedReader:
    """Open a file to read from.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        UnreadableError: if it cannot be read, or is no file; a pipe would be waited for.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotAFileError
        return path.open("rb")
    except (FileNotFoundError, UnreadableError):
        raise
    except (OSError, ValueError) as error:
        raise unreadable(error) from None


def content_of(path: Path, most: int = -1) -> bytes:
    """Return what is in a file.

    Args:
        path: the file.
        most: how many bytes of it are read; all by default.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        UnreadableError: if it cannot be read, or is no file; a pipe would be waited for.
    """
    with open_file(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            raise unreadable(error) from None


def read_text(path: Path, errors: str = "strict") -> str:
    """Return the text of a file in UTF-8, with every break of lines as one character.

    Args:
        path: the file.
        errors: what becomes of what is not UTF-8, as `bytes.decode` knows it.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        UnreadableError: if it cannot be read, or is no file; a pipe would be waited for.
        UnicodeDecodeError: if it is not UTF-8.
    """
    return LINE_BREAK.sub("\n", content_of(path).decode("utf-8", errors))


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of what is in a folder, in their order; none where there is no folder.

    Raises:
        UnreadableError: if it cannot be read, or is no folder.
    """
    try:
        return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 (names only, which is quicker)
    except FileNotFoundError:
        return ()
    except NotADirectoryError:
        raise UnreadableError(*_NO_FOLDER) from None
    except (OSError, ValueError) as error:
        raise unreadable(error) from None


def is_there(path: Path) -> bool:
    """Return whether there is anything of a name.

    Raises:
        UnreadableError: if that cannot be seen.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise unreadable(error) from None
    return True


def unreadable(error: Exception) -> UnreadableError:
    """Return what the system, or Python (a zero octet in a name), refused as one of ours."""
    if not isinstance(error, OSError):
        return UnreadableError(f"cannot be read: {error}", "Correct the name.")
    cause = f"cannot be read: {error.strerror or type(error).__name__}"
    return UnreadableError(cause, _CURES.get(error.errno or 0, _OTHERWISE))
