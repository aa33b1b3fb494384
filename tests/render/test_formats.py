"""Filters that write numbers, lists, days and times in the language of the message."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.render.formats import filters
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.slots import Slot, SlotSheet
from tigc_mail.render.templates import Templates

TemplatesOf = Callable[..., Templates]
NOON = datetime(2026, 1, 2, 14, 5)  # noqa: DTZ001 (a filter tells the hour it is given)


@pytest.mark.parametrize(
    ("use", "told"),
    [
        ("{{ 1234567.5 | number }}", ["1,234,567.5", "1 234 567,5", "1.234.567,5", "1,234,567.5"]),
        ("{{ 0.125 | percent }}", ["12.5%", "12,5 %", "12,5 %", "12.5%"]),
        ("{{ ['A', 'B', 'C'] | listing }}", ["A, B and C", "A, B et C", "A, B y C", "A وB وC"]),
        (
            "{{ ['A', 'B', 'C'] | listing }}{{ [] | listing }}",
            ["A, B and C", "A, B et C", "A, B y C", "A وB وC"],
        ),
        (
            "{{ day | day }}",
            ["2 January 2026", "2 janvier 2026", "2 de enero de 2026", "2 يناير 2026"],
        ),
        ("{{ noon | clock }}", ["14:05", "14:05", "14:05", "2:05 م"]),
    ],
)
def test_each_language_has_its_own_way(
    templates_of: TemplatesOf, use: str, told: list[str]
) -> None:
    templates = templates_of({"a.txt.j2": use})
    context = {"day": date(2026, 1, 2), "noon": NOON}
    for locale, words in zip(LOCALES, told, strict=True):
        shown = templates.render("a.txt.j2", locale, context)
        assert shown.replace("\u202f", " ").replace("\xa0", " ").replace("\u200e", "") == words


@pytest.mark.parametrize("name", sorted(filters("en")))
@pytest.mark.parametrize(
    "value", ["{{ slot | NAME }}", "{{ [slot] | NAME }}", "{{ ['a ' ~ token] | NAME }}"]
)
def test_a_value_that_differs_for_each_recipient_is_refused(
    templates_of: TemplatesOf, name: str, value: str
) -> None:
    sheet = SlotSheet()
    token = sheet.token("recipient.role")
    context = {"slot": Slot("recipient.role", token), "token": token}
    with pytest.raises(TemplateError, match=f"the filter `{name}` would change"):
        templates_of({"a.txt.j2": value.replace("NAME", name)}).render("a.txt.j2", "en", context)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("name", "value"),
    [(name, None) for name in filters("en")]
    + [
        ("number", "12"),
        ("percent", True),
        ("listing", "abc"),
        ("day", 5),
        ("clock", date(2026, 1, 2)),
    ],
)
def test_what_a_filter_cannot_tell_is_refused(locale: Locale, name: str, value: Any) -> None:
    with pytest.raises(RenderError, match=f"the filter `{name}` takes a"):
        filters(locale)[name](value)


def test_filters_in_an_authors_text_follow_the_language_of_the_message(
    compile_with: Callable[..., CompiledMessage],
) -> None:
    assert compile_with(locale="es", body="{{ 1234567 | number }}").text == ("1.234.567\n",)


@pytest.mark.parametrize(
    ("use", "cause", "cure"),
    [
        ('{{ "x" | number }}', "takes a number, not a text", "without quotes"),
        ("{{ (1e308 * 10) | percent }}", "this one is too large, or none", "the number itself"),
        ("{{ 1e308 * 10 | percent }}", "this calculates with a text", "in parentheses"),
        ("{{ 3 | day }}", "takes a date, not a number", "of an event"),
    ],
)
def test_what_is_no_such_value_is_told_in_an_authors_words(
    templates_of: TemplatesOf, use: str, cause: str, cure: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        templates_of({"a.txt.j2": use}).render("a.txt.j2", "en", {})
    assert cause in caught.value.cause
    assert cure in caught.value.cure
