"""What authors write that large mail programs do not know."""

from collections.abc import Callable

import pytest
from tests.render.lint.conftest import with_

from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.lint.clients import check, check_files

Ids = Callable[..., list[str]]


def told(content: str, name: str = "templates/base.mjml.j2") -> list[str]:
    """Return what is found in a template, with its place."""
    return [f"{place}: {remark.cause}" for remark, place in check_files({name: content})]


@pytest.mark.parametrize(
    ("rule", "feature"),
    [
        ("position: absolute", "position"),
        ("display:flex", "display: flex"),
        ("display: inline-grid", "display: grid"),
        ("float: left", "float"),
        ("animation: blink 1s", "animation"),
        ("color: var(--ink)", "var()"),
        ("background: #fff url(https://example.org/p.png)", "a background image"),
        ("background: linear-gradient(#fff, #000)", "a gradient"),
        ("width: calc(100% - 2px)", "calc()"),
    ],
)
def test_a_rule_that_is_not_known_everywhere_is_told(rule: str, feature: str) -> None:
    for content in (
        f"<mj-style>\n.a {{ {rule}; }}</mj-style>",
        f'<mj-raw>\n<div style="{rule}"></div></mj-raw>',
    ):
        (found,) = told(content)
        assert found.startswith("templates/base.mjml.j2 (line 2, column ")
        assert f"): {feature} is not known to " in found
    assert len(told(f".a {{ {rule}; }}", "templates/theme.css")) == 1


@pytest.mark.parametrize("rule", ["@font-face { src: x }", "@import 'x';", "@keyframes x {}"])
def test_a_rule_of_its_own_kind_is_told(rule: str) -> None:
    assert len(told(f"<mj-style>{rule}</mj-style>")) == 1


@pytest.mark.parametrize(
    "element",
    ["<video>", "<audio>", "<form>", "<input>", "<svg>", "<canvas>", "<iframe>", "<script>"],
)
def test_an_element_that_is_not_known_everywhere_is_told(element: str) -> None:
    (found,) = told(f"<mjml>\n\n{element}</mjml>")
    assert found.startswith("templates/base.mjml.j2 (line 3, column 1): ")


@pytest.mark.parametrize("element", ['<link href="x">', '<mj-font name="x" href="x" />'])
def test_a_font_from_elsewhere_is_told(element: str) -> None:
    assert "font" in told(element)[0]


@pytest.mark.parametrize(
    "content",
    [
        "<mj-style>.a { background-position: top; color: red; display: block; }</mj-style>",
        "<mj-text>position: absolute; display: flex</mj-text>",
        "<mj-style>/* position: absolute */</mj-style>",
        "{# <video> is not known everywhere #}<!-- <svg> -->",
        '<mj-button css-class="button" href="x">Go on</mj-button>',
        '<mj-section background-url="https://example.org/p.png" />',
    ],
)
def test_what_is_known_is_not_told(content: str) -> None:
    assert told(content) == []


def test_a_feature_is_told_once_a_file() -> None:
    assert len(told('<i style="float:left"></i>\n<i style="float:left"></i>')) == 1


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("https://example.org/p.svg", False),
        ("https://example.org/p.svg?v=1", False),
        ("https://example.org/p.webp", False),
        ("https://example.org/svg/p.png", True),
    ],
)
def test_images_are_of_a_kind_that_is_known(ids: Ids, source: str, known: bool) -> None:  # noqa: FBT001
    found = ids(check, with_(f'<img alt="A chart" src="{source}">'))
    assert found == ([] if known else ["client-support"])


def test_the_shipped_templates_use_nothing_of_the_kind(shipped: Workspace) -> None:
    folder = shipped.folder / "templates"
    files = {
        f"templates/{path.name}": path.read_text("utf-8") for path in folder.rglob("*.mjml.j2")
    }
    assert [*check_files(files)] == []
