"""A rule chooses the same people in SQL and one by one, and says why."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine
from tests.databases import examples

from tigc_mail.people.contact import Contact
from tigc_mail.people.contacts_file import Row
from tigc_mail.people.importing import Import
from tigc_mail.people.rule import Rule
from tigc_mail.people.segment import Segment

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)

# Few values, so that rules and contacts meet; awkward ones, on which the two ways might differ.
WORDS = st.sampled_from(
    ["a", "A", "é", "E", "ab", "%", "_", "a_b", "'", '"', "\\", "10", "9", "x\ny"]
)
LINES = WORDS.filter(str.isprintable)
NUMBERS = st.sampled_from([-1, 0, 3, 3.5, 10, 2**53 + 1, 1e300])
DAYS = st.sampled_from([date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 9)])
CODES = {
    "sector": st.sampled_from(["public", "government"]),
    "country": st.sampled_from(["FR", "CR"]),
    "locale": st.sampled_from(["en", "ar"]),
    "consent_basis": st.sampled_from(["consent", "public-task"]),
}
TEXTS = ("given_name", "organisation")
NAMES = st.sampled_from(["score", "since", "Ré gion"])
STORED = st.one_of(WORDS, NUMBERS.map(str), DAYS.map(str), st.just("3.0"), st.just("2026-13-01"))


@st.composite
def people(draw: st.DrawFn) -> list[Contact]:
    return [draw(contact(at)) for at in range(draw(st.integers(1, 4)))]


@st.composite
def contact(draw: st.DrawFn, at: int) -> Contact:
    address = f"{draw(st.sampled_from(['a', 'ab', 'é']))}{at}@example.org"
    known: dict[str, Any] = {name: draw(st.none() | codes) for name, codes in CODES.items()}
    known |= {name: draw(st.just("") | LINES) for name in TEXTS}
    known["tags"] = draw(st.frozensets(LINES, max_size=3))
    known["attributes"] = draw(st.dictionaries(NAMES, STORED, max_size=3))
    return Contact(email=address, email_readable=address, **known)


def comparison(field: str, operator: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"field": st.just(field), operator: value})


@st.composite
def attribute_comparison(draw: st.DrawFn) -> dict[str, Any]:
    scalar = st.one_of(WORDS, NUMBERS, DAYS)
    quantity = st.one_of(NUMBERS, DAYS)
    operator, value = draw(
        st.sampled_from(
            [
                ("equals", scalar),
                ("in", st.lists(scalar, min_size=1, max_size=3)),
                ("contains", WORDS),
                ("present", st.booleans()),
                ("less_than", quantity),
                ("at_most", quantity),
                ("greater_than", quantity),
                ("at_least", quantity),
            ]
        )
    )
    return {"field": f"attributes.{draw(NAMES)}", operator: draw(value)}


COMPARISONS = st.one_of(
    attribute_comparison(),
    *(comparison(field, "equals", codes) for field, codes in CODES.items()),
    *(comparison(field, "in", st.lists(codes, min_size=1)) for field, codes in CODES.items()),
    *(comparison(field, "present", st.booleans()) for field in (*CODES, *TEXTS, "tags", "email")),
    *(comparison(field, "equals", LINES) for field in TEXTS),
    *(comparison(field, "contains", LINES) for field in (*TEXTS, "tags", "email")),
    *(comparison(field, "in", st.lists(LINES, min_size=1, max_size=3)) for field in TEXTS),
)
RULES = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
).map(RULE.validate_python)


def store(connection: Connection, everyone: list[Contact]) -> list[Contact]:
    """Store contacts as an import does, and return them with their ids."""
    running = Import(connection, "test", NOW)
    for _ in running.run(Row(at, each) for at, each in enumerate(everyone)):
        pass
    ids = running._ids([each.email_key for each in everyone])
    return [each.model_copy(update={"id": ids[each.email_key]}) for each in everyone]


def test_sql_and_the_evaluator_choose_the_same_people(shared_engine: Engine) -> None:
    @settings(max_examples=max(examples(shared_engine).max_examples, 50))
    @given(rule=RULES, everyone=people())
    def hold(rule: Rule, everyone: list[Contact]) -> None:
        assert_chosen_alike(shared_engine, rule, everyone)

    hold()


def assert_chosen_alike(shared_engine: Engine, rule: Rule, everyone: list[Contact]) -> None:
    segment = Segment(rule)
    with shared_engine.connect() as connection:
        stored = store(connection, everyone)
        selected = set(connection.execute(segment.select()).scalars())
        connection.rollback()
    assert selected == {each.id for each in stored if segment.matches(each)}


@given(rule=RULES, everyone=people())
def test_an_explanation_says_what_the_evaluator_found(rule: Rule, everyone: list[Contact]) -> None:
    for each in everyone:
        explained = Segment(rule).explain(each)
        assert explained.verdict is Segment(rule).matches(each)
        assert str(explained).startswith("in: " if explained.verdict else "out: ")


@given(rule=RULES)
def test_a_rule_written_out_is_read_back_the_same(rule: Rule) -> None:
    assert RULE.validate_python(RULE.dump_python(rule, mode="json")) == rule
    assert RULE.validate_json(RULE.dump_json(rule)) == rule


ANA = Contact(
    email="ana@example.org",
    email_readable="ana@example.org",
    organisation="Customs",
    sector="government",
    tags=frozenset({"press", "liaison"}),
    attributes={"score": "4", "since": "2026-01-31"},
)


def test_an_explanation_reads_well() -> None:
    rule = RULE.validate_python(
        {
            "all": [
                {"field": "sector", "equals": "law-enforcement"},
                {"field": "country", "in": ["fr", "CR"]},
                {"not": {"field": "tags", "contains": "retired"}},
                {
                    "any": [
                        {"field": "attributes.score", "at_least": 3},
                        {"field": "attributes.since", "less_than": date(2026, 1, 1)},
                        {"field": "organisation", "present": False},
                    ]
                },
            ]
        }
    )
    assert str(Segment(rule).explain(ANA)).splitlines() == [
        "out: all of these",
        "  out: sector equals law-enforcement (has: government)",
        "  out: country is one of FR, CR (has: nothing)",
        "  in: not this",
        "    out: tags contain retired (has: liaison, press)",
        "  in: at least one of these",
        "    in: attributes.score is at least 3 (has: 4)",
        "    out: attributes.since is less than 2026-01-01 (has: 2026-01-31)",
        "    out: organisation is not known (has: Customs)",
    ]


def test_an_explanation_has_a_form_for_programs() -> None:
    rule = RULE.validate_python({"not": {"field": "sector", "equals": "public"}})
    assert Segment(rule).explain(ANA).to_json() == {
        "rule": "not this",
        "verdict": "in",
        "has": None,
        "parts": [
            {"rule": "sector equals public", "verdict": "out", "has": "government", "parts": []}
        ],
    }


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({"field": "country", "equals": "FR"}, False),
        ({"not": {"field": "country", "equals": "FR"}}, True),
        ({"field": "attributes.score", "equals": 4}, True),
        ({"field": "attributes.score", "equals": "4.0"}, False),
        ({"field": "attributes.score", "less_than": date(2027, 1, 1)}, False),
        ({"field": "attributes.since", "at_most": "2026-01-31"}, True),
        ({"field": "organisation", "contains": "ustom"}, True),
        ({"field": "organisation", "contains": "custom"}, False),
    ],
)
def test_what_is_not_known_is_false_and_capitals_count(rule: object, *, chosen: bool) -> None:
    assert Segment(RULE.validate_python(rule)).matches(ANA) is chosen


def test_a_rule_at_its_bounds_still_runs(shared_engine: Engine) -> None:
    deep: dict[str, Any] = {
        "any": [{"field": f"attributes.n{at}", "equals": "x"} for at in range(480)]
    }
    for _ in range(18):
        deep = {"not": deep}
    with shared_engine.connect() as connection:
        everyone = store(connection, [ANA])
        selected = connection.execute(Segment(RULE.validate_python(deep)).select()).scalars()
        assert set(selected) <= {each.id for each in everyone}
        connection.rollback()
