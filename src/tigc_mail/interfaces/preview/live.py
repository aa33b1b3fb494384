"""Telling the open pages what happens: files that changed, and how far something is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from watchfiles import DefaultFilter, awatch

from tigc_mail.interfaces.settings import FILE as SETTINGS

FOLDERS = ("audiences", "editions", "templates")
"""The folders of a workspace that people write in."""

_TOGETHER = 40
"""Milliseconds within which changes are told as one, at most."""

_STILL = 10
"""Milliseconds without a change after which those seen are told."""


Event: TypeAlias = tuple[str, Any]
"""What it is called, and what is told."""


class Live:
    """What is told to all pages that are open. Any thread may tell something."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[Event], asyncio.AbstractEventLoop] = {}

    def tell(self, name: str, value: Any) -> None:
        """Tell everyone who listens."""
        for queue, loop in tuple(self._listeners.items()):
            loop.call_soon_threadsafe(queue.put_nowait, (name, value))

    def progress(self, of: str, edition: str, total: int) -> Callable[[float], None]:
        """Return what is called with 0 at first, and with 1 for each of so many messages.

        Args:
            of: what takes so long.
            edition: the id of the edition that the messages are of.
            total: how many there are.
        """
        done = 0

        def advance(step: float) -> None:
            nonlocal done
            done += round(step)
            told = {"of": of, "edition": edition, "done": done, "total": total}
            self.tell("progress", told)

        return advance

    async def heard(self) -> AsyncIterator[Event]:
        """Yield what is told from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._listeners[queue] = asyncio.get_running_loop()
        try:
            while True:
                yield await queue.get()
        finally:
            del self._listeners[queue]


def editions_of(paths: Iterable[str]) -> list[str] | None:
    """Return the editions that look different where files changed, maybe; None for all of them."""
    parts = [Path(path).parts for path in paths]
    if any(len(part) < 2 or part[0] != "editions" for part in parts):
        return None
    return sorted({part[1] for part in parts})


async def watch(folder: Path, live: Live) -> None:
    """Tell of every change in a workspace until it is cancelled.

    What lies beside its files (messages, the database, whatever else) is not looked into.
    """
    folder = folder.resolve()
    while True:
        again = asyncio.Event()  # folders came or went: what is looked into is chosen anew
        there = [folder / name for name in FOLDERS if (folder / name).is_dir()]
        async with asyncio.TaskGroup() as group:
            group.create_task(_look(folder, [folder], live, again, top=True))
            if there:
                group.create_task(_look(folder, there, live, again, top=False))


async def _look(
    folder: Path, places: list[Path], live: Live, again: asyncio.Event, *, top: bool
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
            live.tell("changed", {"editions": editions_of(paths)})
        if paths & {*FOLDERS}:
            again.set()
