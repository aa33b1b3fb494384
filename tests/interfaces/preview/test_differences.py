"""Two messages are compared block by block; what a side must not read is named and nothing more."""

import json
from typing import Any

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import ask, preview_of, told
from tests.interfaces.preview.test_revisions import commit, git
from tests.interfaces.small import AUDIENCE, Small

READERS = {"edition": "news", "audience": "readers", "locale": "en"}
SECRET = "The warehouse is watched from Friday."
SECRET_BLOCK = f"""\
  - id: raid
    type: text
    marking: TLP:AMBER
    title: {{en: Before Friday, fr: Avant vendredi}}
    body: {{en: {SECRET}, fr: {SECRET}}}
"""


@pytest.fixture
def both(small: Small) -> Small:
    """A workspace with readers, and with officers who may read more and are addressed otherwise."""
    officers = AUDIENCE.replace("TLP:CLEAR", "TLP:AMBER").replace("Who earns", "Follow the money")
    (small.audience.parent / "officers.yaml").write_text(officers, "utf-8")
    small.change("audiences: [readers]", "audiences: [readers, officers]")
    small.add(SECRET_BLOCK)
    return small


@pytest.fixture
def preview(both: Small) -> ASGIApp:
    return preview_of(both.folder)


def compared(preview: ASGIApp, left: dict[str, str] | None = None, **other: str) -> Any:
    """Compare what the readers get in English, unless said otherwise, with another message."""
    right = {"audience": "readers", "locale": "en", **other}
    asked = READERS | (left or {}) | {f"other_{name}": value for name, value in right.items()}
    return told(preview, "differences", asked)


def rows(found: Any) -> dict[str, str]:
    return {row["id"]: row["status"] for row in found["blocks"]}


def said(row: Any, side: str) -> str:
    return "".join(piece["text"] for piece in row["pieces"] if piece["kind"] in ("same", side))


def test_a_message_does_not_differ_from_itself(preview: ASGIApp) -> None:
    found = compared(preview)
    assert rows(found) == {"welcome": "same", "crime": "same", "raid": "withheld"}
    assert all(head["same"] for head in found["heads"])


def test_two_audiences_are_compared_word_by_word(preview: ASGIApp) -> None:
    found = compared(preview, audience="officers")
    assert rows(found) == {"welcome": "same", "crime": "changed", "raid": "right"}
    crime, raid = found["blocks"][1:]
    assert "Who earns\n" in said(crime, "left")
    assert "Follow the money\n" in said(crime, "right")
    assert {piece["kind"] for piece in crime["pieces"]} == {"same", "left", "right"}
    assert (raid["left_showing"], raid["right_showing"]) == ("above-ceiling", "shown")
    assert SECRET in said(raid, "right")
    subject = next(head for head in found["heads"] if head["name"] == "Subject")
    assert said(subject, "right") == "TLP:AMBER What is new in May\n"
    assert said(subject, "left") == "What is new in May\n"


@pytest.mark.parametrize("other", [{"locale": "en"}, {"locale": "fr"}])
def test_of_what_is_above_both_ceilings_only_the_id_is_told(
    preview: ASGIApp, other: dict[str, str]
) -> None:
    found = compared(preview, **other)
    hidden = [row for row in found["blocks"] if row["id"] == "raid"]
    showing = {"left_showing": "above-ceiling", "right_showing": "above-ceiling"}
    assert hidden == [{"id": "raid", "status": "withheld", **showing}]
    assert "Friday" not in json.dumps(found)


def test_what_is_for_others_and_above_the_ceiling_is_told_as_above_it(
    preview: ASGIApp, both: Small
) -> None:
    both.change("marking: TLP:AMBER", "marking: TLP:AMBER\n    audiences: [officers]")
    (raid,) = [row for row in compared(preview)["blocks"] if row["id"] == "raid"]
    assert (raid["left_showing"], raid["right_showing"]) == ("above-ceiling", "above-ceiling")


def test_what_is_above_one_ceiling_never_stands_on_its_side(preview: ASGIApp) -> None:
    for left, right, own in (("readers", "officers", "right"), ("officers", "readers", "left")):
        found = compared(preview, {"audience": left}, audience=right)
        raid = next(row for row in found["blocks"] if row["id"] == "raid")
        assert {piece["kind"] for piece in raid["pieces"]} == {own}
        assert SECRET not in json.dumps([row for row in found["blocks"] if row is not raid])
    asked = READERS | {"blocks": "1"}
    assert SECRET not in ask(preview, "/frame", asked).body.decode()


def test_a_change_above_the_ceiling_changes_nothing_that_is_told(
    preview: ASGIApp, both: Small
) -> None:
    before = compared(preview, locale="fr")
    both.change(SECRET, "Nobody goes there any more.")
    both.change(SECRET, "Nobody goes there any more.")
    assert compared(preview, locale="fr") == before


def test_two_languages_stand_beside_each_other(preview: ASGIApp) -> None:
    found = compared(preview, locale="fr")
    welcome = found["blocks"][0]
    assert welcome["status"] == "changed"
    assert "The programme changed three things." in welcome["left"]
    assert "Le programme a changé trois choses." in welcome["right"]
    assert (found["left"]["locale"], found["right"]["locale"]) == ("en", "fr")


