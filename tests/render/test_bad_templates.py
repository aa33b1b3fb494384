"""Bad templates and texts: one message, at the author's file, line and column, and no message made."""

from collections.abc import Callable

import pytest

from tigc_mail.errors import TemplateError
from tigc_mail.render.message import CompiledMessage

Compile = Callable[..., CompiledMessage]

LAYOUT = """\
{% extends "base.mjml.j2" %}
{% block content %}
{% for block in blocks %}
{% include "blocks/text.mjml.j2" %}
{% endfor %}
{% endblock %}
"""
BASE = """\
{# The frame. #}
<mjml lang="{{ locale }}" dir="{{ direction }}">
  <mj-head>
    <mj-title>{{ edition.subject }}</mj-title>
    <mj-attributes><mj-class name="quiet" color="#4a5b67" /></mj-attributes>
  </mj-head>
  <mj-body>{% block content %}{% endblock %}</mj-body>
</mjml>
"""
BLOCK = """\
{# A block of the team's own. #}
{% set title = block.title %}
<mj-section>
  <mj-column>
    <mj-text>{{ title }} {% trans %}Hello{% endtrans %}</mj-text>
    FAULT
  </mj-column>
</mj-section>
"""
HERE = "templates/blocks/text.mjml.j2 (line 6, column 5)"


def fault_of(compile_with: Compile, fault: str, **edition: object) -> TemplateError:
    files = {
        "newsletter.mjml.j2": LAYOUT,
        "base.mjml.j2": BASE,
        "blocks/text.mjml.j2": BLOCK.replace("FAULT", fault),
    }
    with pytest.raises(TemplateError) as caught:
        compile_with(files, **{"title": "A title", **edition})
    return caught.value


def test_a_layout_that_cannot_be_read_is_told_where_it_stands_and_not_where_it_is_extended(
    compile_with: Compile,
) -> None:
    files = {"newsletter.mjml.j2": LAYOUT, "blocks/text.mjml.j2": BLOCK.replace("FAULT", "")}
    for fault in ("{% if %}", "{{ foo( }}", "{% endif %}"):
        base = BASE.replace("  <mj-head>", f"  {fault}<mj-head>")
        with pytest.raises(TemplateError) as caught:
            compile_with({**files, "base.mjml.j2": base}, title="A title")
        assert caught.value.place.startswith("templates/base.mjml.j2 (line 3, column "), fault


MARKUP = {
    "an unclosed tag": ("<mj-text>a", "`<mj-text>` is never closed"),
    "a tag closed twice": ("</mj-text>", "`</mj-text>` closes what is not open"),
    "a comment without end": ("<!-- a", "a comment is never closed"),
    "CDATA": ("<![CDATA[a]]>", "a CDATA section"),
    "a declaration": ("<!DOCTYPE html>", "a declaration"),
    "an instruction": ("<?xml version='1.0'?>", "an XML declaration"),
    "an attribute without quotes": ("<mj-spacer height=20px />", "cannot be read"),
    "a bare <": ("< a", "a `<` begins no element"),
    "words in a column": ("Hello", "a text stands in <mj-column>"),
    "an unknown element": ("<mj-txt>a</mj-txt>", "Did you mean `mj-text`?"),
    "an element in capitals": ("<MJ-TEXT>a</MJ-TEXT>", "Did you mean `mj-text`?"),
    "HTML in a column": ("<p>a</p>", "Write it into an <mj-text>."),
    "a section in a column": ("<mj-section></mj-section>", "It belongs into mj-body or mj-wrapper"),
    "a column in a column": ("<mj-column></mj-column>", "It belongs into mj-section or mj-group."),
    "mj-include": ('<mj-include path="a" />', 'Write {% include "..." %}.'),
    "mj-html-attributes": ("<mj-html-attributes />", "is not known to the compiler"),
    "an image without alt": ('<mj-image src="https://e.org/a.png" />', "has no `alt`"),
    "a font that the head defines": ('<mj-font name="a" href="https://e.org" />', "mj-head"),
    "300 levels": ("<mj-text>" + "<div>" * 300 + "</div>" * 300 + "</mj-text>", "200 deep"),
}


