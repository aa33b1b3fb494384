"""Writing files: whatever the file system refuses becomes one message."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from tigc_mail.errors import OutputError


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into an `OutputError` about a folder.

    Args:
        folder: where the block writes.
    """
    try:
        yield
    except OSError as error:
        cause, cure = unwritable(error)
        cure = cure or "Free some space there, or name a folder that you may write to."
        raise OutputError(f"cannot be written to: {cause}", str(folder), cure) from error


def unwritable(error: OSError) -> tuple[str, str]:
    """Return why nothing can be written into a folder, and what to do where more room is no help.

    Args:
        error: what the system said.

    Returns:
        The cause, and the cure; empty where it takes more room, or more rights.
    """
    if isinstance(error, FileExistsError | NotADirectoryError):
        cure = "Move it away, or name another folder; then run the same command again."
        return "a file stands where the folder goes", cure
    if error.errno == errno.ENAMETOOLONG:
        return _reason(error), "Write a shorter name."
    return _reason(error), ""


def write_files(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, which is made where it does not exist: all of them, or none.

    Args:
        folder: the folder.
        contents: what to write, by the name of the file.

    Returns:
        The files, in the order of the names.

    Raises:
        OutputError: if the folder or the disk does not take them.
    """
    unfinished = [folder / f".{name}.part" for name in contents]
    with writing_into(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for path, content in zip(unfinished, contents.values(), strict=True):
                path.write_bytes(content)
            return [
                path.replace(folder / name) for path, name in zip(unfinished, contents, strict=True)
            ]
        except BaseException:  # Ctrl-C, too
            for path in unfinished:
                path.unlink(missing_ok=True)
            raise


def make_shared(folder: Path) -> None:
    """Make a folder for all who may write in the one that it lies in, where there is none.

    Raises:
        OSError: if the one that it lies in does not take it.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # somebody else makes it at this moment
        folder.mkdir()
        folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read: all of it, or nothing.

    Two processes may write the same file; then it is what one of them wrote.

    Raises:
        OSError: if the folder or the disk does not take it.
    """
    number, unfinished = mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(number, "wb") as file:  # noqa: PTH123 (it is open already)
            file.write(content)
        os.replace(unfinished, path)  # noqa: PTH105 (a name, not a path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _reason(error: OSError) -> str:
    """Return what the system said; of a copied tree, what it said of the first file."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        _, _, said = error.args[0][0]
        return str(said).partition("] ")[2].partition(": '")[0] or str(said)
    return error.strerror or type(error).__name__
