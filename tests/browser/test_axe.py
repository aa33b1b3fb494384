"""axe-core finds nothing serious or critical in any shipped message, and would find what is."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import Violation, grave, violations
from tests.browser.messages import Shown

pytestmark = pytest.mark.xdist_group("browser")


def found(page: Page, html: str, scheme: str = "light", *rules: str) -> list[Violation]:
    page.emulate_media(color_scheme=scheme)
    page.set_content(html, wait_until="domcontentloaded")
    return grave(violations(page, *rules))


def test_no_shipped_message_has_a_serious_fault(page: Page, messages: tuple[Shown, ...]) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    faults = {shown.name: found(page, shown.html) for shown in messages}
    assert {name: fault for name, fault in faults.items() if fault} == {}
    assert len(faults) >= 30


def test_no_shipped_message_is_hard_to_read_in_dark_mode(
    page: Page, messages: tuple[Shown, ...]
) -> None:
    """What the colours have no part in is the same in the dark."""
    page.set_viewport_size({"width": 375, "height": 900})
    faults = {
        shown.name: found(page, shown.html, "dark", "color-contrast", "link-in-text-block")
        for shown in messages
    }
    assert {name: fault for name, fault in faults.items() if fault} == {}


PLANTED = {
    "color-contrast": '<p style="color:#ffffff">White on white</p>',
    "image-alt": '<img src="https://example.org/a.png">',
    "link-name": '<a href="https://example.org/"></a>',
    "listitem": "<li>One</li>",
    "valid-lang": '<p lang="xx-nowhere">One</p>',
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_fault_that_is_planted_is_found(
    rule: str, page: Page, messages: tuple[Shown, ...]
) -> None:
    marker = '<div style="background-color:#ffffff">' + PLANTED[rule] + "</div></body>"
    html = messages[0].html.replace("</body>", marker)
    assert {fault.rule for fault in found(page, html)} == {rule}


def test_a_page_without_language_or_title_is_found(page: Page, messages: tuple[Shown, ...]) -> None:
    html = messages[0].html
    start = html.index("<html")
    bare = html[:start] + "<html" + html[html.index(">", start) :]
    assert [fault.rule for fault in found(page, bare)] == ["html-has-lang"]
    title = html[html.index("<title>") : html.index("</title>") + len("</title>")]
    assert [fault.rule for fault in found(page, html.replace(title, ""))] == ["document-title"]


def test_a_fault_that_only_the_dark_shows_is_found(page: Page, messages: tuple[Shown, ...]) -> None:
    rule = "@media (prefers-color-scheme: dark) { h1 { color: #13202a !important; } }"
    html = messages[0].html.replace("</head>", f"<style>{rule}</style></head>")
    assert found(page, html, "light") == []
    assert {fault.rule for fault in found(page, html, "dark")} == {"color-contrast"}
