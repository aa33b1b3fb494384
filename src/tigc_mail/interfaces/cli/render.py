"""`tigc-mail render`: one edition as one audience gets it, into files."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.obstacles import OUTSIDE
from tigc_mail.interfaces.cli.output import AsJson, errors, open_workspace, print_json, say
from tigc_mail.interfaces.workspace import Workspace, known_contact
from tigc_mail.people.segment import Segment
from tigc_mail.render.files import write_message


def render(
    context: typer.Context,
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="The id of an edition.")],
    audience: Annotated[str, typer.Option("--audience", help="The id of an audience.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
    locale: Annotated[
        str | None, typer.Option("--locale", help="A language; by default the contact's own.")
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option("--contact", metavar="EMAIL", help="Whose message; else a sample's."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Render an edition as one audience gets it.

    Writes message.html, message.txt, message.eml and subject.txt; and event.ics where the edition
    has an event, else the event.ics of another message is removed. Where anything is wrong, the
    folder stays as it was. What is shown in another language than wanted is told on standard error,
    and so is a contact who in a campaign would get another message, another language, or none.

    Example: `tigc-mail render 2026-11-newsletter --audience public --locale fr --out out`
    """
    workspace = open_workspace(context)
    source = workspace.edition(edition)
    message = workspace.render(source, audience=audience, locale=locale, contact=contact)
    would = None if contact is None else _in_a_campaign(workspace, source, contact)
    written = write_message(message, out)
    if as_json:
        print_json(
            {
                "subject": message.subject,
                "files": [str(path) for path in written],
                "fallbacks": [asdict(fallback) for fallback in message.fallbacks],
                "in_a_campaign": None if would is None else asdict(would),
            }
        )
        return
    say((message.subject, "bold"))
    for path in written:
        say(f"  {path}")
    for fallback in message.fallbacks:
        errors.print(f"Not as wanted: {fallback}", style="yellow", soft_wrap=True)
    other = would and would.other_than(audience, locale)
    if other:
        errors.print(f"Not as in a campaign: {other}", style="yellow", soft_wrap=True)


@dataclass(frozen=True)
class _InACampaign:
    """What one contact would get of an edition, were it planned now for all its audiences."""

    audiences: tuple[str, ...]
    """Those of the edition in which the contact is."""
    gets: str | None
    """The audience whose message it would be; None for none."""
    locale: str | None
    """The language of that message; None for none."""
    reason: str | None
    """Why it would get none."""

    def other_than(self, audience: str, locale: str | None) -> str:
        """Return in words how that differs from what is rendered; empty where it does not.

        Args:
            audience: whose message is rendered.
            locale: the language that was asked for; None for the contact's own.
        """
        language = "" if locale in (None, self.locale) else f" in {self.locale}"
        if self.gets == audience and not language:
            return ""
        gets = f"nothing ({self.reason})"
        if self.gets is not None:
            whose = "its" if self.gets == audience else f"{self.gets}'s"
            gets = f"{whose} message{language}"
        belongs = "in" if audience in self.audiences else "not in"
        return f"the contact is {belongs} the audience {audience}, and would get {gets}"


def _in_a_campaign(workspace: Workspace, edition: Edition, email: str) -> _InACampaign:
    contact = known_contact(workspace.contacts, email, "contact")
    own = tuple(
        name
        for name in edition.audiences
        if Segment(workspace.audience(name).segment).matches(contact)
    )
    outlook = workspace.campaigns.outlook(edition, contact.id or 0)
    if outlook is None:
        return _InACampaign(own, None, None, OUTSIDE)
    if outlook.reason:
        return _InACampaign(own, None, None, outlook.reason)
    return _InACampaign(own, outlook.audience, outlook.locale, None)
