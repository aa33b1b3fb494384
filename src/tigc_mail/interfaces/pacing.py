"""What settings say of pace and patience: `[pace.PROVIDER]`, `[schedule]` and `[retry]`."""

from dataclasses import replace
from datetime import time
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tigc_mail.delivery.pace import OTHERS, Limits
from tigc_mail.delivery.retrying import Backoff, RetryPolicy
from tigc_mail.delivery.windows import SendWindow

Rate = Annotated[float, Field(ge=0.0001, le=1_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0, le=1_000_000_000)]

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_MOST_DAYS = 365
"""Of a warm-up."""

_MOST_RECIPIENTS = 1_000_000_000
"""Of a day of a warm-up: as good as no limit."""


class WarmUp(BaseModel):
    """A growing number of recipients a day, from the first day on which a provider is used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_day: Count
    """Recipients on the first day."""
    growth: Annotated[float, Field(gt=1, le=10)] = 2.0
    """How many times as many on each next day."""
    days: Annotated[int, Field(ge=1, le=_MOST_DAYS)] = 14
    """After how many days it is over."""

    def plan(self) -> tuple[int, ...]:
        """Return the recipients of each day."""
        plan, most = [], float(self.first_day)
        for _ in range(self.days):
            plan.append(int(most))
            most = min(most * self.growth, _MOST_RECIPIENTS)
        return tuple(plan)


class PaceOptions(BaseModel):
    """The table `[pace.PROVIDER]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests_per_second: Rate | None = None
    recipients_per_second: Rate | None = None
    recipients_per_day: Count | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    """Batches, or requests, at the same time."""
    domains: dict[str, Rate] = {}
    """Recipients a minute of some domains: `"gmail.com" = 600`; of each other one: `"*" = 60`."""
    warm_up: WarmUp | None = None

    @field_validator("domains")
    @classmethod
    def _domain_names(cls, domains: dict[str, float]) -> dict[str, float]:
        for name in domains:
            if name != OTHERS and ("@" in name or "." not in name or not name.isascii()):
                raise ValueError(f"{name!r} is no domain, such as gmail.com")
        return {name.lower(): rate for name, rate in domains.items()}

    def limits(self, window: SendWindow | None) -> Limits:
        """Return them as delivery keeps them."""
        return Limits(
            requests_per_second=self.requests_per_second,
            recipients_per_second=self.recipients_per_second,
            recipients_per_day=self.recipients_per_day,
            concurrency=self.concurrency,
            domains=tuple(self.domains.items()),
            warm_up=() if self.warm_up is None else self.warm_up.plan(),
            window=window,
        )


class Schedule(BaseModel):
    """The table `[schedule]`: when mail may go out, whatever the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    zone: str
    days: tuple[Day, ...] = get_args(Day)
    begins: Annotated[time, Field(alias="from")] = time(0)
    ends: Annotated[time, Field(alias="to")] = time(0)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError):
            raise ValueError("is no time zone, such as Europe/Paris") from None
        return zone

    @field_validator("days")
    @classmethod
    def _some_day(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if not days:
            raise ValueError("names no day")
        return days

    def window(self) -> SendWindow:
        """Return it as delivery keeps it."""
        days = frozenset(get_args(Day).index(day) for day in self.days)
        return SendWindow(ZoneInfo(self.zone), days, self.begins, self.ends)


Seconds = Annotated[float, Field(ge=0.1, le=7 * 86_400, allow_inf_nan=False)]


class BackoffOptions(BaseModel):
    """A table of `[retry]`; what it does not say is as in `RetryPolicy`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """After how many to give up."""
    first: Seconds | None = None
    """Seconds that the first wait takes at most; each next one takes up to twice as long."""
    longest: Seconds | None = None
    """Seconds that no wait exceeds."""

    def backoff(self, usual: Backoff) -> Backoff:
        """Return it as delivery keeps it."""
        return replace(usual, **self.model_dump(exclude_none=True))


class RetryOptions(BaseModel):
    """The table `[retry]`: how often and how long what is refused for now is tried again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipient: BackoffOptions = BackoffOptions()
    """One recipient's message is refused for now."""
    provider: BackoffOptions = BackoffOptions()
    """A provider cannot be used at all for now."""

    def policy(self) -> RetryPolicy:
        """Return it as delivery keeps it."""
        usual = RetryPolicy()
        return RetryPolicy(
            provider=self.provider.backoff(usual.provider),
            recipient=self.recipient.backoff(usual.recipient),
        )
