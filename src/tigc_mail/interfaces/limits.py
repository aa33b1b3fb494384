"""The limits of a provider in words, as the preview and the commands tell them."""

from datetime import time

from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.windows import SendWindow

WARM_UP, WINDOW = "first days", "window"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def told_limits(limits: Limits) -> list[list[str]]:
    """Return the limits of a provider as pairs of what and how much; none where it has none."""
    told = [
        ["recipients a second", _number(limits.recipients_per_second)],
        ["requests a second", _number(limits.requests_per_second)],
        ["recipients a day", _number(limits.recipients_per_day)],
        ["batches at a time", _number(limits.concurrency)],
        [WARM_UP, ", ".join(map(_number, _below_cap(limits)))],
        *([f"a minute to {name}", _number(rate)] for name, rate in limits.domains),
        [WINDOW, "" if limits.window is None else _window(limits.window)],
    ]
    return [[name, value] for name, value in told if value]


def _below_cap(limits: Limits) -> list[int]:
    """Return the first days of a warm-up, without those at its end that a day's limit caps."""
    cap = limits.recipients_per_day
    days = [each if cap is None else min(each, cap) for each in limits.warm_up]
    while days and days[-1] == cap:
        days.pop()
    return days


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,g}" if value < 1_000_000 else f"{value:,.0f}"


def _window(window: SendWindow) -> str:
    days = ", ".join(_DAYS[day] for day in sorted(window.days))
    hours = f"{_hour(window.begins)} to {_hour(window.ends)}"
    return f"{hours} on {'every day' if len(window.days) == 7 else days}, {window.zone.key}"


def _hour(at: time) -> str:
    return f"{at:%H:%M}"
