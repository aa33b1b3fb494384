"""Editions from files, and what is said about wrong ones."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tigc_mail.content.load import edition_folder, list_editions, load_edition, load_in_workspace
from tigc_mail.errors import DocumentError, Fault, UsageError
from tigc_mail.people.audience import Audience, load_audiences

HEAD = """\
kind: newsletter
language: en
languages: [en, fr]
audiences: [police, public]
subject: {en: News, fr: Nouvelles}
preheader: What is new
not_after: 2026-12-31T23:00:00+02:00
"""

WRONG = """\
kind: newsletter
language: en
languages: [en, fr]
audiences: [police, public]
subject: News
preheader: ""
blocks:
  - id: one
    type: text
    body: {en: Hello, es: Hola}
  - id: two
    type: poem
    marking: TLP:CLEAR
  - id: two
    type: event
    marking: TLP:PINK
    titel: The event
    event:
      name: {en: The conference, police: {de: Die Konferenz}}
      time_zone: Mars/Olympus
      start: 2020-08-26
      end: 2020-08-25
      country: XX
      stage: announced
      url: http://example.org/
      uid: a@example.org
  - id: three
    type: key-message
    marking: TLP:CLEAR
    key_message: nowhere
    show_when: {field: shoe_size, equals: big}
"""

PLACE = "editions/news/edition.yaml: "

Write = Callable[[str], Path]
Audiences = Mapping[str, Audience]


def faults(folder: Path, audiences: Audiences) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load_edition(folder, audiences)
    return [str(fault) for fault in caught.value.faults]


def blocks(yaml: str) -> str:
    return f"{HEAD}blocks:\n{yaml}"


def test_an_edition_is_named_after_its_folder(write_edition: Write, audiences: Audiences) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}")
    edition = load_edition(write_edition(yaml), audiences)
    assert edition.id == "news"
    assert edition.not_after is not None
    assert edition.not_after.isoformat() == "2026-12-31T21:00:00+00:00"
    assert [block.id for block in edition.blocks] == ["one"]


def test_all_faults_are_reported_at_once_with_path_and_line(
    write_edition: Write, audiences: Audiences
) -> None:
    found = [
        fault.removeprefix("editions/news/edition.yaml: ").split("):")
        for fault in faults(write_edition(WRONG), audiences)
    ]
    assert [place for place, *_ in found] == [
        "preheader (line 6, column 1",
        "blocks[0].marking (line 8, column 5",
        "blocks[0].body.es (line 10, column 23",
        "blocks[1].id (line 11, column 5",
        "blocks[1].type (line 12, column 5",
        "blocks[2].id (line 14, column 5",
        "blocks[2].marking (line 16, column 5",
        "blocks[2].title (line 14, column 5",
        "blocks[2].event.name.police.de (line 19, column 43",
        "blocks[2].event.issued (line 18, column 5",
        "blocks[2].event.time_zone (line 20, column 7",
        "blocks[2].event.end (line 22, column 7",
        "blocks[2].event.country (line 23, column 7",
        "blocks[2].event.url (line 25, column 7",
        "blocks[2].titel (line 17, column 5",
        "blocks[3].show_when.field (line 31, column 17",
        "blocks[3].key_message (line 30, column 5",
    ]


def test_an_unknown_block_type_is_told_the_types_there_are(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {type: poem, id: one, marking: TLP:CLEAR}")
    [fault] = faults(write_edition(yaml), audiences)
    assert "'poem' is not one of 'text', 'key-message', 'quote'" in fault


def test_an_unknown_block_type_hides_no_other_fault_of_the_block(
    write_edition: Write, audiences: Audiences
) -> None:
    found = faults(
        write_edition(
            blocks(
                "  - {type: poem, id: One, marking: TLP:PINK, audiences: [police, press],\n"
                "     title: {fr: Bonjour}, body: {de: Hallo}, show_when: {field: shoe, in: []}}\n"
                "  - {id: two, marking: TLP:PINK, own: x}\n"
                "  - {type: [text], id: three}\n"
            )
        ),
        audiences,
    )
    assert [fault.removeprefix(f"{PLACE}blocks").split(" (")[0] for fault in found] == [
        "[0].id",
        "[0].marking",
        "[0].audiences[1]",
        "[0].show_when.field",
        "[0].show_when.in",
        "[0].title",
        "[0].body.de",
        "[0].type",
        "[1].marking",
        "[1].type",
        "[2].marking",
        "[2].type",
    ]
    assert "is not written in en, the edition's language, for police. Add `en`." in found[5]


SEVEN = """\
kind: letter
language: en
languages: [en, xx]
audiences: [public, press]
subject: {fr: Nouvelles}
preheader: What is new
not_after: 2026-13-31
blocks:
  - {id: one, type: poem, marking: TLP:PINK}
