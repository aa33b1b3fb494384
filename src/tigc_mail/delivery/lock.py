"""The lock of the one process that sends a campaign."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tigc_mail.errors import CampaignError


@contextmanager
def sole_sender(folder: Path, campaign: str) -> Iterator[None]:
    """Be the only process that sends a campaign; the system lets go of it even after `kill -9`.

    Args:
        folder: where the lock file is kept; made where it does not exist.
        campaign: the campaign's id.

    Raises:
        CampaignError: if another process is sending it, or its lock cannot be written.
    """
    lock = FileLock(folder / f"{campaign}.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        cause = "another process is sending this campaign"
        raise CampaignError(cause, campaign, "Wait for it; `campaign status` shows it.") from None
    except OSError as error:
        cause = f"the lock of a campaign cannot be written: {error.strerror}"
        raise CampaignError(cause, str(folder), "Give yourself the right to write.") from error
    try:
        yield
    finally:
        lock.release()
