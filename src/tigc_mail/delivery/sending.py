"""Running the batches of a campaign on one machine: one sender, several threads."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tigc_mail.delivery.dispatch import Dispatch, dispatch_batch
from tigc_mail.delivery.ledger import Batch
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.errors import CampaignError

Progress = Callable[[int], None]
"""Called with the number of deliveries settled since the last call."""

WORKERS = 2
"""Threads: composing takes turns in Python, writing to disk and database does not."""


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


def send_batches(
    dispatch: Dispatch,
    batches: Sequence[Batch],
    *,
    not_after: datetime | None = None,
    progress: Progress | None = None,
    workers: int = WORKERS,
) -> None:
    """Dispatch the batches, several at a time.

    When one fails, or the caller is interrupted, those under way are finished and the others left
    as they are; then the error goes on.

    Args:
        dispatch: the send.
        batches: what to send, in order.
        not_after: when to stop; None for never.
        progress: told of every settled batch.
        workers: how many batches at the same time.
    """

    def settled(batch: Batch) -> int:
        if not_after is not None and dispatch.clock() > not_after:
            return 0
        counts = dispatch_batch(dispatch, batch)
        return sum(size for state, size in counts.items() if state is not DeliveryState.UNKNOWN)

    with (
        _left_alone_by_the_collector(),
        ThreadPoolExecutor(workers, thread_name_prefix="dispatch") as pool,
    ):
        try:
            for future in as_completed([pool.submit(settled, batch) for batch in batches]):
                if progress is not None:
                    progress(future.result())
                else:
                    future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _left_alone_by_the_collector() -> Iterator[None]:
    """Spare what is there already from the garbage collector, which looks at all of it again and
    again while a send makes objects by the hundred thousand; a freeze of the caller's own is kept.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
