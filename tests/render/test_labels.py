"""Labels as FIRST's TLP 2.0 asks: unchanged in every language, before what they cover and after it,
in their own colour on black, at least 12 point, at the far end of the line.
"""

import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from tigc_mail import Workspace
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
