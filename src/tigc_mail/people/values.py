"""What people write into the fields of a contact, turned into what we keep.

Every function takes the text of one field and returns its value, or raises `ValueError` with a
reason that says what would be right. No reason quotes the text, since it may hold an address, a
name or a telephone number: who tells the reason puts what `repeated` returns before it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.wording import did_you_mean
from tigc_mail.people.contact import CONSENT_BASES, SECTORS, ConsentBasis, Sector

Code = TypeVar("Code", bound=str)

_LONGEST = 30
"""Characters of a wrong text that is repeated, at most: no code, tag or date needs more."""

_DATE = re.compile(
    r"([12][0-9]{3}([-./])[0-9]{1,2}\2[0-9]{1,2}"
    r"|[0-3]?[0-9]([-./])[0-3]?[0-9]\3[12][0-9]{3})(T[0-9:.Z+-]*)?"
)
"""What is meant for a date, right or not; no telephone number is written like it."""

_ALIKE = 0.7
"""How much a code has in common with a slip of it; `police` and `public` have less."""

_NOT_ISO = {"UK": "GB", "EL": "GR"}


def line_of_text(text: str) -> str:
    """Return a text that fits one line: without line breaks and control characters."""
    if not text.isprintable() and any(map(_breaks_lines, text)):
        if len(f"{text}.".splitlines()) > 1:
            raise ValueError("holds a line break; write it on one line")
        raise ValueError("holds a control character; remove it")
    return text


def attribute(text: str) -> str:
    """Return the value of an attribute, which may have several lines."""
    if not text.isprintable() and any(
        _breaks_lines(char) and char not in "\r\n\t" for char in text
    ):
        raise ValueError("holds a control character; remove it")
    return text


def sector(text: str) -> Sector:
    """Return a sector, written in any case."""
    return _one_of(SECTORS, text, "sector")


def locale(text: str) -> Locale:
    """Return a working language, written in any case."""
    return _one_of(LOCALES, text, "language")


def consent_basis(text: str) -> ConsentBasis:
    """Return a basis of consent, written in any case."""
    return _one_of(CONSENT_BASES, text, "basis")


def country(text: str) -> str:
    """Return a country's code (ISO 3166-1 alpha-2), written in any case."""
    code = text.upper()
    if code in _country_codes():
        return code
    meant = _NOT_ISO.get(code) or _country_named(text)
    hint = f"for this one {meant}" if meant else "such as FR"
    raise ValueError(f"is not a country code; write the two letters of ISO 3166-1, {hint}")


def moment(text: str) -> datetime:
    """Return a moment in UTC from a date or a date and time in ISO 8601.

    A date is its first moment; where no offset is written, UTC is meant.
    """
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        example = "2026-11-30 or 2026-11-30T09:00:00Z"
        raise ValueError(f"is not a date of ISO 8601; write one such as {example}") from None


def tags(text: str) -> frozenset[str]:
    """Return the tags of a list with `;` between them."""
    return frozenset(tag for part in line_of_text(text).split(";") if (tag := part.strip()))


def repeated(text: str, *, as_date: bool = False) -> str:
    """Return a wrong text as messages repeat it, in quotes; "" where it may tell of somebody.

    Where a cell stands in the wrong column, a name, an address or a telephone number may be what is
    wrong. So only one word of letters and hyphens is repeated, of 30 characters at most.

    Args:
        text: what is wrong.
        as_date: whether it stands where a date belongs: then what is written like one is repeated.
    """
    word = text.replace("-", "").isalpha() or (as_date and _DATE.fullmatch(text))
    return repr(text) if word and len(text) <= _LONGEST else ""


def _breaks_lines(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _one_of(codes: Sequence[Code], text: str, what: str) -> Code:
    wanted = text.lower()
    for code in codes:
        if code == wanted:
            return code
    told = f"is not a {what} we know; write {', '.join(codes[:-1])} or {codes[-1]}"
    meant = did_you_mean(wanted, codes, _ALIKE)
    raise ValueError(f"{told}. {meant}" if meant else told)


@cache
def _country_codes() -> frozenset[str]:
    import pycountry  # noqa: PLC0415  # a tenth of a second that only imports and rules need

    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def _country_named(name: str) -> str | None:
    import pycountry  # noqa: PLC0415

    try:
        found = pycountry.countries.lookup(name)
    except LookupError:
        return None
    code: str = found.alpha_2
    return code
