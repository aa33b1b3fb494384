"""`tigc-mail campaign pause|resume|cancel|settle`: steering what is on its way.

The commands join those of `campaign`, whose group is told to users as one.
"""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tigc_mail.delivery.audit import user_name
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.settlement import SettlementReport
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.errors import UsageError
from tigc_mail.interfaces.cli.campaign import (
    Id,
    NotBefore,
    app,
    ending,
    moment,
    told_before,
    told_waiting,
    told_while_sending,
)
from tigc_mail.interfaces.cli.output import (
    AsJson,
    console,
    errors,
    open_workspace,
    print_json,
    say,
    table,
    working,
)
from tigc_mail.interfaces.cli.unsettled import write_settlement_template

By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does it. Default: your user name.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the others.")]


@app.command()
def pause(
    context: typer.Context,
    campaign: Id,
    by: By = None,
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Let nothing more be sent until somebody resumes it. What is in flight is finished.

    It works while another process sends: the batches under way are finished, the rest stays
    planned, and that process ends.

    Example: `tigc-mail campaign pause ID --reason "A wrong date in the notice"`
    """
    found = open_workspace(context).campaigns.get(campaign)
    found.pause(by=by or user_name(), reason=reason)
    status = found.status()
    if as_json:
        print_json(status.to_json())
        return
    say(f"{found.id} is paused: {found.unsent:,} of {status.planned:,} are not sent.")
    say(f"Next: tigc-mail campaign resume {found.id}, or cancel {found.id}")


@app.command()
def resume(
    context: typer.Context,
    campaign: Id,
    by: By = None,
    provider: Annotated[
        str | None, typer.Option("--provider", help="As for send. Default: those of the settings.")
    ] = None,
    not_before: NotBefore = None,
    take_refusals: Annotated[
        bool,
        typer.Option(
            "--take-refusals",
            help="Have messages rejected though a provider refuses, or puts off, more of them than"
            " it takes.",
        ),
    ] = False,
    *,
    as_json: AsJson = False,
) -> None:
    """Go on with sending what was paused.

    Example: `tigc-mail campaign resume ID --by ana`
    """
    workspace = open_workspace(context)
    found, begin = workspace.campaigns.get(campaign), moment(not_before)
    with told_while_sending(found) as advance:
        status = found.resume(
            provider,
            by=by or user_name(),
            not_before=begin,
            take_refusals=take_refusals,
            progress=advance,
            waiting=told_waiting(workspace, begin),
            warn=told_before,
        )
    ending(workspace, found, status, as_json)


@app.command()
def cancel(
    context: typer.Context,
    campaign: Id,
    by: By = None,
    reason: Reason = "",
    *,
    as_json: AsJson = False,
) -> None:
    """End a campaign for good. What is in flight is finished, what is planned is not sent.

    Example: `tigc-mail campaign cancel ID --reason "The conference is postponed"`
    """
    found = open_workspace(context).campaigns.get(campaign)
    cancelled = found.cancel(by=by or user_name(), reason=reason)
    if as_json:
        print_json(found.status().to_json())
        return
    say(f"{found.id} is cancelled: {cancelled:,} of {found.planned:,} will not be sent.")


@app.command()
def settle(
    context: typer.Context,
    campaign: Id,
    verdict: Annotated[
        Literal["sent", "not-sent"] | None,
        typer.Option("--as", help="What became of all those whose outcome is unknown."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="A CSV file of the provider that says so."),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="Write a CSV file to fill in for --csv."),
    ] = None,
    by: By = None,
    *,
    by_address: Annotated[
        bool,
        typer.Option(
            "--by-address",
            help="Take rows that name only an address; tests and other mail have such rows, too.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before anybody may be written to twice.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Decide what became of deliveries that nobody got an answer for.

    `--as sent` takes them for sent, `--as not-sent` plans them again: look at the provider's own
    record first, since that may write to somebody twice; at a terminal it asks. `--csv` takes it
    from a file with a column delivery_id (or, with `--by-address`, email) and a column event (or
    status); what it does not name, or says nothing of, is left as it is. `--template` settles
    nothing: it writes such a file with a line for each delivery whose outcome is not known, for you
    to fill in.

    Example: `tigc-mail campaign settle ID --csv activity.csv`
    """
    found = open_workspace(context).campaigns.get(campaign)
    who = by or user_name()
    if sum(each is not None for each in (verdict, file, template)) != 1:
        cause = "one of these is needed, and no more"
        raise UsageError(cause, "--as, --csv or --template", "Name one of them.")
    if template is not None:
        write_settlement_template(found, template, as_json=as_json)
        return
    if verdict == "not-sent" and not yes and sys.stdin.isatty():
        _confirm_sending_again(found)
    with working("Settling"):
        report = (
            found.settle_from(file, by=who, by_address=by_address)
            if file
            else found.settle(verdict or "sent", by=who)
        )
    if as_json:
        rows = [row._asdict() for row in report.rejected]
        told = {"settled": report.settled, "unknown": report.left, "rejected": rows}
        print_json({"campaign": found.id, "state": found.state.value, **told})
    else:
        _show_settled(found, report)
    if report.rejected or report.left:
        raise typer.Exit(1)


def _confirm_sending_again(campaign: Campaign) -> None:
    """Ask whoever sits there whether the deliveries of unknown outcome are to be sent again."""
    states = campaign.status().states
    unknown = sum(states.get(state, 0) for state in (DeliveryState.UNKNOWN, DeliveryState.CLAIMED))
    if unknown:
        errors.print(
            f"{unknown:,} deliveries of {campaign.id} are planned again. Whoever has the message "
            "already gets it twice, so look at the provider's record first.",
            soft_wrap=True,
        )
        if not typer.confirm("Were they surely not sent?", err=True):
            errors.print("Nothing was settled.")
            raise typer.Exit(1)


def _show_settled(campaign: Campaign, report: SettlementReport) -> None:
    left = f"{report.left:,} with an unknown outcome left"
    say(f"{report.settled:,} settled, {left}; the campaign is {campaign.state}.")
    rows = table("Rows that could not be used", "line", "field", "reason")
    for row in report.rejected:
        rows.add_row(str(row.line), row.field, row.reason)
    if rows.row_count:
        console.print(rows)
    if campaign.unsent and not report.left:
        say(f"Next: tigc-mail campaign send {campaign.id}")
