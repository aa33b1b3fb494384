"""(f) Compiling the variants of an edition: for the first time, and from what was kept."""

import shutil
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.measuring import in_fresh_process
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail import Workspace

ABOUT = """\
The shipped newsletter for four audiences in four languages, all blocks shown. Each measurement in a
process of its own, from an open workspace with its edition read to the last compiled message in
hand; the fingerprints of the templates and of the program, and writing the files, are in it. Cold:
nothing is kept yet. Warm: another process has compiled the same; files are read, their seals
checked, nothing is compiled. The start of Python and reading the edition are the same for both, and
not timed."""

EDITION = "2026-11-newsletter"

_TIMED = """
import json, sys
from time import perf_counter
from tigc_mail import Workspace
import tigc_mail.render.compile, tigc_mail.render.cache
workspace = Workspace.open(sys.argv[1])
edition, audiences = workspace.edition(sys.argv[2]), workspace.audiences()
begun = last = perf_counter()
compiler, seconds = workspace.compiler(), []
for name in edition.audiences:
    for locale in edition.languages:
        compiler.compile(edition.for_audience(audiences[name], locale))
        now = perf_counter()
        seconds.append(now - last)
        last = now
print(json.dumps({"all": last - begun, "each": seconds}))
"""


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`."""
    workspace = folder / "compiling"
    Workspace.create(workspace)
    cold, warm = [], []
    for _ in range(2 if quick else 7):
        shutil.rmtree(workspace / ".tigc-mail", ignore_errors=True)
        cold.append(_seconds(workspace))
        warm.append(_seconds(workspace))
    (kept,) = {len(one["each"]) for one in cold + warm}
    each_cold, each_warm = _each(cold), _each(warm)
    all_cold, all_warm = (median(one["all"] for one in some) for some in (cold, warm))
    files = list((workspace / ".tigc-mail" / "compiled").glob("*.json"))
    size = sum(path.stat().st_size for path in files)
    return Result(
        title=f"compiling: {kept} variants of the shipped newsletter",
        about=ABOUT,
        figures=(
            Figure("cold, a variant", each_cold * 1e3, "ms", "the median"),
            Figure("warm, a variant", each_warm * 1e3, "ms", "the median"),
            Figure("cold, the edition", all_cold * 1e3, "ms"),
            Figure("warm, the edition", all_warm * 1e3, "ms"),
            Figure("kept", size / 1e6, "MB", f"in {len(files)} files"),
        ),
        goals=(
            Goal("cold / warm, a variant", each_cold / each_warm, 20, " times", at_least=True),
            Goal("cold / warm, the edition", all_cold / all_warm, 20, " times", at_least=True),
        ),
    )


def _seconds(workspace: Path) -> dict[str, Any]:
    found: dict[str, Any] = in_fresh_process("-c", _TIMED, str(workspace), EDITION)
    return found


def _each(runs: list[dict[str, Any]]) -> float:
    return median(seconds for one in runs for seconds in one["each"])
