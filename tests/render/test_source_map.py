"""The source map: exact for what stands in a template, and without effect on what is made."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import SHIPPED

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import TemplateError
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.slots import SlotSheet
from tigc_mail.render.source_map import _AUTHORED, SourceMap
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import AUTHORED, View

Compile = Callable[..., CompiledMessage]
_PLACE = re.compile(r"templates/(.+) \(line (\d+), column (\d+)\)")


@cache
def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")


def letter_at(place: str, folder: Path) -> str:
    """Return the letter of a template that a place names."""
    found = _PLACE.fullmatch(place)
    assert found is not None, place
    lines = lines_of(folder / found[1])
    return (lines[int(found[2]) - 1] + "\n")[int(found[3]) - 1]


def mapped(sources: SourceMap, folder: Path) -> float:
    """Return the share of a filled template that was written as it is; the rest is printed."""
    written = 0
    positions = range(0, len(sources.plain), 7)
    for position in positions:
        letter = sources.plain[position]
        place = sources.place(position)
        if place.startswith("templates/"):
            there = letter_at(place, folder)
            written += there == letter
            assert there in (letter, "{"), (position, place)
    return written / len(positions)


def test_every_letter_of_the_shipped_templates_is_found_where_it_stands(
    shipped_variants: tuple[TailoredEdition, ...],
) -> None:
    folder = SHIPPED / "templates"
    templates = Templates(folder)
    for edition in {(one.kind, one.locale): one for one in shipped_variants}.values():
        view = View(edition, templates, SlotSheet(), "https://mail.example.org")
        layout, context = f"{edition.kind}.mjml.j2", view.html_context()
        filled = templates.render(layout, edition.locale, context)
        sources = templates.source_map(filled, layout, edition.locale, context, view.place)
        assert sources is not None
        assert sources.plain == filled
        assert mapped(sources, folder) > 0.5
        title = filled.index(">", filled.index("<mj-title")) + 1
        assert sources.place(title) == f"editions/{edition.id}/edition.yaml: subject"


PIECES = st.sampled_from(
    [
        "<p>a</p>",
        "a\n  b",
        "\n",
        "  {{ x }}",
        "{{ x ~ 'y' }}\n",
        "{{- x -}}  ",
        "{# a\n b #}\n",
        "  {% if x %}\n c\n  {% endif %}\n",
        "{% for i in [1, 2] %}{{ i }} d\n{% endfor %}",
        "{% raw %}\n{{ e }}{% endraw %}",
        "{% set y = 'f' %}{{ y }}",
        "{% set z %} <b>g</b>\n{% endset %}{{ z }}",
        "{% macro m() %}\n h {{ x }}{% endmacro %}{{ m() }}",
        "{% filter upper %}\n i {{ x }}{% endfilter %}",
        "{% macro n() %}<{{ caller() }}>{% endmacro %}{% call n() %}\nj{% endcall %}",
        "{% trans %}Hello {{ x }}\n you{% endtrans %}",
        "{% trans trimmed k=x %}\n a {{ k }}\n b{% endtrans %}",
        "{% include 'part.j2' %}\n",
        "{% if (x ~ 'k') | length > 3 %}k{% else %}l{% endif %}",
        "{%- if x -%}\n\n m {%+ endif +%}\n",
        "é\U0001f600\u200f",
        "{{ '\n' }}",
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_marks_change_nothing_and_each_letter_is_found(
    templates_of: Callable[..., Templates], pieces: list[str]
) -> None:
    files = {"a.mjml.j2": "".join(pieces), "part.j2": "n {{ x }}\n\n<b>o</b>\n"}
    templates = templates_of(files)
    context = {"x": "xyz"}
    filled = templates.render("a.mjml.j2", "en", context)
    sources = templates.source_map(filled, "a.mjml.j2", "en", context, str)
    assert sources is not None
    assert sources.plain == filled
    for position in range(len(filled)):
        place = sources.place(position)
        assert place.startswith("templates/")
        if "filter upper" not in files["a.mjml.j2"]:
            assert letter_at(place, templates.folder) in (filled[position], "{")


def test_every_text_of_an_author_is_marked() -> None:
    assert AUTHORED | {"subject", "preheader", "body"} == _AUTHORED


def test_where_nobody_knows_the_place_of_a_fault_is_the_layout(compile_with: Compile) -> None:
    layout = '<mjml lang="en" dir="ltr"><mj-body>{% set x %}{{ range(9) | random }}'
    layout += "{% for i in range(999) %}{{ range(9) | random }}{% endfor %}{% endset %}{{ x }}"
    with pytest.raises(TemplateError) as caught:
        compile_with({"newsletter.mjml.j2": f"{layout}</mj-body></mjml>"})
    assert caught.value.place == "templates/newsletter.mjml.j2"
    assert "a text stands in <mj-body>" in caught.value.cause
