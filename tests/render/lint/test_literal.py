"""What is shown as it was written, and was not meant to be, is remarked."""

from collections.abc import Callable

import pytest

from tigc_mail.render.lint.finding import Remark
from tigc_mail.render.lint.literal import check
from tigc_mail.render.lint.page import Page

PageOf = Callable[..., Page]


def remarks(page_of: PageOf, **fields: str) -> list[Remark]:
    return list(check(page_of(**fields)))


@pytest.mark.parametrize(
    ("body", "kind", "shown"),
    [
        ("Some <b>bold</b> words", "html-shown", "`<b>` is shown"),
        ("<div> unclosed <p> words", "html-shown", "`<div> unclosed <p> words` is shown"),
        ("Words <br/> words", "html-shown", "`<br/>` is shown"),
        ("Words <!-- a note --> words", "html-shown", "`<!-- a note -->` is shown"),
        ("A [report](https://b.org/a b)", "link-shown", "`[report](https://b.org/a b)` makes no"),
        ("A [report] (https://b.org/a)", "link-shown", "`[report] (https://b.org/a)` makes no"),
        ("A [report](https://b.org/a", "link-shown", "`[report](https://b.org/a` makes no link"),
        ("See https://b.org/a.", "link-shown", "`https://b.org/a` makes no link"),
        ("See **www.b.org**, please", "link-shown", "`www.b.org` makes no link"),
        ("| a |\n|---|\n| https://b.org |", "link-shown", "`https://b.org` makes no link"),
    ],
)
def test_html_and_links_that_are_none_are_remarked_at_their_text(
    page_of: PageOf, body: str, kind: str, shown: str
) -> None:
    (remark,) = remarks(page_of, body=body)
    assert (remark.check.id, remark.path) == (kind, "blocks[welcome].body")
    assert remark.offset == body.index(shown.split("`")[1])
    assert remark.cause.startswith(shown)
    assert remark.cure


@pytest.mark.parametrize(
    "body",
    [
        "1 < 2 and 3 > 2, a<b",
        r"\<b>bold\</b> and &lt;b&gt;",
        "`<b>` and `https://b.org`",
        "    <b> https://b.org",
        "[https://b.org](https://b.org) and <https://b.org>",
        "[a](https://b.org/?{{ recipient.role }}) and [b]({{ links.web }})",
        "[a][b]\n\n[b]: https://b.org",
        "A [remark] (in brackets)",
        "![Shoes](https://b.org/a.png)",
    ],
)
def test_what_is_meant_to_be_shown_is_not_remarked(page_of: PageOf, body: str) -> None:
    assert remarks(page_of, body=body) == []


def test_tags_in_a_line_are_remarked_and_other_brackets_are_not(page_of: PageOf) -> None:
    (remark,) = remarks(page_of, title="A <b>title</b> for <all>")
    assert (remark.path, remark.offset, remark.cause) == (
        "blocks[welcome].title",
        2,
        "`<b>` is shown as it is written",
    )
    assert remarks(page_of, title="Fewer < more, <all>, https://b.org") == []


@pytest.mark.parametrize(
    "before",
    [
        "Hello {{ recipient.role }}, ",
        "{# a note\n of two lines #}",
        "See `<b>` first.\n\n",
        "{{ recipient.role }}\n\n- One\n- Two ",
        "> Quoted: ",
        "| a | b |\n|---|---|\n| c | ",
    ],
)
@pytest.mark.parametrize("sign", ["<b>", "https://b.org/{{ recipient.role }}", "**never"])
def test_the_letter_is_told_at_which_it_begins(page_of: PageOf, before: str, sign: str) -> None:
    (remark,) = remarks(page_of, body=f"{before}{sign} words")
    assert remark.offset == len(before)
    assert sign in remark.cause


def test_each_kind_is_told_once_a_text(page_of: PageOf) -> None:
    body = "<b>a</b> <i>b</i> https://b.org https://c.org"
    assert [remark.check.id for remark in remarks(page_of, body=body)] == [
        "html-shown",
        "link-shown",
    ]


@pytest.mark.parametrize("body", ["و**@IIPCIC** here", "à**@X** there", "a ** b", "**never ended"])
def test_stars_that_make_nothing_bold_are_told(page_of: Callable[..., Page], body: str) -> None:
    (remark,) = remarks(page_of, body=body)
    assert remark.check.id == "marks-shown"
    assert "**" in remark.cause


@pytest.mark.parametrize("body", ["**bold**, *slanted*", "`a ** b`", r"2 \*\* 3", "    a ** b"])
def test_stars_that_make_words_bold_or_are_meant_are_not(
    page_of: Callable[..., Page], body: str
) -> None:
    assert remarks(page_of, body=body) == []
