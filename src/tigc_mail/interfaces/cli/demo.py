"""`tigc-mail demo` and `tigc-mail init`: the first things a newcomer types."""

import re
import shlex
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from tigc_mail.delivery.account import Status
from tigc_mail.ground.files import writing_into
from tigc_mail.interfaces import sample
from tigc_mail.interfaces.cli.account import show_left_out, show_other_languages, show_outbox
from tigc_mail.interfaces.cli.contacts import show_report
from tigc_mail.interfaces.cli.output import AsJson, console, print_json, progress_bar, say, table
from tigc_mail.interfaces.gallery import write_gallery
from tigc_mail.interfaces.shipped import clear
from tigc_mail.interfaces.workspace import Workspace

AUTHOR, APPROVER = "ana", "ben"

SENT = ("2026-11-newsletter", "ip-crime-conference-postponed")
"""The editions that the demo sends: a newsletter and a notice. The others are there to be read."""

EXTENSION = timedelta(days=30)
"""How long a copy of an edition may still be sent whose time is over."""

_NOT_AFTER = re.compile(r"^not_after:.*$", re.MULTILINE)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Lay down a workspace to edit: audiences, templates, editions, settings.

    Example: `tigc-mail init news`
    """
    workspace = Workspace.create(folder)
    if as_json:
        print_json({"workspace": str(folder), "editions": list(workspace.editions())})
        return
    say(f"A workspace is in {folder}.")
    say("  audiences/  who is in each audience, its ceiling, its sender, its key messages")
    say("  editions/   what is sent: a newsletter and event notices to start from")
    say("  templates/  how it looks")
    say(f"Next: tigc-mail -w {shlex.quote(str(folder))} contacts import FILE.csv")


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A folder that is not there yet.")
    ] = Path("tigc-mail-demo"),
    *,
    as_json: AsJson = False,
) -> None:
    """Run the whole main job on the shipped workspace, with synthetic contacts.

    Imports about two hundred contacts, plans a newsletter and a notice, lets a colleague approve
    both, delivers them into an outbox of .eml files, and shows who got what and who was left out.

    Example: `tigc-mail demo --out demo`
    """
    console.quiet = as_json
    try:
        summary = _demo(out)
    finally:
        console.quiet = False
    if as_json:
        print_json(summary)


def _demo(out: Path) -> dict[str, Any]:
    _step(1, f"A fresh workspace in {out}")
    workspace = Workspace.create(out)
    try:
        return _main_job(workspace, out)
    except BaseException:
        clear(out)  # half a demo shows nothing, and the same command wants an empty folder
        raise


def _main_job(workspace: Workspace, out: Path) -> dict[str, Any]:
    keep_in_time(workspace)
    _people(workspace)
    statuses = [_campaign(workspace, step, name) for step, name in enumerate(SENT, 4)]
    last = 4 + len(statuses)
    _step(last, "The account: who got what, who was left out, and why")
    _show_outcomes(statuses)
    show_left_out(statuses)
    _step(last + 1, "Every variant as a page")
    with progress_bar("Rendering", None) as advance, writing_into(out):
        index = write_gallery(workspace, out, statuses, advance)
    say("Open ", (str(index), "bold"), f" in a browser; the messages are in {out / 'outbox'}/.")
    return _summary(out, index, statuses)


def _step(number: int, what: str) -> None:
    say((f"\n{number}.", "bold cyan"), " ", (what, "bold"))


def keep_in_time(workspace: Workspace) -> None:
    """Move the "not after" of this copy's editions where it has passed, and say so."""
    now = workspace.now()
    for name in workspace.editions():
        over = workspace.edition(name).not_after
        if over is not None and over < now:
            later = f"{now + EXTENSION:%Y-%m-%dT%H:%M:%SZ}"
            path = workspace.folder / "editions" / name / "edition.yaml"
            content = path.read_text("utf-8")
            with writing_into(workspace.folder):
                path.write_text(_NOT_AFTER.sub(f"not_after: {later}", content), "utf-8")
            say(f"The time of {name} was over on {over:%Y-%m-%d}; this copy may go until {later}.")


def _people(workspace: Workspace) -> None:
    _step(2, "Synthetic contacts, some faults among them")
    file = workspace.folder / "contacts.csv"
    with writing_into(workspace.folder):
        sample.write_contacts(file)
    show_report(workspace.contacts.import_file(file))
    _step(3, "Some people withdraw their consent, an address is blocked")
    for email in sample.UNSUBSCRIBED:
        workspace.contacts.withdraw(email, "unsubscribe page")
    for email in sample.BOUNCED:
        workspace.contacts.suppress(email, "bounced", "provider event")
    say(f"{len(sample.UNSUBSCRIBED)} withdrawn, {len(sample.BOUNCED)} suppressed")


def _campaign(workspace: Workspace, step: int, name: str) -> Status:
    edition = workspace.edition(name)
    _step(step, f"{edition.kind.capitalize()} {name}: planned, approved by a colleague, sent")
    campaign = workspace.campaigns.create(edition, author=AUTHOR)
    digest = campaign.approve(by=APPROVER)
    with progress_bar("Sending", campaign.planned) as advance:
        status = campaign.send("outbox", progress=advance)
    balanced = "balances" if not campaign.verify() else "DOES NOT BALANCE"
    say(
        f"{campaign.id}: created by {AUTHOR}, approved by {APPROVER} (digest {digest[:12]}), "
        f"{status.states.get('accepted', 0)} of {status.planned} accepted; its account {balanced}."
    )
    show_outbox(status, workspace.folder)
    return status


def _show_outcomes(statuses: list[Status]) -> None:
    rows = table(
        "Who got what", "edition", "audience", "language", "outcome", "messages", numbers=1
    )
    for status in statuses:
        for audience, languages in status.languages.items():
            for locale, states in languages.items():
                for state, number in states.items():
                    rows.add_row(status.edition, audience, locale, state, f"{number:,}")
        rows.add_section()
    console.print(rows)
    for status in statuses:
        show_other_languages(status)


def _summary(out: Path, index: Path, statuses: list[Status]) -> dict[str, Any]:
    audiences: dict[str, Counter[str]] = {}
    for status in statuses:
        for audience, states in status.audiences.items():
            audiences.setdefault(audience, Counter()).update(states)
    return {
        "audiences": {name: {"accepted": 0, **states} for name, states in audiences.items()},
        "campaigns": [status.to_json() for status in statuses],
        "outbox": str(out / "outbox"),
        "index": str(index),
    }
