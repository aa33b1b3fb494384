"""`tigc-mail contacts`: who the workspace knows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextlib import suppress as suppressed
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.errors import UsageError
from tigc_mail.ground.wording import did_you_mean
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
from tigc_mail.interfaces.cli.standing import (
    consent_json,
    standing_json,
    standing_lines,
    suppression_json,
    told_consent,
    told_suppression,
)
from tigc_mail.interfaces.workspace import known_contact
from tigc_mail.people.consent import in_force
from tigc_mail.people.contact import CODED_FIELDS, TEXT_FIELDS, Contact, as_field
from tigc_mail.people.contacts import Contacts
from tigc_mail.people.importing import ImportReport
from tigc_mail.people.values import moment, tags

app = typer.Typer(no_args_is_help=True, help="Import contacts; look at one, and change it.")

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
    """Show what is known of a contact: values, consent with its history, suppression.

    Example: `tigc-mail contacts show ana@example.org`
    """
    people = open_workspace(context).contacts
    contact = _shown(people, email)
    history, suppression = people.consents(contact.id or 0), people.suppression(contact.email)
    if as_json:
        known = contact.model_dump(mode="json", exclude={"consent_at"})
        known["tags"] = sorted(contact.tags)
        standing = standing_json(in_force(history), suppression)
        print_json({**known, **standing, "consents": [consent_json(entry) for entry in history]})
        return
    _show_fields(contact)
    consents = table("Consent", "at", "event", "basis", "source")
    for entry in history:
        consents.add_row(f"{entry.at:%Y-%m-%d %H:%M}", entry.event, entry.basis or "", entry.source)
    console.print(consents)
    for line in standing_lines(in_force(history), suppression):
        say(line)


def _shown(people: Contacts, email: str) -> Contact:
    """Return the contact with an address; where there is none, tell of a suppression too."""
    try:
        return known_contact(people, email, "EMAIL")
    except UsageError as error:
        with suppressed(UsageError):
            if suppression := people.suppression(email):
                cause = f"{error.cause}, but it is suppressed: {told_suppression(suppression)}"
                error = UsageError(cause, "EMAIL")
        raise error from None


def _show_fields(contact: Contact) -> None:
    fields = table(f"Contact {contact.id}", "field", "value")
    known = contact.model_dump(exclude={"id", "consent_at", "tags", "attributes", "email"})
    for name, value in known.items():
        fields.add_row(name.removesuffix("_readable"), str(value or ""))
    fields.add_row("tags", ", ".join(sorted(contact.tags)))
    for name, value in sorted(contact.attributes.items()):
        fields.add_row(name, value)
    console.print(fields)


# Changing one


@app.command()
def withdraw(
    context: typer.Context,
    email: Email,
    source: Annotated[
        str,
        typer.Option("--source", metavar="TEXT", help="How we know, such as a telephone call."),
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help="When they withdrew, such as 2026-11-30 or 2026-11-30T09:00:00Z; without an"
            " offset, UTC. Default: now.",
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Record that a contact withdrew consent: nothing is sent to them any more.

    It holds for everything that is not claimed yet, also for campaigns on their way.
    Only an import with a later date of consent brings it back.

    Example: `tigc-mail contacts withdraw ana@example.org --source "telephone call"`
    """
    people = open_workspace(context).contacts
    contact = known_contact(people, email, "EMAIL")
    contact_id = contact.id or 0
    had = in_force(people.consents(contact_id))
    with _called_as_typed():
        recorded = people.withdraw(contact.email, source, _moment(at))
    consent = in_force(people.consents(contact_id))
    if as_json:
        told = None if consent is None else consent_json(consent)
        print_json({"contact": contact_id, "recorded": recorded, "consent": told})
        return
    if had is None:
        say("No consent was on record; the withdrawal is kept, so that no import brings one in.")
    done = "Recorded" if recorded else "Done already, nothing is changed"
    say(f"{done}. Contact {contact_id}: {told_consent(consent)}.")


