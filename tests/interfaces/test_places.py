"""Whatever is wrong in a file of an author, or of the team, is told with its line and column."""

import re
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small
from tests.interfaces.world import NEWSLETTER, replace_in

from tigc_mail import Workspace
from tigc_mail.errors import TemplateError

EDITION = "editions/news/edition.yaml"
AUDIENCE = "audiences/readers.yaml"

FRENCH = "Voyez [les cours](https://example.org/cours) de ce printemps."


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


def fault_of(small: Small, locale: str = "fr") -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        Workspace.open(small.folder).render("news", audience="readers", locale=locale)
    return caught.value


def letter_at(folder: Path, place: str) -> str:
    """Return how the file goes on where a place leads to."""
    found = re.fullmatch(r"([^:]*?)(?:: .*)? \(line (\d+), column (\d+)\)", place)
    assert found is not None, place
    line = (folder / found[1]).read_text("utf-8").split("\n")[int(found[2]) - 1]
    return line[int(found[3]) - 1 :]


def test_a_wrong_link_is_told_at_its_letter_in_the_wording_that_is_read(small: Small) -> None:
    small.change(FRENCH, "Voyez\n        [les cours](http://example.org/cours).")
    error = fault_of(small)
    assert error.place.startswith(f"{EDITION}: blocks[0].body.fr (line ")
    assert letter_at(small.folder, error.place) == "http://example.org/cours)."
    found = small.found("cannot-render")
    assert (found.place, [variant.locale for variant in found.variants]) == (error.place, ["fr"])


WRITTEN = {
    "a block as it is": "|\n        One.\n\n          Two {{ nope }}\n",
    "a block whose end is kept": "|+  # ours\n        One {{ nope }}\n\n",
    "a folded block": ">\n        One\n        two\n\n        three\n        {{ nope }}\n",
    "a plain text": "One\n        two {{ nope }}\n",
    "a text in double quotes": '"One \\"two\\"\n        {{ nope }}"\n',
    "a text in single quotes": "'It''s one\n\n        {{ nope }}'\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_however_a_text_is_written_a_name_in_it_is_told_where_it_stands(
    small: Small, name: str
) -> None:
    text = small.edition.read_text("utf-8")
    head, _, tail = text.partition("      fr: |\n")
    rest = tail.partition("  - id: crime")[2]
    small.edition.write_text(f"{head}      fr: {WRITTEN[name]}  - id: crime{rest}", "utf-8")
    error = fault_of(small)
    assert error.place.startswith(f"{EDITION}: blocks[0].body.fr (line ")
    assert letter_at(small.folder, error.place).startswith("nope }}")
    assert error.cause == "'nope' is undefined"


def test_a_text_whose_letters_are_hidden_by_escapes_is_told_where_it_begins(small: Small) -> None:
    small.change("fr: Les nouvelles de mai", 'fr: "\\x4ces {{ nope }}"')
    error = fault_of(small)
    assert error.place.startswith(f"{EDITION}: subject.fr (line ")
    assert letter_at(small.folder, error.place).startswith("fr: ")


def test_the_words_for_an_audience_are_told_and_not_their_twins_for_all(small: Small) -> None:
    small.change(
        "title: {en: Welcome, fr: Bienvenue}",
        'title: {en: Welcome, fr: "{{ nope }}", readers: {fr: "{{ nope }}"}}',
    )
    error = fault_of(small)
    assert error.place.startswith(f"{EDITION}: blocks[0].title.readers.fr (line ")
    assert letter_at(small.folder, error.place) == 'nope }}"}}'


def test_a_fault_in_a_standing_key_message_is_told_in_the_file_of_the_audience(
    small: Small,
) -> None:
    small.change("ceux qui le font", "ceux {{ recipient.rôle }}", small.audience)
    error = fault_of(small)
    assert error.place.startswith(f"{AUDIENCE}: key_messages.crime.body.fr (line ")
    assert letter_at(small.folder, error.place) == "rôle }}."


@pytest.mark.parametrize("field", ["title", "body"])
def test_a_missing_translation_of_a_standing_key_message_is_told_in_its_file(
    small: Small, field: str
) -> None:
    old, new = {
        "title": ("{en: Who earns, fr: Qui gagne}", "{en: Who earns}"),
        "body": ("      fr: Un faux rapporte à ceux qui le font.\n", ""),
    }[field]
    small.change(old, new, small.audience)
    found = small.found("translation-missing")
    assert found.place.startswith(f"{AUDIENCE}: key_messages.crime.{field} (line ")
    assert letter_at(small.folder, found.place).startswith(f"{field}:")
    assert found.cause == "is not written in fr: it is shown in en"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("sender: {name: {en: News, fr: Nouvelles}", "sender: {name: {en: News}", "sender.name"),
        (', fr: "Bonjour {given_name},"', "", "salutation.named"),
        ("name: {en: Readers, fr: Lecteurs}", "name: {en: Readers}", "name"),
    ],
)
def test_what_else_an_audience_does_not_say_is_told_in_its_file(
    small: Small, old: str, new: str, path: str
) -> None:
    small.change(old, new, small.audience)
    place = small.found("translation-missing").place
    assert place.startswith(f"{AUDIENCE}: {path} (line ")
    assert letter_at(small.folder, place).startswith(f"{path.rpartition('.')[2]}: ")


