"""Labels as FIRST's TLP 2.0 asks: unchanged in every language, before what they cover and after it,
in their own colour on black, at least 12 point, at the far end of the line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from lxml import html as lxml_html

from tigc_mail import Audience, Workspace
from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.marking import Marking
from tigc_mail.render.bidi import END, LTR_ISOLATE, RTL_MARK
from tigc_mail.render.compile import compile_message
from tigc_mail.render.templates import Templates

COLOURS = {
    Marking.GREEN: "#33ff00",
    Marking.AMBER: "#ffc000",
    Marking.AMBER_STRICT: "#ffc000",
}


@pytest.mark.parametrize("marking", COLOURS)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_message_above_clear_is_labelled_in_subject_and_at_both_ends_of_its_bodies(
    marking: Marking,
    locale: str,
    shipped: Workspace,
    shipped_variants: tuple[TailoredEdition, ...],
) -> None:
    edition = next(each for each in shipped_variants if each.locale == locale)
    marked = replace(edition, marking=marking)
    message = compile_message(marked, Templates(shipped.folder / "templates"), "https://x.example")
    rendered = message.fill(dict.fromkeys(message.slots, "https://sample.example"))
    label = marking.value
    assert rendered.subject == f"{label} {edition.subject}"
    lines = rendered.text.splitlines()
    for line in (lines[0], lines[-1]):
        assert line.strip(RTL_MARK + LTR_ISOLATE + END) == label
    page = lxml_html.document_fromstring(rendered.html)
    first, *_, last = [e for e in page.iter("span") if e.text == label]
    first_box, title = first.getparent(), page.find(".//h1")
    order = list(page.iter())
    assert order.index(first) < order.index(title) < order.index(last)
    far = "left" if locale == "ar" else "right"
    for box in (first_box, last):
        style = _long(box.get("style").replace(" ", ""))
        assert f";color:{COLOURS[marking]}" in f";{style}"
        size = re.search(r"font-size:(\d+)px", style)
        assert size is not None
        assert int(size[1]) >= 16  # 12 point
    grounds = [e.get("bgcolor") or e.get("style") or "" for e in first.iterancestors()]
    assert next(g for g in grounds if "background" in g or g.startswith("#")).count("#000000")
    assert "background-color:#000000" in _long(last.get("style").replace(" ", ""))
    for label_of in (first, last):
        aligned = next(e.get("align") for e in label_of.iterancestors() if e.get("align"))
        assert aligned == far
        assert label_of.get("dir") == "ltr"


def _long(style: str) -> str:
    """Return a style with its colours written out: `#3f0` is `#33ff00`."""
    return re.sub(r"#(\w)(\w)(\w)(?!\w)", r"#\1\1\2\2\3\3", style)


# Parts of a block

Show = Callable[..., tuple[list[str], list[str]]]


@pytest.fixture
def show(shipped: Workspace) -> Show:
    """Return the lines of HTML and of plain text in which words of a block stand, with its labels."""
    templates = Templates(shipped.folder / "templates")
    reader = shipped.audience("law-enforcement")

    def shown(block: Mapping[str, Any], locale: str = "en") -> tuple[list[str], list[str]]:
        edition = edition_with(block, reader)
        message = compile_message(
            edition.for_audience(reader, locale), templates, "https://x.example"
        )
        rendered = message.fill(dict.fromkeys(message.slots, "https://sample.example"))
        page = lxml_html.document_fromstring(rendered.html)
        texts = [" ".join(e.text_content().split()) for e in page.iter("li", "h3", "td", "h2")]
        bare = re.sub(f"[{RTL_MARK}{LTR_ISOLATE}{END}]", "", rendered.text)
        return texts, bare.splitlines()

    return shown


def edition_with(block: Mapping[str, Any], reader: Audience) -> Edition:
    written = {
        "id": "news",
        "kind": "newsletter",
        "language": "en",
        "languages": ["en", "ar"],
        "audiences": [reader.id],
        "subject": "News",
        "preheader": "What is new",
        "blocks": [{"id": "one", "title": "Title", **block}],
    }
    return Edition.model_validate(written)


def partners(*groups: dict[str, Any], marking: str = "TLP:CLEAR") -> dict[str, Any]:
    return {"type": "partner-list", "marking": marking, "groups": list(groups)}


OPEN = {"name": "Open Ltd", "url": "https://open.example.org"}
AMBER = {"name": "Shut Ltd", "acronym": "SL", "marking": "TLP:AMBER"}


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_partner_that_may_travel_less_far_than_its_group_carries_its_own_label(
    show: Show, locale: str
) -> None:
    page, text = show(partners({"name": "All", "partners": [OPEN, AMBER]}), locale)
    assert {"Open Ltd", "TLP:AMBER Shut Ltd (SL)"} <= set(page)
    assert {"- Open Ltd: https://open.example.org", "- [TLP:AMBER] Shut Ltd (SL)"} <= set(text)
    assert "[TLP:AMBER]" in text  # the block, by the highest that is in it


def test_partners_listed_in_one_sentence_carry_their_labels_too(show: Show) -> None:
    plain = {"name": "Open Ltd"}
    _, text = show(partners({"name": "All", "partners": [plain, AMBER]}))
    assert "Open Ltd and [TLP:AMBER] Shut Ltd (SL)" in text


def test_groups_carry_their_own_labels_where_they_differ(show: Show) -> None:
    groups = (
        {"name": "Few", "partners": [OPEN], "marking": "TLP:AMBER"},
        {"name": "Many", "partners": [{"name": "Third Ltd"}]},
    )
    page, text = show(partners(*groups, marking="TLP:GREEN"))
    assert {"TLP:AMBER Few", "TLP:GREEN Many"} <= set(page)
    assert text[text.index("Few") - 1] == "[TLP:AMBER]"
    assert text[text.index("Many") - 1] == "[TLP:GREEN]"
    assert {"Open Ltd", "Third Ltd"} <= set(page)  # the label of the group is theirs


def test_a_statistic_carries_its_own_label_where_they_differ(show: Show) -> None:
    numbers = [
        {"number": 7, "label": "ports"},
        {"number": 9, "label": "raids", "marking": "TLP:AMBER"},
    ]
    page, text = show({"type": "statistics", "marking": "TLP:GREEN", "statistics": numbers})
    assert {"- [TLP:GREEN] 7 ports", "- [TLP:AMBER] 9 raids"} <= set(text)
    assert page[page.index("9") - 1] == "TLP:AMBER"
    assert page[page.index("7") - 1] == "TLP:GREEN"


@pytest.mark.parametrize(
    "block",
    [
        partners({"name": "All", "partners": [OPEN, {"name": "Third Ltd"}]}, marking="TLP:AMBER"),
        {
            "type": "statistics",
            "marking": "TLP:AMBER",
            "statistics": [{"number": 7, "label": "ports"}],
        },
    ],
    ids=["partners", "statistics"],
)
def test_a_block_that_is_marked_alike_carries_its_label_once(
    show: Show, block: Mapping[str, Any]
) -> None:
    _, text = show(block)
    assert "\n".join(text).count("[TLP:AMBER]") == 1
