"""Running the batches of a campaign on one machine: one sender, several threads, some providers."""

import gc
import heapq
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import NamedTuple

from tigc_mail.delivery.audit import Deed
from tigc_mail.delivery.batches import Batch
from tigc_mail.delivery.dispatch import (
    Dispatch,
    Dispatched,
    OverError,
    dispatch_batch,
    first_ready,
)
from tigc_mail.delivery.general_refusal import Tally
from tigc_mail.delivery.lanes import NAP, GiveBack, Lanes, LaneTurns
from tigc_mail.delivery.pace import Pace, Turn
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.delivery.retrying import Breaker
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.errors import ProviderError, UnavailableError

Progress = Callable[[int], None]
"""Called with the number of deliveries settled since the last call."""

Waiting = Callable[[str, datetime], None]
"""Called with the reason why nothing goes out for a while, and until when."""

Nap = Callable[[float], object]
"""Lets so many seconds go by, or fewer."""

WORKERS = 2
"""Threads: composing takes turns in Python, writing to disk and database does not."""

LONGEST_NAP = 1.0
"""Seconds after which a sender that waits looks whether its campaign was paused or cancelled."""

_LANE_WAIT = timedelta(minutes=1)
"""For how long a lane is waited for, as far as somebody is told: nobody knows."""

_AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""When a batch may go that waits for nothing, whatever the clock does meanwhile."""

_UNSETTLED = frozenset({DeliveryState.UNKNOWN, DeliveryState.PLANNED})


def nap(seconds: float) -> None:
    """Let time go by, but never so much that nobody looks whether the campaign was paused."""
    sleep(min(seconds, LONGEST_NAP))


def send_batches(
    dispatch: Dispatch,
    batches: Sequence[Batch],
    providers: Sequence[Provider],
    *,
    paces: Mapping[str, Pace] | None = None,
    lanes: Mapping[str, Lanes] | None = None,
    progress: Progress | None = None,
    waiting: Waiting | None = None,
    workers: int = WORKERS,
    nap: Nap = nap,
) -> None:
    """Dispatch the batches, several at a time, until nothing is left that can be sent.

    What is put off is waited for. A provider that cannot be used at the moment is left alone for a
    while, and then tried with one message at a time until it takes one. One that fails too often,
    or that a person has to mend, gives way to the next, which gets only what was surely not sent.
    When the last one fails, or the caller is interrupted, the batches under way are finished and
    the others left as they are; then the error goes on. Where the campaign is paused, cancelled or
    over, it ends likewise, without an error.

    Args:
        dispatch: the send; its provider is taken from `providers`.
        batches: what to send, in order.
        providers: through what, in order of preference.
        paces: how fast each provider is handed mail, by name; as fast as it goes by default.
        lanes: those of providers that are handed a limited number of batches at a time, by name.
        progress: told of every settled batch.
        waiting: told why nothing goes out for a while, and until when.
        workers: how many batches at the same time.
        nap: lets time go by between attempts.

    Raises:
        ProviderError: if the last provider could not be used.
        RenderError: if values cannot be put into a message.
    """
    with (
        _left_alone_by_the_collector(),
        _taking_turns_quickly(),
        ThreadPoolExecutor(workers, thread_name_prefix="dispatch") as pool,
    ):
        run = _Run(
            dispatch,
            list(providers),
            paces or {},
            {name: LaneTurns(each) for name, each in (lanes or {}).items()},
            pool,
            workers,
            progress,
            waiting,
            nap,
        )
        try:
            run.until_nothing_is_left(batches)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class _Started(NamedTuple):
    """A batch that is under way."""

    batch: Batch
    provider: Provider
    turn: Turn
    give_back: GiveBack
    """Gives back its lane."""


@dataclass
class _Run:
    """One send: what waits, what is under way, and which provider has its turn."""

    dispatch: Dispatch
    providers: list[Provider]
    paces: Mapping[str, Pace]
    lanes: Mapping[str, LaneTurns]
    pool: ThreadPoolExecutor
    most: int
    """Batches at a time, for a provider that does not ask for fewer."""
    progress: Progress | None
    told_waiting: Waiting | None
    nap: Nap
    waiting: list[tuple[datetime, int, Batch]] = field(default_factory=list)
    """When each batch may go, the earliest first; no two of them begin with the same delivery."""
    under_way: dict[Future[Dispatched], "_Started"] = field(default_factory=dict)
    hold: tuple[datetime, timedelta] | None = None
    """Until when the provider is left alone, by a failure or its pace, and for how long at most,
    whatever the clock does."""
    workers: int = 0
    told_of_lanes: bool = False
    over: bool = False
    failure: ProviderError | None = None
    """Why nothing more can be sent."""

    def __post_init__(self) -> None:
        self._use(self.providers[0])

    def until_nothing_is_left(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            self._put(batch, _AT_ONCE)
        while self.under_way or (self.waiting and not self._ended):
            self._start()
            if self.under_way:
                left = self._left()
                least = None if left is None else min(left, LONGEST_NAP)
                done, _ = wait(self.under_way, least, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future)
            elif self.waiting:
                self._look()
                if not self._ended:
                    self.nap(self._left() or 0.0)
        if self.failure is not None:
            raise self.failure

    @property
    def _ended(self) -> bool:
        return self.over or self.failure is not None

    def _start(self) -> None:
        """Start what may go now, as far as there are workers."""
        now = self.dispatch.clock()
        while self.waiting and len(self.under_way) < self._room and not self._ended:
            if self._due(self.waiting[0][0]) > now:
                return
            provider = self.dispatch.provider
            give_back = self._lane(provider)
            if give_back is None:
                return
            whole = self._next(provider)
            pace = self.paces.get(provider.name)
            turn = Turn(whole.size) if pace is None else pace.take(whole)
            batch = self._allowed(whole, turn)
            if batch is None:
                give_back()
                return
            future = self.pool.submit(dispatch_batch, self.dispatch, batch, turn.at)
            self.under_way[future] = _Started(batch, provider, turn, give_back)

    def _lane(self, provider: Provider) -> GiveBack | None:
        """Take a lane of the provider; None where there is none: it is looked again soon."""
        turns = self.lanes.get(provider.name)
        if turns is None:
            return lambda: None
        give_back = turns.take()
        if give_back is None and not turns.gives_way:
            self._tell_of_lanes()
        return give_back

    def _tell_of_lanes(self) -> None:
        """Tell once that nothing of this send goes out, because others have all the lanes."""
        if self.under_way or self.told_of_lanes or self.told_waiting is None:
            return
        self.told_of_lanes = True
        limit = "the limit of batches at a time, which other sends have reached"
        self.told_waiting(limit, self.dispatch.clock() + _LANE_WAIT)

    @property
    def _room(self) -> int:
        """How many batches may be under way."""
        return 1 if self.breaker.half_open else self.workers

    def _next(self, provider: Provider) -> Batch:
        """Take what is due first, and no more of it than a provider is handed at once."""
        due, _, whole = heapq.heappop(self.waiting)
        most = provider.largest_shipment
        if self.breaker.half_open:
            first = first_ready(self.dispatch, whole)
            most = most if first is None else first - whole.first + 1
        if whole.size <= most:
            return whole
        part, rest = whole.cut(most)
        self._put(rest, due)
        return part

    def _allowed(self, batch: Batch, turn: Turn) -> Batch | None:
        """Return the part of a batch that may go now; None for none of it. The rest waits."""
        if turn.until is not None:
            self._put(batch, _AT_ONCE)  # another provider, whose turn it may be soon, may take it
            self.hold = turn.until, turn.until - self.dispatch.clock()
            if self.told_waiting is not None:
                self.told_waiting(turn.reason, turn.until)
            return None
        if turn.size >= batch.size:
            return batch
        part, rest = batch.cut(turn.size)
        self._put(rest, _AT_ONCE)
        return part

    def _take(self, future: Future[Dispatched]) -> None:
        """Take in what became of a batch."""
        batch, provider, turn, give_back = self.under_way.pop(future)
        give_back()
        try:
            done = future.result()
        except OverError:
            self._give_back(provider, batch, turn)
            self.over = True
        except ProviderError as error:
            self._give_back(provider, batch, turn)
            self._put(batch, _AT_ONCE)
            if provider is self.dispatch.provider and not self._ended:  # its turn is not over yet
                self._failed(batch, error)
        else:
            self._put_again(batch, done.counts)
            if provider is self.dispatch.provider and not self._ended:
                if done.failure is not None:
                    self._failed(batch, done.failure)
                elif done.answered:
                    self.breaker.succeeded()

    def _give_back(self, provider: Provider, batch: Batch, turn: Turn) -> None:
        """Let what was surely not sent be taken again on the same day."""
        if provider.name in self.paces:
            self.paces[provider.name].give_back(batch, turn)

    def _put_again(self, batch: Batch, counts: Mapping[DeliveryState, int]) -> None:
        """Let what was put off wait for its time."""
        if self.progress is not None:
            self.progress(sum(n for state, n in counts.items() if state not in _UNSETTLED))
        if sum(counts.values()) == batch.size and not counts.get(DeliveryState.PLANNED):
            return  # nothing of it was put off
        due = self.dispatch.ledger.next_due(batch)
        if due is not None:
            self._put(batch, due)

    def _failed(self, batch: Batch, error: ProviderError) -> None:
        """Leave the provider alone for a while, or give the next one its turn."""
        if isinstance(error, UnavailableError):
            seconds = self.breaker.failed(error.retry_after)
            if not self.breaker.open:
                length = timedelta(seconds=seconds)
                until = self.dispatch.clock() + length
                if self.hold is None or self.hold[0] < until:
                    self.hold = until, length
                if self.told_waiting is not None:
                    self.told_waiting(str(error), until)
                return
        others = self.providers[self.providers.index(self.dispatch.provider) + 1 :]
        if others:
            deed = Deed(self.dispatch.clock(), detail={"reason": str(error)})
            self.dispatch.ledger.fail_over(batch.campaign, others[0].name, deed)
            self._use(others[0])
            self.waiting = sorted((_AT_ONCE, first, each) for _, first, each in self.waiting)
        else:
            self.failure = error

    def _use(self, provider: Provider) -> None:
        """Give a provider its turn."""
        self.dispatch = replace(self.dispatch, provider=provider, tally=Tally())
        self.breaker = Breaker(self.dispatch.policy.provider)
        pace = self.paces.get(provider.name)
        fewer = None if pace is None else pace.limits.concurrency
        self.workers = self.most if fewer is None else min(self.most, fewer)
        self.hold = None

    def _put(self, batch: Batch, due: datetime) -> None:
        heapq.heappush(self.waiting, (due, batch.first, batch))

    def _due(self, due: datetime) -> datetime:
        """Return when what is due at some time may go to the provider."""
        now = self.dispatch.clock()
        if due > now + self.dispatch.policy.longest_wait:
            due = now  # a clock that was ahead wrote it
        if self.hold is None:
            return due
        until, length = self.hold
        until = min(until, now + length)
        self.hold = until, length
        return max(due, until)

    def _left(self) -> float | None:
        """Return how many seconds there is nothing to start; None where workers are what lacks."""
        if not self.waiting or self._ended or len(self.under_way) >= self._room:
            return None
        left = (self._due(self.waiting[0][0]) - self.dispatch.clock()).total_seconds()
        turns = self.lanes.get(self.dispatch.provider.name)
        return max(left, NAP if turns is not None and turns.lacking else 0.0)

    def _look(self) -> None:
        """See whether the campaign may still be sent, without claiming anything."""
        self.over = self.over or not self.dispatch.may_go_on()


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


_TURN = 0.001
"""Seconds for which a thread keeps the interpreter while another one wants it."""


@contextmanager
def _taking_turns_quickly() -> Iterator[None]:
    """Let a thread that comes back from the database have the interpreter sooner.

    It comes back some ten times for every batch, and by default waits each time for up to 5 ms
    while another one composes, so that two threads are no quicker than one.
    """
    before = sys.getswitchinterval()
    if before <= _TURN:
        yield
        return
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
