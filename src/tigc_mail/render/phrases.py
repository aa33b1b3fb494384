"""The fixed phrases of the templates, from gettext catalogues (`phrases/fr.po`) as they are."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale


def phrase(text: str) -> str:
    """Return a fixed phrase of the library's own as it is; this marks it for the catalogues."""
    return text


def load_phrases(folder: Path, locale: Locale) -> NullTranslations:
    """Return the phrases of a language; where there is no catalogue, the templates' own English.

    Raises:
        TemplateError: if the catalogue is not a valid .po file in UTF-8.
    """
    path = folder / f"{locale}.po"
    if not path.exists():
        return NullTranslations()
    place = f"templates/phrases/{locale}.po"
    try:
        with path.open("rb") as file:
            return _compiled(read_po(file, locale=locale, abort_invalid=True))
    except UnicodeDecodeError:
        raise TemplateError("is not UTF-8", place, "Save it as UTF-8.") from None
    except (PoFileError, ValueError, TypeError, LookupError) as error:
        raise TemplateError(f"is not a valid catalogue: {error}", place) from None
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", place) from None


def _compiled(catalogue: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
