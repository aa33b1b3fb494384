"""Words of another direction or language stand apart in finished HTML."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from tigc_mail.content.tailored import (
    Fallback,
    TailoredEdition,
    TailoredKeyMessage,
    TailoredQuote,
)
from tigc_mail.ground.language import Locale
from tigc_mail.ground.marking import Marking
from tigc_mail.render.compile import compile_message
from tigc_mail.render.isolation import isolated
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.slots import SlotSheet
from tigc_mail.render.templates import Templates

ARABIC = {"locale": "ar", "direction": "rtl"}


def shown(body: str, locale: Locale = "ar", foreign: Mapping[str, Locale] = {}) -> str:
    """Return a body with its words set apart."""
    page = f"<html><head><title>A b.</title></head><body>{body}</body></html>"
    return isolated(page, locale, foreign, str).partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<p>Ana Mora Jr.</p>", '<p><span dir="ltr">Ana Mora Jr.</span></p>'),
        ("<p> Ana\n</p>", '<p> <span dir="ltr">Ana</span>\n</p>'),
        ("<p>مع Acme, Inc. في</p>", '<p>مع <span dir="ltr">Acme, Inc.</span> في</p>'),
        ("<p>على @IIPCIC (C++).</p>", '<p>على <span dir="ltr">@IIPCIC (C++)</span>.</p>'),
        (
            "<p>مع <b>Hotel X (Wing B).</b></p>",
            '<p>مع <b><span dir="ltr">Hotel X (Wing B).</span></b></p>',
        ),
        (
            '<li><a href="https://e.org">Acme, Inc.</a> (ACM)</li>',
            '<li><span dir="ltr"><a href="https://e.org">Acme, Inc.</a> (ACM)</span></li>',
        ),
        ('<img alt="A (b)." src="a">', '<img dir="ltr" alt="A (b)." src="a">'),
        ("<p>A<br>ب</p>", '<p><span dir="ltr">A</span><br>ب</p>'),
        ("<p>AT&amp;T (a&lt;b) مع</p>", '<p><span dir="ltr">AT&amp;T (a&lt;b)</span> مع</p>'),
        (
            "<p><b>A<br>B</b> 3</p>",
            '<p><b><span dir="ltr">A</span><br><span dir="ltr">B</span></b> 3</p>',
        ),
    ],
)
def test_what_is_latin_is_one_piece_in_an_arabic_line(written: str, expected: str) -> None:
    assert shown(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "<p>كلمات عربية، 35 و12.</p>",
        '<p>مع <span dir="ltr">Acme, Inc.</span></p>',
        "<p>مع <bdi>Acme, Inc.</bdi></p>",
        '<div lang="en" dir="ltr"><p>Acme, Inc. (a)</p></div>',
        "<style>p { color: red }</style>",
        '<script type="application/ld+json">{"name": "A"}</script>',
        "<!--[if mso]><table><tr><td>A</td></tr></table><![endif]-->",
        '<img alt="مرحبا." src="https://e.org/a.png">',
        '<img alt="" src="https://e.org/a.png">',
        "<p>&nbsp;</p>",
    ],
)
def test_the_rest_stays_as_it_is(written: str) -> None:
    assert shown(written) == written


def test_a_page_from_left_to_right_stays_as_it_is() -> None:
    assert shown("<p>Ana, مع Bo.</p>", "fr") == "<p>Ana, مع Bo.</p>"


@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "<p>", "</p>", "<br>", "مع ", "Acme, Inc. ", "(x", ") ", "&amp;", "<i>"]
        ),
        max_size=12,
    )
)
def test_nothing_but_elements_that_hold_words_is_added(parts: list[str]) -> None:
    written = "".join(parts)
    found = shown(written)
    bare = found.replace('<span dir="ltr">', "").replace("</span>", "")
    assert bare == written
    assert found.count("<span") == found.count("</span>")


def test_a_recipients_value_finds_its_own_direction() -> None:
    sheet = SlotSheet()
    name, hello = sheet.token("recipient.given_name"), sheet.token("recipient.salutation")
    page = f"<body><p>مع {name} في</p><p>{hello}</p></body>"
    found = isolated(page, "ar", {}, sheet.name)
    assert f'مع <span dir="auto">{name}</span> في' in found
    assert f'<p><span dir="rtl">{hello}</span></p>' in found


FOREIGN: dict[str, Locale] = {"Who earns": "en", "Qui gagne": "fr", "Why": "en"}


def test_a_text_in_another_language_says_so() -> None:
    found = shown("<h2>Who earns</h2><p>لماذا: Why</p>", "ar", FOREIGN)
    assert found == (
        '<h2><span lang="en" dir="ltr">Who earns</span></h2>'
        '<p>لماذا: <span lang="en" dir="ltr">Why</span></p>'
    )
    assert shown("<h2>Qui gagne</h2>", "en", FOREIGN) == (
        '<h2><span lang="fr" dir="ltr">Qui gagne</span></h2>'
    )
    assert shown("<p>Whyever</p>", "es", FOREIGN) == "<p>Whyever</p>"
    arabic: dict[str, Locale] = {"لماذا (أ)": "ar"}
    assert shown("<p>لماذا (أ)</p>", "en", arabic) == (
        '<p><span lang="ar" dir="rtl">لماذا (أ)</span></p>'
    )


def test_so_do_the_title_of_a_page_and_the_description_of_an_image() -> None:
    page = '<title>Why</title><body><img alt="Why" src="a"></body>'
    assert isolated(page, "ar", FOREIGN, str) == (
        '<title lang="en" dir="ltr">Why</title><body><img lang="en" dir="ltr" alt="Why" src="a"></body>'
    )


# In whole messages

QUOTE = TailoredQuote(
    id="said", marking=Marking.CLEAR, body="حول @IIPCIC (C++).", speaker="Ana Mora Jr.", role=""
)


def test_templates_need_nothing_for_it(
    edition_of: Callable[..., TailoredEdition],
    compile_shipped_templates: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    page = html_of(compile_shipped_templates(edition_of(blocks=(QUOTE,), **ARABIC)))
    assert '<strong><span dir="ltr">Ana Mora Jr.</span></strong>' in page
    assert 'حول <span dir="ltr">@IIPCIC (C++)</span>.' in page


def test_what_falls_back_carries_its_language(
    edition_of: Callable[..., TailoredEdition],
    compile_shipped_templates: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    message = TailoredKeyMessage(
        id="m",
        marking=Marking.CLEAR,
        title="Who earns",
        body="One. (Two)",
        key_message="crime",
        standing=("title", "body"),
    )
    paths = ("subject", "audience.key_messages.crime.title", "audience.key_messages.crime.body")
    fallbacks = tuple(Fallback(path, "ar", "en") for path in paths)
    edition = edition_of(blocks=(message,), fallbacks=fallbacks, **ARABIC)
    tree = lxml_html.document_fromstring(html_of(compile_shipped_templates(edition)))
    told = {
        "".join(element.itertext()).strip()
        for element in tree.xpath("//*[@lang='en' and @dir='ltr']")
    }
    assert {"News", "Who earns", "One. (Two)"} <= told
    [body] = tree.xpath("//div[@lang='en' and @dir='ltr']")
    assert "text-align:left" in body.get("style", "").replace(" ", "")


def html_of(message: CompiledMessage) -> str:
    return message.fill(dict.fromkeys(message.slots, "plain")).html


@pytest.fixture(scope="module")
def compile_shipped_templates(
    shipped_templates: Templates,
) -> Callable[[TailoredEdition], CompiledMessage]:
    return lambda edition: compile_message(edition, shipped_templates, "https://mail.example.org")
