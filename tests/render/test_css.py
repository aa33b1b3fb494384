"""The team's style sheet: what is broken is told with its line, what nobody knows is a warning."""

from collections.abc import Callable

import pytest
from tests.conftest import SHIPPED

from tigc_mail.errors import TemplateError
from tigc_mail.render.css import CssError, declarations
from tigc_mail.render.lint.styles import check
from tigc_mail.render.templates import Templates

FAULTS = {
    "a declaration without `:`": ("h1 {\n  font-size 32px;;\n}", 2, "`font-size 32px` is no decl"),
    "a rule without end": ("h1 { margin: 0 }\n\n.b { color: red\n", 3, "`.b` is never closed"),
    "a rule in a rule": ("h1 { margin: 0;\nh2 { margin: 0 } }", 1, "`h1` is never closed"),
    "a brace too many": ("h1 { margin: 0 }\n}\nh2 { margin: 0 }", 2, "closes what is not open"),
    "no brace": ("h1 { margin: 0 }\nh2", 2, "`h2` stands outside of a rule"),
    "a semicolon between rules": ("h1 { margin: 0 }\n;", 2, "`;` stands outside of a rule"),
    "a broken selector": ("\n.c > { color: red }", 2, "the selector `.c >` cannot be read"),
    "a missing semicolon": ("h1 {\n  color: red\n  margin: 0;\n}", 3, "Write `;` before `margin`"),
    "a comment without end": ("h1 { margin: 0 }\n/* h2 { margin: 0 }", 2, "never closed"),
    "a property without value": ("h1 { color: ; }", 1, "`color:` is no declaration"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_broken_stops_the_rendering_with_its_line(
    templates_of: Callable[..., Templates], name: str
) -> None:
    css, line, told = FAULTS[name]
    with pytest.raises(TemplateError) as caught:
        _ = templates_of({"theme.css": css}).css
    assert caught.value.place == f"templates/theme.css (line {line})"
    assert told in str(caught.value)
    assert caught.value.cure


@pytest.mark.parametrize(
    "css",
    [
        "",
        "/* a { */",
        '@charset "utf-8";\nh1 { margin: 0 }',
        'a[href$="{;:"]::after { content: "}"; background: url(data:a;b) }',
        "h1, h2 > b { margin: 0;; color : RED }",
        'h1 { font-family: "a:b", serif; filter: progid:x }',
    ],
)
def test_what_is_right_passes(css: str) -> None:
    declarations(css)


def test_the_lines_are_those_of_the_file() -> None:
    css = "/* one\n   two */ h1 {\n  color:\n    RED;\n}\nh2 { margin: 0 }"
    assert declarations(css) == (("color", "RED", 3), ("margin", "0", 6))


def test_an_error_of_css_has_a_cure() -> None:
    with pytest.raises(CssError) as caught:
        declarations("h1 { a b }")
    assert (caught.value.line, caught.value.cure) == (1, "Write `property: value;`.")


@pytest.mark.parametrize(
    ("declared", "cause", "cure"),
    [
        ("colour: red", "`colour` is no property of CSS", "Did you mean `color`?"),
        ("color: blurple", "`blurple` is no value of `color`", "Correct it."),
        ("font-size: 32", "`32` is no value of `font-size`", "Correct it."),
        ("qqqq: 1", "`qqqq` is no property of CSS", "Remove it."),
    ],
)
def test_what_nobody_knows_is_a_warning(declared: str, cause: str, cure: str) -> None:
    [(remark, place)] = check(f"h1 {{\n  {declared};\n}}")
    assert (remark.cause, remark.cure) == (cause, cure)
    assert place == "templates/theme.css (line 2)"
    assert remark.check.severity == "warning"


def test_nothing_is_said_of_what_is_known_or_newer() -> None:
    css = (
        "h1 { text-align: start; text-wrap: balance; -webkit-x: y; mso-line-height-rule: exactly }"
    )
    assert not list(check(css))
    assert not list(check(Templates(SHIPPED / "templates").css))