@pytest.mark.parametrize("name", [name for name in MARKUP if name != "300 levels"])
def test_wrong_markup_is_told_where_it_stands(compile_with: Compile, name: str) -> None:
    markup, told = MARKUP[name]
    error = fault_of(compile_with, markup)
    assert (error.place, told in str(error)) == (HERE, True), str(error)


WITHIN = {
    "an unclosed <p>": ("<mj-text><p>a</mj-text>", 10, "`<p>` is never closed"),
    "a bare <": ("<mj-text>1 < 2</mj-text>", 12, "a `<` begins no element"),
    "an unknown attribute": ('<mj-text colour="#123456">a</mj-text>', 10, "mean `color`?"),
    "an attribute of another": ('<mj-spacer width="1px" />', 12, "no attribute of <mj-spacer>"),
    "an unknown class": ('<mj-text mj-class="quit">a</mj-text>', 10, "Did you mean `quiet`?"),
    "a colour without #": ('<mj-text color="123456">a</mj-text>', 10, "such as `#1b2b36`"),
    "a colour in three digits": ('<mj-text color="#123">a</mj-text>', 10, "in six digits"),
    "a length without unit": ('<mj-text padding="10 20">a</mj-text>', 10, "such as `20px 0`"),
    "another word": ('<mj-text align="start">a</mj-text>', 10, "`left`, `center`, `right` or `justify`"),
    "a role": ('<mj-table role="none"></mj-table>', 11, "is ignored"),
    "an element within a text": ("<mj-text><mj-button>a</mj-button></mj-text>", 10, "HTML only"),
    "an unknown attribute of HTML": ('<mj-text><p foo="bar">a</p></mj-text>', 13, "attribute of <p>"),
    "a misspelt attribute of HTML": (
        '<mj-text><a herf="https://e.org">a</a></mj-text>', 13, "Did you mean `href`?"
    ),
    "a block in a table": (
        "<mj-text><table><div>a</div></table></mj-text>", 17, "<div> stands in <table>"
    ),
    "a cell without a row": ("<mj-table><td>a</td></mj-table>", 11, "<td> stands in <mj-table>"),
    "a word in a row": (
        "<mj-table><tr>a</tr></mj-table>", 15, "a text stands in <tr>, where no words are shown"
    ),
    "an item without a list": (
        "<mj-text><p>a</p><li>b</li></mj-text>", 18, "It belongs into <ol> or <ul>."
    ),
    "a row without a table": ("<mj-text><tr></tr></mj-text>", 10, "<tr> stands in <mj-text>"),
    "a row in an item": (
        "<mj-text><ul><li><tr></tr></li></ul></mj-text>", 18, "<tr> stands in <li>"
    ),
    "a paragraph in a list": ("<mj-text><ul><p>a</p></ul></mj-text>", 14, "It holds <li> only."),
    "a paragraph in a paragraph": (
        "<mj-text><p><b><p>a</p></b></p></mj-text>", 16, "<p> stands in <p>, which holds words only"
    ),
    "a block in a button": (
        '<mj-button href="https://e.org"><div>a</div></mj-button>', 33, "Close <mj-button> before it."
    ),
    "a link in a link": (
        '<mj-text><a href="https://e.org"><i><a href="https://e.org">a</a></i></a></mj-text>',
        37,
        "a link stands in <a>, which is one itself",
    ),
    "an unknown attribute in mj-raw": (
        '<mj-raw><table><tr><td colspam="2">a</td></tr></table></mj-raw>', 24, "mean `colspan`?"
    ),
    "an unknown element of HTML": ("<mj-text><sapn>a</sapn></mj-text>", 10, "mean `span`?"),
    "a script": ("<mj-text><script>a</script></mj-text>", 10, "no element that a message may hold"),
    "a handler": ('<mj-text><p onclick="a">a</p></mj-text>', 13, "is a script"),
    "a picture without alt": ('<mj-text><img src="https://e.org/a" /></mj-text>', 10, "no `alt`"),
    "javascript:": ('<mj-button href="javascript:a()">a</mj-button>', 12, "does not begin with"),
    "hidden javascript:": (
        '<mj-text><a href="java&#115;cri&#10;pt:a()">a</a></mj-text>', 13, "does not begin with"
    ),
    "data:": ('<mj-image alt="" src="data:image/png;base64,a" />', 18, "does not begin with"),
    "a link for sharing": (
        '<mj-social><mj-social-element name="facebook" href="https://e.org" alt="" /></mj-social>',
        31,
        '"facebook-noshare"',
    ),
    "an attribute in single quotes": ("<mj-image src=\"https://e.org/a\" alt='a \"b\"' />", 33, "&quot;"),
    "a control character": ("<mj-text>a\x07b</mj-text>", 11, "U+0007"),
    "a sign that turns letters round": ("<mj-text>a\u202eb</mj-text>", 11, "(U+202E)"),
    "a reference to half a character": ("<mj-text>a&#xD800;</mj-text>", 11, "`&#xD800;` stands for half a character"),
    "a reference to a control character": ("<mj-text>a&#7;</mj-text>", 11, "`&#7;` stands for a control"),
    "a reference to a sign that turns": ("<mj-text>a&#8238;</mj-text>", 11, "`&#8238;` stands for a sign that"),
    "a reference to nothing": ("<mj-text>a&#99999999;</mj-text>", 11, "`&#99999999;` stands for no character"),
    "a reference in an attribute": ('<mj-image alt="&#x202E;" />', 16, "`&#x202E;` stands for a sign that"),
    "a slot in an attribute": ('<mj-text align="{{ recipient.role }}">a</mj-text>', 10, "no value may go"),
    "a slot in a class": ('<mj-text css-class="{{ recipient.role }}">a</mj-text>', 10, "no value may go"),
    "a slot in a style": (
        '<mj-text><p style="color:{{ recipient.role }}">a</p></mj-text>', 26, "`recipient.role` stands in"
    ),
    "a slot in a host": (
        '<mj-text>{{ recipient.role }}<a href="https://{{ recipient.role }}/">a</a></mj-text>',
        47,
        '`recipient.role` stands in the attribute href="..."',
    ),
    "a slot that is dropped": ("<mj-raw><!-- {{ recipient.role }} --></mj-raw>", 14, "recipient.role"),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHIN)
