"""Roles and directions of tables: layout is told from data, and Outlook's tables are not forgotten."""

import re
from collections.abc import Callable

from lxml import html as lxml_html

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.language import Locale
from tigc_mail.render.html import finish
from tigc_mail.render.markdown import to_html
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.tables import with_roles

Layout = Callable[..., str]

DATA = "| Year | Seized |\n| --- | --- |\n| 2025 | 12 |\n"

# What MJML leaves without a role: a hero, accordions, and mj-table.
LEFT_OUT = """<mj-hero background-url="https://example.org/a.png" height="100px"
  background-width="10px" background-height="10px"><mj-text>Hello</mj-text></mj-hero>
<mj-section><mj-column><mj-table><tr><td>One</td><td>Two</td></tr></mj-table>
<mj-accordion><mj-accordion-element><mj-accordion-title>One</mj-accordion-title>
<mj-accordion-text>Two</mj-accordion-text></mj-accordion-element></mj-accordion>
</mj-column></mj-section>"""


def bare(page: str) -> list[str]:
    return [tag for tag in re.findall(r"<table\b[^>]*>", page) if 'role="' not in tag]


def finished(layout: Layout, sections: str, locale: Locale = "en") -> str:
    mjml = re.sub("<mj-body>.*</mj-body>", f"<mj-body>{sections}</mj-body>", layout(""))
    return finish(mjml, css="", locale=locale, place="here", sentinel="xqbcdfghjk000qx")


def in_order(start: str, section: str = "") -> str:
    """A section of two columns, side by side."""
    return (
        f'<mj-section direction="{section or start}">'
        f'<mj-column direction="{start}"><mj-text>One</mj-text></mj-column>'
        f'<mj-column direction="{start}"><mj-text>Two</mj-text></mj-column></mj-section>'
    )


def directed(page: str) -> list[str]:
    """The tables and cells of Outlook's comments that are given a direction."""
    hidden = "".join(re.findall(r"<!--\[if.*?<!\[endif\]-->", page, re.DOTALL))
    return [f"{name} {value}" for name, value in re.findall(r'<(t\w+) dir="(\w+)"', hidden)]


def test_what_mjml_leaves_out_is_given_a_role(layout: Layout) -> None:
    page = finished(layout, LEFT_OUT)
    assert page.count("<table") > 10
    assert bare(page) == []


def test_a_role_is_never_given_twice(layout: Layout) -> None:
    page = finished(layout, LEFT_OUT)
    assert re.findall(r"<table\b[^>]*role=[^>]*role=[^>]*>", page) == []
    assert with_roles(page, "ltr") == page


def test_an_authors_table_of_data_gets_no_role(layout: Layout) -> None:
    text = f"<mj-section><mj-column><mj-text>{to_html(DATA)}</mj-text></mj-column></mj-section>"
    tree = lxml_html.document_fromstring(finished(layout, text))
    roles = {table.find(".//th").text: table.get("role") for table in tree.xpath("//table[.//th]")}
    assert tree.xpath("//th/ancestor::table[1]/@role") == []
    assert tree.xpath("//table[not(tr/th or thead/tr/th)][not(@role)]") == []
    assert set(roles) == {"Year"}


def test_heads_count_for_the_table_they_stand_in_alone() -> None:
    page = "<table><tr><td><table><tr><th>One</th></tr></table></td></tr></table>"
    assert with_roles(page, "ltr") == page.replace("<table>", '<table role="presentation">', 1)


def test_a_caption_makes_a_table_data_and_a_role_of_ones_own_stays() -> None:
    for page in (
        "<table><caption>Seized</caption><tr><td>1</td></tr></table>",
        '<table role="none"><tr><td>1</td></tr></table>',
        "<TABLE Role=grid><tr><td>1</td></tr></TABLE>",
    ):
        assert with_roles(page, "ltr") == page


def test_a_table_is_not_taken_for_one_in_texts_styles_and_plain_comments() -> None:
    page = (
        '<style>a::after { content: "<table>" }</style><!-- <table> -->'
        '<p title="<table>">&lt;table&gt;</p><p data-a="role=">a</p>'
    )
    assert with_roles(page, "ltr") == page


def test_words_that_look_like_a_role_are_none() -> None:
    page = '<table title="role=none" data-role="x"></table>'
    assert with_roles(page, "ltr") == page.replace("<table", '<table role="presentation"')


def test_a_table_that_begins_and_ends_in_different_comments_is_given_a_role() -> None:
    page = "<!--[if mso]><table><tr><td><![endif]--><p>a</p><!--[if mso]></td></tr></table><![endif]-->"
    assert with_roles(page, "ltr") == page.replace("<table>", '<table role="presentation">')


def test_what_outlook_alone_does_not_see_is_read_as_the_page_is() -> None:
    page = "<!--[if !mso]><!--><table><tr><th>1</th></tr></table><table></table><!--<![endif]-->"
    given = '<table role="presentation"></table><!--'
    assert with_roles(page, "ltr") == page.replace("<table></table><!--", given)


def test_outlook_is_told_nothing_of_directions_in_a_text_from_left_to_right(layout: Layout) -> None:
    assert directed(finished(layout, in_order("ltr"))) == []


def test_outlook_places_columns_from_right_to_left_in_arabic(layout: Layout) -> None:
    assert directed(finished(layout, in_order("rtl"), "ar")) == ["table rtl"]


def test_columns_that_run_against_the_text_leave_the_direction_of_what_is_in_them(
    layout: Layout,
) -> None:
    page = finished(layout, in_order("ltr", section="rtl"))
    assert directed(page) == ["table rtl", "td ltr", "td ltr"]
    page = finished(layout, in_order("rtl", section="ltr"), "ar")
    assert directed(page) == ["table ltr", "td rtl", "td rtl"]


def test_every_table_of_a_shipped_message_is_layout_or_has_heads(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    for edition in shipped_variants:
        message = compile_shipped(edition)
        page = message.fill(dict.fromkeys(message.slots, "plain")).html
        data = lxml_html.document_fromstring(page).xpath("//th/ancestor::table[1][not(@role)]")
        assert len(bare(page)) == len(data)
