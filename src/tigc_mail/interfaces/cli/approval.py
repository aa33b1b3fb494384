"""`tigc-mail campaign diff|log|test`: what an approver looks at."""

from typing import Annotated, Any

import typer

from tigc_mail.delivery.drift import Drift
from tigc_mail.interfaces.cli.campaign import Id, app
from tigc_mail.interfaces.cli.output import (
    AsJson,
    console,
    counts,
    open_workspace,
    print_json,
    say,
    table,
    working,
)


@app.command()
def diff(context: typer.Context, campaign: Id, *, as_json: AsJson = False) -> None:
    """Show what changed in the workspace since a campaign was planned, or approved.

    The exit code is 1 where something did: it needs a new approval, or a new campaign.

    It notes how many contacts would be recipients now and are not planned, and how many planned
    ones would get it in another language now. That keeps nothing from being sent, and changes no
    exit code.

    Example: `tigc-mail campaign diff ID`
    """
    found = open_workspace(context).campaigns.get(campaign)
    with working("Comparing"):
        changes, drift = found.changes(), found.drift()
    if as_json:
        told = {"changes": {k: list(v) for k, v in changes.items()}, "drift": drift.to_json()}
        print_json({"campaign": found.id, **told})
    elif not changes:
        what = "of what is sent " if any(drift.to_json().values()) else ""
        say(f"Nothing {what}changed since {found.id} was planned or approved.")
    for part, lines in changes.items() if not as_json else ():
        say((f"\n{part}", "bold"))
        for line in lines:
            style = {"+": "green", "-": "red", "@": "dim"}.get(line[:1], "")
            say((line, style))
    if not as_json:
        _show_drift(drift)
    if changes:
        raise typer.Exit(1)


def _show_drift(drift: Drift) -> None:
    """Say how the plan differs from one that would be made now; nothing where it does not."""
    new, other = drift.unplanned, drift.other_language
    if new:
        would = "contact would be a recipient now and is"
        if new > 1:
            would = "contacts would be recipients now and are"
        say(f"Note: {new:,} {would} not planned; a new campaign would write to them.")
    if other:
        people = "recipient" if other == 1 else "recipients"
        say(f"Note: {other:,} planned {people} would get it in another language now.")


@app.command()
def log(context: typer.Context, campaign: Id, *, as_json: AsJson = False) -> None:
    """Show who did what to a campaign. Nobody can change that: `verify` looks at the chain.

    Example: `tigc-mail campaign log ID`
    """
    entries = open_workspace(context).campaigns.get(campaign).log()
    if as_json:
        print_json([entry.to_json() for entry in entries])
        return
    rows = table("The log", "when (UTC)", "who", "what", "", numbers=0)
    for entry in entries:
        detail = ", ".join(
            f"{name}: {_told(value)}" for name, value in entry.detail.items() if value
        )
        when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        rows.add_row(when, entry.actor or "-", entry.action, detail)
    console.print(rows)
    if entries:
        say(f"Note elsewhere, to prove more: entry {entries[-1].number}, {entries[-1].digest}")


@app.command("test")
def send_test(
    context: typer.Context,
    campaign: Id,
    to: Annotated[list[str], typer.Option("--to", metavar="EMAIL", help="May be repeated.")],
    audience: Annotated[
        str | None, typer.Option("--audience", help="Only its messages. Default: all.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", help="Only in this language. Default: all.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Default: that of the settings.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who does it. Default: your user name.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Send a campaign's messages to named people first, marked [TEST]; nothing is accounted.

    What is marked above TLP:CLEAR goes only to contacts of its audience, and to the
    `test_addresses` of the settings.

    Example: `tigc-mail campaign test ID --to ana@example.org --audience public --locale en`
    """
    found = open_workspace(context).campaigns.get(campaign)
    with working("Sending tests"):
        answers = found.send_test(to, audience=audience, locale=locale, provider=provider, by=by)
    told = [
        {"audience": v.audience, "locale": v.locale, "outcome": r.outcome, "reason": r.reason}
        for v, receipts in answers.items()
        for r in receipts
    ]
    if as_json:
        print_json({"campaign": found.id, "tests": told})
    else:
        rows = table("Tests", "audience", "language", "outcome", "reason")
        for one in told:
            rows.add_row(*(str(value or "") for value in one.values()))
        console.print(rows)
    if any(one["outcome"] != "accepted" for one in told):
        raise typer.Exit(1)


def _told(value: Any) -> str:
    """Return a value of the log as a person reads it."""
    return counts(value) if isinstance(value, dict) else str(value)
