"""How deep markup may be nested before anything else reads it, and what its attributes hold."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tigc_mail.render import html
from tigc_mail.render.markup import MAX_DEPTH, MarkupError, balanced, with_attributes

PAIRS = [
    ("<div>", "</div>"),
    ("<DIV>", "</DIV>"),
    ("<BR>", "</BR>"),
    ("<BR>", ""),
    ("<Hr>", ""),
    ("<br>", ""),
    ("<br/>", ""),
    ("<_a>", "</_a>"),
    ("<x:y title='>'>", "</x:y>"),
    ('<p title="<">', "</p>"),
    ("<v:fill>", ""),
    ("<v:fill>", "</v:fill>"),
    ("<v:fill />", ""),
    ("<v:stroke>", ""),
    ("<o:p>", ""),
    ("<O:P>", "</O:P>"),
    ("<o:p>a", "</o:p>"),
    ("<!--[if mso]><div>", "</div><![endif]-->"),
    ("<!--[if mso]><div><![endif]-->", "<!--[if mso]></div><![endif]-->"),
    ("<!--[if !mso]><!--><td>", "</td><!--<![endif]-->"),
    ("<!-- <b> --><i>", "</i>"),
]
"""How elements begin and end, or seem to."""

LAYOUT = '<mjml lang="en" dir="ltr"><mj-body><mj-raw>{}</mj-raw></mj-body></mjml>'
TIMES = st.sampled_from([1, 2, 40, 66, 99, 198, 200, 12_000])
NESTED = st.lists(st.tuples(st.sampled_from(PAIRS), TIMES), max_size=4)

_TAG = re.compile(r"<(/?)([\w:.]+)(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?(/?)>")
_ENDLESS = {"br", "img", "meta"}


class Measuring(HTMLParser):
    """Measures HTML as a browser nests it, comments left aside."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.deepest = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        if tag not in _ENDLESS:
            self.now += 1
            self.deepest = max(self.deepest, self.now)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        self.now -= tag not in _ENDLESS


def depth_of_mjml(markup: str) -> int:
    """Return how deep the compiler of MJML goes, at most: into conditional comments, too."""
    now = deepest = 0
    for end, name, closed in _TAG.findall(re.sub(r"<!-- .*? -->", "", markup)):
        if not closed and name not in _ENDLESS:
            now += -1 if end else 1
            deepest = max(deepest, now)
    return deepest


def depth_of_html(page: str) -> int:
    parser = Measuring()
    parser.feed(page)
    return parser.deepest


@pytest.fixture(scope="module")
def given_to() -> Any:
    """Return the depths given to MJML's compiler and to the inliner; neither goes beyond them."""
    depths: dict[str, int] = {}
    compiler, inliner = html.mjml2html, html._inlined

    def compiled(mjml: str, **options: Any) -> str:
        depths["mjml"] = depth_of_mjml(mjml)
        return compiler(mjml, **options) if depths["mjml"] < 2 * MAX_DEPTH else ""

    def inlined(page: str, css: str) -> str:
        depths["html"] = depth_of_html(page)
        return inliner(page, css)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "mjml2html", compiled)
        patch.setattr(html, "_inlined", inlined)
        yield depths


def nested(parts: list[tuple[tuple[str, str], int]]) -> str:
    begin = "".join(pair[0] * times for pair, times in parts)
    return begin + "".join(pair[1] * times for pair, times in reversed(parts))


@example([(PAIRS[2], 12_000)])
@example([(PAIRS[7], 12_000)])
@example([(PAIRS[10], 12_000)])
@example([(PAIRS[17], 12_000)])
@settings(max_examples=60)
@given(NESTED)
def test_nothing_that_is_nested_deeper_is_given_to_the_compiler_or_the_inliner(
    given_to: dict[str, int], parts: list[tuple[tuple[str, str], int]]
) -> None:
    given_to.clear()
    markup = LAYOUT.format(nested(parts))
    try:
        html.finish(markup, css="", locale="en", place="a", sentinel="xqend")
    except MarkupError as error:
        assert error.cure
        assert 0 <= error.position < len(markup)
    assert given_to.get("mjml", 0) <= MAX_DEPTH
    assert given_to.get("html", 0) <= MAX_DEPTH + 20


@pytest.mark.parametrize(("begin", "end"), [pair for pair in PAIRS if all(pair)])
def test_what_is_nested_just_deep_enough_is_taken_and_one_more_is_told_where_it_begins(
    begin: str, end: str
) -> None:
    assert list(balanced(begin * MAX_DEPTH + end * MAX_DEPTH))
    with pytest.raises(MarkupError, match="nested more than 200 deep") as caught:
        list(balanced(begin * (MAX_DEPTH + 1)))
    assert MAX_DEPTH * len(begin) <= caught.value.position < (MAX_DEPTH + 1) * len(begin)


@pytest.mark.parametrize("name", ["v:fill", "v:stroke", "o:p", "BR", "Hr", "_a"])
def test_an_element_without_an_end_is_told_where_it_begins(name: str) -> None:
    with pytest.raises(MarkupError, match=f"`<{name}>` is never closed") as caught:
        list(balanced(f"<b><{name}></b>"))
    assert caught.value.position == 3


def test_the_values_of_attributes_are_changed_and_nothing_else() -> None:
    markup = '<a b="c" d=\'e\' k>f="g"</a><!-- <a b="c"> --><!--[if x]><_b l="m"><![endif]-->'
    changed = '<a b="C" d=\'E\' k>f="g"</a><!-- <a b="c"> --><!--[if x]><_b l="M"><![endif]-->'
    assert with_attributes(markup, str.upper) == changed
