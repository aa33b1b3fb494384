"""The fixed phrases of the templates, from gettext catalogues (`phrases/fr.po`) as they are."""

import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.reading import UnreadableError, content_of
from tigc_mail.ground.signs import unfit
from tigc_mail.ground.spot import undecodable
from tigc_mail.render.fallbacks import replaced

_LONE = re.compile(r"%(?!\(\w+\)[sd])")
"""A sign that is neither doubled nor begins the name of a value."""

_NAME = re.compile(r"%\((\w+)\)[sd]")
"""The name of a value, of which templates put the value in."""


def phrase(text: str) -> str:
    """Return a fixed phrase of the library's own as it is; this marks it for the catalogues."""
    return text


class _English(NullTranslations):
    """The phrases as the templates have them; each that is asked for is noted as not translated."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale

    def gettext(self, message: str) -> str:
        """Return a phrase as it is."""
        self._note(message)
        return str(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a phrase as it is, in the singular or the plural."""
        self._note(msgid1)
        return str(super().ngettext(msgid1, msgid2, n))

    def _note(self, message: str) -> None:
        path = f"templates/phrases/{_name(self._locale)}: `{message}`"
        replaced(path, self._locale, "en")


def load_phrases(folder: Path, locale: Locale) -> NullTranslations:
    """Return the phrases of a language; where there is no catalogue, the templates' own English.

    Raises:
        TemplateError: if the catalogue is not a valid .po file in UTF-8, or if the placeholders of
            a translation are not those of its phrase.
    """
    catalogue = read_catalogue(folder, locale)
    english = NullTranslations() if locale == "en" else _English(locale)
    if catalogue is None:
        return english
    try:
        _check_signs(catalogue, locale)
        _check_placeholders(catalogue, locale)
        phrases = _compiled(catalogue)
        phrases.add_fallback(english)
        return phrases
    except (ValueError, TypeError, LookupError) as error:
        raise _invalid(error, locale) from None


def read_catalogue(folder: Path, locale: Locale | None) -> Catalog | None:
    """Return the catalogue of a language; None where there is none.

    Args:
        folder: where the catalogues are.
        locale: the language; None for the template of all catalogues.

    Raises:
        TemplateError: if it cannot be read, or is not a valid .po file in UTF-8.
    """
    path = folder / _name(locale)
    place = f"templates/phrases/{path.name}"
    try:
        content = content_of(path)
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        raise TemplateError(error.cause, place, error.cure) from None
    try:
        return read_po(BytesIO(content), locale=locale, abort_invalid=True)
    except UnicodeDecodeError:
        where = _undecoded(content, place)
        raise TemplateError("is not UTF-8", where, "Save it as UTF-8.") from None
    except PoFileError as error:
        cause = f"is not a valid catalogue: {error.args[0]}"
        raise TemplateError(cause, f"{place} (line {error.lineno + 1})") from None
    except (ValueError, TypeError, LookupError) as error:
        raise _invalid(error, locale) from None


def _undecoded(content: bytes, place: str) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return f"{place} ({undecodable(error)})"
    return place  # it names another encoding than its own


def _name(locale: Locale | None) -> str:
    return f"{locale}.po" if locale else "messages.pot"


def _invalid(error: Exception, locale: Locale | None) -> TemplateError:
    return TemplateError(f"is not a valid catalogue: {error}", f"templates/phrases/{_name(locale)}")


def _check_placeholders(catalogue: Catalog, locale: Locale) -> None:
    for message, errors in catalogue.check():
        if message.fuzzy:  # such a translation is not used
            continue
        place = f"templates/phrases/{_name(locale)} (line {message.lineno})"
        said = message.id if isinstance(message.id, str) else message.id[0]
        cure = "Write the same %(names)s in the translation as in the phrase."
        raise TemplateError(f"the translation of `{said}` is wrong: {errors[0]}", place, cure)


def _check_signs(catalogue: Catalog, locale: Locale) -> None:
    """See that templates can print every translation: they put a value in for each `%(name)s`."""
    for message in catalogue:
        known = {*_NAME.findall(" ".join(_texts(message.id)))}
        if not message.id or message.fuzzy:
            continue
        place = f"templates/phrases/{_name(locale)} (line {message.lineno})"
        for text in filter(None, _texts(message.string)):
            if found := unfit(text):
                raise TemplateError(f"there is {found.what}", place, found.cure)
            if _LONE.search(text.replace("%%", "")):
                cause = "the translation has a `%` that begins no `%(name)s`"
                raise TemplateError(cause, place, "Write `%%` for the sign itself.")
            for name in _NAME.findall(text.replace("%%", "")):
                if name not in known:
                    cause = f"the translation has `%({name})s`, and the phrase has no such value"
                    told = " and ".join(f"`%({each})s`" for each in sorted(known))
                    cure = f"The phrase has {told}." if known else "Take it out."
                    raise TemplateError(cause, place, cure)


def _texts(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return a phrase, or its translation, in singular and plural."""
    return (said,) if isinstance(said, str) else tuple(said or ())


def _compiled(catalogue: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
