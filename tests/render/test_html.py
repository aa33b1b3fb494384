"""Finished HTML: what the compiler of MJML and the inliner of styles are kept from doing."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from lxml import html as lxml_html
from mjml import mjml2html

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.render.html import finish

SENTINEL = "xqbcdfghjk000qx"
PLACE = "templates/newsletter.mjml.j2"
Layout = Callable[..., str]


def finished(mjml: str, css: str = "") -> str:
    return finish(mjml, css=css, locale="en", place=PLACE, sentinel=SENTINEL)


def fault_of(mjml: str) -> RenderError:
    with pytest.raises(RenderError) as caught:
        finished(mjml)
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
    head = f'<mj-style>@import url("{where}"); @import "{where}";</mj-style>'
    if not where.startswith("file:"):
        head += f'<mj-raw><link rel="stylesheet" href="{where}" /></mj-raw>'
    css = f'@import url("{where}"); @import "{where}"; .other {{ color: blue; }}'
    page = finished(layout(text('<p class="ink">Hello</p>'), head), css)
    assert "rgb(1" not in page
    assert "rgb(1" not in finished(layout(text('<p class="ink">Hello</p>')), css)


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
    deep = "<div>" * levels + "a" + "</div>" * levels
    for content in (text(deep), f"<mj-raw>{deep}</mj-raw>", f"<mj-raw><style>{deep}</mj-raw>"):
        assert "nested more than 200 deep" in fault_of(layout(content)).cause


def test_elements_nested_deep_but_not_too_deep_are_whole(layout: Layout) -> None:
    page = finished(layout(text("<div>" * 150 + "deep" + "</div>" * 150) + text("after")))
    tree = lxml_html.document_fromstring(page)
    assert "deep" in tree.text_content()
    assert "after" in tree.text_content()


def test_a_text_that_empties_the_document_is_noticed(layout: Layout) -> None:
    assert "the end of the message was lost" in fault_of(layout(text("a" * 11_000_000))).cause


def test_a_document_without_a_body_is_noticed() -> None:
    assert "the end of the message was lost" in fault_of('<mjml lang="en" dir="ltr"></mjml>').cause


def test_a_message_that_lost_its_end_is_a_fault_of_the_layout(layout: Layout) -> None:
    with pytest.raises(TemplateError) as caught:
        finished(layout(text("a" * 11_000_000)))
    assert caught.value.place == PLACE


@pytest.mark.parametrize("blanks", ["", " ", "\n", "\n\n    ", " \t\n "])
def test_any_blanks_may_follow_a_style(layout: Layout, blanks: str) -> None:
    head = f"<mj-style>p {{ color: red; }}</mj-style>{blanks}<mj-preview>x</mj-preview>"
    assert "color: red" in finished(layout(text("a"), head))


@pytest.mark.parametrize(
    "css", ["} .a {", "..a { b: c }", "[[", ".a { color: ; }", "p::before { content: 'x' }"]
)
def test_styles_that_are_wrong_do_no_harm(layout: Layout, css: str) -> None:
    page = finished(layout(text("<p>Hello</p>")), f"p {{ margin: 0; }} {css}")
    assert "Hello" in page
