"""What commands print: tables for people, JSON for programs, progress for the patient."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from rich.console import Console, JustifyMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

from tigc_mail.errors import TigcMailError
from tigc_mail.interfaces.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

PIPED_WIDTH = 120
"""Characters of a line of a table that no terminal shows; `COLUMNS` says otherwise."""

console = Console(
    highlight=False,
    markup=False,
    emoji=False,
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH,
)
"""What a command answers; square brackets and colons in it are nothing but themselves."""

errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
"""Messages and progress, kept apart from the answer."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Email = Annotated[
    str, typer.Argument(metavar="EMAIL", help="The address of a contact, in any case.")
]


def open_workspace(context: typer.Context) -> Workspace:
    """Return the workspace that the command was given."""
    folder: Path = context.obj
    return Workspace.open(folder)


def told(error: TigcMailError) -> str:
    """Return the message of an error, as the command line shows it."""
    return f"Error: {error}"


def tell_error(error: TigcMailError) -> None:
    """Print the message of an error, apart from the answer."""
    errors.print(told(error), style="red", soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as JSON, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a list as JSON, a line for each row, however many they are."""
    before = "["
    for row in rows:
        typer.echo(f"{before}\n  {json.dumps(row, ensure_ascii=False)}", nl=False)
        before = ","
    typer.echo("[]" if before == "[" else "\n]")


def say(*parts: str | tuple[str, str]) -> None:
    """Print one line, never broken, so that a path or a command in it can be copied.

    Args:
        parts: texts, each alone or with its style.
    """
    console.print(Text.assemble(*parts), soft_wrap=True)


def table(title: str, *columns: str, numbers: int = 0) -> Table:
    """Return an empty table; its last `numbers` columns are aligned to the right."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="")
    first_number = len(columns) - numbers
    for at, column in enumerate(columns):
        justify: JustifyMethod = "right" if at >= first_number else "left"
        made.add_column(column, justify=justify, overflow="fold")
    return made


def counts(numbers: Mapping[str, int]) -> str:
    """Return `3 accepted, 1 rejected`."""
    return ", ".join(f"{count:,} {name}" for name, count in numbers.items()) or "nothing"


class _Rate(ProgressColumn):
    """How many a second, since it began."""

    def render(self, task: Task) -> Text:
        """Return the rate of a task."""
        rate = _rate(task)
        return Text(f"{rate:,.0f}/s" if rate else "", style="cyan")


class _TimeLeft(ProgressColumn):
    """How long it takes from now at that rate; the total may be known better from time to time."""

    def render(self, task: Task) -> Text:
        """Return the time left of a task."""
        rate, left = _rate(task), task.remaining
        if not rate or left is None:
            return Text("-:--:--", style="cyan")
        return Text(str(timedelta(seconds=ceil(max(left, 0) / rate))), style="cyan")


def _rate(task: Task) -> float:
    return task.completed / task.elapsed if task.completed and task.elapsed else 0


class Advance(Protocol):
    """What tells a progress bar how far it is."""

    def __call__(self, done: float, total: float | None = None, /) -> None:
        """Count so many things more, out of a total that may be known better by now."""
        ...


def working(what: str) -> AbstractContextManager[object]:
    """Show that something runs whose end cannot be foreseen."""
    return errors.status(f"{what} ...") if errors.is_terminal else nullcontext()


@contextmanager
def progress_bar(what: str, total: float | None) -> Iterator[Advance]:
    """Show a bar with rate and time left while something runs.

    Yields:
        What to call with the number of things done since the last call.
    """
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        _Rate(),
        _TimeLeft(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    ) as progress:
        task = progress.add_task(what, total=total)

        def advance(done: float, total: float | None = None, /) -> None:
            progress.update(task, advance=done, total=total)

        yield advance
