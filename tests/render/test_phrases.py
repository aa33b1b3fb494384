"""Catalogues of phrases, and what is told of one that is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.errors import TemplateError
from tigc_mail.render.phrases import load_phrases

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
GOOD = HEADER + 'msgid "Unsubscribe"\nmsgstr "Se désabonner"\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("phrases")


def test_phrases_are_read_as_they_are(folder: Path) -> None:
    (folder / "fr.po").write_text(GOOD, "utf-8")
    assert load_phrases(folder, "fr").gettext("Unsubscribe") == "Se désabonner"


def test_a_phrase_without_translation_is_shown_as_the_template_has_it(folder: Path) -> None:
    (folder / "fr.po").write_text(GOOD, "utf-8")
    assert load_phrases(folder, "fr").gettext("Newsletter") == "Newsletter"


def test_a_language_without_a_catalogue_has_the_templates_own_phrases(folder: Path) -> None:
    assert load_phrases(folder, "ar").gettext("Unsubscribe") == "Unsubscribe"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'msgid "a"\nmsgstr "\xff"\n', " (line 2, column 9)"),
        (b'msgid "a"\nnonsense "b"\n', " (line 2)"),
        (
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n\nmsgid "a"\nmsgstr "b"\n',
            "",
        ),
        (
            b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > ;\\n"\n\nmsgid "a"\nmsgstr "b"\n',
            "",
        ),
        (b'msgid ""\nmsgstr "PO-Revision-Date: yesterday\\n"\n\nmsgid "a"\nmsgstr "b"\n', ""),
        (b"\x00\x01\x02", " (line 1)"),
    ],
)
def test_a_malformed_catalogue_is_named(folder: Path, content: bytes, where: str) -> None:
    (folder / "es.po").write_bytes(content)
    with pytest.raises(TemplateError) as caught:
        load_phrases(folder, "es").gettext("a")
    assert caught.value.place == f"templates/phrases/es.po{where}"
    assert caught.value.cause


@pytest.mark.parametrize(
    ("translation", "cause"),
    [
        ("Se d\u202eésabonner", "there is a sign that turns the letters behind it round (U+202E)"),
        ("Se d\x07ésabonner", "there is a control character (U+0007)"),
        ("100 % sûr", "the translation has a `%` that begins no `%(name)s`"),
        ("sûr à 100%", "the translation has a `%` that begins no `%(name)s`"),
        ("%(x)s", "the translation has `%(x)s`, and the phrase has no such value"),
    ],
)
def test_what_no_template_can_print_is_told_at_its_line(
    folder: Path, translation: str, cause: str
) -> None:
    content = GOOD.replace("Se désabonner", translation)
    (folder / "fr.po").write_text(content, "utf-8")
    with pytest.raises(TemplateError) as caught:
        load_phrases(folder, "fr")
    assert (caught.value.place, caught.value.cause) == ("templates/phrases/fr.po (line 4)", cause)
    assert caught.value.cure
    (folder / "fr.po").write_text(content.replace('msgid "Un', '#, fuzzy\nmsgid "Un'), "utf-8")
    assert load_phrases(folder, "fr").gettext("Unsubscribe") == "Unsubscribe"


def test_a_percent_sign_is_written_twice(folder: Path) -> None:
    (folder / "fr.po").write_text(GOOD.replace("Se", "100 %% :"), "utf-8")
    assert load_phrases(folder, "fr").gettext("Unsubscribe") == "100 %% : désabonner"


@given(at=st.integers(0, len(GOOD) - 1), junk=st.binary(max_size=12), cut=st.integers(0, 20))
def test_a_damaged_catalogue_is_read_or_named(folder: Path, at: int, junk: bytes, cut: int) -> None:
    raw = GOOD.encode()
    (folder / "en.po").write_bytes(raw[:at] + junk + raw[at + cut :])
    try:
        load_phrases(folder, "en").gettext("Unsubscribe")
    except TemplateError as error:
        assert re.fullmatch(r"templates/phrases/en\.po( \(line \d+(, column \d+)?\))?", error.place)
