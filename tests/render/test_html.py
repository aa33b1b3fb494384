"""Finished HTML: what the compiler of MJML and the inliner of styles are kept from doing."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from lxml import html as lxml_html
from mjml import mjml2html

from tigc_mail.errors import TemplateError
from tigc_mail.render.html import finish

SENTINEL = "xqbcdfghjk000qx"
PLACE = "templates/newsletter.mjml.j2"
Layout = Callable[..., str]


def finished(mjml: str, css: str = "") -> str:
    return finish(mjml, css=css, locale="en", place=PLACE, sentinel=SENTINEL)


def fault_of(mjml: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        finished(mjml)
    assert caught.value.place == PLACE
    return caught.value


def text(content: str) -> str:
    return f"<mj-text>{content}</mj-text>"


def test_the_doctype_comes_first_in_capitals_and_the_languages_are_set(layout: Layout) -> None:
    page = finished(layout(text("Hello")))
    assert page.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr" ')
    assert '<body lang="en" dir="ltr" ' in page
    assert page.count("<!DOCTYPE") == 1


def test_arabic_runs_from_right_to_left(layout: Layout) -> None:
    page = finish(layout(text("مرحبا")), css="", locale="ar", place=PLACE, sentinel=SENTINEL)
    tree = lxml_html.document_fromstring(page)
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    assert (tree.body.get("lang"), tree.body.get("dir")) == ("ar", "rtl")


STYLE = """<mj-style>
  :root { color-scheme: light dark; }
  @media (prefers-color-scheme: dark) { .ink { color: #fff !important; } }
  @media only screen and (max-width: 520px) { h1 > a { font-size: 27px !important; } }
  @supports (display: grid) { .ink { display: grid; } }
  .unmatched { color: red; }
</mj-style>"""


def test_media_queries_dark_mode_and_comments_for_outlook_stay_as_they_are(layout: Layout) -> None:
    mjml = layout(text('<p class="ink">Hello</p>'), STYLE)
    bare, inlined = finished(mjml), finished(mjml, ".ink { color: #123456; }")
    assert '<p class="ink" style="color:#123456">Hello</p>' in inlined
    assert inlined.replace(' style="color:#123456"', "") == bare
    styles = "".join(re.findall(r"<style[^>]*>.*?</style>", inlined, re.DOTALL))
    for rule in STYLE.splitlines()[1:-1]:
        assert rule.strip() in styles
    comments = re.findall(r"<!--.*?-->", inlined, re.DOTALL)
    assert "<!--[if mso | IE]></td></tr></table><![endif]-->" in comments
    assert "<!--[if !mso]><!-->" in inlined
    assert "<!--<![endif]-->" in inlined
    assert "premailer" not in inlined


def test_the_inliner_leaves_what_the_compiler_made_byte_for_byte(layout: Layout) -> None:
    content = (
        text("Hello &amp; <b>you</b>&nbsp;é")
        + '<mj-button href="https://example.org/?a=1&amp;b=2">Go</mj-button>'
    )
    mjml = layout(content, STYLE)
    made = mjml2html(mjml, fonts={})
    page = finished(mjml)
    for pattern in (r"<style[^>]*>.*?</style>", r"<!--\[if.*?<!\[endif\]-->"):
        assert re.findall(pattern, page, re.DOTALL) == re.findall(pattern, made, re.DOTALL)


def test_the_width_of_an_image_stays_in_pixels(layout: Layout) -> None:
    image = '<mj-image src="https://example.org/a.png" alt="a" width="300px" />'
    page = lxml_html.document_fromstring(finished(layout(image), "img { border: 0; width: 100%; }"))
    assert page.xpath("//img/@width") == ["300"]


def test_no_web_font_is_linked(layout: Layout) -> None:
    roboto = '<mj-attributes><mj-all font-family="Roboto, Lato, Ubuntu" /></mj-attributes>'
    page = finished(layout(text("Hello"), roboto))
    assert "googleapis" not in page
    assert "<link" not in page
    assert "@import" not in page


def test_tokens_in_links_stay_as_they_are(layout: Layout) -> None:
    link = "https://example.org/xqbcdfghjk001qx?a=xqbcdfghjk001qx&amp;b=1#xqbcdfghjk001qx"
    page = finished(layout(text(f'<a href="{link}">x</a><a href="xqbcdfghjk001qx">y</a>')))
    assert f'href="{link}"' in page
    assert 'href="xqbcdfghjk001qx"' in page


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A style sheet on this machine, that no message may be made of."""
    path = tmp_path / "secret.css"
    path.write_text(".ink { color: rgb(1, 2, 3); }", "utf-8")
    return path


@pytest.mark.parametrize("address", ["{path}", "file://{path}"])
def test_style_sheets_are_not_opened_wherever_they_are_named(
    layout: Layout, secret: Path, address: str
) -> None:
    where = address.format(path=secret)
    head = (
        f'<mj-raw><link rel="stylesheet" href="{where}" /></mj-raw>'
        f'<mj-style>@import url("{where}"); @import "{where}";</mj-style>'
    )
    css = f'@import url("{where}"); @import "{where}"; .other {{ color: blue; }}'
    page = finished(layout(text('<p class="ink">Hello</p>'), head), css)
    assert "rgb(1" not in page
    assert "rgb(1" not in finished(layout(text('<p class="ink">Hello</p>')), css)


def test_files_are_not_included(layout: Layout, secret: Path) -> None:
    assert (
        "unable to load included template"
        in fault_of(layout(f'<mj-include path="{secret}" />')).cause
    )


@pytest.mark.parametrize(
    ("content", "cause", "near"),
    [
        ("a < b", "a `<` begins no element", "a < b"),
        ("a <b", "", ""),
        ("<p>a", "`</mj-text>` closes what is not open, or not what was opened last", "<p>a"),
        ("<p>a</b></p>", "`</b>` closes what is not open", "<p>a</b>"),
        ("</div>", "`</div>` closes what is not open", "</div>"),
        ("a\x07b", "there is a control character (U+0007)", "a\x07b"),
        ("a\x00b", "there is a control character (U+0000)", "a\x00b"),
        ("<![CDATA[a]]>", "unexpected token", "CDATA"),
        ("<!-- a", "", ""),
        ("<a href=x y'z>a</a>", "", ""),
    ],
)
def test_what_is_not_mjml_is_one_clear_error(
    layout: Layout, content: str, cause: str, near: str
) -> None:
    error = fault_of(layout(text(content)))
    assert error.cause.startswith("is not valid MJML: ")
    assert cause in error.cause
    assert near in error.cause
    assert error.cure


@pytest.mark.parametrize(
    "mjml",
    [
        "",
        "Hello",
        "<html></html>",
        "<mjml></mjml><mjml></mjml>",
        "<!DOCTYPE x><mjml></mjml>",
        "<?xml version='1.0'?><mjml></mjml>",
    ],
)
def test_what_is_no_document_is_one_clear_error(mjml: str) -> None:
    assert fault_of(mjml).cause.startswith("is not valid MJML: ")


def test_the_place_of_a_fault_is_counted_in_letters_and_not_in_octets(layout: Layout) -> None:
    error = fault_of(layout("\n" + text("é" * 300) + "\n<mj-include path='gone' />"))
    assert "<mj-include path='gone' />" in error.cause
    assert "(line 3 of the filled MJML)" in error.cause


@pytest.mark.parametrize(
    "words",
    [
        "Novembre\u00a0: un\u202ffaux",
        "مُحَمَّد\u200f",
        "e\u0301 \u00ad",
        "👩\u200d👩\ufe0f",
        "a\\b\\u{a0}",
        "it's &quot;so&quot; &amp; so",
    ],
)
def test_attributes_are_shown_in_any_script_and_with_any_blank(layout: Layout, words: str) -> None:
    content = (
        f'<mj-image src="https://example.org/a.png" alt="{words}" />'
        f'<mj-text><p title="{words}">{words}</p></mj-text>'
    )
    mjml = layout(content).replace(">News<", f">{words}<")
    tree = lxml_html.document_fromstring(finished(mjml))
    shown = unescape(words)
    assert tree.xpath("//img/@alt") == [shown]
    assert tree.xpath("//p/@title") == [shown]
    assert tree.xpath("//p/text()") == [shown]
    assert tree.xpath("//title/text()") == [shown]
    assert tree.xpath("//body//div/@aria-label") == [shown]


def test_line_breaks_in_attributes_are_blanks(layout: Layout) -> None:
    page = finished(layout('<mj-text padding="0\n  10px"><p title="a\n\tb">x</p></mj-text>'))
    assert 'title="a b"' in page
    assert "padding:0 10px" in page


@pytest.mark.parametrize("levels", [300, 12_000])
def test_elements_nested_too_deep_are_refused(layout: Layout, levels: int) -> None:
    for deep in ("<div>" * levels + "a" + "</div>" * levels, "<style>" + "<b>" * levels):
        assert "nested more than 200 deep" in fault_of(layout(text(deep))).cause


def test_elements_nested_deep_but_not_too_deep_are_whole(layout: Layout) -> None:
    page = finished(layout(text("<div>" * 150 + "deep" + "</div>" * 150) + text("after")))
    tree = lxml_html.document_fromstring(page)
    assert "deep" in tree.text_content()
    assert "after" in tree.text_content()


def test_a_body_that_is_cut_on_the_way_is_noticed(layout: Layout) -> None:
    deep = "<mj-section><mj-column>" * 60 + text("deep") + "</mj-column></mj-section>" * 60
    assert "the end of the message was lost" in fault_of(layout(deep)).cause


def test_a_text_that_empties_the_document_is_noticed(layout: Layout) -> None:
    assert "the end of the message was lost" in fault_of(layout(text("a" * 11_000_000))).cause


def test_a_document_without_a_body_is_noticed() -> None:
    assert "the end of the message was lost" in fault_of('<mjml lang="en" dir="ltr"></mjml>').cause


def test_an_attribute_in_single_quotes_cannot_end_early(layout: Layout) -> None:
    image = '<mj-image src="https://example.org/a.png" alt=\'say "hi" onerror="x"\' />'
    assert "double quote stands in an attribute in single quotes" in fault_of(layout(image)).cause


def test_a_style_that_would_not_be_inlined_is_refused(layout: Layout) -> None:
    head = '<mj-style inline="inline">p { color: red; }</mj-style>'
    error = fault_of(layout(text("a"), head))
    assert "is not inlined" in error.cause
    assert "theme.css" in error.cure


@pytest.mark.parametrize(
    "css", ["} .a {", "..a { b: c }", "[[", ".a { color: ; }", "p::before { content: 'x' }"]
)
def test_styles_that_are_wrong_do_no_harm(layout: Layout, css: str) -> None:
    page = finished(layout(text("<p>Hello</p>")), f"p {{ margin: 0; }} {css}")
    assert "Hello" in page
