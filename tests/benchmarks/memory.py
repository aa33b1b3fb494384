"""(d) The peak of memory of a send does not grow with the number of recipients."""

from pathlib import Path

from tests.benchmarks import world
from tests.benchmarks.report import Figure, Goal, Result
from tests.benchmarks.sending import send_in_fresh_process

ABOUT = """\
Resident memory (RSS) at its highest, in a process of its own for each size, over planning,
approving and sending as in `sending`."""


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in workspaces laid down below `folder`."""
    few, many = (1_000, 20_000) if quick else (10_000, 200_000)
    peaks = {}
    for size in (few, many):
        told = send_in_fresh_process(world.lay_down(folder / str(size), int(size * 1.03)))
        peaks[size] = told["peak"]
    growth = (peaks[many] / peaks[few] - 1) * 100
    return Result(
        title="memory: the peak of a send",
        about=ABOUT,
        figures=tuple(
            Figure(f"{size:,} recipients", peak / 1e6, "MB") for size, peak in peaks.items()
        ),
        goals=(Goal("growth", growth, 10, " %"),),
    )
