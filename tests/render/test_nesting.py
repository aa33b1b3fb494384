"""How deep markup is nested, and what its attributes hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.nesting import depth, with_attributes


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


@given(st.text(alphabet="<>/ab\"'= !-", max_size=60))
def test_any_text_can_be_looked_at(markup: str) -> None:
    assert depth(markup) >= 0


def test_the_values_of_attributes_are_changed_and_nothing_else() -> None:
    markup = '<a b="c" d=\'e\'>f="g"</a><!-- <a b="c"> --><i h="j"/>'
    changed = '<a b="C" d=\'E\'>f="g"</a><!-- <a b="c"> --><i h="J"/>'
    assert with_attributes(markup, str.upper) == changed
