"""Lanes: how many batches a provider is handed at the same time, by all processes together.

A lane is a lock file beside an SQLite database, and a lock of the server in PostgreSQL. So it is
let go of even after `kill -9`, and no process counts for another that is gone. Who finds none free
holds one more lock, of those that wait, so that who has lanes for long gives way.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Protocol
from urllib.parse import quote
from zlib import crc32

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from tigc_mail.delivery.lock import lock_file, take_file
from tigc_mail.errors import StoreError
from tigc_mail.ground.database import LOCKS
from tigc_mail.ground.refusals import place, store_errors

GiveBack = Callable[[], object]
"""Gives back a lane."""


class Lanes(Protocol):
    """The lanes of one provider; one thread asks for them."""

    def take(self) -> GiveBack | None:
        """Take one, and return what gives it back; None where all are taken: then it waits.

        Raises:
            CampaignError: if a lock file cannot be written.
            StoreError: if the server refuses.
        """
        ...

    def wanted(self) -> bool:
        """Return whether another sender waits for one; the errors are those of `take`."""
        ...


NAP = 0.2
"""Seconds after which a sender looks again whether another one gave back a lane."""

_TURN = 2.0
"""Seconds after which a sender gives way to another one that waits for a lane."""


class LaneTurns:
    """One send's part in the lanes of a provider: who has had some for long gives way.

    Args:
        lanes: the lanes, which other sends share.
    """

    def __init__(self, lanes: Lanes) -> None:
        self.lacking = False
        """Whether there was none when one was asked for last; it is asked again after `NAP`."""
        self._lanes = lanes
        self._since: float | None = None
        self._rests_until = 0.0

    @property
    def gives_way(self) -> bool:
        """Whether it leaves the lanes to others for a moment, after a turn of its own."""
        return monotonic() < self._rests_until

    def take(self) -> GiveBack | None:
        """Take a lane, and return what gives it back; None where it is another's turn.

        Raises:
            CampaignError: if a lock file cannot be written.
            StoreError: if the server refuses.
        """
        now = monotonic()
        if self._since is not None and now - self._since > _TURN and self._lanes.wanted():
            self._since, self._rests_until = None, now + 1.5 * NAP
        give_back = None if self.gives_way else self._lanes.take()
        self.lacking = give_back is None
        if give_back is None:
            self._since = None
        elif self._since is None:
            self._since = now
        return give_back


@contextmanager
def lanes(folder: Path, provider: str, size: int, engine: Engine) -> Iterator[Lanes]:
    """Open the lanes of a provider; those that are taken are given back at the end.

    Args:
        folder: where lock files are kept; made where it does not exist.
        provider: its name.
        size: how many there are.
        engine: the database.

    Raises:
        StoreError: if the server refuses.
    """
    if engine.dialect.name == "sqlite":
        files = _Files(folder, provider, size, engine)
        try:
            yield files
        finally:
            files.close()
    else:
        with store_errors(engine), engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            of_server = _OfServer(connection, engine, provider, size)
            try:
                yield of_server
            finally:
                of_server.close()


class _Files:
    def __init__(self, folder: Path, provider: str, size: int, engine: Engine) -> None:
        name = quote(provider, safe="")
        self._locks = [lock_file(folder / f"{name}.{at}.lane", engine) for at in range(size)]
        self._waiting = lock_file(folder / f"{name}.waiting", engine)

    def take(self) -> GiveBack | None:
        for lock in self._locks:
            if not lock.is_locked and take_file(lock):
                self._waiting.release()
                return lock.release
        if not self._waiting.is_locked:
            take_file(self._waiting)
        return None

    def wanted(self) -> bool:
        if self._waiting.is_locked:
            return False
        alone = take_file(self._waiting)
        self._waiting.release()
        return not alone

    def close(self) -> None:
        for lock in (*self._locks, self._waiting):
            lock.release(force=True)


class _OfServer:
    """Holds locks by a connection of its own.

    A session may take a lock of the server twice, so it keeps in mind which it has.
    """

    def __init__(self, connection: Connection, engine: Engine, provider: str, size: int) -> None:
        self._connection = connection
        self._engine = engine
        self._free = {_key(f"{provider} {at}") for at in range(size)}
        self._waiting = _key(f"{provider} waiting")
        self._waits = False

    def take(self) -> GiveBack | None:
        for lane in sorted(self._free):
            if self._acquire(lane):
                self._free.remove(lane)
                if self._waits:
                    self._release(self._waiting)
                    self._waits = False
                return partial(self._give_back, lane)
        self._waits = self._waits or self._acquire(self._waiting)
        return None

    def wanted(self) -> bool:
        if self._waits:
            return False
        alone = self._acquire(self._waiting)
        if alone:
            self._release(self._waiting)
        return not alone

    def _give_back(self, lane: int) -> None:
        self._free.add(lane)
        self._release(lane)

    def _acquire(self, key: int) -> bool:
        if self._connection.invalidated:
            cause = "the server ended the connection that holds the lanes of a provider"
            raise StoreError(cause, place(self._engine), "Run the same command again.")
        with store_errors(self._engine):
            asked = {"ours": _OURS, "key": key}
            return bool(self._connection.scalar(_TAKE, asked))

    def _release(self, key: int) -> None:
        self._run(_GIVE_BACK, {"ours": _OURS, "key": key})

    def close(self) -> None:
        self._run(_GIVE_ALL_BACK, {})

    def _run(self, statement: TextClause, asked: Mapping[str, int]) -> None:
        """Let go of locks; where the connection is gone, they went with it."""
        if not self._connection.invalidated:
            with suppress(DBAPIError):
                self._connection.execute(statement, asked)


def _key(name: str) -> int:
    return crc32(name.encode()) - 2**31


_OURS = LOCKS + 1
"""The first number of the locks of lanes."""

_TAKE = text("SELECT pg_try_advisory_lock(:ours, :key)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:ours, :key)")
_GIVE_ALL_BACK = text("SELECT pg_advisory_unlock_all()")
