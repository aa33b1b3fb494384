"""The check of an edition: which choices of its conditional blocks are looked at."""

import re

from tests.interfaces.small import Small, spot_of

from tigc_mail.content.block import AnyBlock, TextBlock
from tigc_mail.delivery.bound import MAX_VARIANTS
from tigc_mail.interfaces.choices import choices_of

RULE = "show_when: {field: country, equals: %s}"


def conditional(id_: str, rule: str, body: str = "Hello.") -> str:
    return (
        f"  - {{id: {id_}, type: text, marking: TLP:CLEAR, {rule},"
        f" body: {{en: '{body}', fr: 'Bonjour.'}}}}"
    )


def test_both_with_and_without_a_conditional_block_is_looked_at(small: Small) -> None:
    small.add(conditional("hosts", RULE % "CR", "[click here](https://example.org/x)"))
    checked = small.check()
    (finding,) = [one for one in checked.findings if one.check.id == "link-text-vague"]
    assert [(v.locale, v.shown) for v in finding.variants] == [("en", ("hosts",))]
    assert len(checked.variants) == 4


def blocks(*rules: dict[str, object]) -> tuple[AnyBlock, ...]:
    """Return blocks with these rules, called a, b, c ..."""
    return tuple(
        TextBlock.model_validate(
            {"id": name, "type": "text", "marking": "TLP:CLEAR", "body": "x", "show_when": rule}
        )
        for name, rule in zip("abcdefghijkl", rules, strict=False)
    )


def equal(country: str) -> dict[str, object]:
    return {"field": "country", "equals": country}


def test_every_choice_of_a_few_blocks_is_looked_at() -> None:
    assert choices_of(()) == ([()], 1)
    assert choices_of(blocks(equal("FR"), equal("CR"))) == ([("a", "b"), ("a",), ("b",), ()], 4)


def test_blocks_of_one_rule_go_together_and_of_its_opposite_never() -> None:
    found = choices_of(blocks(equal("FR"), equal("FR"), {"not": equal("FR")}))
    assert found == ([("a", "b"), ("c",)], 2)


COUNTRIES = ["FR", "CR", "SN", "CO", "GB", "MX", "JO"]


def test_as_many_choices_are_looked_at_as_there_may_be_variants() -> None:
    choices, possible = choices_of(blocks(*map(equal, COUNTRIES[:6])))
    assert possible == len(set(choices)) == MAX_VARIANTS


def test_of_too_many_choices_the_extreme_ones_are_looked_at() -> None:
    choices, possible = choices_of(blocks(*map(equal, COUNTRIES)))
    assert possible == 128 > MAX_VARIANTS
    assert {len(choice) for choice in choices} == {0, 1, 6, 7}
    assert len(choices) == len(set(choices)) == 16


def add_rules(small: Small, count: int) -> None:
    for number, country in enumerate(COUNTRIES[:count]):
        small.add(conditional(f"b{number}", RULE % country))


def test_all_the_choices_that_may_be_sent_are_checked(small: Small) -> None:
    add_rules(small, 5)
    checked = small.check()
    assert len(checked.variants) == len(set(checked.variants)) == MAX_VARIANTS
    assert [one for one in checked.findings if one.severity != "note"] == []


def test_more_variants_than_may_be_sent_are_told_with_the_rules_that_make_them(
    small: Small,
) -> None:
    add_rules(small, 6)
    finding = small.found("variants-bound")
    rules = (RULE % country for country in COUNTRIES[:6])
    at = [spot_of(small.edition, rule) for rule in rules]
    assert finding.place == f"editions/news/edition.yaml: blocks[2].show_when ({at[0]})"
    assert finding.cause.startswith("up to 128 variants may be sent, and 64 is the most: the rules")
    for number, where in enumerate(at):
        assert f"b{number} at blocks[{2 + number}].show_when ({where})" in finding.cause
    assert len(finding.variants) == 128


def test_a_check_that_left_choices_out_says_so(small: Small) -> None:
    add_rules(small, 7)
    found = {one.check.id: one for one in small.check().findings}
    finding = found["variants-sampled"]
    assert finding.cause.startswith(
        "16 of 128 choices of conditional blocks for readers were checked; the rules of b0 at"
    )
    assert finding.cause.endswith(") double them one by one")
    assert [variant.locale for variant in finding.variants] == ["en", "fr"]
    assert found["variants-bound"].cause.startswith("up to 256 variants")


def test_an_audience_that_is_shown_nothing_is_told(small: Small) -> None:
    for _ in range(2):
        small.change("marking: TLP:CLEAR", "marking: TLP:AMBER")
    checked = small.check()
    assert checked.variants == ()
    assert small.found("nothing-to-show").severity == "warning"
    assert {cell.showing for row in checked.matrix[2:] for cell in row.cells} == {"above-ceiling"}


def test_a_block_that_nobody_may_read_is_told_where_it_is_marked_and_changes_nothing_else(
    small: Small,
) -> None:
    before = small.check()
    hidden = "The raid is on Friday"
    small.add(f"  - {{id: raid, type: text, marking: TLP:RED, body: {{en: {hidden}}}}}")
    checked = small.check()
    [finding] = set(checked.findings) - set(before.findings)
    assert re.fullmatch(
        r"editions/news/edition\.yaml: blocks\[2\]\.marking \(line \d+, column \d+\)", finding.place
    )
    assert finding.check.id == "read-by-nobody"
    assert finding.variants == ()
    assert hidden not in str(finding.to_json())
    assert checked.variants == before.variants
    assert set(before.findings) < set(checked.findings)


def test_readers_to_whom_no_block_applies_are_not_looked_at(small: Small) -> None:
    small.change("    title: {en: Welcome, fr: Bienvenue}\n", f"    {RULE % 'CR'}\n")
    small.change("    key_message: crime\n", f"    key_message: crime\n    {RULE % 'CR'}\n")
    assert [variant.shown for variant in small.check().variants] == [("welcome", "crime")] * 2
