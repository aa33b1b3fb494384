"""`tigc-mail phrases`: the catalogues of fixed phrases, kept up to date with the templates."""

from pathlib import Path
from typing import Annotated

import typer

from tigc_mail.ground.files import writing_into
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.interfaces.cli.output import AsJson, open_workspace, print_json, say
from tigc_mail.render.extraction import Gaps, gaps, obsolete, updated
from tigc_mail.render.phrases import load_phrases

FOUND_PROBLEMS = 1


def phrases(
    context: typer.Context,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if something is not done.")
    ] = False,
    *,
    as_json: AsJson = False,
) -> None:
    """Gather the fixed phrases of the templates, and bring the catalogues up to date.

    Writes `templates/phrases/messages.pot` and the `.po` file of each language: translations are
    kept, new phrases wait for theirs, and those of phrases that are gone stand at the end. Then it
    compiles each catalogue, as rendering does, and says what is left to translate.

    Example: `tigc-mail phrases`
    """
    templates = open_workspace(context).folder / "templates"
    written = _changes(templates)
    if not only_check:
        with writing_into(templates / "phrases"):
            for path, content in written.items():
                path.write_bytes(content)
    for locale in LOCALES:
        load_phrases(templates / "phrases", locale)
    lacking = {locale: gaps(templates, locale) for locale in LOCALES}
    gone = {locale: obsolete(templates, locale) for locale in LOCALES}
    if as_json:
        print_json(
            {
                "changed": [str(path) for path in written],
                "languages": {
                    locale: {**lacking[locale]._asdict(), "obsolete": gone[locale]}
                    for locale in LOCALES
                },
            }
        )
    else:
        for path in written:
            say(f"{'out of date' if only_check else 'written'}: {path}")
        for locale in LOCALES:
            _print(locale, lacking[locale], gone[locale])
    if only_check and (written or any(lacking.values()) or any(gone.values())):
        raise typer.Exit(FOUND_PROBLEMS)


def _changes(templates: Path) -> dict[Path, bytes]:
    """Return the catalogues that are not as they should be, as they should be."""
    folder = templates / "phrases"
    files = {folder / name: content for name, content in updated(templates).items()}
    return {
        path: content
        for path, content in files.items()
        if not path.exists() or path.read_bytes() != content
    }


def _print(locale: Locale, lacking: Gaps, gone: tuple[str, ...]) -> None:
    if lacking.no_catalogue:
        say((locale, "bold"), ": no catalogue; copy messages.pot to it and translate it")
        return
    left = {"missing": lacking.missing, "fuzzy": lacking.fuzzy, "no longer used": gone}
    for state, said in left.items():
        for phrase in said:
            say((locale, "bold"), f": {state}: {phrase}")
    if not any(left.values()):
        say((locale, "bold"), ": complete")
