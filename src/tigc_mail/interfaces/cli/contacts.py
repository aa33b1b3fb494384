"""`tigc-mail contacts`: who the workspace knows."""

from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.interfaces.cli.output import (
    AsJson,
    Email,
    console,
    counts,
    open_workspace,
    print_json,
    progress_bar,
    say,
    table,
)
from tigc_mail.interfaces.workspace import known_contact
from tigc_mail.people.contact import Contact
from tigc_mail.people.importing import ImportReport

app = typer.Typer(no_args_is_help=True, help="Import contacts, and look at one.")

SHOWN_ROWS = 20
"""Rejected rows that are shown to a person; `--json` has all of them."""


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A CSV file; only the column email is required.", readable=False
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Import contacts from a CSV file.

    Good rows go in, wrong ones are reported with line, field and reason; then the exit code is 1.

    Example: `tigc-mail contacts import contacts.csv`
    """
    workspace = open_workspace(context)
    with progress_bar(f"Importing {file.name}", None) as advance:
        done = 0

        def report_progress(rows: int, share: float) -> None:
            nonlocal done
            advance(rows - done, rows / share)
            done = rows

        report = workspace.contacts.import_file(file, report_progress)
    if as_json:
        print_json(report.to_json())
    else:
        show_report(report)
    if report.rejected:
        raise typer.Exit(1)


def show_report(report: ImportReport) -> None:
    """Print what became of an import."""
    numbers = {
        "accepted": report.accepted,
        "updated": report.updated,
        "rejected": len(report.rejected),
    }
    say(counts(numbers))
    if report.rejected:
        rows = table("Rejected rows", "line", "field", "reason")
        for row in report.rejected[:SHOWN_ROWS]:
            rows.add_row(str(row.line), row.field, row.reason)
        console.print(rows)
    if len(report.rejected) > SHOWN_ROWS:
        left = len(report.rejected) - SHOWN_ROWS
        say(f"... and {left:,} more; --json lists all of them.")
    for note in report.notes[:SHOWN_ROWS]:
        say(f"Line {note.line}, {note.field}: {note.note}")
    if len(report.notes) > SHOWN_ROWS:
        say(f"... and {len(report.notes) - SHOWN_ROWS:,} more notes.")


@app.command()
def show(context: typer.Context, email: Email, *, as_json: AsJson = False) -> None:
    """Show what is known of a contact, with the history of consent.

    Example: `tigc-mail contacts show ana@example.org`
    """
    workspace = open_workspace(context)
    contact = known_contact(workspace.contacts, email, "EMAIL")
    assert contact.id is not None  # noqa: S101  # it was read from the database
    history = workspace.contacts.consents(contact.id)
    if as_json:
        known = contact.model_dump(mode="json", exclude={"consent_at"})
        known["tags"] = sorted(contact.tags)
        entries = [
            {
                "event": entry.event,
                "basis": entry.basis,
                "source": entry.source,
                "at": entry.at.isoformat(),
            }
            for entry in history
        ]
        print_json({**known, "consents": entries})
        return
    _show_fields(contact)
    consents = table("Consent", "at", "event", "basis", "source")
    for entry in history:
        consents.add_row(f"{entry.at:%Y-%m-%d %H:%M}", entry.event, entry.basis or "", entry.source)
    console.print(consents)


def _show_fields(contact: Contact) -> None:
    fields = table(f"Contact {contact.id}", "field", "value")
    known = contact.model_dump(exclude={"id", "consent_at", "tags", "attributes", "email"})
    for name, value in known.items():
        fields.add_row(name.removesuffix("_readable"), str(value or ""))
    fields.add_row("tags", ", ".join(sorted(contact.tags)))
    for name, value in sorted(contact.attributes.items()):
        fields.add_row(name, value)
    console.print(fields)
