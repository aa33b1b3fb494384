"""The trace: every element of a page is led back to where it was written."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.conftest import SHIPPED

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render.compile import compile_message
from tigc_mail.render.lint.finding import TEXT, Variant
from tigc_mail.render.lint.page import Page
from tigc_mail.render.lint.trace import Trace
from tigc_mail.render.templates import Templates

PUBLIC_URL = "https://mail.example.org"
_PLACE = re.compile(r"(templates/.+) \(line (\d+), column (\d+)\)")


@cache
def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")


def written_at(place: str, folder: Path) -> str:
    """Return the rest of the line that a place in a template names."""
    found = _PLACE.fullmatch(place)
    assert found is not None, place
    return lines_of(folder.parent / found[1])[int(found[2]) - 1][int(found[3]) - 1 :]


def page_of(edition: TailoredEdition, templates: Templates) -> Page:
    message = compile_message(edition, templates, PUBLIC_URL)
    return Page(Variant(edition.audience.id, edition.locale), edition, message, PUBLIC_URL)


def test_every_element_of_the_shipped_pages_is_found_where_it_is_written(
    shipped_variants: tuple[TailoredEdition, ...],
) -> None:
    templates = Templates(SHIPPED / "templates")
    for edition in {(one.id, one.locale): one for one in shipped_variants}.values():
        page = page_of(edition, templates)
        trace = Trace(page, templates)
        for element in page.visible[1:]:
            place = trace.element(element)
            assert place.startswith("blocks[") or written_at(place, templates.folder)[0] == "<"


def test_links_and_headings_of_the_shipped_pages_are_found_by_their_parts(
    shipped_variants: tuple[TailoredEdition, ...],
) -> None:
    templates = Templates(SHIPPED / "templates")
    for edition in {(one.id, one.locale): one for one in shipped_variants}.values():
        page = page_of(edition, templates)
        trace = Trace(page, templates)
        (title,) = (element for element in page.visible if element.tag == "h1")
        assert trace.part(title, TEXT) == "subject"
        for link in page.links:
            target, written = link.get("href") or "", trace.part(link, "href")
            if written.startswith("blocks[") and not written.endswith("body"):
                assert page.authored[written] == target
            elif written.startswith("theme."):
                assert target in str(templates.theme)


LAYOUT = """\
<mjml lang="en" dir="ltr"><mj-head><mj-title>t</mj-title></mj-head><mj-body>
<mj-section><mj-column>
<mj-text css-class="one" padding="0"><p style="color: #010203; margin:0"><b>Bold</b></p></mj-text>
<mj-image src="{{ 'https://example.org/' ~ 'a.png' }}" alt="A" href="https://example.org/b" />
<mj-raw><!-- no --><p>Raw</p></mj-raw>
</mj-column></mj-section>
{% set x %}{{ range(9) | random }}{% endset %}
</mj-body></mjml>
"""


@pytest.fixture(scope="session")
def page_with(
    edition_of: Callable[..., TailoredEdition], templates_of: Callable[..., Templates]
) -> Callable[[str], tuple[Page, Trace]]:
    """Return the page of a layout, and its trace."""

    def build(layout: str) -> tuple[Page, Trace]:
        templates = templates_of({"newsletter.mjml.j2": layout})
        page = page_of(edition_of(), templates)
        return page, Trace(page, templates)

    return build


PageWith = Callable[[str], tuple[Page, Trace]]


def test_parts_are_found_where_their_values_begin(page_with: PageWith) -> None:
    page, trace = page_with(LAYOUT)
    lines = LAYOUT.split("\n")

    def place(line: int, text: str) -> str:
        column = lines[line - 1].index(text) + 1
        return f"templates/newsletter.mjml.j2 (line {line}, column {column})"

    bold, raw = (next(one for one in page.visible if one.text == said) for said in ("Bold", "Raw"))
    assert trace.element(bold) == place(3, "<b>")
    assert trace.part(bold, TEXT) == place(3, "Bold")
    assert trace.part(bold.getparent(), "style:color") == place(3, "#010203")
    assert trace.part(bold.getparent(), "style:background-color") == ""
    assert trace.part(bold.getparent(), "href") == ""
    assert trace.element(bold.getparent().getparent()) == place(3, "<mj-text")
    assert trace.element(raw) == place(5, "<p>")
    (image,) = page.images
    assert trace.part(image, "src") == place(4, "{{")
    assert trace.part(image, "href") == place(4, "https://example.org/b")
    assert trace.part(image, TEXT) == trace.element(image) == place(4, "<mj-image")
    assert trace.tag("mj-head") == place(1, "<mj-head")
    assert trace.tag("/mj-body") == place(8, "</mj-body")
    assert trace.tag("mj-attributes") == ""


def test_a_layout_that_is_another_each_time_leads_nowhere(page_with: PageWith) -> None:
    many = "{% for i in range(99) %}{{ range(9) | random }}{% endfor %}"
    page, trace = page_with(LAYOUT.replace("Bold", many))
    assert {trace.element(element) for element in page.visible} == {""}
    assert trace.tag("mj-head") == ""
