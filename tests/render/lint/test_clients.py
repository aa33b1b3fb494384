"""What large mail programs do not know of what authors add."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.conftest import SHIPPED
from tests.render.lint.conftest import with_

from tigc_mail.render.lint.added import Added, added_by
from tigc_mail.render.lint.clients import check, check_files
from tigc_mail.render.lint.support import CURES, FAMILIES, features

Ids = Callable[..., list[str]]

KINDS = (
    *("property", "keyword", "function", "unit", "at-rule", "nesting", "selector"),
    *("element", "attribute", "image", "media"),
)


def told(content: str, name: str = "base.mjml.j2") -> list[str]:
    """Return what is found in a template, with its place."""
    return [f"{place}: {remark.cause}" for remark, place in check_files([Added(name, content)])]


def titles(content: str, name: str = "base.mjml.j2") -> list[str]:
    """Return what is found in a template, each by the name that caniemail.com has for it."""
    found = check_files([Added(name, content)])
    return [remark.cause.split(": ")[0] for remark, _ in found]


@pytest.mark.parametrize(
    ("rule", "feature"),
    [
        ("position: absolute", "position"),
        ("display:flex", "display:flex"),
        ("display: inline-grid !important", "display:grid"),
        ("float: left", "float"),
        ("gap: 3px", "gap, column-gap, row-gap"),
        ("animation: blink 1s", "animation"),
        ("color: var(--ink)", "CSS Variables (Custom Properties)"),
        ("color: RGBA(0, 0, 0, .5)", "rgba()"),
        ("background: #fff url(https://example.org/p.png)", "background-image"),
        ("background: linear-gradient(#fff, #000)", "linear-gradient()"),
        ("width: calc(100% - 2px)", "CSS calc() function"),
        ("width: clamp(1px, 2px, 3px)", "clamp()"),
        ("height: 10vh", "vh unit"),
        ("max-width: 40px", "max-width"),
        ("width: fit-content", "fit-content, min-content, max-content"),
        ("margin: 0 -10px", "margin"),
        ("margin-left: -1em", "margin"),
        ("margin-inline-start: 3px", "margin-inline-start & margin-inline-end"),
        ("inset: 0", "inset"),
        ("object-fit: cover", "object-fit"),
        ("filter: blur(2px)", "filter"),
        ("transform: rotate(3deg)", "transform"),
        ("opacity: .5", "opacity"),
        ("visibility: hidden", "visibility"),
    ],
)
def test_a_declaration_that_is_not_known_everywhere_is_told(rule: str, feature: str) -> None:
    for content in (
        f"<mj-style>\n.a {{ {rule}; }}</mj-style>",
        f'<mj-raw>\n<div style="{rule}"></div></mj-raw>',
        f"<mj-raw>\n<div style='{rule}'></div></mj-raw>",
    ):
        (found,) = told(content)
        assert found.startswith(f"templates/base.mjml.j2 (line 2): {feature}: ")
    assert titles(f".a {{ {rule}; }}", "theme.css") == [feature]


def test_who_does_not_know_it_is_told_with_the_source_of_the_facts() -> None:
    (found,) = told('<p style="display:flex">')
    assert found == (
        "templates/base.mjml.j2 (line 1): display:flex: not known to Outlook for Windows, known "
        "only in part to Gmail (caniemail.com/features/css-display-flex/, tested 2021-11-02)"
    )


@pytest.mark.parametrize(
    ("rule", "feature"),
    [
        ("@font-face { font-family: x; src: url(x.woff) }", "@font-face"),
        ("@import 'x';", "@import"),
        ("@keyframes x { from { top: 0 } 50% { left: 0 } }", "@keyframes"),
        ("@supports (display: grid) { a { color: red } }", "@supports"),
        (".a { .b { color: red } }", "CSS Nesting"),
        (".a:has(b) { color: red }", ":has()"),
        (".a:not([x]) { color: red }", ":not"),
        ("tr:nth-child(2) { color: red }", ":nth-child"),
        ("[class~=x] { color: red }", "Attribute selector"),
        ("a + b { color: red }", "Adjacent sibling combinator"),
        ("a::before { color: red }", "::before"),
    ],
)
def test_a_rule_that_is_not_known_everywhere_is_told(rule: str, feature: str) -> None:
    assert feature in titles(f"<mj-style>{rule}</mj-style>")


@pytest.mark.parametrize(
    "element",
    [
        *("<video>", "<audio>", "<form>", "<input>", "<svg>", "<iframe>", "<script>"),
        *("<picture>", "<marquee>", "<details>", "<canvas>", "<dialog>", "<object>"),
        '<link href="x">',
        '<mj-font name="x" href="x" />',
        '<img srcset="x.png 2x">',
        "<p hidden>",
    ],
)
def test_an_element_that_is_not_known_everywhere_is_told(element: str) -> None:
    (found,) = told(f"<mjml>\n\n{element}</mjml>")
    assert found.startswith("templates/base.mjml.j2 (line 3): ")


@pytest.mark.parametrize(
    "content",
    [
        "<mj-style>.a { background-position: top; color: red; display: block; }</mj-style>",
        "<mj-style>.a, td > p b:hover { border-radius: 4px; max-width: 100%; }</mj-style>",
        "<mj-style>.a { margin: 0 auto; color: rgb(1,2,3); font: 1px 'calc(1vh)' }</mj-style>",
        "<mj-style>@media print { a:after { content: attr(href); position: fixed } }</mj-style>",
        "<mj-style>@media (prefers-color-scheme: dark) { a { opacity: .5 } }</mj-style>",
        "<mj-text>position: absolute; display: flex</mj-text>",
        "<mj-style>/* position: absolute */</mj-style>",
        "<mj-style>a{{ x }} { color: {{ y }} }</mj-style>",
        "{# <video> is not known everywhere #}<!-- <svg> -->",
        "{% if a < 3 %}<b>x</b>{% endif %}",
        '<p style="{{ "display:flex" }}">',
        '<mj-button css-class="button" href="x">Go on</mj-button>',
        '<mj-section background-url="https://example.org/p.png" />',
        '<table role="none"><tr><td align="left"><h2>x</h2><del>y</del></td></tr></table>',
    ],
)
def test_what_is_known_is_not_told(content: str) -> None:
    assert told(content) == []


def test_who_does_not_read_a_rule_at_all_does_not_have_to_know_it() -> None:
    (found,) = told("<mj-style>@media (max-width: 9px) { a { display: flex } }</mj-style>")
    assert "known only in part to Gmail (" in found
    assert "Outlook" not in found


def test_a_feature_is_told_where_most_programs_see_it() -> None:
    narrow = "@media (max-width: 9px) { a { display: flex } }"
    (found,) = told(
        f"<mj-style>{narrow}\n@media print {{ i {{ gap: 1px }} }}\n.b {{ display: flex }}</mj-style>"
    )
    assert "(line 3)" in found
    assert "not known to Outlook for Windows" in found


def test_a_selector_that_is_taken_apart_does_not_have_to_be_known() -> None:
    assert told("[lang=ar] p:first-child { color: red }", "theme.css") == []


def test_a_feature_is_told_once_a_file() -> None:
    assert len(told('<i style="float:left"></i>\n<i style="float:left"></i>')) == 1


def test_a_background_is_an_image_too() -> None:
    css = '<p style="background:url(https://example.org/p.svg)">'
    assert titles(css) == ["background-image", "SVG image format"]
    assert titles('<mj-section background-url="https://example.org/p.heic" />') == [
        "HEIF image format"
    ]


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("https://example.org/p.svg", False),
        ("https://example.org/p.svg?v=1", False),
        ("https://example.org/p.webp", False),
        ("https://example.org/p.HEIC", False),
        ("https://example.org/p.tiff#x", False),
        ("data:image/png;base64,xyz", False),
        ("https://example.org/svg/p.png", True),
        ("https://example.org/p", True),
    ],
)
def test_images_are_of_a_kind_that_is_known(ids: Ids, source: str, known: bool) -> None:  # noqa: FBT001
    expected = [] if known else ["client-support"]
    assert ids(check, with_(f'<img alt="A chart" src="{source}">')) == expected
    assert ids(check, with_(f'<div background="{source}"></div>')) == expected


@given(st.text(alphabet="<>![]-/=\"'{}%#;:.@ \nabmj", max_size=60))
@example("<video><![odd[x]]>")
def test_anything_may_stand_in_a_template(text: str) -> None:
    for found in told(f"<mj-style>{text}</mj-style>{text}"):
        assert found.startswith("templates/base.mjml.j2 (line ")


# Which templates are looked at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Templates of which some are included, and one is not."""
    for name, text in {
        "theme.css": "",
        "base.mjml.j2": '{% include "blocks/" ~ block.template ~ ".mjml.j2" %}',
        "news.mjml.j2": '{% extends "base.mjml.j2" %}{% from "help.j2" import x %}',
        "help.j2": '{% include ["lost.j2", "one/" + y + ".j2"] %}',
        "one/a.j2": "",
        "one/b.j2": "",
        "blocks/text.mjml.j2": "",
        "blocks/quote.mjml.j2": "",
        "old.mjml.j2": "<video>",
        "news.txt.j2": "",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


def names(folder: Path) -> set[str]:
    return {file.name for file in added_by(folder, ["news"], frozenset({"text"}))}


def test_templates_are_looked_at_where_somebody_includes_them(folder: Path) -> None:
    assert names(folder) == {
        *("theme.css", "base.mjml.j2", "news.mjml.j2", "help.j2", "one/a.j2", "one/b.j2"),
        "blocks/text.mjml.j2",
    }


def test_a_template_that_cannot_be_read_is_left_to_the_rendering(folder: Path) -> None:
    (folder / "help.j2").write_bytes(b"\xff")
    (folder / "blocks/text.mjml.j2").write_text("{% if", "utf-8")
    assert names(folder) == {"theme.css", "base.mjml.j2", "news.mjml.j2"}


def test_the_shipped_templates_use_nothing_of_the_kind() -> None:
    templates = SHIPPED / "templates"
    blocks = frozenset(path.name.partition(".")[0] for path in templates.glob("blocks/*.mjml.j2"))
    files = [*added_by(templates, ["newsletter", "notice"], blocks)]
    assert {"blocks/event-actions.j2", "style.mjml.j2", "theme.css"} <= {
        file.name for file in files
    }
    assert [*check_files(files)] == []


# The table


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_is_whole(kind: str) -> None:
    assert features(kind)
    for feature in features(kind):
        assert set(feature.known) == set(FAMILIES)
        assert set(feature.known.values()) <= {"yes", "no", "partly", ""}
        assert feature.told(), f"{feature.id} is known to all"
        assert feature.tested[:2] == "20"
        assert feature.cure in CURES.values() or kind == "media"


def test_no_kind_of_the_table_is_forgotten() -> None:
    lines = (SHIPPED / "src/tigc_mail/render/lint/caniemail.csv").read_text("utf-8").splitlines()
    assert sum(len(features(kind)) for kind in KINDS) == len(lines) - 1
