"""`tigc-mail preview`: what each audience will see, in a browser, while one writes."""

from typing import TYPE_CHECKING, Annotated

import typer

from tigc_mail.interfaces.cli.output import AsJson, print_json, say

if TYPE_CHECKING:
    from pathlib import Path


def preview(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65_535, help="Where; by default any that is free."),
    ] = None,
    *,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show the editions of the workspace in a browser, as each audience will see them.

    The page is for this machine alone, and repaints whenever a file is saved. Ctrl-C ends it.

    Example: `tigc-mail preview`
    """
    from tigc_mail.interfaces.preview.server import serve_preview  # noqa: PLC0415 (a web server)

    def ready(address: str, shown: bool) -> None:
        if as_json:
            print_json({"address": address, "browser": shown})
            return
        say("The preview is at ", (address, "bold"))
        if browser and not shown:
            say("No browser was found: open that address in one of this machine.")
        say("It repaints whenever a file is saved. Ctrl-C ends it.")

    folder: Path = context.obj
    serve_preview(folder, port=port, browser=browser, ready=ready)
