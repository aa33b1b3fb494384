"""The commands put together, and how each of them ends."""

import os
import sys
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from tigc_mail.errors import TigcMailError
from tigc_mail.interfaces.cli import approval as _approval  # noqa: F401 (joins `campaign`)
from tigc_mail.interfaces.cli import audiences, campaign, contacts
from tigc_mail.interfaces.cli import steering as _steering  # noqa: F401 (joins `campaign`)
from tigc_mail.interfaces.cli.check import check
from tigc_mail.interfaces.cli.demo import demo, init
from tigc_mail.interfaces.cli.output import errors, say, tell_error
from tigc_mail.interfaces.cli.phrases import phrases
from tigc_mail.interfaces.cli.preview import preview
from tigc_mail.interfaces.cli.render import render

INTERRUPTED = 1
"""The exit code where nobody waited for the end, after Ctrl-C or behind a closed pipe."""


class _Interrupted(BaseException):
    """Ctrl-C, on its way past typer, which would end without a word."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None


app = typer.Typer(
    name="tigc-mail",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Newsletters and event notices, tailored to each audience and language.\n\n"
    "Every command works on a workspace, a folder with audiences, templates and editions: the "
    "current one, or that named with **-w**. Exit codes: 0 done, 1 the work failed or found "
    "problems, 2 wrong usage or settings.\n\n"
    "Start with `tigc-mail demo`, or with `tigc-mail init news`.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        say(f"tigc-mail {version('tigc-mail')}")
        raise typer.Exit


@app.callback()
def _workspace(
    context: typer.Context,
    *,
    workspace: Annotated[
        Path, typer.Option("-w", "--workspace", metavar="DIR", help="The folder of the workspace.")
    ] = Path(),
    _version: Annotated[
        bool,
        typer.Option("--version", help="Tell the version.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    context.obj = workspace


app.command("demo")(demo)
app.command("init")(init)
app.add_typer(contacts.app, name="contacts")
app.add_typer(audiences.app, name="audiences")
app.command("check")(check)
app.command("render")(render)
app.command("preview")(preview)
app.command("phrases")(phrases)
app.add_typer(campaign.app, name="campaign")


def run() -> None:
    """Run the command that was typed; every error ends in one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever a terminal's alphabet lacks is spelt out
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(prog_name="tigc-mail")  # also where Python itself was called
        finally:
            sys.stdout.flush()  # what a full disk does not take is told here, not lost at the end
    except TigcMailError as error:
        _end(error)
    except _Interrupted:
        told = "Interrupted. Run the same command again; what was finished is kept."
        errors.print(told, soft_wrap=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _drop_answer()
        sys.exit(INTERRUPTED)
    except OSError as error:
        _drop_answer()
        cure = "Check the disk and your rights, then run the same command again."
        _end(TigcMailError(error.strerror or str(error), str(error.filename or "output"), cure))


def _drop_answer() -> None:
    """Let go of an answer that cannot be written, or Python tries once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _end(error: TigcMailError) -> NoReturn:
    tell_error(error)
    sys.exit(error.exit_code)
