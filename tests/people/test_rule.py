"""A rule that is wrong is refused where it is wrong; one that is right is put into one form."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tigc_mail.people.rule import MAX_DEPTH, MAX_RULES, MAX_VALUES, Comparison, Rule

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
LEAF = {"field": "sector", "equals": "public"}


def faults(rule: object) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        RULE.validate_python(rule)
    return [
        (tuple(step for step in problem["loc"] if "<" not in str(step)), problem["msg"])
        for problem in caught.value.errors()
    ]


@pytest.mark.parametrize(
    ("rule", "path", "cause"),
    [
        ({"field": "sectr", "equals": "x"}, ("field",), "'sectr' is not a field of a contact"),
        ({"field": "attributes.", "equals": "x"}, ("field",), "is not a field of a contact"),
        ({"field": "sector", "equal": "public"}, ("equal",), "Extra inputs"),
        ({"field": "sector", "equals": "police"}, ("equals",), "'police' is not a sector"),
        ({"field": "country", "in": ["FR", "XX"]}, ("in", 1), "'XX' is not a country code"),
        ({"field": "country", "in": "FR"}, ("in",), "needs a list"),
        ({"field": "country", "in": []}, ("in",), "needs a list"),
        ({"field": "locale", "equals": "de"}, ("equals",), "'de' is not a language"),
        ({"field": "country", "contains": "F"}, ("contains",), "write equals or in"),
        ({"field": "tags", "equals": "a"}, ("equals",), "write contains"),
        ({"field": "role", "at_least": 3}, ("at_least",), "cannot be asked of role"),
        ({"field": "role", "equals": True}, ("equals",), "write it in quotes"),
        ({"field": "role", "equals": ""}, ("equals",), "present: true"),
        ({"field": "role", "equals": None}, ("equals",), "is not a text"),
        ({"field": "role", "equals": "a\x00"}, ("equals",), "control character"),
        ({"field": "role", "equals": "\ud800"}, ("equals",), "control character"),
        ({"field": "role", "present": "yes"}, ("present",), "is not true or false"),
        ({"field": "attributes.n", "less_than": "many"}, ("less_than",), "such as 3 or 2026"),
        ({"field": "attributes.n", "less_than": float("nan")}, ("less_than",), "such as 3"),
        ({"field": "attributes.n", "less_than": 10**400}, ("less_than",), "such as 3"),
        (
            {"field": "attributes.n", "equals": datetime(2026, 1, 1)},  # noqa: DTZ001  # as in YAML
            ("equals",),
            "is not a text",
        ),
        ({"field": "role"}, (), "exactly one operator"),
        ({"field": "role", "equals": "a", "present": True}, (), "exactly one operator"),
        ({"all": []}, ("all",), "at least one"),
        ({"any": LEAF}, ("any",), "needs a list"),
        ({"all": [LEAF], "any": [LEAF]}, ("any",), "Extra inputs"),
        ({"not": [LEAF]}, ("not",), "is not a rule"),
        ("sector", (), "is not a rule"),
        (
            {"all": [LEAF, {"not": {"any": [LEAF, 7]}}]},
            ("all", 1, "not", "any", 1),
            "is not a rule",
        ),
    ],
)
def test_a_wrong_rule_is_refused_at_its_path(
    rule: object, path: tuple[str | int, ...], cause: str
) -> None:
    ((found, message),) = faults(rule)
    assert found == path
    assert cause.lower() in message.lower()


def nested(depth: int) -> Any:
    rule: Any = LEAF
    for _ in range(depth - 1):
        rule = {"not": rule}
    return rule


def test_a_rule_is_as_deep_and_as_large_as_its_bounds() -> None:
    RULE.validate_python(nested(MAX_DEPTH))
    RULE.validate_python({"any": [LEAF] * (MAX_RULES - 1)})
    RULE.validate_python({"field": "role", "in": ["x"] * MAX_VALUES})


@pytest.mark.parametrize(
    "rule",
    [
        nested(MAX_DEPTH + 1),
        nested(100_000),
        {"any": [LEAF] * MAX_RULES},
        {"field": "role", "in": ["x"] * (MAX_VALUES + 1)},
    ],
    ids=["deep", "very deep", "many rules", "many values"],
)
def test_a_rule_beyond_its_bounds_is_refused(rule: object) -> None:
    ((path, message),) = faults(rule)
    assert path == ()
    assert "split it" in message


def test_a_rule_that_holds_itself_is_refused() -> None:
    rule: dict[str, Any] = {}
    rule["not"] = rule
    assert "split it" in faults(rule)[0][1]


def test_codes_are_understood_in_any_case() -> None:
    rule = RULE.validate_python({"field": "country", "in": ["fr", "Cr"]})
    assert isinstance(rule, Comparison)
    assert rule.value == ("FR", "CR")


def test_every_wrong_value_of_a_list_is_told_at_its_own_path() -> None:
    rule = {"any": [{"field": "country", "in": ["XX", "FR", 3, "YY"]}]}
    assert [path for path, _ in faults(rule)] == [
        ("any", 0, "in", 0),
        ("any", 0, "in", 2),
        ("any", 0, "in", 3),
    ]
