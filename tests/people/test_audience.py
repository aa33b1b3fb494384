"""Audiences are loaded whole, or every fault of every file is told with its place."""

from pathlib import Path

import pytest

from tigc_mail.errors import DocumentError
from tigc_mail.ground.language import Locale, translated
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import PLACEHOLDERS, Salutation, greetings, load_audiences
from tigc_mail.people.rule import Comparison

GOOD = """\
name: {en: Law enforcement, fr: Services chargés de l'application de la loi}
segment: {field: sector, equals: law-enforcement}
ceiling: TLP:AMBER
sender:
  name: {en: The programme}
  address: news@bücher.example
list_id: law-enforcement.news.example.org
salutation:
  named: {en: "Dear {role} {family_name},", fr: "Bonjour {given_name},"}
  unnamed: {en: "Dear colleague,", fr: "Bonjour,"}
key_messages:
  crime:
    title: {en: Crime}
    body: {en: "It *pays* for crime."}
reason: {en: You work in law enforcement.}
"""

WRONG = """\
id: other
name: {en: Public}
segment:
  all:
    - {field: sectr, equals: public}
    - not:
        any:
          - {field: country, in: [FR, XX]}
          - {field: attributes.score, at_least: many}
          - {field: role, equal: x}
          - {field: tags}
          - 7
    - any: []
ceiling: TLP:RED
sender:
  name: {en: "Two\\nlines", de: Hallo}
  address: nobody
list_id: public
salutation:
  named: {en: "Dear {name}", fr: "Cher {given_name", es: "{role!r}"}
  unnamed: {en: " "}
colour: red
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "audiences"
    folder.mkdir()
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load_audiences(folder)
    return [str(fault) for fault in caught.value.faults]


def test_audiences_are_loaded_in_the_order_of_their_names(folder: Path) -> None:
    for name in ("public", "law-enforcement"):
        (folder / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    audiences = load_audiences(folder)
    assert list(audiences) == ["law-enforcement", "public"]
    audience = audiences["law-enforcement"]
    assert audience.id == "law-enforcement"
    assert isinstance(audience.segment, Comparison)
    assert audience.ceiling is Marking.AMBER
    assert audience.sender.address == "news@xn--bcher-kva.example"
    assert audience.key_messages["crime"].body == {"en": "It *pays* for crime."}


@pytest.mark.parametrize(
    ("segment", "at"),
    [
        ("{all: [{field: tags, contains: a}], any: [{field: tags, contains: b}]}", "any"),
        ("{not: {field: tags, contains: a}, all: [{field: tags, contains: b}]}", "not"),
        ("{any: [{field: tags, contains: a}], field: tags, contains: b}", "field"),
    ],
)
def test_a_rule_beside_another_is_told_to_stand_inside_it(
    folder: Path, segment: str, at: str
) -> None:
    yaml = GOOD.replace("{field: sector, equals: law-enforcement}", segment)
    (folder / "police.yaml").write_text(yaml, encoding="utf-8")
    told = faults(folder)[0]
    assert told.startswith(f"audiences/police.yaml: segment.{at} (line 2, column ")
    assert (
        "a rule has one of all, any, not, or a field with an operator. Put this one inside" in told
    )


def test_every_fault_is_told_with_its_path_and_line(folder: Path) -> None:
    (folder / "public.yaml").write_text(WRONG, encoding="utf-8")
    places = [
        fault.removeprefix("audiences/public.yaml: ").split("): ")[0] for fault in faults(folder)
    ]
    assert sorted(places) == sorted(
        [
            "id (line 1, column 1",
            "segment.all[0].field (line 5, column 8",
            "segment.all[1].not.any[0].in[1] (line 8, column 39",
            "segment.all[1].not.any[1].at_least (line 9, column 39",
            "segment.all[1].not.any[2].equal (line 10, column 27",
            "segment.all[1].not.any[3] (line 11, column 13",
            "segment.all[1].not.any[4] (line 12, column 13",
            "segment.all[2].any (line 13, column 7",
            "ceiling (line 14, column 1",
            "sender.name.en (line 16, column 10",
            "sender.name.de (line 16, column 28",
            "sender.address (line 17, column 3",
            "list_id (line 18, column 1",
            "salutation.named.en (line 20, column 11",
            "salutation.named.fr (line 20, column 30",
            "salutation.named.es (line 20, column 54",
            "salutation.unnamed.en (line 21, column 13",
            "reason (line 1, column 1",
            "colour (line 22, column 1",
        ]
    )


def test_a_code_in_a_rule_that_is_nearly_right_is_proposed_in_one_sentence(folder: Path) -> None:
    wrong = GOOD.replace("equals: law-enforcement", "equals: goverment")
    (folder / "police.yaml").write_text(wrong, "utf-8")
    (told,) = faults(folder)
    assert told.endswith(
        "'goverment' is not a sector we know. Write public, government, law-enforcement or"
        " private-sector. Did you mean `government`?"
    )


def test_the_faults_of_all_files_are_told_together(folder: Path) -> None:
    (folder / "government.yaml").write_text("name: [", encoding="utf-8")
    (folder / "private-sector.yml").write_text(GOOD, encoding="utf-8")
    (folder / "public.yaml").write_text(GOOD.replace("AMBER", "RED"), encoding="utf-8")
    found = faults(folder)
    assert [fault.split(" ")[0].rstrip(":") for fault in found] == [
        "audiences/government.yaml",
        "audiences/private-sector.yml",
        "audiences/public.yaml",
    ]


def test_a_folder_without_audiences_is_a_fault(folder: Path) -> None:
    assert faults(folder) == [
        "audiences: holds no audience. Write one, such as audiences/public.yaml."
    ]


SALUTATION = Salutation.model_validate(
    {
        "named": {"en": "Dear {role} {family_name},", "fr": "Bonjour {given_name},"},
        "unnamed": {"en": "Dear colleague,", "fr": "Bonjour,"},
    }
)


@pytest.mark.parametrize(
    ("contact", "locale", "greeting"),
    [
        ({"role": "Inspector", "family_name": "{x}"}, "en", "Dear Inspector {x},"),
        ({"role": "Inspector", "family_name": " "}, "en", "Dear colleague,"),
        ({"family_name": "García"}, "en", "Dear colleague,"),
        ({"given_name": "Ana", "family_name": ""}, "fr", "Bonjour Ana,"),
        ({}, "fr", "Bonjour,"),
        ({"role": "Inspector", "family_name": "García"}, "ar", "Dear Inspector García,"),
    ],
)
def test_a_salutation_names_whom_it_can_name_in_full(
    contact: dict[str, str], locale: Locale, greeting: str
) -> None:
    named, unnamed = (
        translated(texts, locale, "en") for texts in (SALUTATION.named, SALUTATION.unnamed)
    )
    fields = {name: [contact.get(name, "")] for name in PLACEHOLDERS}
    assert greetings(named, unnamed, fields, 1) == [greeting]


def test_a_salutation_without_placeholders_is_the_same_for_all() -> None:
    assert greetings("Hello {{you}},", "Hello,", {}, 2) == ["Hello {you},", "Hello {you},"]


def test_a_salutation_may_hold_percent_signs_and_curly_brackets() -> None:
    fields = {"given_name": ["100 %s", ""]}
    told = greetings("100 % {{you}} {given_name}%s,", "50 %,", fields, 2)
    assert told == ["100 % {you} 100 %s%s,", "50 %,"]


@pytest.mark.parametrize(
    ("ceiling", "told"),
    [
        ("TLP:RED", "TLP:RED is for recipients named one by one, never for an audience. Write "),
        ("AMBER", "'AMBER' is not one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT"),
        ("3", "3 is not one of TLP:CLEAR"),
        ("TLP:PINK", "TLP:AMBER+STRICT. Write one of them."),
        ("[TLP:CLEAR]", "['TLP:CLEAR'] is not one of TLP:CLEAR"),
        ("", "None is not one of TLP:CLEAR"),
    ],
)
def test_a_ceiling_that_is_no_level_of_an_audience_is_told_the_levels(
    folder: Path, ceiling: str, told: str
) -> None:
    written = GOOD.replace("ceiling: TLP:AMBER", f"ceiling: {ceiling}")
    (folder / "public.yaml").write_text(written, encoding="utf-8")
    [fault] = faults(folder)
    assert "audiences/public.yaml: ceiling (line " in fault
    assert told in fault
