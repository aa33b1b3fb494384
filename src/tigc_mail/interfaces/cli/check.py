"""`tigc-mail check`: whether an edition is fit to be sent, for all its readers."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tigc_mail.content.matrix import Cell, Row, Showing
from tigc_mail.interfaces.checking import Checked, check_edition
from tigc_mail.interfaces.cli.output import (
    AsJson,
    console,
    open_workspace,
    print_json,
    progress_bar,
    say,
    table,
)
from tigc_mail.people.segment import in_words
from tigc_mail.render.lint.finding import Finding, Severity, Variant
from tigc_mail.render.lint.follow import Policy

FOUND_PROBLEMS = 1

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_NOT_SHOWN = {Showing.HIDDEN: "-", Showing.ABOVE_CEILING: "above the ceiling"}


def check(
    context: typer.Context,
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="The id of an edition.")],
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Show what differs between the audiences, too.")
    ] = False,
    follow_links: Annotated[
        bool,
        typer.Option(
            "--follow-links", help="Ask the web whether links lead anywhere (https only)."
        ),
    ] = False,
    *,
    as_json: AsJson = False,
) -> None:
    """Check an edition for every audience, in every language.

    Looks at sizes, subjects, labels, links, contrast, accessibility, missing translations and what
    mail programs do not know. Exit code 1 where there is an error; warnings and notes are advice.

    Example: `tigc-mail check 2026-11-newsletter`
    """
    workspace = open_workspace(context)
    policy = Policy() if follow_links else None
    with progress_bar("Checking", None) as advance:
        checked = check_edition(workspace, edition, follow=policy, advance=advance)
    if as_json:
        rows = {"matrix": [row.to_json() for row in checked.matrix]} if matrix else {}
        print_json({**checked.to_json(), **rows})
    else:
        if matrix:
            console.print(_matrix(checked.matrix))
        _print(checked)
    if not checked.clean:
        raise typer.Exit(FOUND_PROBLEMS)


def _print(checked: Checked) -> None:
    for severity in Severity:
        found = [one for one in checked.findings if one.severity is severity]
        if found:
            console.print(_findings(severity, found, checked.variants))
    numbers = ", ".join(_counted(checked.count(severity), severity.value) for severity in Severity)
    verdict = "fit to be sent" if checked.clean else "not fit to be sent"
    style = "bold green" if checked.clean else _STYLES[Severity.ERROR]
    looked_at = _counted(len(checked.variants), "variant")
    say((checked.edition, "bold"), ": ", (verdict, style), f" ({looked_at}: {numbers})")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _findings(severity: Severity, found: Iterable[Finding], everyone: tuple[Variant, ...]) -> Table:
    rows = table(f"{severity.capitalize()}s", "check", "where and what", "for")
    rows.title_style = _STYLES[severity]
    rows.show_lines = True
    for finding in found:
        told = Text.assemble(
            (finding.place, "bold"),
            f"\n{finding.cause}\n",
            (f"Why: {finding.check.why}", "dim"),
            f"\nCure: {finding.cure}" if finding.cure else "",
        )
        rows.add_row(finding.check.id, told, _readers(finding.variants, everyone))
    return rows


def _readers(variants: tuple[Variant, ...], everyone: tuple[Variant, ...]) -> str:
    """Return who is concerned: `public: en, fr` on a line for each audience."""
    if set(variants) == set(everyone):
        return "everyone"
    readers: dict[str, dict[str, None]] = {}
    for variant in variants:
        readers.setdefault(variant.audience, {})[variant.locale] = None
    lines = [f"{name}: {', '.join(locales)}" for name, locales in readers.items()]
    shared = [set(variant.shown) for variant in variants]
    lines += [f"who see {name}" for name in sorted(set.intersection(*shared) if shared else ())]
    return "\n".join(lines)


def _matrix(rows: Iterable[Row]) -> Table:
    rows = tuple(rows)
    audiences = list(dict.fromkeys(cell.audience for row in rows for cell in row.cells))
    shown = table("Who reads what", "block", *audiences)
    shown.show_lines = True
    for row in rows:
        name = f"{row.id}\n{row.marking.value}" if row.marking else row.id
        cells = [
            "\n".join(_told([cell for cell in row.cells if cell.audience == audience]))
            for audience in audiences
        ]
        shown.add_row(name, *cells)
    return shown


def _told(cells: list[Cell]) -> Iterator[str]:
    """Yield the lines of one block for one audience: for whom, whose words, which languages."""
    first = cells[0]
    if first.showing in _NOT_SHOWN:
        yield _NOT_SHOWN[first.showing]
        return
    if first.show_when is not None:
        yield f"where {in_words(first.show_when)}:"
    by_words: dict[str, list[str]] = {}
    for cell in cells:
        words = cell.wording.value if cell.wording else "no words"
        by_words.setdefault(words, []).append(_language(cell))
    for words, languages in by_words.items():
        yield f"{words}: {', '.join(languages)}"
    if first.left_out:
        yield f"without {', '.join(first.left_out)}: above the ceiling"


def _language(cell: Cell) -> str:
    """Return `fr`, or `ar (in en)` where another language stands in."""
    others = [language for language in cell.languages if language != cell.locale]
    return f"{cell.locale} (in {', '.join(others)})" if others else cell.locale
