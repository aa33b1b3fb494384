"""Findings: equal ones are told once."""

import re
from itertools import permutations

from tests.conftest import SHIPPED

from tigc_mail.render.lint.finding import Findings, Remark, Severity, Variant, error, note, warning
from tigc_mail.render.lint.lint import CHECKS

BAD, POOR, WORTH = error("bad", "a"), warning("poor", "b"), note("worth", "c")
ENGLISH, FRENCH = Variant("public", "en"), Variant("public", "fr", ("hosts",))


def test_one_thing_in_many_variants_is_one_finding() -> None:
    found = Findings()
    for variant in (ENGLISH, FRENCH, ENGLISH):
        found.add(Remark(BAD, "is wrong", "Mend it."), "here", (variant,))
    (finding,) = found.all()
    assert finding.variants == (ENGLISH, FRENCH)


def test_other_causes_and_other_places_are_other_findings() -> None:
    found = Findings()
    for cause, place in (("is wrong", "here"), ("is wrong", "there"), ("is odd", "here")):
        found.add(Remark(BAD, cause, ""), place, (ENGLISH,))
    assert len(found.all()) == 3


def test_of_a_group_the_weightiest_is_told_for_all() -> None:
    for order in permutations([61, 75, 70]):
        found = Findings()
        for length, variant in zip(order, (ENGLISH, FRENCH, ENGLISH), strict=True):
            remark = Remark(POOR, f"has {length}", "", group="length", weight=length)
            found.add(remark, "here", (variant,))
        (finding,) = found.all()
        assert finding.cause == "has 75"
        assert finding.variants == (ENGLISH, FRENCH)


def test_the_worst_comes_first_and_equals_stay_in_order() -> None:
    found = Findings()
    for at, kind in enumerate((WORTH, POOR, BAD, POOR)):
        found.add(Remark(kind, str(at), ""), "here", ())
    assert [finding.cause for finding in found.all()] == ["2", "1", "3", "0"]


def test_a_finding_tells_programs_everything() -> None:
    found = Findings()
    found.add(Remark(BAD, "is wrong", "Mend it."), "here", (FRENCH,))
    assert found.all()[0].to_json() == {
        "severity": "error",
        "check": "bad",
        "place": "here",
        "cause": "is wrong",
        "why": "a",
        "cure": "Mend it.",
        "variants": [{"audience": "public", "locale": "fr", "shown": ["hosts"]}],
    }


def test_every_check_has_an_id_of_its_own_and_one_sentence_of_reason() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.id == check.id.lower().replace(" ", "-")
        assert check.why.endswith(".")
        assert check.severity in Severity


def test_every_check_is_described_with_its_severity() -> None:
    page = (SHIPPED / "docs" / "checks.md").read_text("utf-8")
    described = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", page, re.MULTILINE)
    assert sorted(described) == sorted((check.id, check.severity.value) for check in CHECKS)
