"""The benchmarks run on what the project is today; how fast it is, is no test's business."""

import json
import subprocess
import sys
from pathlib import Path


def test_the_benchmarks_still_run_and_tell_their_figures(tmp_path: Path) -> None:
    told = tmp_path / "bench.json"
    names = ["composing", "sending"]
    only = [word for name in names for word in ("--only", name)]
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", *only, "--json", str(told)],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
    )
    results = json.loads(told.read_text("utf-8"))
    for name in names:
        assert all(figure["value"] > 0 for figure in results[name]["figures"]), results[name]
