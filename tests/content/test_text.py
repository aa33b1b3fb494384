"""Texts by audience and language."""

from typing import Any

import pytest
from pydantic import ValidationError

from tigc_mail.content.scope import Scope
from tigc_mail.content.text import Line, ProperName, Text, Wording

SCOPE = Scope(
    language="en",
    languages=("en", "fr"),
    audiences=("police", "public"),
    readers=("police", "public"),
)

FULL = {
    "en": "everyone, English",
    "fr": "everyone, French",
    "police": {"en": "police, English", "fr": "police, French"},
    "public": "public, English",
}


def text(value: Any, model: type[Text] = Text) -> Text:
    return model.model_validate(value, context=SCOPE)


def problems(value: Any, model: type[Text] = Text) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        text(value, model)
    return [(problem["loc"], problem["msg"]) for problem in caught.value.errors()]


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in FULL.items() if key not in keys}


def test_a_string_is_for_everyone_in_the_default_language() -> None:
    assert text("Hello").resolve("police", "fr", "en") == Wording("Hello", "en", None)


def test_the_words_for_the_audience_in_the_language_come_first() -> None:
    assert text(FULL).resolve("police", "fr", "en") == Wording("police, French", "fr", "police")


def test_the_readers_language_goes_before_the_audiences_own_words() -> None:
    assert text(FULL).resolve("public", "fr", "en") == Wording("everyone, French", "fr", None)


def test_then_come_the_audiences_words_in_the_default_language() -> None:
    found = text(without("fr")).resolve("public", "fr", "en")
    assert found == Wording("public, English", "en", "public")


def test_last_come_the_words_for_everyone_in_the_default_language() -> None:
    found = text(without("fr", "public")).resolve("public", "fr", "en")
    assert found == Wording("everyone, English", "en", None)


def test_words_keep_their_slots_and_lines_and_lose_the_blanks_around() -> None:
    words = "\n  Dear {{ recipient.given_name }},\n\n- one\n"
    assert text(words).everyone == {"en": "Dear {{ recipient.given_name }},\n\n- one"}


def test_all_wordings_can_be_listed() -> None:
    assert [wording.text for wording in text(FULL).wordings()] == [
        "everyone, English",
        "everyone, French",
        "police, English",
        "police, French",
        "public, English",
    ]


def test_a_key_that_is_neither_language_nor_audience_is_a_fault_at_its_path() -> None:
    [(path, message)] = problems({"en": "x", "polis": "y"})
    assert path == ("polis",)
    assert message == "is neither a language nor an audience of the edition"


def test_a_language_that_the_edition_has_not_is_a_fault_for_everyone_and_for_an_audience() -> None:
    found = problems({"en": "x", "es": "y", "police": {"ar": "z", "de": "w"}})
    assert [path for path, _ in found] == [("es",), ("police", "ar"), ("police", "de")]


@pytest.mark.parametrize("value", [None, "", "  \n", {}, {"en": "x", "police": {}}])
def test_nothing_is_not_a_text(value: Any) -> None:
    assert [message for _, message in problems(value)] == ["is empty"]


@pytest.mark.parametrize("value", [3, True, ["x"], {"en": 2026}, {"en": {"en": "x"}}])
def test_what_yaml_took_for_something_else_is_not_a_text(value: Any) -> None:
    assert [message for _, message in problems(value)] == ["is not a text"]


def test_an_audience_without_the_default_language_is_named() -> None:
    [(path, message)] = problems({"fr": "x", "police": "y"})
    assert path == ()
    assert message == "is not written in en, the edition's language, for public"


def test_no_words_for_everyone_are_needed_where_every_audience_has_its_own() -> None:
    assert text({"police": "x", "public": {"en": "y"}}).everyone == {}


def test_a_control_character_is_a_fault() -> None:
    assert problems({"en": "a\x07b"}) == [(("en",), "holds a control character (U+0007)")]


@pytest.mark.parametrize("sign", "\u202a\u202b\u202c\u202d\u202e")
def test_a_sign_that_turns_letters_round_is_a_fault(sign: str) -> None:
    told = f"holds a sign that turns the letters behind it round (U+{ord(sign):04X})"
    assert problems({"en": f"a{sign}b"}, Line) == [(("en",), told)]


def test_marks_and_isolates_of_directions_are_no_faults() -> None:
    assert text("a\u200e\u200f\u2066b\u2069\u061c").everyone


def test_a_line_has_no_line_breaks_inside() -> None:
    assert text("a title\n", Line).everyone == {"en": "a title"}
    assert problems("a\nb", Line) == [((), "has several lines, where one is shown")]


def test_a_proper_name_is_the_same_in_every_language_unless_it_is_given_by_language() -> None:
    assert text("Europol", ProperName).everyone == {"en": "Europol", "fr": "Europol"}
    assert text({"en": "WHO"}, ProperName).everyone == {"en": "WHO"}


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems({"en": "", "es": "x", "police": {"fr": 3}, "nobody": "y"})
    assert [path for path, _ in found] == [("en",), ("es",), ("police", "fr"), ("nobody",)]


def test_asking_for_what_no_reader_has_is_an_error() -> None:
    with pytest.raises(LookupError):
        text({"police": "x", "public": "y"}).resolve("government", "en", "en")
