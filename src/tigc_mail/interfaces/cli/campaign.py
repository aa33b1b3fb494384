"""`tigc-mail campaign`: an edition on its way, from the plan to the account."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from tigc_mail.delivery.account import Status
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.sending import Waiting
from tigc_mail.delivery.states import FAILED, CampaignState
from tigc_mail.errors import ProviderError, UsageError
from tigc_mail.interfaces.cli.account import (
    next_steps,
    show_discarded,
    show_outbox,
    show_status,
    standing,
)
from tigc_mail.interfaces.cli.moments import told_moment
from tigc_mail.interfaces.cli.output import (
    Advance,
    AsJson,
    console,
    counts,
    errors,
    open_workspace,
    print_json,
    progress_bar,
    say,
    table,
    tell_error,
    working,
)
from tigc_mail.interfaces.cli.unsettled import show_unsettled
from tigc_mail.interfaces.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Plan a campaign, let a colleague approve it, send it, and read its account.\n\n"
    "**create** -> **approve** (by somebody else) -> **send** -> **status**, **verify**",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The campaign's id, as create printed it.")]
NotBefore = Annotated[
    str | None,
    typer.Option(
        "--not-before",
        metavar="TIME",
        help='When to begin, such as "2026-12-01 09:00 Europe/Paris"; waits for it.',
    ),
]


@app.command()
def create(
    context: typer.Context,
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="The id of an edition.")],
    author: Annotated[str, typer.Option("--author", help="Who creates it.")],
    audience: Annotated[
        list[str] | None,
        typer.Option("--audience", help="An audience; may be repeated. Default: all it is for."),
    ] = None,
    *,
    not_again: Annotated[
        bool,
        typer.Option(
            "--not-again",
            help="Leave out everybody who was sent this edition already, by any campaign.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan a campaign: who gets what, and who is left out and why. Nothing is sent.

    A contact in several audiences gets the message of the first that shows it anything. How many
    texts are not written as some of them should read them is told for each language.

    With `--not-again`, whoever has the edition, or may have because the outcome is not known, is
    left out as `already-sent`. First cancel any campaign that may still send it.

    Example: `tigc-mail campaign create 2026-11-newsletter --author ana`
    """
    workspace = open_workspace(context)
    with working("Planning"):
        campaign = workspace.campaigns.create(
            workspace.edition(edition),
            audiences=audience or None,
            author=author,
            not_again=not_again,
        )
    status, fallbacks = campaign.status(), campaign.fallbacks()
    if as_json:
        digest = campaign.digest()
        told = {"planned": campaign.planned, "digest": digest, "fallbacks": dict(fallbacks)}
        print_json({"campaign": campaign.id, **told, **status.to_json()})
        return
    show_status(status)
    _show_fallbacks(status, fallbacks)
    say(f"Its digest is {campaign.digest()[:16]}.")
    say(f"\nNext: tigc-mail campaign approve {campaign.id} --by NAME")


