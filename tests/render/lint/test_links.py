"""Links: where they lead, what they say, and whether the plain text has them too."""

from collections.abc import Callable

import pytest
from tests.render.lint.conftest import TEXT, with_

from tigc_mail.render.lint.links import check

Ids = Callable[..., list[str]]

COURSES = "https://example.org/courses"


def linked(target: str, label: str = "The courses") -> str:
    """Return the good page with a link in it."""
    return with_(f'<p><a href="{target}">{label}</a></p>')


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


@pytest.mark.parametrize("target", [COURSES, "mailto:desk@example.org", "tel:+33123456789"])
def test_a_link_may_lead_to_a_page_a_mailbox_or_a_telephone(ids: Ids, target: str) -> None:
    text = f"{TEXT} {target.removeprefix('mailto:')}"
    assert ids(check, linked(target), text) == []


@pytest.mark.parametrize(
    "target",
    [
        "",
        " ",
        "#",
        "#top",
        "http://example.org",
        "javascript:alert(1)",
        "ftp://x",
        "/courses",
        "//x",
    ],
)
def test_a_link_leads_nowhere_else(ids: Ids, target: str) -> None:
    assert ids(check, linked(target), f"{TEXT} {target}") == ["link-target"]


def test_a_link_without_a_target_leads_nowhere(ids: Ids) -> None:
    assert ids(check, with_("<a name='x'>Courses</a>")) == ["link-target"]


@pytest.mark.parametrize(
    "label",
    ["click here", "Cliquez ici", "aquí", "هنا", "Here.", "Read more…", "more »", "En savoir plus"],
)
def test_a_label_says_where_a_link_leads(ids: Ids, label: str) -> None:
    assert ids(check, linked(COURSES, label), TEXT + COURSES) == ["link-text-vague"]


@pytest.mark.parametrize("label", ["Read more about courses", "Ici Paris", "More than 30 courses"])
def test_a_label_may_hold_such_words(ids: Ids, label: str) -> None:
    assert ids(check, linked(COURSES, label), TEXT + COURSES) == []


@pytest.mark.parametrize("label", ["", " &nbsp; ", '<img src="https://example.org/p.png" alt="">'])
def test_a_label_is_not_empty(ids: Ids, label: str) -> None:
    assert ids(check, linked(COURSES, label), TEXT + COURSES) == ["link-text-empty"]


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{COURSES}"><img src="https://example.org/p.png" alt="The courses"></a>',
        f'<a href="{COURSES}" aria-label="The courses"></a>',
    ],
)
def test_a_label_may_be_that_of_an_image(ids: Ids, link: str) -> None:
    assert ids(check, with_(link), TEXT + COURSES) == []


@pytest.mark.parametrize("label", [COURSES, "example.org/courses", "www.example.org"])
def test_a_label_is_not_an_address(ids: Ids, label: str) -> None:
    assert ids(check, linked(COURSES, label), TEXT + COURSES) == ["link-text-url"]


def test_a_mailbox_may_be_its_own_label(ids: Ids) -> None:
    page = linked("mailto:desk@example.org", "desk@example.org")
    assert ids(check, page, f"{TEXT} desk@example.org") == []


def test_links_of_one_label_lead_to_one_page(ids: Ids) -> None:
    twice = f'<a href="{COURSES}">The courses</a> <a href="{COURSES}%s">the COURSES</a>'
    text = f"{TEXT} {COURSES}/2"
    assert ids(check, with_(twice % "/2"), text) == ["link-text-twice"]
    assert ids(check, with_(twice % "/"), text) == []


def test_the_plain_text_holds_every_link(ids: Ids) -> None:
    assert ids(check, linked(COURSES)) == ["text-part-link"]
    assert ids(check, linked(COURSES), f"{TEXT} The courses: {COURSES}") == []


def test_a_link_is_the_same_however_its_letters_are_written(ids: Ids) -> None:
    page = linked("https://example.org/caf%C3%A9?a=1&amp;b=2")
    assert ids(check, page, f"{TEXT} https://example.org/café?a=1&b=2") == []


def test_there_is_a_plain_text(ids: Ids) -> None:
    assert ids(check, text=" \n") == ["text-part"]
