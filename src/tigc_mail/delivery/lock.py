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
        return _locked_file(lock_file(folder / f"{campaign}.lock", engine), campaign)
    return _locked_in(engine, campaign)


def lock_file(path: Path, engine: Engine) -> FileLock:
    """Return the lock that a file is, for everybody who may write an SQLite database."""
    mode = 0o644
    with suppress(OSError):
        mode = 0o666 & Path(engine.url.database or "").stat().st_mode
    return FileLock(path, timeout=0, mode=mode)


def take_file(lock: FileLock) -> bool:
    """Take a lock of `lock_file`, without waiting; its folder is made where there is none.

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
    key = {"ours": LOCKS, "campaign": crc32(campaign.encode()) - 2**31}
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


_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :holder"
    " AND classid::bigint = :ours AND objid::bigint = (CAST(:campaign AS bigint) & 4294967295)"
)
"""Whether a connection holds the lock: the catalogue shows its numbers without a sign."""


def _taken(campaign: str) -> CampaignError:
    cause = "another process is sending this campaign"
    return CampaignError(cause, campaign, "Wait for it; `campaign status` shows it.")
