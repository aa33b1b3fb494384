"""The phrases of templates and library, and catalogues that keep up with them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.render.dates import OWN_TIME
from tigc_mail.render.extraction import gaps, gathered, obsolete, updated
from tigc_mail.render.phrases import load_phrases, read_catalogue

TEMPLATES = Path(__file__).parents[2] / "templates"
TRANSLATED: tuple[Locale, ...] = ("fr", "es", "ar")

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Return a folder of templates with these files."""

    def build(files: Mapping[str, str]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        return tmp_path

    return build


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_shipped_catalogues_are_complete(locale: Locale) -> None:
    assert gaps(TEMPLATES, locale) == (False, (), ())
    assert obsolete(TEMPLATES, locale) == ()


def test_the_shipped_catalogues_are_up_to_date_with_the_templates() -> None:
    """`make phrases` would change nothing."""
    for name, content in updated(TEMPLATES).items():
        assert (TEMPLATES / "phrases" / name).read_bytes() == content, name


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_placeholders_of_the_shipped_catalogues_agree(locale: Locale) -> None:
    catalogue = read_catalogue(TEMPLATES / "phrases", locale)
    assert catalogue is not None
    assert list(catalogue.check()) == []
    assert load_phrases(TEMPLATES / "phrases", locale).gettext("Unsubscribe") != "Unsubscribe"


def test_phrases_are_gathered_from_templates_and_library(folder: Callable[..., Path]) -> None:
    templates = folder(
        {
            "a.txt.j2": '{% trans %}One{% endtrans %} {{ _("Two") }}',
            "blocks/b.mjml.j2": "\n\n{% trans n=3 %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}",
        }
    )
    phrases = gathered(templates)
    assert {"One", "Two", OWN_TIME} <= {m.id for m in phrases if isinstance(m.id, str)}
    assert any(isinstance(m.id, tuple) for m in phrases)


def test_an_update_keeps_translations_and_adds_what_is_new(folder: Callable[..., Path]) -> None:
    templates = folder(
        {
            "a.txt.j2": "{% trans %}Kept{% endtrans %}{% trans %}New{% endtrans %}",
            "phrases/fr.po": HEADER
            + 'msgid "Kept"\nmsgstr "Gardé"\n\nmsgid "Gone"\nmsgstr "Parti"\n',
        }
    )
    new = updated(templates)["fr.po"].decode()
    assert 'msgid "Kept"\nmsgstr "Gardé"' in new
    assert 'msgid "New"\nmsgstr ""' in new
    assert '#~ msgid "Gone"\n#~ msgstr "Parti"' in new
    (templates / "phrases" / "fr.po").write_text(new, "utf-8")
    missing = set(gaps(templates, "fr").missing)
    assert {"New", OWN_TIME} <= missing
    assert not {"Kept", "Gone"} & missing
    assert obsolete(templates, "fr") == ("Gone",)


@given(blank=st.integers(0, 5))
def test_an_edit_that_moves_lines_changes_no_catalogue(
    tmp_path_factory: pytest.TempPathFactory, blank: int
) -> None:
    templates = tmp_path_factory.mktemp("moved")
    (templates / "phrases").mkdir()
    (templates / "phrases" / "fr.po").write_text(HEADER + 'msgid "One"\nmsgstr "Un"\n', "utf-8")
    (templates / "a.txt.j2").write_text("{% trans %}One{% endtrans %}", "utf-8")
    for name, content in (before := updated(templates)).items():
        (templates / "phrases" / name).write_bytes(content)
    (templates / "a.txt.j2").write_text("\n" * blank + "{% trans %}One{% endtrans %}", "utf-8")
    assert updated(templates) == before


def test_a_template_that_cannot_be_read_is_told_and_nothing_is_dropped(
    folder: Callable[..., Path],
) -> None:
    templates = folder({"a.txt.j2": "\n{% trans %}One"})
    with pytest.raises(TemplateError) as caught:
        updated(templates)
    assert caught.value.place == "templates/a.txt.j2 (line 2, column 12)"


def test_a_language_without_a_catalogue_lacks_every_phrase(folder: Callable[..., Path]) -> None:
    lacking = gaps(folder({"a.txt.j2": "{% trans %}One{% endtrans %}"}), "es")
    assert lacking.no_catalogue
    assert "One" in lacking.missing
