"""Authors' Markdown as HTML that is safe, and as plain text that reads well."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from tigc_mail.errors import RenderError
from tigc_mail.render.markdown import ATTRIBUTES, TAGS, to_html, to_text

TOKEN = "xqbcdfghjk000qx"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>"),
        ("# a", "<h3>a</h3>"),
        ("###### a", "<h6>a</h6>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("a\\\nb", "<p>a<br>\nb</p>"),
        ("[a](https://b.org/?c=1&d=2)", '<p><a href="https://b.org/?c=1&amp;d=2">a</a></p>'),
        ("<a@b.org>", '<p><a href="mailto:a@b.org">a@b.org</a></p>'),
        (f"[a]({TOKEN})", f'<p><a href="{TOKEN}">a</a></p>'),
        ("![a](https://b.org/c.png)", '<p><img src="https://b.org/c.png" alt="a"></p>'),
    ],
)
def test_markdown_becomes_html(source: str, html: str) -> None:
    assert to_html(source) == html


def test_a_table_becomes_rows_and_cells() -> None:
    page = lxml_html.fragment_fromstring(str(to_html("| a | b |\n|---|:-:|\n| 1 | 2 |")))
    assert page.tag == "table"
    assert [cell.text for cell in page.iter("th", "td")] == ["a", "b", "1", "2"]


@pytest.mark.parametrize(
    "source", ["<script>alert(1)</script>", "a <b onclick='x'>c</b>", "<!-- a -->", "<mj-text>"]
)
def test_raw_html_is_shown_and_not_obeyed(source: str) -> None:
    page = lxml_html.fragment_fromstring(str(to_html(source)), create_parent="div")
    assert {element.tag for element in page.iter()} <= {"div", "p"}
    assert page.text_content().strip() == source


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x73;cript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
    ],
)
def test_links_that_run_something_are_refused(address: str) -> None:
    for render in (to_html, to_text):
        with pytest.raises(RenderError, match="does not begin with https:// or mailto:"):
            render(f"[a]({address})")


@pytest.mark.parametrize(
    "source",
    [
        "[a](http://b.org)",
        "[a](/b)",
        "[a](//b.org)",
        "[a](#b)",
        "[a]()",
        "<http://b.org>",
        "![a](http://b.org/c.png)",
        "![a](data:image/png;base64,AAAA)",
        f"[a](http://{TOKEN}/)",
        "- > **[a][r]**\n\n[r]: http://b.org",
    ],
)
@pytest.mark.parametrize("form", [to_html, to_text])
def test_links_that_lead_nowhere_or_are_not_encrypted_are_faults(
    source: str, form: type[str]
) -> None:
    with pytest.raises(RenderError, match="does not begin with https:// or mailto:"):
        form(source)


@given(st.text(alphabet="*_`[](){}<>!#-+.|\\\n &;:/\"'ah1=~\t", max_size=120))
def test_no_markdown_yields_other_elements_and_attributes_than_those_allowed(source: str) -> None:
    try:
        html = to_html(source)
    except RenderError:
        return
    page = lxml_html.fragment_fromstring(f"<div>{html}</div>")
    for element in page.iterdescendants():
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES.get(str(element.tag), set())


@example("![" * 2_000 + "a" + "](https://b.org)" * 2_000)
@example("[" * 2_000 + "a" + "](https://b.org)" * 2_000)
@given(st.text(max_size=200))
def test_every_text_yields_html_and_text_or_one_clear_error(source: str) -> None:
    for form in (to_html, to_text):
        try:
            form(source)
        except RenderError as error:
            assert error.cure


DEEP = [
    ">" * 300 + " a",
    "> " * 5_000 + "a",
    "\n".join("  " * at + f"- {at}" for at in range(300)),
    "- " * 300 + "a",
    "*" * 2_000 + "a" + "*" * 2_000,
    "*a " * 2_000 + "b*" * 2_000,
]


@pytest.mark.parametrize("source", DEEP, ids=range(len(DEEP)))
@pytest.mark.parametrize("form", [to_html, to_text])
def test_what_is_nested_too_deep_is_refused_and_not_cut(source: str, form: type[str]) -> None:
    with pytest.raises(RenderError, match="nested more than 50 deep"):
        form(source)


OPEN = ["[" * 190_000, "![" * 95_000, "[[]" * 63_000, "[a][" * 47_000, "[" * 95_000 + "]" * 95_000]
"""Brackets that the parser would look for the ends of for a long time."""


@pytest.mark.parametrize("source", OPEN, ids=range(len(OPEN)))
@pytest.mark.parametrize("form", [to_html, to_text])
def test_too_many_open_brackets_are_refused(source: str, form: type[str]) -> None:
    with pytest.raises(RenderError, match="square brackets that are not closed") as caught:
        form(source)
    assert r"`\[`" in caught.value.cure


@pytest.mark.parametrize("form", [to_html, to_text])
def test_many_brackets_that_are_closed_are_taken(form: type[str]) -> None:
    links = "[*a* `c` b](https://b.org/) " * 7_000
    assert str(form(links + "[a " * 200)).count("https://b.org/") == 7_000


@pytest.mark.parametrize("form", [to_html, to_text])
@pytest.mark.parametrize(
    "source", ["&#xD800;", "**a&#7;b**", "![a &#0;](https://b.org)", "&#x110000;"]
)
def test_a_reference_to_no_character_is_refused(source: str, form: type[str]) -> None:
    with pytest.raises(RenderError, match="stands for no character"):
        form(source)


@pytest.mark.parametrize("form", [to_html, to_text])
def test_a_reference_that_is_shown_as_it_is_written_is_taken(form: type[str]) -> None:
    assert "#xD800;" in form("`&#xD800;` and &amp;#xD800;")


@pytest.mark.parametrize("form", [to_html, to_text])
def test_what_is_nested_deep_but_not_too_deep_is_whole(form: type[str]) -> None:
    lists = "\n".join("  " * at + f"- level {at}" for at in range(16))
    assert "level 15" in form(lists)
    assert "the end" in form("> " * 40 + "the end")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**a** *b* `c`\nd", "a b c d"),
        ("a\n\nb", "a\n\nb"),
        ("a\\\nb", "a\nb"),
        ("# Big\n\nb", "Big\n---\n\nb"),
        ("[The site](https://b.org/c)", "The site: https://b.org/c"),
        ("[b](https://b.org/c)", "b: https://b.org/c"),
        ("[b.org](https://b.org/)", "https://b.org/"),
        ("<https://b.org/c>", "https://b.org/c"),
        ("[Write](mailto:a@b.org)", "Write: a@b.org"),
        ("<a@b.org>", "a@b.org"),
        (f"[Leave](https://b.org/{TOKEN})", f"Leave: https://b.org/{TOKEN}"),
        ("![A logo](https://b.org/c.png)", "[A logo]"),
        ("- a\n- b", "- a\n- b"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n  - b\n    1. c\n- d", "- a\n  - b\n    1. c\n- d"),
        ("- a\n\n  b", "- a\n\n  b"),
        ("-\n- b", "-\n- b"),
        ("> a\n>\n> b", "> a\n>\n> b"),
        ("```\na\n  b\n```", "    a\n      b"),
        ("***", "* * *"),
        (
            "| a | b |\n|---|--:|\n| [c](https://d.org) | 200 |",
            "a                │   b\n─────────────────┼────\nc: https://d.org │ 200",
        ),
        (
            "| a | Middle |\n|---|:-:|\n| x \\| y | **b** |\n| | c |",
            "a     │ Middle\n──────┼───────\nx | y │   b\n      │   c",
        ),
        ("| a | 李 |\n|---|---|\n| b | c |", "a │ 李\n──┼───\nb │ c"),
        ("| a | b |\n|---|---|", "a │ b\n──┼──"),
        (
            f"| Name | Words | |\n|---|---|---|\n| a | {'long ' * 20}| c |\n| b | | |",
            f"Name: a\nWords: {'long ' * 20}".rstrip() + "\nc\n\nName: b",
        ),
        (f"| a | b |\n|--:|---|\n| {TOKEN} | 2 |", f"a │ b\n────┼────\n{TOKEN} │ 2"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("1. a\n\n2. b", "1. a\n\n2. b"),
        ("- a\n  ```\n  b\n  ```\n- c", "- a\n\n      b\n\n- c"),
        ("- a\n  - b\n\n  - c\n- d", "- a\n  - b\n\n  - c\n- d"),
        ("[Write](mailto:a@b.org?subject=c%20d)", "Write: a@b.org"),
        ("[a@b.org](mailto:a@b.org?subject=c)", "a@b.org"),
        ("[Share](mailto:?subject=c)", "Share: mailto:?subject=c"),
        ("&lt;b&gt; &amp; \\*c\\*", "<b> & *c*"),
        ("<b>a</b>", "<b>a</b>"),
    ],
)
def test_markdown_becomes_plain_text(source: str, text: str) -> None:
    assert to_text(source) == text
