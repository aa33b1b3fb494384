"""`tigc-mail preview`: what each audience will see, in a browser, while one writes."""

from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.errors import UsageError
from tigc_mail.interfaces.cli.output import AsJson, print_json, progress_bar, say

INCOMPLETE = 1


def preview(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65_535, help="Where; by default 8765, or any that is free."
        ),
    ] = None,
    contact_sheet: Annotated[
        Path | None,
        typer.Option(
            "--contact-sheet",
            metavar="OUT",
            help="Show nothing; take pictures of all messages instead, into a folder (a PNG and a "
            "PDF of each edition), or into one file whose name ends in .png or .pdf.",
        ),
    ] = None,
    edition: Annotated[
        list[str] | None,
        typer.Option(
            "--edition", metavar="EDITION", help="For --contact-sheet; all by default. Repeatable."
        ),
    ] = None,
    *,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show the editions of the workspace in a browser, as each audience will see them.

    The page is for this machine alone, and repaints whenever a file is saved. Ctrl-C ends it.

    A contact sheet shows whoever approves an edition all its messages at a glance. It needs a
    Chromium and `pip install 'tigc-mail[pictures]'`. Exit code 1 where a message cannot be
    rendered.

    Example: `tigc-mail preview`
    """
    folder: Path = context.obj
    if contact_sheet is not None:
        _take_pictures(folder, contact_sheet, edition or [], as_json=as_json)
        return
    if edition:
        raise UsageError(
            "chooses what --contact-sheet shows", "--edition", "Add it, or leave both."
        )
    from tigc_mail.interfaces.preview.server import serve_preview  # noqa: PLC0415 (a web server)

    def ready(address: str, shown: bool) -> None:
        if as_json:
            print_json({"address": address, "browser": shown})
            return
        say("The preview is at ", (address, "bold"))
        if browser and not shown:
            say("No browser was found: open that address in one of this machine.")
        say("It repaints whenever a file is saved. Ctrl-C ends it.")

    serve_preview(folder, port=port, browser=browser, ready=ready)


def _take_pictures(folder: Path, out: Path, names: list[str], *, as_json: bool) -> None:
    from tigc_mail.interfaces.preview import sheet as sheets  # noqa: PLC0415 (heavy)
    from tigc_mail.interfaces.preview.camera import camera  # noqa: PLC0415 (heavy)
    from tigc_mail.interfaces.preview.studio import Studio  # noqa: PLC0415 (heavy)

    sheets.require_place(out)
    studio = Studio(folder.absolute())
    with studio.workspace() as workspace:
        chosen = list(dict.fromkeys(names)) or list(workspace.editions())
    total = sheets.count_messages(studio, chosen, out)
    with camera() as taken, progress_bar("Taking pictures", total) as advance:
        made = list(sheets.write_sheets(studio, chosen, out, taken, advance))
    if as_json:
        print_json({"sheets": [sheet.to_json(files) for sheet, files in made]})
    for sheet, files in () if as_json else made:
        say((sheet.edition.id, "bold"), f", {sheet.marking.value}:")
        for file in files:
            say(f"  {file}")
        if not sheet.complete:
            say(("  Some messages cannot be rendered; the sheet says why.", "bold red"))
    if not all(sheet.complete for sheet, _ in made):
        raise typer.Exit(INCOMPLETE)
