"""Filters that write numbers, lists, days and times as the language of the message does."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale as Cldr
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from tigc_mail.errors import RenderError
from tigc_mail.ground.language import Locale
from tigc_mail.render import dates


def filters(locale: Locale) -> Mapping[str, Callable[..., str]]:
    """Return the filters of a language by their names in templates."""
    name = dates.cldr_name(locale)
    whole = str(Cldr.parse(name).percent_formats[None].pattern)
    exact = whole.replace("0", "0.#", 1)

    def number(value: Any) -> str:
        return str(format_decimal(_number("number", value), locale=name))

    def percent(value: Any) -> str:
        return str(format_percent(_number("percent", value), exact, locale=name))

    def listing(values: Iterable[Any]) -> str:
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise _unfit("listing", "a list", values)
        return str(format_list([str(value) for value in values], locale=name))

    def day(value: Any) -> str:
        if not isinstance(value, date):
            raise _unfit("day", "a date", value)
        return dates.day(value, locale)

    def clock(value: Any) -> str:
        if not isinstance(value, datetime):
            raise _unfit("clock", "a date and time", value)
        return dates.clock(value, locale)

    return {f.__name__: f for f in (number, percent, listing, day, clock)}


def _number(name: str, value: Any) -> int | float | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _unfit(name, "a number", value)
    return value


def _unfit(name: str, wanted: str, value: Any) -> RenderError:
    kind = "nothing (none)" if value is None else f"a value of the kind {type(value).__name__}"
    return RenderError(f"the filter `{name}` takes {wanted}, not {kind}")
