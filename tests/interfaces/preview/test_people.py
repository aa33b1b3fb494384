"""A message is looked at as one person, with what that person would get, and why."""

from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import Given, ask, preview_of, told
from tests.interfaces.small import AUDIENCE, EDITION, Small
from tests.interfaces.world import ADDRESS, NEWSLETTER

from tigc_mail import Workspace
from tigc_mail.interfaces.preview.readers import SAMPLES

LEA, GINA, ROSA, OMAR = "1", "3", "5", "6"
PUBLIC = {"edition": NEWSLETTER, "audience": "public", "locale": "en"}


@pytest.fixture
def preview(news: Path) -> ASGIApp:
    """The preview of a workspace with contacts."""
    return preview_of(news)


def framed(preview: ASGIApp, asked: dict[str, str]) -> Given:
    return ask(preview, "/frame", asked)


def test_people_are_found_by_words_and_named_by_their_numbers(preview: ASGIApp) -> None:
    found = told(preview, "people", {"find": "fontaine"})
    assert found["found"] == [
        {"id": LEA, "name": "Léa Fontaine", "about": "Police judiciaire · lea@example.org"}
    ]
    assert (found["none"], found["more"], found["faults"]) == (False, False, [])
    assert [sample["id"] for sample in found["samples"]] == list(SAMPLES)
    assert not any(ADDRESS.search(sample["id"]) for sample in found["samples"])
    nobody = told(preview, "people", {"find": "nobody"})
    assert (nobody["found"], nobody["none"]) == ([], False)


def test_without_contacts_that_is_told_and_no_database_is_made(small: Small) -> None:
    found = told(preview_of(small.folder), "people", {"find": ""})
    assert (found["found"], found["none"]) == ([], True)
    assert found["samples"]
    assert not list(small.folder.glob("*.db"))


def test_what_a_person_gets_is_chosen_and_is_what_rendering_gives(
    preview: ASGIApp, news: Path
) -> None:
    person = told(preview, "person", PUBLIC | {"contact": LEA})
    assert person["gets"] == {"audience": "law-enforcement", "locale": "fr", "shown": []}
    assert person["reason"] is None
    asked = {"edition": NEWSLETTER, "audience": "law-enforcement", "locale": "fr", "contact": LEA}
    workspace = Workspace.open(news)
    expected = workspace.render(NEWSLETTER, audience="law-enforcement", contact="lea@example.org")
    message = told(preview, "message", asked)
    assert (message["subject"], message["text"]) == (expected.subject, expected.text)
    assert message["reader"] == "Léa Fontaine"
    assert told(preview, "source", asked | {"part": "html"})["source"] == expected.html
    assert "Léa Fontaine" in framed(preview, asked).body.decode()


def test_the_blocks_for_some_are_those_of_the_person_with_the_reason(preview: ASGIApp) -> None:
    rosa, lea = (told(preview, "person", PUBLIC | {"contact": who}) for who in (ROSA, LEA))
    assert rosa["gets"]["shown"] == ["latin-america-caribbean"]
    (block,) = rosa["blocks"]
    assert (block["id"], block["shown"]) == ("latin-america-caribbean", True)
    assert "(has: CR)" in "\n".join(block["why"])
    assert [block["shown"] for block in lea["blocks"]] == [False]


def test_every_audience_says_why_a_person_is_in_it_or_not(preview: ASGIApp) -> None:
    audiences = told(preview, "person", PUBLIC | {"contact": GINA})["audiences"]
    assert [(each["id"], each["in"], each["standing"]) for each in audiences] == [
        ("law-enforcement", False, "is not in it"),
        ("government", True, "gets its message"),
        ("private-sector", False, "is not in it"),
        ("public", False, "is not in it"),
    ]
    assert audiences[1]["why"][1] == "  in: sector equals government (has: government)"


def test_of_several_audiences_the_first_decides(preview: ASGIApp, news: Path) -> None:
    file = news / "audiences" / "public.yaml"
    text = file.read_text("utf-8")
    begin = text.index("segment:")
    end = text.index("\n\n", begin)
    everyone = "segment: {field: email, present: true}"
    file.write_text(f"{text[:begin]}{everyone}{text[end:]}", "utf-8")
    audiences = told(preview, "person", PUBLIC | {"contact": GINA})["audiences"]
    assert audiences[-1]["standing"] == "is in it, and government comes first"


