"""Templates: strict, sandboxed, and every fault told at the author's file and line."""

from collections.abc import Callable
from typing import Any

import pytest

from tigc_mail.errors import TemplateError
from tigc_mail.render.blame import place_in
from tigc_mail.render.slots import RecipientSlots, SlotSheet
from tigc_mail.render.templates import MAX_CHARACTERS, Templates

TemplatesOf = Callable[..., Templates]


@pytest.fixture(scope="module")
def templates(templates_of: TemplatesOf) -> Templates:
    return templates_of({"phrases/fr.po": PHRASES})


PHRASES = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Hello"
msgstr "Bonjour"
"""

WRONG_PHRASES = f"""{PHRASES}
msgid "%(label)s: %(url)s"
msgstr "%(lable)s"
"""

PLACE = "editions/news/edition.yaml: blocks[welcome].body"


def context() -> dict[str, Any]:
    return {
        "recipient": RecipientSlots(SlotSheet()),
        "edition": {"subject": "News", "empty": None},
        "names": ("a", "b"),
    }


def fault_of(templates: Templates, source: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        templates.render_text(source, place_in(PLACE, source), context())
    return caught.value


FAULTS = [
    ("{{ nope }}", 4, "'nope' is undefined"),
    ("{{ edition.nope }}", 12, "has no attribute 'nope'"),
    ("{{ recipient.given_nam }}", 14, "it has no attribute 'given_nam'"),
    ("{{ 'x' | nope }}", 10, "No filter named 'nope'"),
    ("{{ 'x' is nope }}", 8, "No test named 'nope'"),
    ("{% nope %}", 4, "unknown tag 'nope'"),
    ("{% if 1 %}", 9, "end of template"),
    ("{{ 'x' ", 4, "end of template"),
    ("a {{", 3, "end of template"),
    ("{{ 1 / 0 }}", 1, "division by zero"),
    ("{{ 1 + 'x' }}", 1, "calculates with a text"),
    ("{{ 3 | xmlattr }}", 1, "has no attribute 'items'"),
    ("{% for i in range(10**9) %}{% endfor %}", 1, "multiplication yields more than"),
    ("{% for i in range(999999999) %}{% endfor %}", 1, "a range has more than 100,000 numbers"),
    ("{{ 'a' * 99999999999 }}", 1, "multiplication yields more than"),
    ("{{ [1] * 99999999999 }}", 1, "multiplication yields more than"),
    ("{{ 9 ** 9 ** 9 ** 9 }}", 1, "multiplication yields more than"),
    ("{{ 2 ** 100000000 }}", 1, "multiplication yields more than"),
    ("{{ ''.__class__ }}", 7, "sandbox refuses"),
    ("{{ ''['__class__'] }}", 7, "sandbox refuses"),
    ("{{ '' | attr('__class__') }}", 14, "sandbox refuses"),
    ("{{ recipient.__class__.__mro__ }}", 14, "sandbox refuses"),
    ("{{ recipient._sheet }}", 14, "sandbox refuses"),
    ("{{ recipient.attributes._sheet }}", 25, "sandbox refuses"),
    ("{{ '{0.__class__}'.format(recipient) }}", 1, "sandbox refuses"),
    ("{{ names.__add__ }}", 10, "sandbox refuses"),
    ("{{ edition.update(subject='x') }}", 12, "sandbox refuses"),
    ("{% include 'nope.j2' %}", 12, "there is no template nope.j2"),
    ("{% include '../theme.yaml' %}", 12, "there is no template ../theme.yaml"),
    ("{% include '/etc/passwd' %}", 12, "there is no template /etc/passwd"),
    ("{{ recipient }}", 1, "cannot be printed"),
    ("{{ recipient.attributes }}", 1, "cannot be printed"),
    ("{{ edition }}", 1, "cannot be printed"),
    ("{{ edition.empty }}", 1, "nothing (none) cannot be printed"),
    ("{{ names == 1 }}", 1, "cannot be printed"),
    ("{{ [recipient.role] }}", 1, "cannot be printed"),
]


@pytest.mark.parametrize(("source", "column", "cause"), FAULTS)
def test_a_fault_in_a_text_is_told_at_its_line_and_column(
    templates: Templates, source: str, column: int, cause: str
) -> None:
    error = fault_of(templates, f"one\ntwo\n{source}")
    assert cause in error.cause
    assert error.place == f"{PLACE} (line 3, column {column})"


@pytest.mark.parametrize(("source", "column", "cause"), FAULTS)
def test_a_fault_in_a_template_is_told_at_its_file_line_and_column(
    templates_of: TemplatesOf, source: str, column: int, cause: str
) -> None:
    templates = templates_of(
        {
            "newsletter.mjml.j2": "{% extends 'base.mjml.j2' %}\n{% block a %}\n{% include "
            "'blocks/text.mjml.j2' %}\n{% endblock %}",
            "base.mjml.j2": "{% block a %}{% endblock %}",
            "blocks/text.mjml.j2": f"one\n\n\n{source}\n",
        }
    )
    with pytest.raises(TemplateError) as caught:
        templates.render("newsletter.mjml.j2", "en", context())
    assert cause in caught.value.cause
    assert caught.value.place == f"templates/blocks/text.mjml.j2 (line 4, column {column})"


@pytest.mark.parametrize(
    "use",
    [
        "{% if recipient.role %}a{% endif %}",
        "{{ 'a' if not recipient.role }}",
        "{{ recipient.role == 'x' }}",
        "{{ recipient.role in names }}",
        "{{ 'x' in recipient.role }}",
        "{% for letter in recipient.role %}{% endfor %}",
        "{{ recipient.role + 'x' }}",
        "{{ 'x' + recipient.role }}",
        "{{ recipient.role * 2 }}",
        "{{ recipient.role[0] }}",
        "{{ recipient.role[:3] }}",
        "{{ recipient.role.upper() }}",
        "{{ (recipient.role ~ '').upper() }}",
        "{{ (recipient.role ~ '').replace('q', 'z') }}",
        "{{ (recipient.role ~ '')[0] }}",
        "{{ recipient.role() }}",
        "{{ recipient.role is none }}",
        "{{ recipient.role is string }}",
        "{{ recipient.role | default('x', true) }}",
        "{{ (recipient.role ~ '') | list | join('-') }}",
        "{{ [recipient.role] | map('upper') | join }}",
        "{{ [recipient.role, 'x'] | sort | join }}",
        "{{ 'a b' | replace('a', recipient.role) }}",
        *(
            f"{{{{ recipient.role | {name} }}}}"
            for name in (
                "upper",
                "lower",
                "title",
                "capitalize",
                "length",
                "reverse",
                "truncate(3)",
                "first",
                "replace('q', 'z')",
                "string | upper",
                "trim | upper",
                "e | upper",
                "urlencode",
                "center",
                "wordwrap(3)",
                "tojson",
                "int",
                "format",
                "striptags",
                "pprint",
                "list",
            )
        ),
    ],
)
def test_a_slot_can_only_be_printed(templates: Templates, use: str) -> None:
    error = fault_of(templates, f"\n{use}")
    assert error.place.startswith(f"{PLACE} (line 2, column ")
    assert "for each recipient" in error.cause
    assert error.cure


@pytest.mark.parametrize(
    "use",
    [
        "{{ recipient.role }}",
        "{{ recipient.role | default('x') }}",
        "{{ recipient.role | e }}",
        "{{ 'a' ~ recipient.role ~ 'b' }}",
        "{{ [recipient.role, 'x'] | join(', ') }}",
        "{% set role = recipient.role %}{{ role }}",
        "{% set role %}{{ recipient.role }}{% endset %}{{ role | trim }}",
        "{{ recipient.attributes['any name'] }}",
        "{{ recipient.role if recipient.role is defined }}",
    ],
)
def test_a_slot_is_printed_in_many_ways(templates: Templates, use: str) -> None:
    sheet = SlotSheet()
    text = templates.render_text(use, place_in(PLACE, use), {"recipient": RecipientSlots(sheet)})
    assert len(sheet.cut(text)[1]) == 1


def test_a_template_that_includes_itself_is_refused(templates_of: TemplatesOf) -> None:
    files = {"a.j2": "{% include 'b.j2' %}", "b.j2": "{% include 'a.j2' %}"}
    with pytest.raises(TemplateError, match="includes itself, without end"):
        templates_of(files).render("a.j2", "en", {})


def test_templates_that_extend_each_other_are_refused(templates_of: TemplatesOf) -> None:
    files = {"a.j2": "{% extends 'b.j2' %}", "b.j2": "{% extends 'a.j2' %}"}
    with pytest.raises(TemplateError, match="without end"):
        templates_of(files).render("a.j2", "en", {})


@pytest.mark.parametrize(
    "source", ["{{ " + "(" * 3_000, "{% for i in [1] %}" * 30 + "{% endfor %}" * 30]
)
def test_what_python_cannot_compile_is_one_error(templates: Templates, source: str) -> None:
    assert fault_of(templates, source).place.startswith(PLACE)


def test_a_missing_template_is_named(templates: Templates) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.render("notice.mjml.j2", "en", {})
    assert caught.value.place == "templates/notice.mjml.j2"
    assert caught.value.cause == "there is no template notice.mjml.j2"


def test_a_template_that_is_not_utf8_is_named_where_it_is_included(
    templates_of: TemplatesOf,
) -> None:
    files = {"a.j2": "{% include 'b.j2' %}", "b.j2": b"one\n\xff"}
    with pytest.raises(TemplateError) as caught:
        templates_of(files).render("a.j2", "en", {})
    assert (caught.value.place, caught.value.cause) == (
        "templates/b.j2 (line 2, column 1)",
        "is not UTF-8",
    )


def test_a_template_that_yields_without_end_is_stopped(templates_of: TemplatesOf) -> None:
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}1234567890 and so on for ever{% endfor %}{% endfor %}"
    with pytest.raises(TemplateError, match=f"more than {MAX_CHARACTERS:,} characters"):
        templates_of({"a.j2": loop}).render("a.j2", "en", {})


def test_a_text_of_3_megabytes_is_refused(templates_of: TemplatesOf) -> None:
    with pytest.raises(TemplateError, match=f"more than {MAX_CHARACTERS:,} characters"):
        templates_of({"a.j2": "{{ text }}"}).render("a.j2", "en", {"text": "a" * 3_000_000})


def test_a_phrase_with_an_unknown_placeholder_is_told_in_its_catalogue(
    templates_of: TemplatesOf,
) -> None:
    use = '\n{% trans label="a", url="b" %}{{ label }}: {{ url }}{% endtrans %}'
    templates = templates_of({"phrases/fr.po": WRONG_PHRASES, "a.j2": use})
    with pytest.raises(TemplateError) as caught:
        templates.render("a.j2", "fr", {})
    assert caught.value.place == "templates/phrases/fr.po (line 7)"
    assert caught.value.cause.startswith("the translation has `%(lable)s`, and the phrase")


def test_phrases_are_those_of_the_language(templates_of: TemplatesOf) -> None:
    templates = templates_of({"phrases/fr.po": PHRASES, "a.j2": "{% trans %}Hello{% endtrans %}"})
    assert [templates.render("a.j2", locale, {}) for locale in ("en", "fr")] == ["Hello", "Bonjour"]


def test_values_are_escaped_in_mjml_and_left_alone_in_text(templates_of: TemplatesOf) -> None:
    templates = templates_of({"a.mjml.j2": "{{ a }}", "a.txt.j2": "{{ a }}"})
    rendered = [templates.render(name, "en", {"a": "<&\"'"}) for name in ("a.mjml.j2", "a.txt.j2")]
    assert rendered == ["&lt;&amp;&#34;&#39;", "<&\"'"]


def test_the_templates_of_a_workspace_below_a_folder_of_that_name_are_named_from_its_own(
    templates_of: TemplatesOf,
) -> None:
    outer = templates_of().folder
    inner = outer / "templates"
    inner.mkdir()
    (inner / "theme.yaml").write_bytes((outer / "theme.yaml").read_bytes())
    (inner / "a.j2").write_text("{{ nope }}", "utf-8")
    with pytest.raises(TemplateError) as caught:
        Templates(inner).render("a.j2", "en", {})
    assert caught.value.place == "templates/a.j2 (line 1, column 4)"


@pytest.mark.parametrize(
    ("css", "line", "column", "cause"),
    [
        (b".a { color: \xff }", 1, 13, "is not UTF-8"),
        (b"/* a\n@media */\n@import url('x.css');", 3, 1, "`@import` cannot be inlined"),
        (b"/* a */ @media print { .a {} }", 1, 9, "`@media` cannot be inlined"),
        (b".a {}\n @media print { .a {} }", 2, 2, "`@media` cannot be inlined"),
        (b"@font-face { font-family: x }", 1, 1, "`@font-face` cannot be inlined"),
        (b".a { color: red ! important }", 1, 17, "`! important` cannot be inlined"),
        (
            b".a {}\n.b { color: {{ theme.lite.ink }} }",
            2,
            22,
            "'dict object' has no attribute 'lite'",
        ),
        (b".a {}\n.b { color: {{ theme.light.ink | x }} }", 2, 34, "No filter named 'x'."),
        (b".a {}\n.b { color: {{ }", 2, 16, "unexpected '}'"),
    ],
)
def test_styles_that_cannot_be_inlined_are_faults_of_the_theme(
    templates_of: TemplatesOf, css: bytes, line: int, column: int, cause: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        _ = templates_of({"theme.css": css}).css
    assert caught.value.cause == cause
    assert caught.value.place == f"templates/theme.css (line {line}, column {column})"


def test_a_theme_without_styles_is_a_theme(templates_of: TemplatesOf) -> None:
    templates = templates_of()
    (templates.folder / "theme.css").unlink()
    assert templates.css == ""
