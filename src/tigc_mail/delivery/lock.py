"""Locks: that of the one process that sends a campaign, and what all lock files are made as."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from zlib import crc32

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tigc_mail.errors import CampaignError, StoreError
from tigc_mail.ground.database import LOCKS
from tigc_mail.ground.files import make_shared
from tigc_mail.ground.refusals import place, store_errors

Holds = Callable[[Connection], None]
"""Does nothing while the lock is held, and raises StoreError where it was lost; it is asked within
the transaction that relies on it."""


def sole_sender(folder: Path, campaign: str, engine: Engine) -> AbstractContextManager[Holds]:
    """Be the only process that sends a campaign; it is let go of even after `kill -9`.

    The lock is a file beside an SQLite database, and a lock of the server in PostgreSQL, which all
    machines share. The server lets go of it when the connection ends.

    Args:
        folder: where a lock file is kept; made where it does not exist.
        campaign: the campaign's id.
        engine: the database.

    Raises:
        CampaignError: if another process is sending it, or its lock cannot be written.
        StoreError: if the server refuses.
    """
    if engine.dialect.name == "sqlite":
        lock = lock_file(folder / f"{campaign}.lock", engine, patience=_A_LOOK)
        return _locked_file(lock, campaign)
    return _locked_in(engine, campaign)


def is_taken(folder: Path, campaign: str, engine: Engine) -> bool:
    """Return whether a process is the sole sender of a campaign.

    Raises:
        StoreError: if the server refuses.
    """
    if engine.dialect.name != "sqlite":
        with store_errors(engine), engine.connect() as connection:
            return bool(connection.scalar(_HELD_BY_ANYBODY, _key(campaign)))
    path = folder / f"{campaign}.lock"
    if not path.exists():
        return False
    lock = lock_file(path, engine)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False


_A_LOOK = 0.3
"""Seconds: longer than a lock is taken by somebody who only looks whether it is."""


def lock_file(path: Path, engine: Engine, patience: float = 0.0) -> FileLock:
    """Return the lock that a file is, for everybody who may write an SQLite database.

    Args:
        path: the file.
        engine: the database.
        patience: the seconds for which it is waited for.
    """
    mode = 0o644
    with suppress(OSError):
        mode = 0o666 & Path(engine.url.database or "").stat().st_mode
    return FileLock(path, timeout=patience, mode=mode, poll_interval=_A_LOOK / 10)


def take_file(lock: FileLock) -> bool:
    """Take a lock of `lock_file`; its folder is made where there is none.

    Returns:
        Whether it is taken; else somebody else has it.

    Raises:
        CampaignError: if it cannot be written.
    """
    folder = Path(lock.lock_file).parent
    try:
        make_shared(folder)
        lock.acquire()
    except Timeout:
        return False
    except OSError as error:
        cause = f"a lock cannot be written: {error.strerror}"
        raise CampaignError(cause, str(folder), "Give yourself the right to write.") from error
    return True


@contextmanager
def _locked_file(lock: FileLock, campaign: str) -> Iterator[Holds]:
    if not take_file(lock):
        raise _taken(campaign)
    try:
        yield lambda _: None
    finally:
        lock.release()


@contextmanager
def _locked_in(engine: Engine, campaign: str) -> Iterator[Holds]:
    """Hold a lock of the server by a connection of its own, outside any transaction."""
    key = _key(campaign)
    with store_errors(engine), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:ours, :campaign)"), key):
            raise _taken(campaign)
        holder = {**key, "holder": connection.scalar(text("SELECT pg_backend_pid()"))}

        def holds(asking: Connection) -> None:
            if not asking.scalar(_HELD, holder):
                cause = "the server ended the connection that made this the only sender"
                raise StoreError(cause, place(engine), "Run the same command again.")

        try:
            yield holds
        finally:
            with suppress(DBAPIError):  # the connection is gone, and the lock with it
                connection.execute(text("SELECT pg_advisory_unlock(:ours, :campaign)"), key)


def _key(campaign: str) -> dict[str, int]:
    """Return the numbers of a campaign's lock of the server."""
    return {"ours": LOCKS, "campaign": crc32(campaign.encode()) - 2**31}


_OF_ANYBODY = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid::bigint = :ours AND objid::bigint = (CAST(:campaign AS bigint) & 4294967295)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""How many connections hold the lock: the catalogue shows its numbers without a sign."""

_HELD_BY_ANYBODY, _HELD = text(_OF_ANYBODY), text(f"{_OF_ANYBODY} AND pid = :holder")


def _taken(campaign: str) -> CampaignError:
    cause = "another process is sending this campaign"
    return CampaignError(cause, campaign, "Wait for it; `campaign status` shows it.")
