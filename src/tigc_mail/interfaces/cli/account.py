"""How commands show the account of a campaign."""

from datetime import UTC, datetime
from pathlib import Path

from tigc_mail.delivery.account import Status
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.providers.outbox import Outbox
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.delivery.states import OVER, TAKEN, CampaignState, DeliveryState
from tigc_mail.interfaces.cli.moments import MINUTE, told_moment
from tigc_mail.interfaces.cli.output import console, say, table
from tigc_mail.interfaces.left_out import left_out, told_sums
from tigc_mail.interfaces.limits import WARM_UP, WINDOW, told_limits


def show_status(status: Status) -> None:
    """Print the account of a campaign."""
    _show_state(status)
    rows = table("Who gets it", "audience", "language", "outcome", "recipients", numbers=1)
    for audience, languages in status.languages.items():
        for locale, states in languages.items():
            for state, number in states.items():
                rows.add_row(audience, locale, state, f"{number:,}")
    console.print(rows)
    if status.providers:
        told = ", ".join(f"{name} {number:,}" for name, number in status.providers.items())
        say(f"Taken by: {told}.")
    show_discarded(status)
    show_reasons(status)
    show_other_languages(status)
    for campaign, number in status.repeated.items():
        were = "was" if number == 1 else "were"
        say(f"{number:,} of them {were} sent {status.edition} before, by the campaign {campaign}.")
    show_left_out([status])


def _show_state(status: Status) -> None:
    """Print how far a campaign is, and how it goes on."""
    planned = f": {status.planned:,} recipients planned"
    digest = (status.approved_digest or "")[:16]
    bound = f"; {status.approved_by} approved the digest {digest}" if digest else ""
    say((status.campaign, "bold"), " is ", (status.state.value, "bold"), planned, bound)
    if status.approval_holds is False:
        say(("That approval does not hold now, and nothing would be sent:", "bold"))
        for what in status.changed:
            say(f"- {what}")
        say(f"What changed is shown by: tigc-mail campaign diff {status.campaign}")
    if status.state is CampaignState.PAUSED:
        say(f"Paused by {status.paused_by or 'a failure'}: {status.pause_reason or 'no reason'}")
    if status.unattended:
        say("No process sends it now.")
    _show_pace(status)


def _show_pace(status: Status) -> None:
    """Print when and how fast a campaign goes out."""
    if status.not_before is not None and status.not_before > datetime.now(UTC):
        say(f"Scheduled for {told_moment(status.not_before, status.zone)}.")
    for provider, limits in status.limits.items():
        if status.state not in OVER:
            _show_limits(provider, limits)
    if status.today:
        say(
            f"Handed over today: {status.today['taken']:,} of {status.today['limit']:,} recipients."
        )
    if status.rate is not None:
        rate = f"{status.rate:,.0f}" if status.rate >= 10 else f"{status.rate:.2g}"
        say(f"Of late, {rate} recipients a second were accepted.")
    if status.expected_end is not None:
        end = told_moment(status.expected_end, status.zone, to_the=MINUTE)
        say(f"Expected to be handed over by {end}.")
    if status.put_off and status.next_attempt:
        when = told_moment(status.next_attempt, status.zone)
        say(f"{status.put_off:,} were refused for now; they are tried again from {when} on.")


_FIRST_DAYS = 5
"""Of a warm-up, which may last a year."""


def _show_limits(provider: str, limits: Limits) -> None:
    """Print the limits of a provider in one line; none where it has none."""
    told = []
    for name, value in told_limits(limits):
        if name == WINDOW:
            told.append(f"{name} {value}")
        elif name == WARM_UP:
            days = value.split(", ")
            more = " and so on" if len(days) > _FIRST_DAYS else ""
            told.append(f"on the first days {', '.join(days[:_FIRST_DAYS])}{more}")
        else:
            told.append(f"{value} {name.replace(' *', ' each other domain')}")
    if told:
        say(f"Limits of {provider}: {'; '.join(told)}.")


