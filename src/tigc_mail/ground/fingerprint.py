"""Fingerprints: whether files are still the same, told by their bytes."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path


def fingerprint(*places: Path) -> str | None:
    """Return a digest of the names and bytes of all files at some places.

    Bytes are compared, not times, which editors and copies do not always move on. Names count from
    the place, so a folder that was moved is the same. Links are followed, but not in circles.

    Args:
        places: files and folders; what is not there counts as well.

    Returns:
        The digest; None where something cannot be read.
    """
    found = sha256()
    try:
        for at, place in enumerate(places):
            for name, content in _files(place, "", ()):
                kind = "folder" if content is None else str(len(content))
                found.update(f"{at}\0{name}\0{kind}\0".encode("utf-8", "surrogateescape"))
                found.update(content or b"")
    except OSError:
        return None
    return found.hexdigest()


def _files(path: Path, name: str, above: tuple[Path, ...]) -> Iterator[tuple[str, bytes | None]]:
    """Yield the name and the bytes of each file, and None for each folder, in order."""
    if path.is_file():
        yield name, path.read_bytes()
    elif path.is_dir() and (real := path.resolve()) not in above:
        yield name, None
        for inner in sorted(os.listdir(path)):  # noqa: PTH208 (names only, which is quicker)
            yield from _files(path / inner, f"{name}/{inner}", (*above, real))