@app.command()
def suppress(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="An address, in any case.")],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="Why, in a word or two, such as bounced."),
    ],
    source: Annotated[
        str, typer.Option("--source", metavar="TEXT", help="How we know.")
    ] = "command line",
    *,
    as_json: AsJson = False,
) -> None:
    """Never write to an address again, whether a contact has it or not. Nothing lifts it.

    It holds for everything that is not claimed yet. An address that is suppressed keeps its first
    reason. Where somebody only changed their mind, `withdraw` is what is meant.

    Example: `tigc-mail contacts suppress old@example.org --reason bounced`
    """
    people = open_workspace(context).contacts
    with _called_as_typed():
        recorded = people.suppress(email, reason, source)
    contact, suppression = people.get(email), people.suppression(email)
    if as_json:
        told = None if suppression is None else suppression_json(suppression)
        number = None if contact is None else contact.id
        print_json({"contact": number, "recorded": recorded, "suppression": told})
        return
    who = "No contact has this address" if contact is None else f"Contact {contact.id}"
    done = "Recorded" if recorded else "Done already, nothing is changed"
    say(f"{done}. {who}: {told_suppression(suppression)}.")


@app.command()
def tag(
    context: typer.Context,
    email: Email,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="TAG", help="A tag to give. Repeatable.")
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="TAG", help="A tag to take away. Repeatable."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give tags to a contact, and take tags away.

    Audiences see it at once: whoever was in one by a tag that is gone gets nothing more of what is
    planned for it. To change many contacts, import a file with the column tags or remove_tags.

    Example: `tigc-mail contacts tag ana@example.org --remove liaison-officer`
    """
    people = open_workspace(context).contacts
    before = known_contact(people, email, "EMAIL")
    with _called_as_typed():
        now = people.tag(before.email, add=";".join(add or ()), remove=";".join(remove or ()))
    added, removed = sorted(now.tags - before.tags), sorted(before.tags - now.tags)
    if as_json:
        told = {"added": added, "removed": removed, "tags": sorted(now.tags)}
        print_json({"contact": now.id, **told})
        return
    _say_what_was_not_there(tags(";".join(remove or ())) - before.tags, before.tags)
    changes = [f"added {', '.join(added)}"] * bool(added)
    changes += [f"removed {', '.join(removed)}"] * bool(removed)
    done = "; ".join(changes) or "done already, nothing is changed"
    say(f"Contact {now.id}: {done}. Tags now: {', '.join(sorted(now.tags)) or 'none'}")


@app.command()
def clear(
    context: typer.Context,
    email: Email,
    fields: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD", help="A column such as role or sector, or an attribute. Repeatable."
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Empty values of a contact, which no blank cell of an import does.

    Audiences see it at once, as for tags.

    Example: `tigc-mail contacts clear ana@example.org sector region`
    """
    people = open_workspace(context).contacts
    before = known_contact(people, email, "EMAIL")
    with _called_as_typed():
        now = people.clear(before.email, *fields)
    had = {**before.attributes, **before.model_dump(include={*TEXT_FIELDS, *CODED_FIELDS})}
    typed = [field.strip() for field in fields]
    named = dict.fromkeys(name if name in had else as_field(name) for name in typed)
    cleared = [name for name in named if had.get(name)]
    if as_json:
        print_json({"contact": now.id, "cleared": cleared})
        return
    _say_what_was_not_there([name for name in typed if not {name, as_field(name)} & {*had}], had)
    done = f"cleared {', '.join(cleared)}" if cleared else "empty already, nothing is changed"
    say(f"Contact {now.id}: {done}.")


def _say_what_was_not_there(names: Iterable[str], known: Iterable[str]) -> None:
    """Tell of names that the contact does not have, which may be slips."""
    for name in sorted(set(names)):
        say(f"They had no {name}. {did_you_mean(name, known)}".rstrip())


@contextmanager
def _called_as_typed() -> Iterator[None]:
    """Have errors name arguments and options as they are typed here, not as in Python."""
    try:
        yield
    except UsageError as error:
        named = {"email": "EMAIL", "field": "FIELD", "add, remove": "--add, --remove"}
        place = named.get(error.place, f"--{error.place}")
        raise UsageError(error.cause, place, error.cure) from None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return moment(text.strip())
    except ValueError as error:
        raise UsageError(str(error), "at") from None
