"""The fixed phrases of templates and library, gathered; catalogues kept up to date with them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from babel.support import NullTranslations
from jinja2 import TemplateSyntaxError
from jinja2.ext import babel_extract

from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.reading import content_of
from tigc_mail.render.blame import faults_at
from tigc_mail.render.phrases import read_catalogue
from tigc_mail.render.sandbox import Environment

TEMPLATE = "messages.pot"
"""The file of all phrases, none of them translated."""

_KEYWORDS = ("_", "gettext", "ngettext")
_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_OWN = {"phrase": None, "_phrase": None}
"""What marks a phrase in the library's own code."""

_HEAD = "# All the fixed phrases, gathered by `tigc-mail phrases`. Translate them in LANGUAGE.po."


class Gaps(NamedTuple):
    """What a catalogue lacks, so that readers of its language get English."""

    no_catalogue: bool = False
    missing: tuple[str, ...] = ()
    fuzzy: tuple[str, ...] = ()
    """Phrases whose translation is marked as a guess: it is not used."""

    def __bool__(self) -> bool:
        return self.no_catalogue or bool(self.missing or self.fuzzy)


def gathered(templates: Path) -> Catalog:
    """Return all the fixed phrases, with the files that they stand in.

    Raises:
        TemplateError: if a template cannot be read.
    """
    catalogue = Catalog(
        project="tigc_mail",
        version="1",
        header_comment=_HEAD,
        creation_date=_created(templates),
        charset="utf-8",
        fuzzy=False,
    )
    for file, message in [*_in_templates(templates), *_in_the_library()]:
        catalogue.add(message, locations=[(file, 0)])
    return catalogue


def gaps(templates: Path, locale: Locale) -> Gaps:
    """Return what the catalogue of a language lacks; English needs none.

    Raises:
        TemplateError: if a template or the catalogue cannot be read.
    """
    if locale == "en":
        return Gaps()
    phrases = [message for message in gathered(templates) if message.id]
    known = read_catalogue(templates / "phrases", locale)
    if known is None:
        return Gaps(no_catalogue=True, missing=tuple(map(first, phrases)))
    found = [(first(phrase), known.get(phrase.id)) for phrase in phrases]
    return Gaps(
        missing=tuple(said for said, own in found if own is None or not _complete(own)),
        fuzzy=tuple(said for said, own in found if own and own.fuzzy and _complete(own)),
    )


def obsolete(templates: Path, locale: Locale) -> tuple[str, ...]:
    """Return the phrases of a catalogue that no template has any more.

    Raises:
        TemplateError: if a template or the catalogue cannot be read.
    """
    known = read_catalogue(templates / "phrases", locale)
    if known is None:
        return ()
    phrases = gathered(templates)
    return tuple(
        [first(message) for message in known if message.id and phrases.get(message.id) is None]
        + [first(message) for message in known.obsolete.values()]
    )


def updated(templates: Path) -> dict[str, bytes]:
    """Return the catalogues as they should be, by the names of their files in `phrases/`.

    Translations are kept; those of a phrase that is gone stand at the end, behind `#~`. What
    changes nothing for translators (line numbers, the hour) is left out.

    Raises:
        TemplateError: if a template or a catalogue is wrong.
    """
    phrases = gathered(templates)
    files = {TEMPLATE: _written(phrases)}
    for locale in LOCALES:
        known = read_catalogue(templates / "phrases", locale)
        if known is not None:
            known.update(phrases, no_fuzzy_matching=True, update_creation_date=False)
            files[f"{locale}.po"] = _written(known)
    return files


def first(message: Message) -> str:
    """Return a phrase; of one with a plural, the singular."""
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def _written(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=100, include_lineno=False)
    return file.getvalue().rstrip(b"\n") + b"\n"


def _created(templates: Path) -> datetime:
    """Return when the phrases were first gathered: a date of today would change the file daily."""
    known = read_catalogue(templates / "phrases", None)
    created = known.creation_date if known is not None else None
    return created if isinstance(created, datetime) else datetime.now(UTC)


def _in_templates(templates: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(templates.rglob("*.j2")):
        name = path.relative_to(templates).as_posix()
        try:
            for phrase in _in_template(content_of(path)):
                yield name, phrase
        except (OSError, UnicodeDecodeError, TemplateSyntaxError, RecursionError):
            environment = Environment(templates, NullTranslations(), "en")
            with faults_at(environment, name):  # which knows the place
                environment.get_template(name)
            raise


@lru_cache(maxsize=200)
def _in_template(source: bytes) -> Sequence[Any]:
    """Return the phrases of a template, which several languages ask for, and most of which stay."""
    found = babel_extract(BytesIO(source), _KEYWORDS, (), _JINJA)
    return tuple(_ids(message) for _, _, message, _ in found)


@cache
def _in_the_library() -> Sequence[tuple[str, Any]]:
    return tuple(
        (f"tigc_mail/render/{path.name}", message)
        for path in sorted(Path(__file__).parent.glob("*.py"))
        for _, message, _, _ in extract("python", BytesIO(path.read_bytes()), keywords=_OWN)
    )


def _ids(message: Any) -> Any:
    """Return what a catalogue knows a phrase by: of one with a plural, both forms alone."""
    if isinstance(message, str):
        return message
    forms = tuple(form for form in message if form is not None)
    return forms if len(forms) > 1 else forms[0]
