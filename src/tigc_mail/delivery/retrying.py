"""When to try again, and when to stop trying.

A wait grows with each attempt and is drawn at random, so that senders that were refused together do
not come back together (jitter).
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

MINUTE, HOUR = 60.0, 3600.0
"""In seconds."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait between attempts of one kind, in seconds."""

    first: float
    """The bound of the first wait; each next one is twice as long."""
    longest: float
    """The bound that no wait exceeds, unless the provider asks for a longer one."""
    attempts: int
    """After how many failures in a row to give up."""

    def wait(self, failures: int, random: Random, asked: float | None = None) -> float:
        """Return how long to wait after so many failures in a row.

        Args:
            failures: at least 1.
            random: draws the wait between half its bound and the bound.
            asked: how long the provider asked to be left alone; at least that, and at most a day.
        """
        bound = min(self.longest, self.first * 2 ** min(failures - 1, 60))
        drawn = random.uniform(bound / 2, bound)
        return drawn if asked is None else max(drawn, min(asked, 24 * HOUR))


@dataclass(frozen=True)
class RetryPolicy:
    """How patient a send is, by kind of failure."""

    provider: Backoff = Backoff(first=1.0, longest=5 * MINUTE, attempts=8)
    """Nothing can be handed over at all: no connection, too many requests, a fault at its side."""
    recipient: Backoff = Backoff(first=2 * MINUTE, longest=HOUR, attempts=8)
    """One recipient's message was refused for now: greylisting, a mailbox that is busy."""

    @property
    def longest_wait(self) -> timedelta:
        """How far ahead the next attempt of a delivery can be: what is later, a wrong clock wrote.

        Who is too many for their domain waits for a minute at most (`pace.py`).
        """
        return timedelta(seconds=max(self.recipient.longest, MINUTE))


@dataclass
class Breaker:
    """Counts the failures of a provider in a row: closed while it works, half-open while
    it is tried again with one message at a time, open after too many.

    Args:
        backoff: how often it may fail.
        random: draws the waits.
    """

    backoff: Backoff
    random: Random = field(default_factory=Random)
    failures: int = 0

    @property
    def open(self) -> bool:
        """Whether the provider is not to be tried any more."""
        return self.failures >= self.backoff.attempts

    @property
    def half_open(self) -> bool:
        """Whether it failed last: one message is enough to see whether it works again."""
        return self.failures > 0

    def succeeded(self) -> None:
        """Close it: the provider took something."""
        self.failures = 0

    def failed(self, asked: float | None) -> float:
        """Count a failure, and return how many seconds to leave the provider alone."""
        self.failures += 1
        return self.backoff.wait(self.failures, self.random, asked)
