"""Slots: how many batches a provider is handed at the same time, by all processes together.

A slot is a lock file beside an SQLite database, and a lock of the server in PostgreSQL. So it is
let go of even after `kill -9`, and no process counts for another that is gone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import quote
from zlib import crc32

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tigc_mail.errors import CampaignError
from tigc_mail.ground.database import LOCKS
from tigc_mail.ground.refusals import store_errors

GiveBack = Callable[[], object]
"""Gives back a slot."""


class Slots(Protocol):
    """The slots of one provider; one thread asks for them."""

    def take(self) -> GiveBack | None:
        """Take one, and return what gives it back; None where all are taken.

        Raises:
            CampaignError: if a lock file cannot be written.
            StoreError: if the server refuses.
        """
        ...


@contextmanager
def slots(folder: Path, provider: str, size: int, engine: Engine) -> Iterator[Slots]:
    """Open the slots of a provider; those that are taken are given back at the end.

    Args:
        folder: where lock files are kept; made where it does not exist.
        provider: its name.
        size: how many there are.
        engine: the database.

    Raises:
        StoreError: if the server refuses.
    """
    if engine.dialect.name == "sqlite":
        files = _Files(folder, provider, size)
        try:
            yield files
        finally:
            files.close()
    else:
        with store_errors(engine), engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            of_server = _OfServer(connection, provider, size)
            try:
                yield of_server
            finally:
                of_server.close()


class _Files:
    def __init__(self, folder: Path, provider: str, size: int) -> None:
        self._folder = folder
        name = quote(provider, safe="")
        self._locks = [FileLock(folder / f"{name}.{at}.slot", timeout=0) for at in range(size)]

    def take(self) -> GiveBack | None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for lock in self._locks:
                with suppress(Timeout):
                    if not lock.is_locked:
                        lock.acquire()
                        return lock.release
        except OSError as error:
            cause = f"the lock of a slot cannot be written: {error.strerror}"
            cure = "Give yourself the right to write."
            raise CampaignError(cause, str(self._folder), cure) from error
        return None

    def close(self) -> None:
        for lock in self._locks:
            lock.release(force=True)


class _OfServer:
    """A session may take a lock of the server twice, so it keeps in mind which it has."""

    def __init__(self, connection: Connection, provider: str, size: int) -> None:
        self._connection = connection
        self._free = {crc32(f"{provider} {at}".encode()) - 2**31 for at in range(size)}

    def take(self) -> GiveBack | None:
        for slot in sorted(self._free):
            if self._connection.scalar(_TAKE, {"ours": _OURS, "slot": slot}):
                self._free.remove(slot)
                return partial(self._give_back, slot)
        return None

    def _give_back(self, slot: int) -> None:
        self._free.add(slot)
        with suppress(DBAPIError):  # the connection is gone, and the lock with it
            self._connection.execute(_GIVE_BACK, {"ours": _OURS, "slot": slot})

    def close(self) -> None:
        with suppress(DBAPIError):
            self._connection.execute(text("SELECT pg_advisory_unlock_all()"))


_OURS = LOCKS + 1
"""The first number of the locks of slots."""

_TAKE = text("SELECT pg_try_advisory_lock(:ours, :slot)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:ours, :slot)")
