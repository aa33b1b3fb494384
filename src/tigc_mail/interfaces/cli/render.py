"""`tigc-mail render`: one edition as one audience gets it, into files."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.interfaces.cli.output import AsJson, errors, open_workspace, print_json, say
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
    folder stays as it was. What is shown in another language than wanted is told on standard error.

    Example: `tigc-mail render 2026-11-newsletter --audience public --locale fr --out out`
    """
    workspace = open_workspace(context)
    source = workspace.edition(edition)
    message = workspace.render(source, audience=audience, locale=locale, contact=contact)
    written = write_message(message, out)
    if as_json:
        print_json(
            {
                "subject": message.subject,
                "files": [str(path) for path in written],
                "fallbacks": [asdict(fallback) for fallback in message.fallbacks],
            }
        )
        return
    say((message.subject, "bold"))
    for path in written:
        say(f"  {path}")
    for fallback in message.fallbacks:
        errors.print(f"Not as wanted: {fallback}", style="yellow", soft_wrap=True)
