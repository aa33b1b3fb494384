"""Whether every reader gets the words that were meant for them, in their language."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tigc_mail.errors import DocumentError, TemplateError
from tigc_mail.ground.documents import Document, Step, read_document
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.render.extraction import first, gaps
from tigc_mail.render.lint.finding import Check, Remark, Variant, error, note, warning
from tigc_mail.render.lint.page import Page
from tigc_mail.render.lint.sources import Sources
from tigc_mail.render.phrases import read_catalogue

MISSING = warning(
    "translation-missing", "Some readers get a text in a language that is not theirs."
)
UNTRANSLATED = warning(
    "untranslated", "Words that are the same in two languages were copied and not translated."
)
CATALOGUE = error("catalogue-missing", "Buttons and labels appear in English in between.")
PHRASE = warning("phrase-untranslated", "Buttons and labels appear in English in between.")
LANGUAGE = note("language-missing", "Contacts who read that language get the default one.")

CHECKS = (MISSING, UNTRANSLATED, CATALOGUE, PHRASE, LANGUAGE)
"""The checks of this family."""

LEAST_WORDS = 5
"""Fewer words may be the same in two languages: names, and words that are."""

NAMES = frozenset({"name", "place", "sender"})
"""Texts that are often the same in every language."""


class FileRemark(NamedTuple):
    """A remark on a file, and the readers that it concerns."""

    remark: Remark
    place: str
    variants: tuple[Variant, ...]


def check(page: Page, sources: Sources) -> Iterator[Remark]:
    """Check that nothing of a page is shown in other words than were looked for."""
    for fallback in page.edition.fallbacks:
        language, _, audience = fallback.wanted.partition(" for ")
        if audience:
            cause = f"has words for {audience}, but none in {language}: everyone's are shown"
        else:
            cause = f"is not written in {language}: it is shown in {fallback.used}"
        place = sources.text(fallback.path, page)
        yield Remark(MISSING, cause, f"Write it in {language}.", place=place)


def check_files(sources: Sources, variants: tuple[Variant, ...]) -> Iterator[FileRemark]:
    """Check the files of an edition, for all its variants."""
    languages = tuple(dict.fromkeys(variant.locale for variant in variants))
    yield from _languages(sources, variants)
    for document in (sources.edition, *sources.audiences.values()):
        yield from _copied(document, sources, variants)
    for locale in languages:
        readers = tuple(variant for variant in variants if variant.locale == locale)
        yield from _theme(sources.templates, locale, readers)
        yield from _phrases(sources.templates, locale, readers)


def _languages(sources: Sources, variants: tuple[Variant, ...]) -> Iterator[FileRemark]:
    written = sources.edition.content.get("languages") or ()
    lacking = [locale for locale in LOCALES if locale not in written]
    if lacking:
        cause = f"the edition is not written in {', '.join(lacking)}"
        yield _at(sources.edition, ("languages",), LANGUAGE, cause, "Translate it.", variants)


def _copied(
    document: Document, sources: Sources, variants: tuple[Variant, ...]
) -> Iterator[FileRemark]:
    default = sources.edition.content.get("language")
    for path, texts in _translations(document.content):
        own = texts.get(default)
        if NAMES & set(path) or not isinstance(own, str) or len(own.split()) < LEAST_WORDS:
            continue
        for locale in LOCALES:
            text = texts.get(locale)
            if locale != default and isinstance(text, str) and text.split() == own.split():
                readers = tuple(v for v in variants if v.locale == locale)
                cause = f"is the same in {locale} as in {default}"
                cure = f"Translate it, or remove `{locale}`, so that it counts as missing."
                if readers:
                    yield _at(document, (*path, locale), UNTRANSLATED, cause, cure, readers)


def _theme(templates: Path, locale: Locale, readers: tuple[Variant, ...]) -> Iterator[FileRemark]:
    try:
        theme = read_document(templates / "theme.yaml", "templates/theme.yaml")
    except DocumentError:
        return
    for path, texts in _translations(theme.content):
        if set(texts) <= set(LOCALES) and locale not in texts:
            cause = f"is not written in {locale}"
            yield _at(theme, path, MISSING, cause, f"Write it in {locale}.", readers)


def _phrases(templates: Path, locale: Locale, readers: tuple[Variant, ...]) -> Iterator[FileRemark]:
    try:
        lacking = gaps(templates, locale)
    except TemplateError:  # rendering tells that
        return
    place = f"templates/phrases/{locale}.po"
    if lacking.no_catalogue:
        cause = f"there is no such catalogue: all {len(lacking.missing)} phrases are in English"
        cure = "Copy messages.pot to it and translate it; `tigc-mail phrases` writes messages.pot."
        yield FileRemark(Remark(CATALOGUE, cause, cure), place, readers)
        return
    if lacking.missing:
        cure = "Translate them there; `tigc-mail phrases` adds their lines."
        at = _place(templates, locale, lacking.missing[0])
        yield FileRemark(Remark(PHRASE, f"lacks {_some(lacking.missing)}", cure), at, readers)
    if lacking.fuzzy:
        cause = f"marks {_some(lacking.fuzzy)} as fuzzy, a guess that is not used"
        cure = "Read it, correct it, and take `fuzzy` out of the line above."
        at = _place(templates, locale, lacking.fuzzy[0])
        yield FileRemark(Remark(PHRASE, cause, cure), at, readers)


def _place(templates: Path, locale: Locale, phrase: str) -> str:
    """Return the line of a phrase in its catalogue, or the last one: behind it, it is added."""
    catalogue = read_catalogue(templates / "phrases", locale) or ()
    lines = (message.lineno for message in catalogue if message.id and first(message) == phrase)
    file = templates / "phrases" / f"{locale}.po"
    line = next(lines, None) or file.read_text("utf-8").rstrip().count("\n") + 1
    return f"templates/phrases/{locale}.po (line {line}, column 1)"


def _some(phrases: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{phrase}`" for phrase in phrases[:3])
    return f"{shown} and {len(phrases) - 3} more" if len(phrases) > 3 else shown


def _translations(
    content: Any, path: tuple[Step, ...] = ()
) -> Iterator[tuple[tuple[Step, ...], Mapping[str, Any]]]:
    """Yield every mapping that has a language among its keys."""
    if isinstance(content, Mapping):
        if any(key in LOCALES for key in content):
            yield path, content
        for key, inner in content.items():
            yield from _translations(inner, (*path, key))
    elif isinstance(content, list):
        for at, inner in enumerate(content):
            yield from _translations(inner, (*path, at))


def _at(
    document: Document,
    path: tuple[Step, ...],
    kind: Check,
    cause: str,
    cure: str,
    readers: tuple[Variant, ...],
) -> FileRemark:
    return FileRemark(Remark(kind, cause, cure), document.fault(path, "").place, readers)
