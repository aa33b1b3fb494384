"""Encoding a column at once: the same bytes as one value at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.columns import encode_column
from tigc_mail.render.contexts import Context, encode

ANYWHERE = [Context.MARKUP, Context.PLAIN, Context.URL_COMPONENT, Context.WORD, Context.FIRST_WORD]

VALUES = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="ab1-_ .,@", max_size=90),
    st.text(alphabet=".= \t\r\n\0é\ud800<&'\"", max_size=20),
    st.sampled_from(["Ana", "José", "O'Brien", ".", "x" * 70, "x" * 71, "x" * 72, "x" * 76]),
)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_a_column_is_encoded_as_its_values_are_one_by_one(values: list[str]) -> None:
    encoded = encode_column(values, ANYWHERE)
    for context in ANYWHERE:
        assert list(encoded[context]) == [encode(value, context) for value in values], context


@pytest.mark.parametrize("context", [Context.RAW, Context.URL])
def test_columns_of_links_and_raw_header_values_too(context: Context) -> None:
    values = ["https://example.org/", "mailto:a@example.org"]
    assert list(encode_column(values, [context])[context]) == [v.encode() for v in values]
