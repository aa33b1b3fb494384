"""axe-core finds nothing serious or critical in any shipped message, and would find what is."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page
from tests.browser.axe import Violation, colourings, faults_of_colour, faults_of_structure
from tests.browser.messages import Shown

Scheme = Literal["light", "dark"]


def opened(page: Page, html: str, scheme: Scheme = "light") -> Page:
    page.emulate_media(color_scheme=scheme)
    page.set_content(html, wait_until="domcontentloaded")
    return page


def found(page: Page, html: str, scheme: Scheme = "light") -> list[Violation]:
    opened(page, html, scheme)
    return faults_of_structure(page) + faults_of_colour(page)


def differently_coloured(messages: tuple[Shown, ...]) -> Iterator[Shown]:
    """Yield the messages in which a text looks like none in those before."""
    seen: set[tuple[str, ...]] = set()
    for message in messages:
        looks = colourings(message.html)
        if not looks <= seen:
            seen |= looks
            yield message


def test_no_shipped_message_has_a_serious_fault(page: Page, messages: tuple[Shown, ...]) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    faults = {shown.name: faults_of_structure(opened(page, shown.html)) for shown in messages}
    assert {name: fault for name, fault in faults.items() if fault} == {}
    assert len(faults) >= 32, "two editions for four audiences in four languages"


@pytest.mark.parametrize(("scheme", "width"), [("light", 700), ("dark", 375)])
def test_no_shipped_message_is_hard_to_see(
    scheme: Scheme, width: int, page: Page, messages: tuple[Shown, ...]
) -> None:
    """Each text with all that it stands in is looked at once, in whichever message it comes first."""
    page.set_viewport_size({"width": width, "height": 900})
    faults = {
        shown.name: faults_of_colour(opened(page, shown.html, scheme))
        for shown in differently_coloured(messages)
    }
    assert {name: fault for name, fault in faults.items() if fault} == {}


PLANTED = {
    "color-contrast": [
        '<p style="color:#ffffff">White on white</p>',
        '<p style="color:#999999">Grey on white</p>',
    ],
    "link-in-text-block": [
        '<p style="color:#1b2b36">See <a style="color:#1b2b40;text-decoration:none" href="https://a.example.org/">it</a></p>'
    ],
    "image-alt": ['<img src="https://example.org/a.png">'],
    "link-name": ['<a href="https://example.org/"></a>'],
    "listitem": ["<li>One</li>"],
    "valid-lang": ['<p lang="nowhere">One</p>'],
}


@pytest.mark.parametrize(
    ("rule", "fault"), [(rule, fault) for rule, faults in PLANTED.items() for fault in faults]
)
def test_a_fault_that_is_planted_is_found(
    rule: str, fault: str, page: Page, messages: tuple[Shown, ...]
) -> None:
    ground = f'<div style="background-color:#ffffff;color:#000000">{fault}</div></body>'
    html = messages[0].html.replace("</body>", ground)
    assert {fault.rule for fault in found(page, html)} == {rule}


def test_a_page_without_language_or_title_is_found(page: Page, messages: tuple[Shown, ...]) -> None:
    html = messages[0].html
    start = html.index("<html")
    bare = html[:start] + "<html" + html[html.index(">", start) :]
    assert [fault.rule for fault in found(page, bare)] == ["html-has-lang"]
    title = html[html.index("<title>") : html.index("</title>") + len("</title>")]
    assert [fault.rule for fault in found(page, html.replace(title, ""))] == ["document-title"]


@pytest.mark.parametrize("colour", ["#13202a", "#22303c"])
def test_a_fault_that_only_the_dark_shows_is_found(
    colour: str, page: Page, messages: tuple[Shown, ...]
) -> None:
    rule = f"@media (prefers-color-scheme: dark) {{ h1 {{ color: {colour} !important; }} }}"
    html = messages[0].html.replace("</head>", f"<style>{rule}</style></head>")
    assert found(page, html, "light") == []
    assert {fault.rule for fault in found(page, html, "dark")} == {"color-contrast"}


def test_a_text_whose_surroundings_look_new_is_not_passed_over(messages: tuple[Shown, ...]) -> None:
    """What decides on colours: a style, a class, a ground around it, or another style sheet."""
    one = messages[0]
    for old, new in (
        ("<h1 style=", '<h1 class="new" style='),
        ('<body lang="en" dir="ltr" style="', '<body lang="en" dir="ltr" style="color:#ffffff;'),
        ("</head>", "<style>p { color: red }</style></head>"),
    ):
        assert old in one.html
        other = Shown(one.edition, one.variant, 1, one.html.replace(old, new, 1))
        assert list(differently_coloured((one, other))) == [one, other]
    assert list(differently_coloured((one, one))) == [one]
