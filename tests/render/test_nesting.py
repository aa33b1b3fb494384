"""How deep markup is nested, and where it is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.nesting import depth, fault, quotes_break_out, with_attributes


@pytest.mark.parametrize(
    ("markup", "levels"),
    [
        ("", 0),
        ("text", 0),
        ("<a><b></b><b></b></a>", 2),
        ("<a><br><img src='x'><b/></a>", 1),
        ('<a title="<b><c>">x</a>', 1),
        ("<!-- <a><b> --><c></c>", 1),
        ("<style><a><b></b></a></style>", 3),
        ("</a></a></a><b><c></c></b>", 2),
        ("<div>" * 9_000, 9_000),
    ],
)
def test_elements_are_counted_wherever_they_stand(markup: str, levels: int) -> None:
    assert depth(markup) == levels


@pytest.mark.parametrize(
    ("markup", "position", "cause"),
    [
        ("<a>1 < 2</a>", 5, "a `<` begins no element"),
        ("<a>\x07</a>", 3, "U+0007"),
        ("<a><p>x</a>", 7, "`</a>` closes what is not open"),
        ("<a></b></a>", 3, "`</b>` closes"),
        ("<a><b>", 3, "`<b>` is never closed"),
        ("</a>", 0, "`</a>` closes"),
    ],
)
def test_the_first_fault_is_found(markup: str, position: int, cause: str) -> None:
    found = fault(markup)
    assert found is not None
    assert found[0] == position
    assert cause in found[1]


@pytest.mark.parametrize("markup", ["", "<a><b/><br>&lt;</a>", "<!-- <a> --><a></a>"])
def test_what_is_closed_in_order_has_no_fault(markup: str) -> None:
    assert fault(markup) is None


@given(st.text(alphabet="<>/ab\"'= !-", max_size=60))
def test_any_text_can_be_looked_at(markup: str) -> None:
    assert depth(markup) >= 0
    found = fault(markup)
    assert found is None or 0 <= found[0] <= len(markup)
    quotes_break_out(markup)


@pytest.mark.parametrize(
    ("markup", "position"),
    [
        ("<a alt='say \"hi\"'>", 0),
        ("<b>x</b><a alt = 'say \"hi\"'>", 8),
        ('<a alt="it\'s" title="it\'s">', None),
        ("<a alt='it is'>", None),
        ("<p>'\"'</p>", None),
    ],
)
def test_a_double_quote_within_single_quotes_is_found(markup: str, position: int | None) -> None:
    assert quotes_break_out(markup) == position


def test_the_values_of_attributes_are_changed_and_nothing_else() -> None:
    markup = '<a b="c" d=\'e\'>f="g"</a><!-- <a b="c"> --><i h="j"/>'
    changed = '<a b="C" d=\'E\'>f="g"</a><!-- <a b="c"> --><i h="J"/>'
    assert with_attributes(markup, str.upper) == changed