def test_a_text_in_a_wrong_place_of_a_template_is_told_at_its_wording(small: Small) -> None:
    title = small.folder / "templates" / "blocks" / "title.mjml.j2"
    small.change("fr: Bienvenue", 'fr: "Cher {{ recipient.role }}"')
    title.write_text(
        '<mj-text><p style="{{ block.title }}">a</p></mj-text>\n' + title.read_text("utf-8"),
        "utf-8",
    )
    error = fault_of(small)
    assert error.place.startswith(f"{EDITION}: blocks[0].title.fr (line ")
    assert letter_at(small.folder, error.place).startswith("{{ recipient.role }}")


def test_a_text_that_is_in_no_file_is_told_by_its_path(small: Small) -> None:
    small.change("fr: Bienvenue", 'fr: "{{ nope }}"')
    workspace = Workspace.open(small.folder)
    edition = workspace.edition("news")
    small.edition.unlink()
    with pytest.raises(TemplateError) as caught:
        workspace.render(edition, audience="readers", locale="fr")
    place = "blocks[welcome].title (line 1, column 4 of the text)"
    assert caught.value.place == f"{EDITION}: {place}"


CODE = {
    "an unknown name": ("{{ 1 }} {{ colour }}", "colour }}"),
    "the second of two on a line": (
        "{{ block.id }}{% if block.idd %}{% endif %}",
        "idd %}{% endif %}",
    ),
    "an unknown attribute": ("{{ block.colour.red }}", "colour.red }}"),
    "an unknown filter": ("{{ block.id | shout }}", "shout }}"),
    "an unknown tag": ("{% shout %}", "shout %}"),
    "a wrong tag": ("{% if %}", "%}"),
    "a letter that means nothing": ("{{ a ? b }}", "? b }}"),
    "a comment without end": ("{# a", "{# a"),
    "a bracket too many": ("{{ (1)) }}", ") }}"),
    "a template that is not there": ('{% include "nope.j2" %}', '"nope.j2" %}'),
    "a slot that decides": ("{% if recipient.role %}{% endif %}", "role %}{% endif %}"),
    "a slot that is changed": ("{{ recipient.role | upper }}", "upper }}"),
    "what cannot be printed": ("a {{ block }}", "{{ block }}"),
}


@pytest.mark.parametrize("name", CODE)
def test_what_jinja_refuses_is_told_with_its_column(small: Small, name: str) -> None:
    code, told = CODE[name]
    template = small.folder / "templates" / "blocks" / "text.txt.j2"
    template.write_text(f"{{# Ours. #}}\r\n\r\n  {code}", "utf-8", newline="")
    error = fault_of(small)
    assert error.place.startswith("templates/blocks/text.txt.j2 (line 3, column ")
    assert letter_at(small.folder, error.place) == told


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("{{ a ? b }}", "unexpected char '?'"),
        ("{{ 'a' }}{{ a'b }}", 'unexpected char "\'"'),
        (
            "{% from 'own.txt.j2' import a %}{{ a() }}",
            "the template 'own.txt.j2' does not export the requested name 'a'",
        ),
        (
            "{{ ('a' if false).b }}",
            "the inline if-expression evaluated to false and no else section was defined.",
        ),
    ],
)
def test_no_number_is_told_but_that_of_the_place(small: Small, code: str, cause: str) -> None:
    templates = small.folder / "templates"
    (templates / "own.txt.j2").write_text("Ours.", "utf-8")
    (templates / "blocks" / "text.txt.j2").write_text(code, "utf-8")
    assert fault_of(small).cause == cause


def test_a_slot_that_is_a_link_is_told_where_it_stands_if_its_value_is_none(
    run: Run, news: Path
) -> None:
    link = '<a href="{{ recipient.email }}">'
    replace_in(news / "templates" / "footer.mjml.j2", "<strong>", f"{link}you</a><strong>")
    words = ("--audience", "public", "--contact", "rosa@example.org", "--out", "look")
    told = run("-w", news, "render", NEWSLETTER, *words)
    assert told.code == 1
    found = re.match(r"Error: (templates/footer.mjml.j2 \(.*\)): `recipient.email`", told.err)
    assert found is not None, told.err
    assert letter_at(news, found[1]).startswith("{{ recipient.email }}")
    assert "a link must begin with https://" in told.err


def test_a_slot_of_an_author_that_is_a_link_is_told_in_the_text(run: Run, news: Path) -> None:
    file = f"editions/{NEWSLETTER}/edition.yaml"
    replace_in(news / file, "The shopping season", "[The]({{ recipient.role }}) season")
    words = ("--audience", "public", "--locale", "en", "--out", "look")
    told = run("-w", news, "render", NEWSLETTER, *words)
    assert told.code == 1
    assert told.err.startswith(f"Error: {file}: blocks[0].body")


def test_a_slot_that_is_named_in_a_message_is_named_as_authors_know_it(small: Small) -> None:
    template = small.folder / "templates" / "blocks" / "text.mjml.j2"
    code = "<mj-text>1 < 2 {{ recipient.given_name }}, you see</mj-text>"
    template.write_text(f"<mj-section><mj-column>{code}", "utf-8")
    error = fault_of(small)
    assert "near `< 2 {{ recipient.given_name }}, you see" in error.cause


def test_a_slot_at_the_end_of_an_excerpt_is_not_cut(small: Small) -> None:
    template = small.folder / "templates" / "blocks" / "text.mjml.j2"
    for blank in (33, 34, 40, 47, 48):  # the excerpt ends before, in and behind the slot
        code = f"<mj-text>< {'a' * blank}{{{{ recipient.role }}}}</mj-text>"
        template.write_text(f"<mj-section><mj-column>{code}", "utf-8")
        cause = fault_of(small).cause
        assert cause.startswith("a `<` begins no element, near `< aaa")
        assert "xq" not in cause
