"""What the benchmarks found: figures, and whether the goals are met."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One thing that was measured."""

    name: str
    value: float
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Goal:
    """What a ratio or a figure should come to."""

    name: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False
    """Whether the limit is the lowest that will do; the highest otherwise."""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "at least" if self.at_least else "at most"
        return f"{_number(self.value)}{self.unit} ({sign} {_number(self.limit)}{self.unit})"


@dataclass(frozen=True)
class Result:
    """One benchmark."""

    title: str
    about: str
    """What is timed, and what is not."""
    figures: tuple[Figure, ...]
    goals: tuple[Goal, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "title": self.title,
            "about": self.about,
            "figures": [asdict(figure) for figure in self.figures],
            "goals": [{**asdict(goal), "met": goal.met} for goal in self.goals],
        }


def show(console: Console, result: Result) -> None:
    """Print one benchmark."""
    table = Table(
        title=result.title,
        title_justify="left",
        title_style="bold",
        caption=result.about.replace("\n", " "),
    )
    table.caption_justify = "left"
    table.add_column("", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", style="dim", overflow="fold")
    table.show_header = False
    for figure in result.figures:
        table.add_row(figure.name, f"{_number(figure.value)} {figure.unit}", figure.note)
    table.add_section()
    for goal in result.goals:
        word = "[green]goal met[/]" if goal.met else "[red]goal missed[/]"
        table.add_row(goal.name, str(goal), word)
    console.print(table)
    console.print()


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
