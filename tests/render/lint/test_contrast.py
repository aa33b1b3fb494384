"""Contrast, in light and in dark mode."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.render.lint.conftest import with_, without

from tigc_mail.render.colour import Colour, colour, contrast, ground
from tigc_mail.render.lint.contrast import check
from tigc_mail.render.lint.page import Page

Ids = Callable[..., list[str]]

colours = st.builds(Colour, *[st.integers(0, 255)] * 3)

QUIET = "@media (prefers-color-scheme: dark) { .off { display: none !important; } }"


@given(colours, colours)
def test_contrast_is_symmetric_and_between_1_and_21(one: Colour, other: Colour) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(colours)
def test_a_colour_printed_reads_as_the_same(one: Colour) -> None:
    assert colour(str(one)) == one
    assert colour(f"rgb({one.red}, {one.green}, {one.blue})") == one


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#fff", (255, 255, 255)),
        ("#0B6670", (11, 102, 112)),
        ("white", (255, 255, 255)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("rgba(1, 2, 3, 1)", (1, 2, 3)),
        ("rgba(1, 2, 3, .5)", None),
        ("rgb(20%, 40%, 60%)", (51, 102, 153)),
        ("hsl(0, 0%, 80%)", (204, 204, 204)),
        ("hsl(120deg 100% 25%)", (0, 128, 0)),
        ("hsla(0.5turn, 100%, 50%, 1)", (0, 255, 255)),
        ("hsl(none, 0%, 0%)", None),
        ("rgb(1, 2)", None),
        ("rgb(a, b, c)", None),
        ("#123456ff", (18, 52, 86)),
        ("lightgrey", (211, 211, 211)),
        ("RebeccaPurple", (102, 51, 153)),
        ("#12345678", None),
        ("transparent", None),
        ("currentcolor", None),
    ],
)
def test_only_opaque_colours_are_read(written: str, read: tuple[int, int, int] | None) -> None:
    assert colour(written) == read


def test_the_ground_is_read_from_a_background() -> None:
    assert ground("#ff0000 none repeat") == ((255, 0, 0), 1)
    assert ground("rgba(0,0,0,.5) none") == ((0, 0, 0), 0.5)
    assert ground("url(x.png) #ff0000") is None
    assert ground("linear-gradient(#fff, #000)") is None


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


def light(page: str) -> str:
    """Return a page without colours for dark mode."""
    head, _, rest = page.partition("@media")
    return head + QUIET + rest.partition("}\n</style>")[1] + rest.partition("}\n</style>")[2]


@pytest.mark.parametrize(
    ("style", "weak"),
    [
        ("color:#767676", False),
        ("color:#777777", True),
        ("color:#777777;font-size:24px", False),
        ("color:#777777;font-size:18pt", False),
        ("color:#777777;font-size:19px;font-weight:bold", False),
        ("color:#777777;font-size:19px;font-weight:400", True),
        ("color:#959595;font-size:32px", True),
        ("color:#777777;background-color:#000000", False),
        ("color:#111111;background:#000000", True),
        ("color:#eeeeee;background:url(https://example.org/p.png)", False),
        ("color:#eeeeee;background-image:url(https://example.org/p.png)", False),
        ("color:rgba(0,0,0,.2)", True),
        ("color:rgba(0,0,0,.7)", False),
        ("color:#00000033", True),
        ("color:lightgray", True),
        ("color:hsl(0,0%,80%)", True),
        ("color:rgb(80%,80%,80%)", True),
        ("color:var(--weak)", False),
        ("color:#eeeeee;opacity:.9", True),
        ("color:#000000;opacity:.9", False),
        ("color:#000000;opacity:20%", True),
        ("color:#ffffff;background:rgba(0,0,0,.8)", False),
        ("color:#ffffff;background:rgba(0,0,0,.2)", True),
        ("color:#777777;font:bold 20px serif", False),
        ("color:#777777;font:20px serif", True),
        ("color:#eeeeee;display:none", False),
    ],
)
def test_text_stands_out_from_its_ground(ids: Ids, style: str, weak: bool) -> None:  # noqa: FBT001
    page = light(with_(f'<p style="{style}">Text</p>'))
    assert ids(check, page) == (["contrast"] if weak else [])


@pytest.mark.parametrize(
    ("content", "weak"),
    [
        ('<div style="color:#777"><b style="font-size:19px">Text</b></div>', False),
        ('<div style="color:#777"><span style="font-size:19px">Text</span></div>', True),
        ('<div style="background:#000"><a href="https://example.org">Text</a></div>', True),
        ('<div style="background:#000"><a style="color:inherit" href="x">Text</a></div>', True),
        ('<font color="#cccccc">Text</font>', True),
        ('<font color="cccccc">Text</font>', True),
        ('<font color="#cccccc" style="color:#000">Text</font>', False),
        ('<div style="opacity:.2"><b style="color:#000">Text</b></div>', True),
        ('<div style="opacity:.2;background:#000"><b style="color:#fff">Text</b></div>', True),
        ('<table role="none"><tr><td bgcolor="#666666">Text</td></tr></table>', True),
        ('<div style="color:#fff"><img alt="x" src="x"></div>', False),
        ('<div style="background:#000;color:#fff">A<i style="color:#111"> </i>b</div>', False),
        ('<div style="background:#000;color:#fff"><i style="color:#111"></i></div>', False),
    ],
)
def test_looks_are_inherited(ids: Ids, content: str, weak: bool) -> None:  # noqa: FBT001
    assert ids(check, light(with_(content))) == (["contrast"] if weak else [])


def test_what_the_rules_for_dark_mode_leave_behind_is_found(page_of: Callable[..., Page]) -> None:
    (remark,) = check(page_of(with_('<i style="color:#102030">Text</i>')))
    assert remark.cause.startswith("#102030 on #101010 has a contrast of 1.15:1 in dark mode")
    assert remark.spots[0].element.text == "Text"
    assert "css-class" in remark.cure


def test_a_rule_for_dark_mode_goes_before_a_style_only_where_it_is_important(ids: Ids) -> None:
    important = "color: #f0f0f0 !important"
    assert ids(check, without(important, "color: #f0f0f0")) == ["contrast"]


def test_the_more_special_rule_for_dark_mode_holds(ids: Ids) -> None:
    rules = ".page p { color: #000000 !important; } .page { background"
    assert ids(check, without(".page { background", rules)) == []
    rules = "div.page p { color: #000000 !important; } .page { background"
    assert ids(check, without(".page { background", rules)) == ["contrast"]


def test_a_rule_that_nobody_understands_is_left_out(ids: Ids) -> None:
    rules = "p::first-line, ]] { color: #000 !important; } .page { background"
    assert ids(check, without(".page { background", rules)) == []


def test_each_pair_of_colours_is_told_once(page_of: Callable[..., Page]) -> None:
    page = light(with_('<p style="color:#777">One</p><p style="color:#777777">Two</p>'))
    (remark,) = check(page_of(page))
    assert "4.47:1 in light mode, below 4.5:1; first at `One`" in remark.cause


def with_rules(rules: str) -> str:
    """Return a page without colours for dark mode, with rules of its own and a text in it."""
    page = light(with_('<div class="prose"><p id="x">Text</p></div>'))
    return page.replace("</style>", f"{rules}\n</style>")


@pytest.mark.parametrize(
    ("rules", "weak"),
    [
        (".prose p { color: #cccccc; }", True),
        (".prose p { color: #cccccc !important; }", True),
        (".prose { color: #cccccc } .prose p { color: #000000 }", False),
        (".prose p { color: #cccccc } .prose p { color: #000000 }", False),
        ("p#x { color: #000000 } .prose p { color: #cccccc }", False),
        ("p#x { color: #000000 } .prose p { color: #cccccc !important }", True),
        (".prose { background: #333333 }", True),
        (".prose { background: #333333; background-color: #ffffff }", False),
        (".prose { background-color: #333333; background: #ffffff }", False),
        ("@media (max-width: 520px) { .prose p { color: #cccccc } }", True),
        ("@media only screen and (min-width: 520px) { .prose p { color: #cccccc } }", True),
        ("@media (max-width: 100px) { .prose p { color: #cccccc } }", False),
        ("@media print { .prose p { color: #cccccc } }", False),
        ("@media (monochrome) { .prose p { color: #cccccc } }", False),
        (".prose p:hover { color: #cccccc }", False),
        ("@supports (x: y) { .prose p { color: #cccccc } }", False),
    ],
)
def test_the_rules_of_the_page_hold(ids: Ids, rules: str, weak: bool) -> None:  # noqa: FBT001
    assert ids(check, with_rules(rules)) == (["contrast"] if weak else [])


def test_what_is_weak_on_a_telephone_alone_is_told_as_that(page_of: Callable[..., Page]) -> None:
    rules = "@media (max-width: 520px) { .prose p { color: #cccccc } }"
    (remark,) = check(page_of(with_rules(rules)))
    assert "in light mode on a telephone" in remark.cause


def test_a_colour_leads_to_where_it_is_written(page_of: Callable[..., Page]) -> None:
    (remark,) = check(page_of(with_rules(".prose p { color: Pink }")))
    assert remark.spots[0].values[:2] == ("color:pink", "color: pink")
    assert [spot.values[-1] for spot in remark.spots] == ["#ffc0cb", "#ffffff"]


def test_an_opacity_leads_to_where_it_is_written(page_of: Callable[..., Page]) -> None:
    (remark,) = check(
        page_of(with_rules(".prose { opacity: .2 } .prose p { color: rgb(0, 0, 0) }"))
    )
    assert remark.spots[0].values[:2] == ("opacity:.2", "opacity: .2")
    assert "color:rgb(0,0,0)" in remark.spots[0].values
