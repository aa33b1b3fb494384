"""What is made from files, kept until one of them changes."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """A value made from files, and made again once a byte of them is another.

    Bytes are compared, not times, which editors and copies do not always move on. A failure is not
    kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._print: bytes | None = None
        self._made: Made

    def of(self, places: tuple[Path, ...], make: Callable[[], Made]) -> Made:
        """Return the value.

        Args:
            places: the files and folders that it is made from.
            make: makes it; whatever it raises goes on.
        """
        with self._lock:
            now = _fingerprint(places)
            if now is None or now != self._print:
                self._print = None
                self._made = make()
                self._print = now
            return self._made


def _fingerprint(places: tuple[Path, ...]) -> bytes | None:
    """Return a digest of the names and bytes of all files there; None where one cannot be read."""
    found = sha256()
    try:
        for place in places:
            for path in sorted([place, *place.rglob("*")]):
                content = path.read_bytes() if path.is_file() else b""
                found.update(f"{path}\0{path.is_dir()}\0{len(content)}\0".encode(errors="replace"))
                found.update(content)
    except OSError:
        return None
    return found.digest()
