"""What is made from files, kept until one of them changes."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from tigc_mail.ground.fingerprint import fingerprint

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """A value made from files, and made again once a byte of them is another.

    A failure is not kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: str | None = None
        self._made: Made

    def of(self, places: tuple[Path, ...], make: Callable[[], Made]) -> Made:
        """Return the value.

        Args:
            places: the files and folders that it is made from.
            make: makes it; whatever it raises goes on.
        """
        return self.at(fingerprint(*places), make)

    def at(self, state: str | None, make: Callable[[], Made]) -> Made:
        """Return the value.

        Args:
            state: the fingerprint of what it is made from; None where that is not known.
            make: makes it; whatever it raises goes on.
        """
        with self._lock:
            if state is None or state != self._state:
                self._state = None
                self._made = make()
                self._state = state
            return self._made

    def forget(self) -> None:
        """Make it again when it is next asked for."""
        with self._lock:
            self._state = None
