"""Telling the open pages that files of the workspace changed."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from tigc_mail.interfaces.settings import FILE as SETTINGS

FOLDERS = ("audiences", "editions", "templates")
"""The folders of a workspace that people write in."""

_TOGETHER = 40
"""Milliseconds within which changes are told as one, at most."""

_STILL = 10
"""Milliseconds without a change after which those seen are told."""


@dataclass(frozen=True)
class Change:
    """What changed in the workspace."""

    number: int
    """Counted from the start of the preview."""
    paths: tuple[str, ...]
    """The files, as seen from the workspace."""

    @property
    def editions(self) -> tuple[str, ...] | None:
        """The editions that may look different now; None for all of them."""
        parts = [Path(path).parts for path in self.paths]
        if any(len(part) < 2 or part[0] != "editions" for part in parts):
            return None
        return tuple(sorted({part[1] for part in parts}))


@dataclass
class Changes:
    """The changes, told to everyone who listens."""

    _number: int = 0
    _listeners: set[asyncio.Queue[Change]] = field(default_factory=set)

    def tell(self, paths: Iterable[str]) -> None:
        """Tell everyone that files changed."""
        self._number += 1
        change = Change(self._number, tuple(sorted(paths)))
        for listener in self._listeners:
            listener.put_nowait(change)

    @contextmanager
    def heard(self) -> Iterator["asyncio.Queue[Change]"]:
        """Listen to what changes from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


async def watch(folder: Path, changes: Changes, stop: asyncio.Event) -> None:
    """Tell of every change in a workspace until the end is asked for.

    What lies beside its files (messages, the database, whatever else) is not looked into.
    """
    folder = folder.resolve()
    while not stop.is_set():
        again = asyncio.Event()  # folders came or went: what is looked into is chosen anew
        there = [folder / name for name in FOLDERS if (folder / name).is_dir()]
        async with asyncio.TaskGroup() as group:
            group.create_task(_look(folder, [folder], changes, again, top=True))
            if there:
                group.create_task(_look(folder, there, changes, again, top=False))
            group.create_task(_pass_on(stop, again))


async def _pass_on(stop: asyncio.Event, again: asyncio.Event) -> None:
    waiting = [asyncio.create_task(each.wait()) for each in (stop, again)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    again.set()


async def _look(
    folder: Path, places: list[Path], changes: Changes, again: asyncio.Event, *, top: bool
) -> None:
    looking = awatch(
        *places,
        watch_filter=DefaultFilter(),
        debounce=_TOGETHER,
        step=_STILL,
        stop_event=again,
        recursive=not top,
        ignore_permission_denied=True,
    )
    async for found in looking:
        paths = {str(Path(path).relative_to(folder)) for _, path in found}
        if top:
            paths &= {*FOLDERS, SETTINGS}
        if paths:
            changes.tell(paths)
        if paths & {*FOLDERS}:
            again.set()