def test_what_is_wrong_within_a_line_is_told_with_its_column(
    compile_with: Compile, name: str
) -> None:
    markup, column, told = WITHIN[name]
    error = fault_of(compile_with, markup)
    assert told in str(error)
    assert error.place == HERE.replace("column 5", f"column {column + 4}")


def test_300_levels_of_elements_are_told_once_and_where_they_are_too_deep(
    compile_with: Compile,
) -> None:
    error = fault_of(compile_with, MARKUP["300 levels"][0])
    assert "nested more than 200 deep" in error.cause
    assert error.place.startswith("templates/blocks/text.mjml.j2 (line 6, column ")


WHERE = {
    "in the frame": ("base.mjml.j2", BASE, "<mj-body>", "<mj-body><p>", 7, 12),
    "behind an expression": ("base.mjml.j2", BASE, '">\n  <mj-head>', '" a="b">\n  <mj-head>', 2, 49),
    "in the layout": ("newsletter.mjml.j2", LAYOUT, "{% for", "<p>a</p>\n{% for", 3, 1),
    "behind the blocks": ("newsletter.mjml.j2", LAYOUT, "{% endfor %}\n", "{% endfor %}\n  <p>a</p>\n", 6, 3),
    "in a macro": (
        "newsletter.mjml.j2", LAYOUT,
        "{% for", "{% macro m(x) %}\n<mj-section>\n  <p>{{ x }}</p></mj-section>\n{% endmacro %}\n{{ m('a') }}\n{% for", 5, 3,
    ),
    "in a text that is kept": (
        "newsletter.mjml.j2", LAYOUT, "{% for", "{% set x %}\n <p>a</p>\n{% endset %}\n{{ x }}\n{% for", 4, 2,
    ),
    "in a text that is looked at": (
        "newsletter.mjml.j2", LAYOUT,
        "{% for", "{% set x %}\n<p>a</p>{% endset %}\n\n{% if x | length == 8 %}{{ x }}{% endif %}\n{% for", 6, 25,
    ),
    "in what is printed as it is": (
        "newsletter.mjml.j2", LAYOUT, "{% for", "a{{ '<p>a</p>' | safe }}\n{% for", 3, 1,
    ),
    "in what is raw": (
        "newsletter.mjml.j2", LAYOUT, "{% for", "{% raw %}\n\n <p>{{ a }}</p>{% endraw %}\n{% for", 5, 2,
    ),
    "behind a phrase of many words": (
        "newsletter.mjml.j2", LAYOUT,
        "{% for", "<mj-raw>{% trans n=2 %}One\n{{ n }}{% pluralize %}Many {{ n }}{% endtrans %}</mj-raw> <p>\n{% for", 4, 59,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHERE)
def test_a_fault_is_told_in_the_file_that_it_stands_in(compile_with: Compile, name: str) -> None:
    file, template, old, new, line, column = WHERE[name]
    files = {
        "newsletter.mjml.j2": LAYOUT,
        "base.mjml.j2": BASE,
        "blocks/text.mjml.j2": BLOCK.replace("FAULT", ""),
        file: template.replace(old, new, 1),
    }
    with pytest.raises(TemplateError) as caught:
        compile_with(files, title="A title")
    assert caught.value.place == f"templates/{file} (line {line}, column {column})"


def test_a_fault_is_told_in_the_second_round_of_a_loop_too(compile_with: Compile) -> None:
    fault = '{% for width in ["1px", "2em"] %}\n    <mj-image alt="" width="{{ width }}" />\n    {% endfor %}'
    error = fault_of(compile_with, fault)
    assert (error.cause, error.place) == (
        "`width` is `2em`",
        HERE.replace("6", "7").replace("5", "22"),
    )


def test_what_an_authors_text_does_in_a_wrong_place_is_told_at_the_text(
    compile_with: Compile,
) -> None:
    title = "For {{ recipient.role }}"
    error = fault_of(compile_with, '<mj-text><p style="{{ title }}">a</p></mj-text>', title=title)
    assert "`recipient.role` stands in the attribute style" in error.cause
    text = "editions/news/edition.yaml: blocks[welcome].title"
    assert error.place == f"{text} (line 1, column 5 of the text)"


def test_a_fault_is_told_where_the_template_looks_at_the_authors_text(
    compile_with: Compile,
) -> None:
    fault = '{% if title == "A title" %}<mj-txt />{% endif %}'
    error = fault_of(compile_with, fault)
    assert error.place == HERE.replace("column 5", "column 32")


def test_a_token_is_told_by_the_name_of_its_slot(compile_with: Compile) -> None:
    error = fault_of(compile_with, '<mj-text><a href="data:{{ recipient.role }}">a</a></mj-text>')
    assert "the link `data:{{ recipient.role }}` does not" in error.cause


TEXTS = {
    "javascript:": ("[a](javascript:alert)", "does not begin with https:// or mailto:"),
    "an image that nothing describes": ("![](https://e.org/a.png)", "![what it shows]"),
    "an image described by a blank": ("![ ](https://e.org/a.png)", "![what it shows]"),
    "300 quotes": (">" * 300 + " a", "nested more than 50 deep"),
    "300 lists": ("\n".join(" " * 2 * at + "- a" for at in range(300)), "nested more than 50 deep"),
    "20 MB": ("a " * 10_000_000, "more than 200,000 characters"),
    "20 MB of slots": ("{{ recipient.role }}" * 1_000_000, "more than 200,000 characters"),
    "half a surrogate": ("a\ud800", "U+D800"),
    "a control character": ("a\x07", "U+0007"),
    "a reference to half a character": ("a &#xD800;", "stands for no character"),
    "brackets without end": ("[" * 150_000, "square brackets that are not closed"),
    "an unknown slot": ("{{ recipient.shoe_size }}", "shoe_size"),
    "an unknown filter": ("{{ recipient.role | shout }}", "No filter named 'shout'"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_text_is_told_at_the_edition(compile_with: Compile, name: str) -> None:
    body, told = TEXTS[name]
    with pytest.raises(TemplateError) as caught:
        compile_with(body=body)
    assert told in str(caught.value)
    assert caught.value.place.startswith("editions/news/edition.yaml: blocks[welcome].body")


@pytest.mark.parametrize(
    "body", ["1 < 2 & 3 > 2", "<b", "</mj-text>", "<mj-raw>", "{{ '<b>' }}", "<!--"]
)
def test_what_looks_like_markup_in_a_text_is_shown_as_it_is(
    compile_with: Compile, body: str
) -> None:
    message = compile_with({"newsletter.txt.j2": "{{ blocks[0].body_text }}"}, body=body)
    assert message.text[0] == body.replace("{{ '<b>' }}", "<b>") + "\n"


def test_a_template_of_20_megabytes_is_refused(compile_with: Compile) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_with({"newsletter.mjml.j2": "a" * 20_000_000})
    assert caught.value.place == "templates/newsletter.mjml.j2"
    assert "holds more than 1,000,000 characters" in caught.value.cause


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("{% block kickr %}News{% endblock %}", "Did you mean `kicker`?"),
        (
            "{% if true %}{% block foot %}News{% endblock %}{% endif %}",
            "It has `content`, `kicker`.",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["mjml", "txt"])
def test_a_block_that_nothing_shows_is_told_with_its_line(
    compile_with: Compile, kind: str, block: str, told: str
) -> None:
    files = {
        f"newsletter.{kind}.j2": f"{{% extends 'middle.{kind}.j2' %}}\n{block}\n",
        f"middle.{kind}.j2": f"{{% extends 'base.{kind}.j2' %}}",
        f"base.{kind}.j2": "{% block kicker %}{% endblock %}{% block content %}{% endblock %}",
    }
    with pytest.raises(TemplateError) as caught:
        compile_with(files)
    assert (
        caught.value.place
        == f"templates/newsletter.{kind}.j2 (line 2, column {block.index('block') + 1})"
    )
    assert told in str(caught.value)


def test_a_block_within_one_that_is_there_may_be_new(compile_with: Compile) -> None:
    own = (
        "{% extends 'base.mjml.j2' %}{% block content %}{% block new %}{% endblock %}{% endblock %}"
    )
    assert compile_with({"newsletter.mjml.j2": own, "base.mjml.j2": BASE}).html


RIGHT = {
    "a list": '<mj-text><ol start="3"><li value="4">a<ul type="disc"><li>b</li></ul></li></ol></mj-text>',
    "a table": (
        '<mj-table><thead><tr><th scope="col">a</th></tr></thead>'
        '<tr><td colspan="2" bgcolor="#ffffff"><p>b</p></td></tr></mj-table>'
    ),
    "a picture": '<mj-text><picture><source srcset="a" /><img alt="" src="a" width="2" /></picture></mj-text>',
    "descriptions": "<mj-text><dl><dt>a</dt><dd>b</dd></dl></mj-text>",
    "attributes of all": '<mj-text><p id="a" aria-label="b" data-x="c" lang="fr" dir="ltr">a</p></mj-text>',
    "another element in mj-raw": '<mj-raw><tr><td width="2"><x-y z="1">a</x-y></td></tr></mj-raw>',
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(compile_with: Compile, name: str) -> None:
    block = BLOCK.replace("FAULT", RIGHT[name])
    files = {
        "newsletter.mjml.j2": LAYOUT,
        "base.mjml.j2": BASE,
        "blocks/text.mjml.j2": block,
    }
    assert compile_with(files, title="A title").html
