"""What cannot be read of a template is told there, with the right cause and cure."""

from collections.abc import Callable

import pytest

from tigc_mail.errors import TemplateError
from tigc_mail.render.blame import place_in
from tigc_mail.render.extraction import gathered
from tigc_mail.render.templates import Templates

TemplatesOf = Callable[..., Templates]

IN_EACH_OTHER = {
    "ifs": "{% if 1 %}" * 300 + "x" + "{% endif %}" * 300,
    "fewer ifs": "{% if 1 %}" * 101 + "x" + "{% endif %}" * 101,
    "loops": "{% for i in [1] %}" * 30 + "x" + "{% endfor %}" * 30,
    "round brackets": "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "square brackets": "{{ " + "[" * 300 + "1" + "]" * 300 + " }}",
    "curly brackets": "{{ " + "{1:" * 300 + "1" + "}" * 300 + " }}",
}
BEHIND_EACH_OTHER = {
    "signs": "{{ " + "-" * 3_000 + "1 }}",
    "filters": "{{ 1" + "| abs" * 3_000 + " }}",
    "sums": "{{ 1" + "+ 1" * 5_000 + " }}",
    "names": "{{ x" + ".x" * 5_000 + " }}",
    "negations": "{{ " + "not " * 3_000 + "1 }}",
}


@pytest.fixture(scope="module")
def templates(templates_of: TemplatesOf) -> Templates:
    return templates_of()


def fault_of(templates_of: TemplatesOf, source: str) -> TemplateError:
    """Return the fault of a template in its third line, which another includes."""
    files = {"a.mjml.j2": "\n{% include 'b.mjml.j2' %}", "b.mjml.j2": f"a\n\n{source}\n"}
    with pytest.raises(TemplateError) as caught:
        templates_of(files).render("a.mjml.j2", "en", {})
    assert caught.value.place.startswith("templates/b.mjml.j2 (line 3")
    return caught.value


@pytest.mark.parametrize("name", IN_EACH_OTHER)
def test_what_is_nested_too_deep_is_told_in_its_own_file_and_line(
    templates_of: TemplatesOf, name: str
) -> None:
    error = fault_of(templates_of, IN_EACH_OTHER[name])
    assert "tags or brackets stand in each other" in error.cause
    assert "into a macro or a template" in error.cure


@pytest.mark.parametrize("name", BEHIND_EACH_OTHER)
def test_what_has_too_many_parts_is_told_in_its_own_file_and_line(
    templates_of: TemplatesOf, name: str
) -> None:
    error = fault_of(templates_of, BEHIND_EACH_OTHER[name])
    assert error.cause == "has more parts than can be read together"
    assert error.cure


@pytest.mark.parametrize("name", IN_EACH_OTHER)
def test_in_a_text_it_is_told_likewise(templates: Templates, name: str) -> None:
    place = "editions/x/edition.yaml: subject"
    source = f"a\n{IN_EACH_OTHER[name]}"
    with pytest.raises(TemplateError, match="tags or brackets stand in each other") as caught:
        templates.render_text(source, place_in(place, source), {})
    assert caught.value.place.startswith(f"{place} (line 2, column ")


@pytest.mark.parametrize("name", IN_EACH_OTHER)
def test_phrases_are_gathered_or_the_template_is_named(
    templates_of: TemplatesOf, name: str
) -> None:
    folder = templates_of({"a.j2": IN_EACH_OTHER[name]}).folder
    try:
        assert gathered(folder)
    except TemplateError as error:
        assert error.place.startswith("templates/a.j2 (line 1, column ")
        assert "tags or brackets stand in each other" in error.cause


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ("{{ 1 | uper }}", "Did you mean `upper`?"),
        ("{{ 1 | percnt }}", "Did you mean `percent`?"),
        ("{{ 1 | qqqqq }}", "Check the spelling; there are abs, attr,"),
        ("{{ 1 if 1 is evn }}", "Did you mean `even`?"),
        ("{% endif %}", "Look at the tag there"),
        ("{% if 1 %}", "Look at the tag there"),
        ("{{ nope }}", "Check the spelling"),
        ("{{ 1 / 0 }}", "Look at the values there"),
        ("{{ ''.__class__ }}", "Use only names such as those in the templates"),
        ("{% include 'nope.j2' %}", "Write it, or correct the name."),
        ("{{ 9 ** 9 ** 9 }}", "Multiply by less."),
        ("{{ range(999999999) | list }}", "Write a shorter one."),
    ],
)
def test_every_fault_of_a_template_has_a_cure(
    templates_of: TemplatesOf, source: str, cure: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        templates_of({"a.j2": source}).render("a.j2", "en", {})
    assert caught.value.cure.startswith(cure)
