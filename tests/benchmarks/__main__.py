"""Runs the benchmarks."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from tests.benchmarks import (
    compiling,
    composing,
    importing,
    memory,
    planning,
    preview,
    sendgrid,
    sending,
    smtp,
)
from tests.benchmarks.measuring import machine
from tests.benchmarks.report import Result, show

BENCHMARKS: Mapping[str, Callable[..., Result]] = {
    "composing": composing.run,
    "sending": sending.run,
    "planning": planning.run,
    "memory": memory.run,
    "importing": importing.run,
    "compiling": compiling.run,
    "sendgrid": sendgrid.run,
    "smtp": smtp.run,
    "preview": preview.run,
}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="run just this one")
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes, less certain")
    arguments = parser.parse_args()
    console = Console()
    told: dict[str, Any] = {"machine": machine(), "quick": arguments.quick}
    for name in arguments.only or BENCHMARKS:
        with (
            TemporaryDirectory(prefix="tigc-mail-bench-") as folder,
            console.status(f"{name} ..."),
        ):
            result = BENCHMARKS[name](Path(folder), quick=arguments.quick)
        show(console, result)
        told[name] = result.to_json()
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
