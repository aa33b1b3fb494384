"""Telling the open pages that files of the workspace changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, awatch

from tigc_mail.interfaces.settings import FILE as SETTINGS

FOLDERS = ("audiences", "editions", "templates")
"""The folders of a workspace that people write in."""

_TOGETHER = 40
"""Milliseconds within which changes are told as one, at most."""

_STILL = 10
"""Milliseconds without a change after which those seen are told."""


class Changes:
    """The changes, told to everyone who listens."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Iterable[str]]] = set()

    def tell(self, paths: Iterable[str]) -> None:
        """Tell everyone that files changed, which are named as seen from the workspace."""
        for listener in self._listeners:
            listener.put_nowait(paths)

    async def heard(self) -> AsyncIterator[tuple[str, Any]]:
        """Yield what changes from now on, as events for the page."""
        queue: asyncio.Queue[Iterable[str]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield "changed", {"editions": editions_of(await queue.get())}
        finally:
            self._listeners.discard(queue)


def editions_of(paths: Iterable[str]) -> list[str] | None:
    """Return the editions that look different where files changed, maybe; None for all of them."""
    parts = [Path(path).parts for path in paths]
    if any(len(part) < 2 or part[0] != "editions" for part in parts):
        return None
    return sorted({part[1] for part in parts})


async def watch(folder: Path, changes: Changes) -> None:
    """Tell of every change in a workspace until it is cancelled.

    What lies beside its files (messages, the database, whatever else) is not looked into.
    """
    folder = folder.resolve()
    while True:
        again = asyncio.Event()  # folders came or went: what is looked into is chosen anew
        there = [folder / name for name in FOLDERS if (folder / name).is_dir()]
        async with asyncio.TaskGroup() as group:
            group.create_task(_look(folder, [folder], changes, again, top=True))
            if there:
                group.create_task(_look(folder, there, changes, again, top=False))


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