@app.command()
def approve(
    context: typer.Context,
    campaign: Id,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves; not the author.")],
    digest: Annotated[
        str, typer.Option("--digest", help="The digest that is meant, or 8 or more characters.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Approve exactly what would be sent now; with any change, nothing is sent until it is undone.

    Example: `tigc-mail campaign approve ID --by ben`
    """
    found = open_workspace(context).campaigns.get(campaign)
    with working("Compiling what would be sent"):
        digest = found.approve(by=by, digest=digest)
    if as_json:
        print_json({"campaign": found.id, "state": found.state.value, "digest": digest})
        return
    say(f"Approved by {by}, bound to the digest {digest[:16]}.")
    say(f"Next: tigc-mail campaign send {found.id}")


@app.command()
def send(
    context: typer.Context,
    campaign: Id,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            help="A provider, or several with a comma between. Default: those of the settings.",
        ),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who sends. Default: your user name.")
    ] = "",
    not_before: NotBefore = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send an approved campaign. After an interruption of any kind, the same command goes on.

    The exit code is 1 where somebody did not get it: rejected, too late, or not known.

    Where a provider fails, the campaign is paused, and it is told why, how it stands and what to
    do. Of several providers the next one gets what those before it surely did not send.

    `outbox` writes an .eml file for each delivery, and nobody gets it. `discard` composes every
    message and throws it away, yet the ledger takes it as sent and the campaign is over: use it on
    a copy of the workspace. Where a provider discards, this is said before and after.

    Example: `tigc-mail campaign send ID --provider outbox`
    """
    workspace = open_workspace(context)
    found, begin = workspace.campaigns.get(campaign), moment(not_before)
    with told_while_sending(found) as advance:
        status = found.send(
            provider,
            by=by,
            not_before=begin,
            progress=advance,
            waiting=told_waiting(workspace, begin),
            warn=told_before,
        )
    ending(workspace, found, status, as_json)


_A_TIME = 'Write one such as "2026-12-01 09:00 Europe/Paris", or 2026-12-01T09:00+01:00.'


def moment(text: str | None) -> datetime | None:
    """Return the moment that `--not-before` names; None where it was not given.

    Raises:
        UsageError: if the text is none, or has no time zone.
    """
    if text is None:
        return None
    day, _, rest = text.strip().partition(" ")
    hour, _, zone = rest.strip().partition(" ")
    try:
        found = datetime.fromisoformat(f"{day} {hour}".strip())
        if zone:
            found = found.replace(tzinfo=ZoneInfo(zone.strip()))
    except (ValueError, OSError, KeyError):
        raise UsageError("is not a time", "--not-before", _A_TIME) from None
    if found.tzinfo is None:
        raise UsageError("has no time zone", "--not-before", _A_TIME)
    return found


def told_before(warning: str) -> None:
    """Say, apart from the answer, what a person should know before anything is sent."""
    errors.print(f"Note: {warning}.", soft_wrap=True)


_LONG = timedelta(seconds=5)
"""A wait that is told though one for the same reason was."""


def told_waiting(workspace: Workspace, not_before: datetime | None = None) -> Waiting:
    """Return what says why nothing goes out for a while: each reason once, and each long wait.

    Args:
        workspace: whose schedule names the zone in which times are told, too.
        not_before: the moment that was typed; its zone wins.
    """
    said: set[tuple[str, datetime | None]] = set()
    schedule = workspace.settings.schedule
    zone = None if schedule is None else ZoneInfo(schedule.zone)
    if not_before is not None and isinstance(not_before.tzinfo, ZoneInfo):
        zone = not_before.tzinfo

    def tell(reason: str, until: datetime) -> None:
        now = datetime.now(UTC)
        new = (reason, None) not in said
        if new or ((reason, until) not in said and until - now > _LONG):
            said.update([(reason, None), (reason, until)])
            end = "" if reason.endswith((".", "!", "?")) else "."
            told = f"Waiting until {told_moment(until, zone, today=now)}: {reason}{end}"
            errors.print(told, soft_wrap=True)

    return tell


def ending(workspace: Workspace, campaign: Campaign, status: Status, as_json: bool) -> None:
    """Tell how a send ended; exit code 1 where somebody did not get it."""
    if as_json:
        print_json(status.to_json())
    else:
        show_status(status)
        show_outbox(status, workspace.folder)
        _show_next(next_steps(status) or [f"tigc-mail campaign verify {campaign.id}"])
    if campaign.unsent or any(status.states.get(state) for state in FAILED):
        raise typer.Exit(1)


def _show_next(steps: Sequence[str]) -> None:
    """Print what to do next, apart from what comes before."""
    say()
    for step in steps:
        say(f"Next: {step}")


@contextmanager
def told_while_sending(campaign: Campaign) -> Iterator[Advance]:
    """Tell how far a send is while it runs, and where it stands when it is ended or fails."""
    with (
        _told_how_it_stands(campaign),
        progress_bar("Sending", campaign.unsent) as advance,
        told_when_stopping(),
    ):
        yield advance


@contextmanager
def _told_how_it_stands(campaign: Campaign) -> Iterator[None]:
    """Where a provider's failure pauses a campaign, tell after it how many were sent, and so on."""
    try:
        yield
    except ProviderError as error:
        status = campaign.status()
        if status.state is not CampaignState.PAUSED:
            raise
        tell_error(error)
        errors.print(f"{standing(status)}.", soft_wrap=True)
        for step in next_steps(status):
            errors.print(f"Then: {step}", soft_wrap=True)
        raise typer.Exit(error.exit_code) from None


_STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
"""What asks a process to end: Ctrl-C, a shutdown, a terminal that is closed."""


@contextmanager
def told_when_stopping() -> Iterator[None]:
    """Stop when asked to, and say so at once: what is under way is finished first."""

    def stop(number: int, frame: FrameType | None) -> None:
        with suppress(OSError):  # the terminal may be gone
            errors.print("Stopping when the batches under way are finished ...")
        signal.default_int_handler(number, frame)

    wanted = [each for each in _STOPPING if signal.getsignal(each) is not signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def status(
    context: typer.Context,
    campaign: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A campaign; else all, in short.")
    ] = None,
    *,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Name the deliveries whose outcome is not known.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the account of a campaign, or a list of all of them.

    It says where an approval does not hold now, because something changed since. With `--unknown`
    it names each delivery whose outcome is not known: its id, the provider, since when and why. The
    provider's own record has the same ids; no address is told.

    Example: `tigc-mail campaign status ID --json`
    """
    campaigns = open_workspace(context).campaigns
    if unknown:
        if campaign is None:
            raise UsageError("no campaign is named", "--unknown", "Write the id of one before it.")
        show_unsettled(campaigns.get(campaign), as_json=as_json)
        return
    if campaign is not None:
        found = campaigns.get(campaign).status()
        if as_json:
            print_json(found.to_json())
            return
        show_status(found)
        if steps := next_steps(found):
            _show_next(steps)
        return
    every = [one.status() for one in campaigns]
    if as_json:
        print_json([one.to_json() for one in every])
        return
    rows = table("Campaigns", "campaign", "state", "author", "approved by", "planned", numbers=1)
    for one in every:
        void = " (void now)" if one.approval_holds is False else ""
        approved_by = f"{one.approved_by or ''}{void}"
        rows.add_row(one.campaign, one.state.value, one.author, approved_by, f"{one.planned:,}")
    console.print(rows)


@app.command()
def verify(context: typer.Context, campaign: Id, *, as_json: AsJson = False) -> None:
    """Prove that the account of a campaign adds up; exit code 1 where it does not.

    Example: `tigc-mail campaign verify ID`
    """
    found = open_workspace(context).campaigns.get(campaign)
    problems = found.verify()
    if as_json:
        print_json({"campaign": found.id, "balanced": not problems, "problems": list(problems)})
    elif problems:
        for problem in problems:
            say(f"- {problem}")
    else:
        account = found.status()
        say(f"{found.id} adds up: {found.planned:,} planned = {counts(account.states)}.")
        show_discarded(account)
    if problems:
        raise typer.Exit(1)


def _show_fallbacks(status: Status, fallbacks: Mapping[str, int]) -> None:
    """Say how many texts are not there as some recipients should read them."""
    if fallbacks:
        told = ", ".join(f"{texts:,} in {locale}" for locale, texts in fallbacks.items())
        cure = f"tigc-mail check {status.edition} names them"
        say(f"Texts that are not shown as wanted: {told}; {cure}.")
