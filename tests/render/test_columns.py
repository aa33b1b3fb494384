"""Encoding a column at once: the same bytes as one value at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.columns import encode_column
from tigc_mail.render.contexts import Context, UnfitValueError, encode

ANYWHERE = [Context.MARKUP, Context.PLAIN, Context.URL_COMPONENT, Context.WORD, Context.FIRST_WORD]

VALUES = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="ab1-_ .,@", max_size=90),
    st.text(alphabet=".= \t\r\n\0é\ud800<&'\"", max_size=20),
    st.sampled_from(["Ana", "José", "O'Brien", ".", "x" * 70, "x" * 71, "x" * 72, "x" * 76]),
)


FEW = st.lists(VALUES, min_size=1, max_size=3)
COLUMNS = st.lists(VALUES, max_size=8) | FEW.flatmap(
    lambda few: st.lists(st.sampled_from(few), max_size=12)
)


@given(COLUMNS)
def test_a_column_is_encoded_as_its_values_are_one_by_one(values: list[str]) -> None:
    encoded = encode_column(values, ANYWHERE)
    for context in ANYWHERE:
        assert list(encoded[context]) == [encode(value, context) for value in values], context


@pytest.mark.parametrize("context", [Context.RAW, Context.URL])
def test_columns_of_links_and_raw_header_values_too(context: Context) -> None:
    values = ["https://example.org/", "mailto:a@example.org"]
    assert list(encode_column(values, [context])[context]) == [v.encode() for v in values]


@given(st.lists(st.text(alphabet="aé<\r\n \t\0\ud800\x7f", max_size=6), max_size=4))
def test_a_column_is_refused_exactly_where_one_of_its_values_is(values: list[str]) -> None:
    try:
        one_by_one = [encode(value, Context.RAW) for value in values]
    except UnfitValueError:
        with pytest.raises(UnfitValueError):
            encode_column(values, [Context.RAW])
    else:
        assert list(encode_column(values, [Context.RAW])[Context.RAW]) == one_by_one
