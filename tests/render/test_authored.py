"""Letters of texts that were filled are found in what their authors wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.authored import offset_in_source

# What is printed has no letter of the words around it, so there is one answer.
words = st.text("ab \n", min_size=1, max_size=5)
printed = st.text("xy", max_size=5)


@given(st.lists(st.tuples(words, printed), max_size=6), words)
def test_every_letter_of_a_filled_text_is_found(pieces: list[tuple[str, str]], end: str) -> None:
    source, filled, expected = "", "", list[int]()
    for word, value in pieces:
        expected += [*range(len(source), len(source) + len(word))]
        expected += [len(source) + len(word)] * len(value)
        source, filled = f"{source}{word}{{{{ name }}}}", f"{filled}{word}{value}"
    expected += [*range(len(source), len(source) + len(end))]
    source, filled = source + end, filled + end
    assert [offset_in_source(source, filled, at) for at in range(len(filled))] == expected


@pytest.mark.parametrize(
    ("source", "filled", "position", "found"),
    [
        ("{{ a }}{{ b }} c", "xy c", 1, 0),  # one of two that stand together: the first is told
        ("a {{ b }}", "a xy", 3, 2),
        ('{{ "{{" }} a', "{{ a", 1, 0),
        ("a {{- b }}", "axy", 1, None),  # blanks that an expression took away
        ("{% if true %}a{% endif %}", "a", 0, None),
        ("{# note #}a", "a", 0, None),
        ("a", "b", 0, None),
    ],
)
def test_what_cannot_be_told_is_not_guessed(
    source: str, filled: str, position: int, found: int | None
) -> None:
    assert offset_in_source(source, filled, position) == found
