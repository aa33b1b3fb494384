"""A letter of a text is found in its file, or it is said that it cannot be."""

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from tigc_mail.ground.scalars import written_at

TEXTS = st.text(st.sampled_from("ab'\"\\é: #{}|>-\n"), min_size=1, max_size=60)
STYLES = st.sampled_from(
    [
        str,
        LiteralScalarString,
        FoldedScalarString,
        DoubleQuotedScalarString,
        SingleQuotedScalarString,
    ]
)


@given(text=TEXTS, style=STYLES, data=st.data())
def test_a_letter_is_found_where_it_stands(
    text: str, style: type[str], data: st.DataObject
) -> None:
    file, yaml = StringIO(), YAML()
    yaml.width = 20
    yaml.dump({"before": "ab'\n", "texts": [{"en": style(text), "fr": "ab"}]}, file)
    content = YAML().load(file.getvalue())
    read = content["texts"][0]["en"].strip()
    letters = [at for at, sign in enumerate(read) if not sign.isspace()]
    if letters:
        offset = data.draw(st.sampled_from(letters))
        found = written_at(file.getvalue(), content, ("texts", 0, "en"), offset)
        assert found is None or file.getvalue()[found] == read[offset]
        assert found is not None or style not in (LiteralScalarString, FoldedScalarString)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("|\n    one\n    two X\n", "X"),
        ("|2-  # a remark\n    one X", "X"),
        (">\n    one\n    two\n\n    X", "X"),
        ('"one \\"two\\" X"', 'X"'),
        ('"one \\\n    two X"', 'X"'),
        ("'it''s X'", "X'"),
        ("one\n    two X", "X"),
        ("&name one X", None),
        ('"\\x61 X"', None),
        ('"one\\ntwo X"', None),
    ],
)
def test_a_letter_is_found_in_every_style(written: str, found: str | None) -> None:
    file = f"a: {written}"
    content = YAML().load(file)
    at = written_at(file, content, ("a",), content["a"].strip().index("X"))
    assert (None if at is None else file[at:].strip("\n")) == found


@pytest.mark.parametrize("path", [("b",), ("a", 0), ("list", 7), ("number",), ()])
def test_what_is_no_text_has_no_letters(path: tuple[str | int, ...]) -> None:
    file = "a: b\nlist: [c]\nnumber: 7\n"
    assert written_at(file, YAML().load(file), path, 0) is None


def test_a_text_that_a_key_brings_along_is_not_looked_for() -> None:
    file = "base: &base {en: Hello}\nown: {<<: *base}\n"
    assert written_at(file, YAML().load(file), ("own", "en"), 0) is None
