"""Filters that write numbers, lists, days and times as the language of the message does."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from babel import Locale as Cldr
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from tigc_mail.errors import RenderError
from tigc_mail.ground.language import Locale
from tigc_mail.render import dates

_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    datetime: "a date and time",
    date: "a date",
    Mapping: "names with values",
    Iterable: "a list",
    type(None): "nothing (none)",
}
"""What authors call a value, the narrower kinds first."""

_CURES = {
    "a number": "Write a number in digits and without quotes, or leave the filter out.",
    "a list": "Write a list, such as ['A', 'B'], or leave the filter out.",
    "a date": "Give it a date, such as one of an event, or leave the filter out.",
    "a date and time": "Give it a time, such as one of an event, or leave the filter out.",
}


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
    if isinstance(value, float | Decimal) and not isfinite(value):
        cause = f"the filter `{name}` takes a number, and this one is too large, or none"
        raise RenderError(cause, "", "Write the number itself, or correct the calculation.")
    return value


def _unfit(name: str, wanted: str, value: Any) -> RenderError:
    kind = next((told for one, told in _KINDS.items() if isinstance(value, one)), "something else")
    return RenderError(f"the filter `{name}` takes {wanted}, not {kind}", "", _CURES[wanted])
