"""Style sheets, read into their rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.lint.css import DEEPEST, declarations_of, each, rules_of


def told(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return each rule, with what it says."""
    return [
        (rule.prelude, {one.name: one.value for one in rule.declarations})
        for rule, _ in each(rules_of(text))
    ]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("a{color:red}", [("a", {"color": "red"})]),
        ("a { color : red ; x:y }", [("a", {"color": "red", "x": "y"})]),
        ("a { /* b { */ color: red }", [("a", {"color": "red"})]),
        ('a { content: "};{" } b {x:y}', [("a", {"content": '"};{"'}), ("b", {"x": "y"})]),
        ("a { background: url(data:x;y) }", [("a", {"background": "url(data:x;y)"})]),
        ("@import 'x'; a {}", [("@import 'x'", {}), ("a", {})]),
        ("} a {x:y}", [("a", {"x": "y"})]),
        ("a {x:y", [("a", {"x": "y"})]),
        ("@media x { a {x:y} }", [("@media x", {}), ("a", {"x": "y"})]),
        ("a { b:hover {x:y} z:w }", [("a", {"z": "w"}), ("b:hover", {"x": "y"})]),
        ("<!-- a {x:y} -->", [("a", {"x": "y"})]),
    ],
)
def test_a_sheet_is_read_into_its_rules(text: str, rules: list[object]) -> None:
    assert told(text) == rules


def test_each_rule_and_declaration_knows_its_place() -> None:
    text = "/* x */\n a {\n  color: red }"
    (rule,) = rules_of(text)
    assert text[rule.at :].startswith("a {")
    assert text[rule.declarations[0].at :].startswith("color: red")


def test_what_is_important_is_told_apart() -> None:
    one, other = declarations_of("a: b ! important; c: d")
    assert (one.value, one.important) == ("b", True)
    assert (other.value, other.important) == ("d", False)


def test_rules_may_stand_in_each_other_as_deep_as_anyone_likes() -> None:
    assert len(told("a{" * 5000)) == DEEPEST


@given(st.text(alphabet="a:;{}()\"'/*\\@ \n"))
def test_anything_can_be_read(text: str) -> None:
    for rule, _ in each(rules_of(text)):
        assert 0 <= rule.at <= len(text)
