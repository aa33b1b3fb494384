"""The organisation's working languages."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

Locale = Literal["en", "fr", "es", "ar"]
"""A language code (ISO 639-1) of a working language."""

LOCALES: tuple[Locale, ...] = get_args(Locale)
"""All working languages, the fallback of last resort first."""

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that is not blank."""

Translations = Annotated[dict[Locale, Filled], Field(min_length=1)]
"""One text in some of the working languages."""


def direction(locale: Locale) -> Literal["ltr", "rtl"]:
    """Return the direction in which a language is written."""
    return "rtl" if locale == "ar" else "ltr"


def translated(texts: Mapping[Locale, str], locale: Locale, default: Locale) -> str:
    """Return the text in `locale`, else in `default`, else in the first language it has."""
    return texts.get(locale) or texts.get(default) or next(iter(texts.values()))