def test_a_block_for_other_audiences_and_one_that_is_not_chosen_say_so(
    preview: ASGIApp, both: Small
) -> None:
    both.add("""\
  - id: own
    type: text
    marking: TLP:CLEAR
    audiences: [officers]
    body: {en: For officers., fr: Pour eux.}
  - id: some
    type: text
    marking: TLP:CLEAR
    show_when: {field: country, equals: CR}
    body: {en: For some., fr: Pour certains.}""")
    found = compared(preview, {"shown": "some"}, audience="officers", shown="")
    showing = {row["id"]: (row["left_showing"], row["right_showing"]) for row in found["blocks"]}
    assert showing["own"] == ("for-others", "shown")
    assert showing["some"] == ("shown", "not-chosen")


def test_what_only_looks_different_is_told_apart(preview: ASGIApp, both: Small) -> None:
    template = both.folder / "templates" / "blocks" / "text.mjml.j2"
    text = template.read_text("utf-8")
    wide = 'padding="{{ 40 if audience.id == "officers" else 20 }}px'
    assert 'padding="20px' in text
    template.write_text(text.replace('padding="20px', wide), "utf-8")
    found = compared(preview, audience="officers")
    assert found["blocks"][0]["status"] == "changed"
    assert found["blocks"][0]["only_looks"] is True


@pytest.fixture
def revisions(both: Small) -> list[str]:
    """The commits of a life of the edition: as it is; another title, the blocks the other way."""
    git(both.folder, "init", "-q")
    made = [commit(both.folder, "Begin")]
    text = both.edition.read_text("utf-8")
    begin, end = text.index("  - id: welcome"), text.index("  - id: crime")
    secret = text.index("  - id: raid")
    turned = text[:begin] + text[end:secret] + text[begin:end].replace("Welcome", "Come in")
    both.edition.write_text(turned + text[secret:], "utf-8")
    return [*made, commit(both.folder, "Turn it round")]


def test_two_revisions_are_compared(preview: ASGIApp, revisions: list[str]) -> None:
    known = json.loads(ask(preview, "/api/revisions", {"edition": "news"}).body)
    assert [one["commit"] for one in known["revisions"]] == revisions[::-1]
    found = compared(preview, {"revision": revisions[0]}, revision=revisions[1])
    assert rows(found) == {"crime": "same", "welcome": "changed", "raid": "withheld"}
    assert [row["id"] for row in found["blocks"] if row.get("moved")] != []
    welcome = next(row for row in found["blocks"] if row["id"] == "welcome")
    assert said(welcome, "left").startswith("Welcome\n")
    assert said(welcome, "right").startswith("Come in\n")


def test_a_revision_is_compared_with_what_is_saved_now(
    preview: ASGIApp, both: Small, revisions: list[str]
) -> None:
    assert set(rows(compared(preview, {"revision": revisions[1]})).values()) == {"same", "withheld"}
    both.add("  - {id: new, type: text, marking: TLP:CLEAR, body: {en: New., fr: Neuf.}}")
    found = compared(preview, {"revision": revisions[1]})
    assert rows(found)["new"] == "right"
    (new,) = [row for row in found["blocks"] if row["id"] == "new"]
    assert new["left_showing"] == "absent"
    assert "Come in" in ask(preview, "/frame", READERS | {"revision": revisions[1]}).body.decode()
    assert "Welcome" in ask(preview, "/frame", READERS | {"revision": revisions[0]}).body.decode()


@pytest.mark.parametrize("revision", ["HEAD", "--output=x", "0" * 39, "A" * 40, "0" * 41])
def test_what_is_no_name_of_a_commit_is_refused(preview: ASGIApp, revision: str) -> None:
    assert ask(preview, "/api/message", READERS | {"revision": revision}).status == 400


def test_a_commit_that_is_not_there_is_told(preview: ASGIApp, revisions: list[str]) -> None:
    found = compared(preview, {"revision": "0" * 40})
    (fault,) = found["left"]["faults"]
    assert fault["place"] == "git"
    assert found["blocks"] == []
    assert found["right"]["digest"]


def test_a_mistake_is_told_on_its_side_and_the_last_good_message_stays(
    preview: ASGIApp, both: Small, revisions: list[str]
) -> None:
    good = compared(preview, {"revision": revisions[1]})
    both.change("type: text", "type: txet")
    found = compared(preview, {"revision": revisions[1]})
    assert found["left"]["faults"] == []
    assert "blocks[1].type" in found["right"]["faults"][0]["place"]
    assert found["right"]["digest"] == good["right"]["digest"]
    assert rows(found)["welcome"] == "same"


def test_a_message_that_never_could_be_made_leaves_the_other(preview: ASGIApp) -> None:
    found = compared(preview, audience="nobody")
    assert found["right"].keys() == {"faults"}
    assert found["left"]["digest"]


def test_a_page_that_cannot_be_traced_is_compared_as_it_was_written(
    preview: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: object) -> str:
        return ""

    monkeypatch.setattr("tigc_mail.render.lint.trace.Trace.part", nowhere)
    found = compared(preview, audience="officers")
    assert rows(found) == {"welcome": "same", "crime": "changed", "raid": "right"}
    assert "Who earns\n" in said(found["blocks"][1], "left")
    assert 'data-block="' not in ask(preview, "/frame", READERS | {"blocks": "1"}).body.decode()