def test_who_may_not_be_written_to_gets_nothing_and_the_reason(
    preview: ASGIApp, news: Path
) -> None:
    omar = told(preview, "person", PUBLIC | {"contact": OMAR})
    assert (omar["gets"], omar["reason"], omar["consent"]) == (None, "no-consent", None)
    contacts = Workspace.open(news).contacts
    contacts.withdraw("rosa@example.org", "telephone")
    rosa = told(preview, "person", PUBLIC | {"contact": ROSA})
    assert (rosa["gets"], rosa["reason"]) == (None, "withdrawn")
    assert rosa["consent"]["source"] == "telephone"
    contacts.suppress("rosa@example.org", "complained", "postmaster")
    rosa = told(preview, "person", PUBLIC | {"contact": ROSA})
    assert (rosa["reason"], rosa["suppression"]["reason"]) == ("suppressed", "complained")
    assert rosa["audiences"][-1]["standing"] == "would get its message, but: suppressed"


def test_who_is_in_no_audience_of_an_edition_gets_nothing(preview: ASGIApp, news: Path) -> None:
    (news / "audiences" / "readers.yaml").write_text(AUDIENCE, "utf-8")
    (news / "editions" / "news").mkdir()
    (news / "editions" / "news" / "edition.yaml").write_text(EDITION, "utf-8")
    asked = {"edition": "news", "audience": "readers", "locale": "en", "contact": GINA}
    gina = told(preview, "person", asked)
    assert (gina["gets"], gina["reason"], gina["blocks"]) == (None, None, [])
    standings = {each["id"]: each["standing"] for each in gina["audiences"]}
    assert next(iter(standings)) == "readers", "those of the edition come first"
    assert standings["readers"] == "is not in it"
    assert standings["government"] == "is in it, and the edition is for others"


def test_the_slots_are_told_with_the_values_of_the_person(preview: ASGIApp) -> None:
    asked = PUBLIC | {"contact": ROSA}
    slots = {each["slot"]: each for each in told(preview, "person", asked)["slots"]}
    assert slots["recipient.salutation"] == {
        "slot": "recipient.salutation",
        "value": "Hello Rosa,",
        "where": ["HTML", "text"],
    }
    assert slots["delivery.to"]["where"] == ["head"]
    assert next(iter(slots)) == "recipient.salutation", "those of the reader come first"


@pytest.mark.parametrize(
    ("name", "greeting"), [("", "Hello Alex,"), ("unnamed", "Hello,"), ("arabic", "Hello ليلى,")]
)
def test_somebody_imaginary_has_values_and_no_reasons(
    preview: ASGIApp, name: str, greeting: str
) -> None:
    person = told(preview, "person", PUBLIC | {"contact": name})
    assert {each["slot"]: each["value"] for each in person["slots"]}[
        "recipient.salutation"
    ] == greeting
    assert person["sample"] == SAMPLES[name].about
    assert "contact" not in person


def test_another_person_is_another_picture(preview: ASGIApp) -> None:
    """The page repaints where the digest is another one."""
    digests = {told(preview, "message", PUBLIC | {"contact": who})["digest"] for who in (LEA, ROSA)}
    assert len(digests) == 2
    again = told(preview, "message", PUBLIC | {"contact": ROSA})["digest"]
    assert again in digests


@pytest.mark.parametrize("who", ["7", "0", "-1", "9" * 30, "lea@example.org", "Léa", "²"])
def test_nobody_is_shown_for_a_number_that_is_nobodys(preview: ASGIApp, who: str) -> None:
    asked = PUBLIC | {"contact": who}
    message = told(preview, "message", asked)
    (fault,) = message["faults"]
    assert fault["cause"] == "there is no contact of this number"
    assert who not in fault["cause"]
    assert "subject" not in message
    assert told(preview, "person", asked)["faults"][0] == fault
    assert framed(preview, asked).status == 404


def test_a_value_that_must_not_stand_in_a_link_is_told_with_its_place(
    preview: ASGIApp, news: Path
) -> None:
    file = news / "contacts.csv"
    file.write_text("email,site\nrosa@example.org,javascript:alert(1)\n", "utf-8")
    Workspace.open(news).contacts.import_file(file)
    footer = news / "templates" / "footer.mjml.j2"
    link = '<a href="{{ recipient.attributes.site }}">x</a>'
    text = footer.read_text("utf-8")
    assert "{{ audience.reason }}" in text
    footer.write_text(
        text.replace("{{ audience.reason }}", f"{link} {{{{ audience.reason }}}}"), "utf-8"
    )
    (fault,) = told(preview, "message", PUBLIC | {"contact": ROSA})["faults"]
    assert fault["place"].startswith("templates/footer.mjml.j2 (line ")
    assert "recipient.attributes.site" in fault["cause"]
