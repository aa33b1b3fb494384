"""(e) What importing the library costs."""

from pathlib import Path
from statistics import median

from tests.benchmarks.measuring import in_fresh_process
from tests.benchmarks.report import Figure, Goal, Result

ABOUT = """\
Each statement in a fresh process, from its first line to its last; the start of Python itself is not
counted. The names of `tigc_mail` are loaded when they are first used, so both are told."""

_STATEMENTS = (
    "import pydantic",
    "import tigc_mail",
    "from tigc_mail import Workspace",
    "from pydantic import BaseModel",
)

_TIMED = """
from time import perf_counter
begun = perf_counter()
{}
print(perf_counter() - begun)
"""


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it; nothing is written into `folder`."""
    seconds: dict[str, list[float]] = {statement: [] for statement in _STATEMENTS}
    for _ in range(3 if quick else 15):
        for statement, taken in seconds.items():
            taken.append(_seconds(statement))
    medians = {statement: median(taken) for statement, taken in seconds.items()}
    return Result(
        title="importing: the median of fresh processes",
        about=ABOUT,
        figures=tuple(Figure(name, took * 1e3, "ms") for name, took in medians.items()),
        goals=(
            Goal(
                "import tigc_mail / import pydantic",
                medians["import tigc_mail"] / medians["import pydantic"],
                1.5,
                " times",
            ),
        ),
    )


def _seconds(statement: str) -> float:
    return float(in_fresh_process("-c", _TIMED.format(statement)))
