"""What a bar tells while something runs: rate and time left, which agree."""

import io
import re
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from tigc_mail.interfaces.cli import output


class PaintedAtOnce(Progress):
    """A bar that is painted whenever it is told something, not some times a second."""

    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(*args, **kwargs, refresh=True)


def test_the_time_left_is_that_of_the_rate_beside_it_also_where_the_total_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a terminal that can paint a line anew
    shown, now = io.StringIO(), 0.0
    terminal = Console(file=shown, force_terminal=True, width=120, color_system=None)
    terminal.get_time = lambda: now
    monkeypatch.setattr(output, "errors", terminal)
    monkeypatch.setattr(output, "Progress", PaintedAtOnce)
    with output.progress_bar("Importing", None) as advance:
        for total in (1_000, 1_100, 990, 1_000):
            now += 10
            advance(100, total)
    told = re.findall(r"(\d+)/(\d+) +([\d,]+/s +\S+)", shown.getvalue())
    assert dict.fromkeys(told) == dict.fromkeys(
        [
            ("100", "1000", "10/s 0:01:30"),
            ("200", "1100", "10/s 0:01:30"),
            ("300", "990", "10/s 0:01:09"),
            ("400", "1000", "10/s 0:01:00"),
        ]
    )
