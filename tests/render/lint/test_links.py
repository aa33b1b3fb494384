"""Links: where they lead, what they say, and whether the plain text has them too."""

from collections.abc import Callable

import pytest
from lxml import html as lxml_html
from mjml import mjml2html
from tests.render.lint.conftest import TEXT, with_

from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.finding import Findings
from tigc_mail.render.lint.links import buttons, check
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import Occurrence, Pieces

Ids = Callable[..., list[str]]

COURSES = "https://example.org/courses"


def linked(target: str, label: str = "The courses") -> str:
    """Return the good page with a link in it."""
    return with_(f'<p><a href="{target}">{label}</a></p>')


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


@pytest.mark.parametrize(
    "target",
    [
        COURSES,
        "https://café.example.org/",
        "https://example.org:443/",
        "https://127.0.0.1/",
        "https://[2606:4700::1111]/",
        "mailto:desk@example.org",
        "mailto:desk%40example.org",
        "mailto:desk@example.org?subject=News",
        "tel:+33123456789",
    ],
)
def test_a_link_may_lead_to_a_page_a_mailbox_or_a_telephone(ids: Ids, target: str) -> None:
    assert ids(check, linked(target), f"{TEXT} {target} {target.removeprefix('mailto:')}") == []


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
        "https://",
        "https:///courses",
        "https://-",
        "https://courses",
        "https://a..org",
        "https://[bad",
        "https://example.org:x",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "mailto:",
        "mailto:desk",
        "mailto:?subject=News",
        "tel:",
    ],
)
def test_a_link_leads_nowhere_else(ids: Ids, target: str) -> None:
    assert ids(check, linked(target), f"{TEXT} {target}") == ["link-target"]


def test_a_link_without_a_target_leads_nowhere(ids: Ids) -> None:
    assert ids(check, with_("<a name='x'>Courses</a>")) == ["link-target"]


@pytest.mark.parametrize(
    "label",
    [
        *("click here", "Cliquez ici", "aquí", "هنا", "Here.", "Read more…", "more »"),
        *("En savoir plus", "Click here to read", "Cliquez ici pour lire la suite"),
        *("Haga clic aquí para leer", "انقر هنا للقراءة", "« Click here: the courses"),
    ],
)
def test_a_label_says_where_a_link_leads(ids: Ids, label: str) -> None:
    assert ids(check, linked(COURSES, label), TEXT + COURSES) == ["link-text-vague"]


@pytest.mark.parametrize(
    "label", ["Read more about courses", "Ici Paris", "More than 30 courses", "Click hereafter"]
)
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


def test_a_label_that_is_hidden_says_nothing(ids: Ids) -> None:
    for style in ("visibility:hidden", "font-size:0", "display:none"):
        hidden = linked(COURSES, f'<b style="{style}">The courses</b>')
        assert ids(check, hidden, TEXT + COURSES) == ["link-text-empty"]


def slotted(before: str, slot: str, context: Context = Context.WORD) -> Pieces:
    """Return the good page with a slot in it, and more before and after it."""
    head, _, tail = with_(before).partition("SLOT")
    return (head, Occurrence(slot, context), tail)


@pytest.mark.parametrize(
    ("label", "slot", "found"),
    [
        ("SLOT", "recipient.role", ["link-text-empty"]),
        ("SLOT", "recipient.attributes.course", ["link-text-empty"]),
        ("SLOT", "recipient.salutation", []),
        ("For a SLOT", "recipient.role", []),
        ('SLOT<img src="https://example.org/p.png" alt="x">', "recipient.role", []),
    ],
)
def test_a_label_is_not_a_slot_alone(ids: Ids, label: str, slot: str, found: list[str]) -> None:
    page = slotted(f'<a href="{COURSES}">{label}</a>', slot)
    assert ids(check, page, TEXT + COURSES) == found


def test_a_slot_in_an_address_is_never_blank(ids: Ids) -> None:
    page = slotted('<a href="SLOT">The courses</a>', "recipient.attributes.page", Context.URL)
    assert ids(check, page, f"{TEXT} https://sample.example.org/") == []


@pytest.mark.parametrize(
    ("source", "right"),
    [
        ("https://example.org/p.png", True),
        ("http://example.org/p.png", False),
        ("p.png", False),
        ("/p.png", False),
        ("//example.org/p.png", False),
        ("cid:p", False),
        ("https://user:secret@example.org/p.png", False),
        ("", False),
    ],
)
def test_an_image_has_a_whole_address(ids: Ids, source: str, right: bool) -> None:  # noqa: FBT001
    page = with_(f'<img src="{source}" alt="The courses">')
    assert ids(check, page) == ([] if right else ["image-source"])


def test_a_button_has_a_link() -> None:
    def found(button: str) -> list[str]:
        mjml = f"<mjml><mj-body><mj-section><mj-column>{button}</mj-column></mj-section></mj-body></mjml>"
        return [remark.cause for remark in buttons(lxml_html.document_fromstring(mjml2html(mjml)))]

    assert found("<mj-button>The courses</mj-button>") == ["the button `The courses` leads nowhere"]
    assert found('<mj-button href="https://example.org">The courses</mj-button>') == []
    assert found("<mj-text><p>The courses</p></mj-text>") == []


def test_links_of_one_label_are_told_once_whoever_reads_which_of_them(
    page_of: Callable[..., Page],
) -> None:
    links = [f'<a href="{COURSES}/{at}">Courses</a>' for at in range(3)]
    told = [
        next(
            one
            for one in check(page_of(with_("".join(shown))))
            if one.check.id == "link-text-twice"
        )
        for shown in (links, links[:2], links[1:])
    ]
    found = Findings()
    for at, remark in enumerate(told):
        found.add(remark, f"place {at}", ())
    (finding,) = found.all()
    assert finding.place == "place 0"
    assert finding.cause.endswith("and 1 more")


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