"""


def test_seven_faults_in_head_and_block_are_all_told_at_once(
    write_edition: Write, audiences: Audiences
) -> None:
    found = faults(write_edition(SEVEN), audiences)
    assert sorted(fault.removeprefix(PLACE).split(" (")[0] for fault in found) == [
        "audiences[1]",
        "blocks[0].marking",
        "blocks[0].type",
        "kind",
        "languages[1]",
        "not_after",
        "subject",
    ]
    [subject] = [fault for fault in found if "subject" in fault]
    assert "is not written in en, the edition's language, for public. Add `en`." in subject


def test_a_text_without_the_language_is_told_where_no_audience_is_right(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: {press: {en: Hello}}}")
    yaml = yaml.replace("[police, public]", "[press]").replace("{en: News, fr", "{fr")
    [audience, subject] = faults(write_edition(yaml), audiences)
    assert audience.startswith(f"{PLACE}audiences[0] ")
    assert subject.startswith(f"{PLACE}subject (line 5, column 1): is not written in en, the ed")


def test_a_fault_in_one_language_of_a_text_does_not_hide_that_another_is_missing(
    write_edition: Write, audiences: Audiences
) -> None:
    bodies = ('{fr: ""}', "{fr: Bonjour, de: Hallo}", "{public: {en: Hi}, police: {fr: 3}}")
    for body, also in zip(bodies, ("body.fr", "body.de", "body.police.fr"), strict=True):
        yaml = blocks(f"  - {{id: one, type: text, marking: TLP:CLEAR, body: {body}}}")
        folder = write_edition(yaml)
        found = [fault.split("blocks[0].")[1].split(" (")[0] for fault in faults(folder, audiences)]
        assert sorted(found) == ["body", also]
        (folder / "edition.yaml").unlink()
        folder.rmdir()
        folder.parent.rmdir()


@pytest.mark.parametrize("body", ['{en: ""}', "{enn: Hello}", "{}", '""', "{public: {}}"])
def test_a_text_that_is_wrong_itself_is_not_called_missing_as_well(
    write_edition: Write, audiences: Audiences, body: str
) -> None:
    yaml = blocks(f"  - {{id: one, type: text, marking: TLP:CLEAR, body: {body}}}")
    [fault] = faults(write_edition(yaml.replace("police, ", "")), audiences)
    assert "is not written in" not in fault


def test_every_strange_audience_of_a_list_is_told_at_its_own_path(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks(
        "  - {id: one, type: text, marking: TLP:CLEAR, body: Hello, audiences: [robots, police, press]}"
    )
    found = faults(write_edition(yaml.replace("police, public]", "publik, police, Pu]")), audiences)
    assert [fault.removeprefix(PLACE).split(" (")[0] for fault in found] == [
        "audiences[0]",
        "audiences[2]",
        "blocks[0].audiences[0]",
        "blocks[0].audiences[2]",
    ]
    assert "publik: no such audience" in found[0]
    assert "Did you mean `public`?" in found[0]


def test_an_impossible_date_is_one_fault_among_the_others(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:PINK, body: Hello}")
    yaml = yaml.replace("2026-12-31T23:00:00+02:00", "2027-13-45").replace("News,", "2027-02-30,")
    [subject, not_after, marking] = faults(write_edition(yaml), audiences)
    told = "looks like a day or time, and there is none such. Correct it; put quotes around it if"
    assert subject.startswith(f"{PLACE}subject.en (line 5, column 11): `2027-02-30` {told}")
    assert not_after.startswith(f"{PLACE}not_after (line 7, column 1): `2027-13-45` {told}")
    assert marking.startswith(f"{PLACE}blocks[0].marking ")


def test_faults_of_audiences_and_of_the_edition_are_told_together(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:PINK, body: Hello}")
    folder = write_edition(yaml.replace("police, public]", "public, police, press]"))
    (folder.parents[1] / "audiences").mkdir()
    (folder.parents[1] / "audiences/public.yaml").write_text("name: {en: Public}", "utf-8")
    wrong = Fault("audiences/public.yaml: ceiling", "is required")

    def read() -> Audiences:
        raise DocumentError((wrong,))

    with pytest.raises(DocumentError) as caught:
        load_in_workspace(folder, read)
    first, *others = caught.value.faults
    assert first == wrong
    assert [fault.place.removeprefix(PLACE).split(" (")[0] for fault in others] == [
        "audiences[1]",
        "audiences[2]",
        "blocks[0].marking",
    ]
    assert "police: no such audience; there are public" in others[0].cause
    assert load_in_workspace(write_right(folder), lambda: audiences).id == "news"


def test_where_no_audience_can_be_read_the_editions_faults_are_told_without_them(
    write_edition: Write,
) -> None:
    folder = write_edition(blocks("  - {id: one, type: text, marking: TLP:PINK, body: Hello}"))
    with pytest.raises(DocumentError) as caught:
        load_in_workspace(folder, lambda: load_audiences(folder.parents[1] / "audiences"))
    assert [fault.place.removeprefix(PLACE).split(" (")[0] for fault in caught.value.faults] == [
        "audiences",
        "blocks[0].marking",
    ]


def write_right(folder: Path) -> Path:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}")
    (folder / "edition.yaml").write_text(yaml, "utf-8")
    return folder


def test_a_missing_standing_message_names_the_file_it_is_missing_from(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks(
        "  - {id: one, type: key-message, marking: TLP:CLEAR, key_message: nowhere,"
        " audiences: [police]}"
    )
    [fault] = faults(write_edition(yaml), audiences)
    place = "editions/news/edition.yaml: blocks[0].key_message (line 9, column 54)"
    assert (
        fault
        == f"{place}: audiences/police.yaml has no key message 'nowhere'. Add what is missing."
    )


def test_a_standing_message_without_the_editions_language_is_a_fault(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: key-message, marking: TLP:CLEAR, key_message: crime}")
    yaml = yaml.replace("language: en", "language: fr").replace("What is new", "Du nouveau")
    [fault] = faults(write_edition(yaml), audiences)
    assert "audiences/public.yaml: key_messages.crime.body has no fr" in fault


def test_an_audience_that_the_workspace_has_not_is_a_fault(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: {en: x, robots: y}}")
    [fault, *_] = faults(write_edition(yaml.replace("public]", "robots]")), audiences)
    assert fault == (
        "editions/news/edition.yaml: audiences[1] (line 4, column 21): robots: no such audience;"
        " there are public, private-sector, police. Write one of them."
    )


def test_an_id_within_the_file_is_a_fault(write_edition: Write, audiences: Audiences) -> None:
    yaml = "id: other\n" + blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}")
    [fault] = faults(write_edition(yaml), audiences)
    assert fault.startswith("editions/news/edition.yaml: id (line 1, column 1): is not known here.")


def test_a_list_with_a_wrong_item_is_not_called_empty(
    write_edition: Write, audiences: Audiences
) -> None:
    [fault] = faults(write_edition(blocks("  - 3")), audiences)
    assert "blocks[0] (line 9, column 5): is not a mapping of names to values. Write " in fault
    assert "is empty" not in fault


def test_a_wrong_default_language_is_one_fault_and_not_one_a_text(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: {fr: Bonjour}}")
    [fault] = faults(write_edition(yaml.replace("language: en", "language: de")), audiences)
    assert "language (line 2, column 1): 'de' is not one of 'en', 'fr', 'es' or 'ar'" in fault


def test_the_editions_of_a_folder_are_listed(tmp_path: Path) -> None:
    for name in ("2026-11-news", "notice", "Not_One", "no-file"):
        (tmp_path / name).mkdir()
        if name != "no-file":
            (tmp_path / name / "edition.yaml").touch()
    assert list_editions(tmp_path) == ("2026-11-news", "notice")
    assert list_editions(tmp_path / "nowhere") == ()


def test_an_unknown_edition_is_wrong_usage_and_the_known_are_listed(
    write_edition: Write, audiences: Audiences
) -> None:
    folder = write_edition(HEAD)
    with pytest.raises(UsageError) as caught:
        load_edition(folder.parent / "newz", audiences)
    assert str(caught.value) == "editions: there is no edition 'newz'. There are news."


@pytest.mark.parametrize("name", ["../editions/news", "news/", "", ".", "/etc", "News", "n" * 61])
def test_a_path_is_not_the_name_of_an_edition(write_edition: Write, name: str) -> None:
    folder = write_edition(HEAD)
    assert edition_folder(folder.parent, "news") == folder
    with pytest.raises(UsageError):
        edition_folder(folder.parent, name)


def test_a_folder_without_the_file_says_which_file_is_missing(
    tmp_path: Path, audiences: Audiences
) -> None:
    (tmp_path / "editions" / "empty").mkdir(parents=True)
    [fault] = faults(tmp_path / "editions" / "empty", audiences)
    assert fault == "editions/empty/edition.yaml: no such file. Write it, or check its name."


@pytest.mark.parametrize(
    ("marking", "told"),
    [
        ("", "is required. Write how far it may travel: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMB"),
        ("marking: TLP:PURPLE, ", "TLP:AMBER, TLP:AMBER+STRICT, TLP:RED, which is never mailed."),
        ("marking: AMBER, ", "'AMBER' is not one of 'TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', "),
        ("marking: tlp:amber, ", "'tlp:amber' is not one of 'TLP:CLEAR'"),
        ("marking: TLP:WHITE, ", "'TLP:WHITE' is not one of 'TLP:CLEAR'"),
    ],
)
def test_a_block_without_a_marking_of_tlp_2_is_told_which_there_are(
    marking: str, told: str, write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks(f"  - {{id: one, {marking}type: text, body: Hello}}")
    [fault] = faults(write_edition(yaml), audiences)
    assert fault.startswith("editions/news/edition.yaml: blocks[0].marking (line ")
    assert told in fault


@pytest.mark.parametrize("written", ["2026-12-31T23:00:00", "2026-12-31", "'2026-12-31T23:00:00'"])
def test_a_moment_without_its_offset_is_told_with_both_ways_to_write_it(
    write_edition: Write, audiences: Audiences, written: str
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}")
    folder = write_edition(yaml.replace("2026-12-31T23:00:00+02:00", written))
    (told,) = faults(folder, audiences)
    assert "not_after" in told
    assert "how far that is from UTC. Write both, such as 2020-08-26T09:00:00Z" in told


@pytest.mark.parametrize(
    ("field", "cure"),
    [
        ("sectr", "Did you mean `sector`?"),
        ("given name", "Did you mean `given_name`?"),
        ("shoe_size", "Write one of email, given_name, "),
        ("authority", "tags or attributes.NAME."),
    ],
)
def test_a_field_that_no_contact_has_is_repeated_and_the_one_that_was_meant_is_told(
    write_edition: Write, audiences: Audiences, field: str, cure: str
) -> None:
    rule = f"show_when: {{field: {field}, equals: x}}"
    yaml = blocks(f"  - {{id: one, type: text, marking: TLP:CLEAR, body: Hello, {rule}}}")
    (told,) = faults(write_edition(yaml), audiences)
    assert f"show_when.field (line 9, column 72): '{field}' is not a field of a contact" in told
    assert cure in told


TIMES = {
    "not_after": "2026-12-31T23:00:00+02:00",
    "issued": "2026-06-15T09:00:00Z",
    "previous_start": "2026-08-26",
    "previous_end": "2026-08-27",
    "start": "2026-10-26",
    "end": "2026-10-27",
    "registration_until": "2026-10-20",
}
"""Every day and time of an edition, as the event below has it."""

EVENT = "\n".join(
    (
        "  - id: one",
        "    type: event",
        "    marking: TLP:CLEAR",
        "    title: The event",
        "    event:",
        "      name: The conference",
        "      uid: a@example.org",
        "      stage: rescheduled",
        "      time_zone: Europe/Paris",
        *(f"      {key}: {value}" for key, value in TIMES.items() if key != "not_after"),
        "",
    )
)
NO_TIMES = (
    "31.12.2026 31/12/2026 2026-13-31 '2026-13-31' 20261231 1e9 true [2026] {a: 1} tomorrow "
    "12:30 1850-01-01T00:00:00Z 2026-12-31T25:00:00Z '2026-12-31T23:00:00 Europe/Paris'"
)


@pytest.mark.parametrize("key", TIMES)
def test_whatever_is_wrong_with_a_day_or_time_it_is_told_how_one_is_written(
    write_edition: Write, audiences: Audiences, key: str
) -> None:
    right = blocks(EVENT)
    folder = write_edition(right)
    assert load_edition(folder, audiences).blocks
    for wrong in re.findall(r"\{.*?\}|'.*?'|\S+", NO_TIMES):
        written = right.replace(f"{key}: {TIMES[key]}", f"{key}: {wrong}")
        (folder / "edition.yaml").write_text(written, encoding="utf-8")
        (told,) = faults(folder, audiences)
        assert re.search(r"(such as|written like) 2020-08-26", told), (wrong, told)
        assert ("2020-08-26T09:00:00" in told) or key == "registration_until", (wrong, told)


@pytest.mark.parametrize("key", ["issued", "start"])
def test_a_time_that_is_not_there_is_told_with_how_one_is_written(
    write_edition: Write, audiences: Audiences, key: str
) -> None:
    without = blocks(EVENT).replace(f"      {key}: {TIMES[key]}\n", "")
    told = faults(write_edition(without), audiences)[0]
    assert f"{key} (line" in told
    assert "is required. Write when" in told
    assert "such as 2020-0" in told


def test_a_misspelt_audience_is_told_with_the_one_that_was_meant(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, audiences: [polcie], body: Hello}")
    (told,) = faults(write_edition(yaml), audiences)
    assert told.endswith("polcie: not among the edition's audiences. Did you mean `police`?")


def test_a_misspelt_audience_of_an_edition_is_told_with_the_one_that_was_meant(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}")
    told = faults(write_edition(yaml.replace("[police, public]", "[publik]")), audiences)[0]
    assert "publik: no such audience" in told
    assert told.endswith("Did you mean `public`?")


def test_an_unknown_audience_of_a_block_is_told_where_the_edition_names_none(
    write_edition: Write, audiences: Audiences
) -> None:
    yaml = blocks("  - {id: one, type: text, marking: TLP:CLEAR, audiences: [press], body: Hello}")
    told = faults(write_edition(yaml.replace("audiences: [police, public]\n", "")), audiences)
    assert any("blocks[0].audiences" in one and "press: no such audience" in one for one in told)


def test_a_folder_whose_name_no_edition_can_have_is_explained(tmp_path: Path) -> None:
    (tmp_path / "My Edition").mkdir()
    (tmp_path / "My Edition" / "edition.yaml").write_text("kind: notice\n", "utf-8")
    with pytest.raises(UsageError, match=r"'My Edition' has no name .* Rename it: small letters"):
        edition_folder(tmp_path, "My Edition")
