"""The commands put together, and how each of them ends."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.errors import TigcMailError
from tigc_mail.interfaces.cli import audiences, campaign, contacts
from tigc_mail.interfaces.cli.demo import demo, init
from tigc_mail.interfaces.cli.output import errors, told
from tigc_mail.interfaces.cli.render import render

INTERRUPTED = 1
"""The exit code after Ctrl-C: the work is not done."""

app = typer.Typer(
    name="tigc-mail",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Newsletters and event notices, tailored to each audience and language.\n\n"
    "Every command works on a workspace, a folder with audiences, templates and editions: the "
    "current one, or that named with **-w**. Exit codes: 0 done, 1 the work failed or found "
    "problems, 2 wrong usage.\n\n"
    "Start with `tigc-mail demo`, or with `tigc-mail init news`.",
)


@app.callback()
def _workspace(
    context: typer.Context,
    workspace: Annotated[
        Path, typer.Option("-w", "--workspace", metavar="DIR", help="The folder of the workspace.")
    ] = Path(),
) -> None:
    context.obj = workspace


app.command("demo")(demo)
app.command("init")(init)
app.add_typer(contacts.app, name="contacts")
app.add_typer(audiences.app, name="audiences")
app.command("render")(render)
app.add_typer(campaign.app, name="campaign")


def main() -> None:
    """Run the command line; every error ends in one message and an exit code."""
    try:
        app()
    except TigcMailError as error:
        errors.print(told(error), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors.print("Interrupted. Run the same command again: it goes on where it stopped.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(INTERRUPTED)