def standing(status: Status) -> str:
    """Return in one line how a campaign stands: `ID is paused: 3 sent, 1 not known, 6 left`."""
    states = dict(status.states)
    told = [
        f"{sum(states.pop(state, 0) for state in of):,} {name}"
        for name, of in (("sent", TAKEN), ("not known", _NOT_KNOWN), ("left", _LEFT))
    ]
    told += [f"{count:,} {state}" for state, count in states.items()]
    return f"{status.campaign} is {status.state}: {', '.join(told)}"


_NOT_KNOWN = (DeliveryState.UNKNOWN, DeliveryState.CLAIMED)
_LEFT = (DeliveryState.PLANNED,)


def next_steps(status: Status) -> list[str]:
    """Return what to do where a campaign does not go on, or outcomes are unknown; else nothing."""
    name, steps = status.campaign, []
    through = f" --provider {status.provider}" if status.provider else ""
    if status.state is CampaignState.PAUSED:
        steps.append(f"tigc-mail campaign resume {name}{through}")
    elif status.unattended and any(map(status.states.get, (*_LEFT, DeliveryState.CLAIMED))):
        steps.append(f"tigc-mail campaign send {name}{through}")
    if status.states.get(DeliveryState.UNKNOWN):
        steps.append(
            f"tigc-mail campaign status {name} --unknown names those whose outcome is unknown; look"
            f" at the provider's record, then tigc-mail campaign settle {name}"
        )
    return steps


def show_outbox(status: Status, workspace: Path) -> None:
    """Say where the messages are that the provider `outbox` wrote, and that nobody has them.

    Args:
        status: the account after a send.
        workspace: the folder of the workspace.
    """
    written = status.providers.get(Outbox.name, 0)
    if not written:
        return
    folder, here = Outbox.open(Opening(workspace, {})).folder, Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    files = f"{shown}/ ({written:,} file{'' if written == 1 else 's'})"
    in_doubt = status.states.keys() & {DeliveryState.CLAIMED, DeliveryState.UNKNOWN}
    alone = [*status.providers] == [Outbox.name] and not in_doubt
    what = "nothing left this machine" if alone else "those did not leave this machine"
    say(f"Written to {files}; {what}.")


def show_discarded(status: Status) -> None:
    """Say whose messages count as sent and reached nobody."""
    if status.discarded:
        say(f"{status.discarded:,} of them reached nobody: the provider discards what it accepts.")


def show_reasons(status: Status) -> None:
    """Print why deliveries are where they are, for those that have a reason."""
    rows = table("Why", "outcome", "reason", "recipients", numbers=1)
    for state, reasons in status.reasons.items():
        for reason, number in reasons.items():
            rows.add_row(state, reason, f"{number:,}")
    if rows.row_count:
        console.print(rows)


def show_other_languages(status: Status) -> None:
    """Say who does not get a campaign in the language that they read."""
    if status.other_languages:
        told = ", ".join(
            f"{n:,} {'reads' if n == 1 else 'read'} {locale}"
            for locale, n in status.other_languages.items()
        )
        own = _LANGUAGES.get(status.language or "", "its own")
        say(f"{status.edition} is not in the language of some, who get {own} instead: {told}.")


_LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish", "ar": "Arabic"}


def show_left_out(statuses: list[Status]) -> None:
    """Print who is left out of some campaigns, and why, and what adds up to all contacts."""
    rows = table("Who is left out", "edition", "audience", "reason", "contacts", numbers=1)
    for status in statuses:
        for audience, reason, number in left_out(status):
            rows.add_row(status.edition, audience, reason, f"{number:,}")
    if rows.row_count:
        console.print(rows)
    for status in statuses:
        named = f"{status.edition}: " if len(statuses) > 1 else ""
        for line in told_sums(status):
            say(f"{named}{line}.")
