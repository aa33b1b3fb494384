"""`tigc-mail audiences`: the groups that editions are written for."""

import typer

from tigc_mail.interfaces.cli.output import (
    AsJson,
    Email,
    console,
    open_workspace,
    print_json,
    say,
    table,
)
from tigc_mail.interfaces.cli.standing import standing_json, standing_lines
from tigc_mail.interfaces.workspace import known_contact
from tigc_mail.people.consent import in_force
from tigc_mail.people.segment import Segment

IN_SEVERAL = "the first of an edition's audiences that shows them anything decides"
"""Whose message somebody gets who is in several audiences."""

app = typer.Typer(no_args_is_help=True, help="List and count the audiences; say who is in which.")


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the audiences of the workspace.

    Example: `tigc-mail audiences list`
    """
    audiences = open_workspace(context).audiences().values()
    if as_json:
        print_json(
            [
                {
                    "audience": audience.id,
                    "name": audience.name,
                    "ceiling": audience.ceiling.value,
                    "sender": audience.sender.address,
                }
                for audience in audiences
            ]
        )
        return
    rows = table("Audiences", "audience", "name", "ceiling", "sender")
    for audience in audiences:
        ceiling, sender = audience.ceiling.value, audience.sender.address
        rows.add_row(audience.id, audience.display_name, ceiling, sender)
    console.print(rows)


@app.command()
def count(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Count the contacts in each audience.

    One contact may be in several, and some may not be written to; a campaign's plan says so.

    Example: `tigc-mail audiences count`
    """
    workspace = open_workspace(context)
    sizes = {
        name: workspace.contacts.count(Segment(audience.segment))
        for name, audience in workspace.audiences().items()
    }
    if as_json:
        print_json({"contacts": workspace.contacts.count(), "audiences": sizes})
        return
    rows = table("Contacts", "audience", "contacts", numbers=1)
    for name, size in sizes.items():
        rows.add_row(name, f"{size:,}")
    rows.add_section()
    rows.add_row("all contacts", f"{workspace.contacts.count():,}")
    console.print(rows)


@app.command()
def explain(context: typer.Context, email: Email, *, as_json: AsJson = False) -> None:
    """Say why somebody gets something, or not: consent, suppression, and the audiences.

    Of each audience it tells whether they are in it, part by part of its rule.

    Example: `tigc-mail audiences explain ana@example.org`
    """
    workspace = open_workspace(context)
    contact = known_contact(workspace.contacts, email, "EMAIL")
    consent = in_force(workspace.contacts.consents(contact.id or 0))
    suppression = workspace.contacts.suppression(contact.email)
    explanations = {
        name: Segment(audience.segment).explain(contact)
        for name, audience in workspace.audiences().items()
    }
    member_of = [name for name, told in explanations.items() if told.verdict]
    if as_json:
        standing = standing_json(consent, suppression)
        why = {name: told.to_json() for name, told in explanations.items()}
        print_json({"contact": contact.id, **standing, "in": member_of, "audiences": why})
        return
    for line in standing_lines(consent, suppression):
        say(line)
    if len(member_of) > 1:
        say(f"In {', '.join(member_of)}: {IN_SEVERAL}.")
    for name, explained in explanations.items():
        say((name, "bold"), f": {'in' if explained.verdict else 'not in'}")
        for line in explained.lines():
            say(f"  {line}")
