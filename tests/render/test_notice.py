"""A message about an event: its parts on the wire, its subject, and what it tells machines."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import html as lxml_html
from tests.conftest import SHIPPED
from tests.render.events import STAGES, about, at_stage, details, life

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredAttachment, TailoredEdition, TailoredEventDetail
from tigc_mail.ground.language import LOCALES, Locale, direction
from tigc_mail.ground.marking import Marking
from tigc_mail.render.compile import compile_message
from tigc_mail.render.message import AttachedPart, CompiledMessage, Letterhead, Occurrence
from tigc_mail.render.mime import assemble
from tigc_mail.render.stages import NOT_TAKING_PLACE, subject_of
from tigc_mail.render.stages import STAGES as WORDS
from tigc_mail.render.structured import with_structured_data
from tigc_mail.render.templates import Templates

EditionOf = Callable[..., TailoredEdition]
Fill = Callable[..., EmailMessage]

PAGE = "<html><head><title>a</title></head><body></body></html>"


def file(name: str = "agenda.pdf", content: bytes = b"%PDF") -> TailoredAttachment:
    return TailoredAttachment(
        file=name,
        title="Ordre du jour é",
        marking=Marking.CLEAR,
        media_type="application/pdf",
        content=content,
    )


@pytest.fixture(scope="module")
def shipped_templates() -> Templates:
    return Templates(SHIPPED / "templates")


@pytest.fixture(scope="module")
def notice(edition_of: EditionOf, shipped_templates: Templates) -> Callable[..., CompiledMessage]:
    """Compile a notice about an event, with the shipped templates."""

    def build(event: Any, locale: Locale = "en", **fields: Any) -> CompiledMessage:
        edition = about(edition_of(locale=locale, direction=direction(locale)), event)
        return compile_message(replace(edition, **fields), shipped_templates, "https://a.org")

    return build


# On the wire


def structure(message: EmailMessage) -> Any:
    kind = message.get_content_type()
    parts = [structure(part) for part in message.iter_parts()] if message.is_multipart() else []
    return (kind, parts) if parts else kind


ALTERNATIVE = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_notice_brings_its_calendar_as_an_alternative_and_as_a_file(
    notice: Callable[..., CompiledMessage], fill: Fill, stage: Stage
) -> None:
    compiled = notice(at_stage(stage))
    message = fill(compiled)
    assert structure(message) == ("multipart/mixed", [ALTERNATIVE, "application/ics"])
    assert not any(part.defects for part in message.walk())
    shown = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "event.ics"
    assert compiled.calendar is not None
    for part in (shown, attached):
        assert part.get_payload(decode=True) == compiled.calendar.content
    read = Calendar.from_ical(compiled.calendar.content)
    assert shown.get_param("method") == read["METHOD"] == compiled.calendar.method
    assert shown.get_content_charset() == "utf-8"


@given(content=st.binary(min_size=1, max_size=5000))
def test_a_file_arrives_as_it_is(edition_of: EditionOf, fill: Fill, content: bytes) -> None:
    part = AttachedPart("agenda.pdf", "application/pdf", "Ordre du jour é", content)
    wire = assemble(edition_of(), ("a",), ("b",), ("c",), "https://a.org/u/", None, (part,))
    head = Letterhead("", "", "", "", "")
    compiled = CompiledMessage("public", "en", ("a",), ("c",), ("b",), wire, ("", ""), head)
    message = fill(compiled)
    (attached,) = message.iter_attachments()
    assert attached.get_content() == content
    assert (attached.get_filename(), attached.get_content_type()) == (part.name, part.media_type)
    assert str(attached["Content-Description"]) == part.title
    assert not any(one.defects for one in message.walk())
    raw = b"".join(piece for piece in wire if isinstance(piece, bytes))
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_files_stand_beside_the_alternatives_in_the_authors_order(
    notice: Callable[..., CompiledMessage], fill: Fill, shipped_templates: Templates,
    edition_of: EditionOf,
) -> None:  # fmt: skip
    files = (file("b.pdf"), file("a.pdf"))
    message = fill(notice(details(), attachments=files))
    assert [part.get_filename() for part in message.iter_attachments()] == [
        "event.ics",
        "b.pdf",
        "a.pdf",
    ]
    plain = compile_message(edition_of(attachments=files), shipped_templates, "https://a.org")
    assert structure(fill(plain))[1][0] == ("multipart/alternative", ["text/plain", "text/html"])
    for name in ("b.pdf", "a.pdf"):
        assert f"Ordre du jour é ({name})" in fill(plain).get_body(("plain",)).get_content()


def test_calendar_and_files_are_literals_and_count_for_the_digest(
    notice: Callable[..., CompiledMessage],
) -> None:
    compiled = notice(details(), attachments=(file(),))
    behind = compiled.wire[-1]
    assert isinstance(behind, bytes)
    assert b"text/calendar" in behind
    assert b"agenda.pdf" in behind
    assert notice(details(), attachments=(file(),)).digest == compiled.digest
    for other in (
        notice(details(sequence=4), attachments=(file(),)),
        notice(details(), attachments=(file(content=b"%PDF2"),)),
        notice(details()),
    ):
        assert other.digest != compiled.digest


# The subject


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_name_in_every_language(
    shipped_templates: Templates, stage: Stage, locale: Locale
) -> None:
    phrase = shipped_templates.phrases(locale).gettext
    label = phrase(WORDS[stage].label)
    assert label != WORDS[stage].label or locale == "en"
    source = (SHIPPED / f"templates/blocks/event/{stage}.j2").read_text("utf-8")
    assert f'label = _("{WORDS[stage].label}")' in source
    if stage in NOT_TAKING_PLACE:
        assert f'sentence = _("{NOT_TAKING_PLACE[stage]}")' in source


def subject(edition_of: EditionOf, stage: Stage, text: str, **fields: Any) -> str:
    edition = replace(about(edition_of(), at_stage(stage)), **fields)
    return subject_of(edition, text, str)


def test_the_subject_of_a_notice_begins_with_the_stage(edition_of: EditionOf) -> None:
    assert subject(edition_of, "postponed", "Our conference") == "Postponed: Our conference"
    assert subject(edition_of, "postponed", "News", kind="newsletter") == "News"
    assert subject(edition_of, "postponed", "News", blocks=()) == "News"
    two = about(edition_of(), at_stage("postponed"), at_stage("reminder", uid="b@example.org"))
    assert subject_of(two, "News", str) == "News"


@pytest.mark.parametrize(
    ("stage", "locale", "said"),
    [
        ("postponed", "en", "IP Crime Conference in San José postponed"),
        ("postponed", "fr", "La conférence de San José est reportée"),
        ("postponed", "es", "Aplazada la conferencia de San José"),
        ("postponed", "ar", "إرجاء مؤتمر سان خوسيه"),
        ("cancelled", "en", "The conference is canceled"),
        ("cancelled", "fr", "Annulation de la conférence"),
        ("cancelled", "ar", "إلغاء المؤتمر"),
        ("reminder", "fr", "RAPPEL : la conférence"),
        ("registration-open", "es", "Inscripción abierta: la conferencia"),
        ("rescheduled", "en", "New dates for the conference"),
        ("moved-online", "en", "The conference moves online"),
        ("announced", "fr", "À noter : la conférence"),
    ],
)
def test_what_an_author_says_is_not_said_twice(
    edition_of: EditionOf, stage: Stage, locale: Locale, said: str
) -> None:
    assert subject(edition_of, stage, said, locale=locale) == said


def test_a_topic_is_not_taken_for_a_stage(edition_of: EditionOf) -> None:
    said = "Conference on online sales"
    assert subject(edition_of, "moved-online", said) == f"Now online: {said}"


def test_the_label_of_the_standard_goes_first(notice: Callable[..., CompiledMessage]) -> None:
    compiled = notice(at_stage("postponed"), subject="The conference", marking=Marking.GREEN)
    assert compiled.subject == ("TLP:GREEN Postponed: The conference",)


def test_a_recipients_value_may_stand_in_the_subject_of_a_notice(
    notice: Callable[..., CompiledMessage],
) -> None:
    compiled = notice(at_stage("reminder"), subject="{{ recipient.role }}, see you soon")
    assert compiled.subject[0] == "Reminder: "
    assert isinstance(compiled.subject[1], Occurrence)


# What is shown


JOIN, REGISTER, ABOUT = (f"https://example.org/{page}" for page in ("join", "register", "about"))
LINKS = {
    "Join online": JOIN,
    "Register": REGISTER,
    "About the event": ABOUT,
    "Read what is known so far": ABOUT,
}
ACTIONS = {
    "announced": ["About the event", "Join online"],
    "registration-open": ["Register", "About the event", "Join online"],
    "reminder": ["Join online", "Register", "About the event"],
    "postponed": ["Read what is known so far"],
    "rescheduled": ["Register", "Join online", "About the event"],
    "moved-online": ["Join online", "Register", "About the event"],
    "cancelled": ["About the event"],
}
"""What each stage offers where everything that can be written is written, the button first."""


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("field", ["", "online_url", "registration_url", "url"])
def test_each_stage_offers_what_can_be_done_and_nothing_else(
    notice: Callable[..., CompiledMessage], stage: Stage, field: str
) -> None:
    links = {"online_url": JOIN, "registration_url": REGISTER, "url": ABOUT}
    missing = {} if not field else {field: None}
    compiled = notice(at_stage(stage, **(links | missing)))
    rendered = compiled.fill(dict.fromkeys(compiled.slots, "x"))
    tree = lxml_html.document_fromstring(rendered.html)
    offered = [label for label in ACTIONS[stage] if LINKS[label] in (links | missing).values()]
    found = [a for a in tree.iter("a") if a.get("href").startswith("https://example.org")]
    assert [a.text_content().strip() for a in found] == offered
    told = [line for line in rendered.text.splitlines() if "https://example.org" in line]
    assert told == [f"{label}: {LINKS[label]}" for label in offered]
    known = LINKS[offered[0]] if offered else ""
    assert [a.get("href") for a in found if "background" in a.get("style", "")] == [known][
        : len(offered)
    ]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("link", [{}, {"online_url": JOIN}])
def test_a_message_says_where_the_event_is_wherever_it_takes_place(
    notice: Callable[..., CompiledMessage], stage: Stage, link: dict[str, str]
) -> None:
    event = at_stage(stage, **link)
    compiled = notice(event)
    rendered = compiled.fill(dict.fromkeys(compiled.slots, ""))
    tree = lxml_html.document_fromstring(rendered.html)
    struck = [one.text_content() for one in tree.iter("del")]
    shown = [one.text_content().strip() for one in tree.iter("div")]
    at_place = event.online_url is None
    assert ("Where: San José" in rendered.text.splitlines()) is at_place
    assert ("San José" in shown) is (at_place or stage == "moved-online")
    assert ("San José" in struck) is (stage == "moved-online")
    goes_on = stage not in ("postponed", "cancelled")
    assert ("Where: Online" in rendered.text.splitlines()) is (not at_place and goes_on)
    assert ("Online" in shown) is (not at_place and goes_on)


def test_no_empty_line_parts_when_from_where(notice: Callable[..., CompiledMessage]) -> None:
    hours = {
        "start": datetime(2020, 8, 26, 9, tzinfo=ZoneInfo("America/Costa_Rica")),
        "end": datetime(2020, 8, 26, 17, tzinfo=ZoneInfo("America/Costa_Rica")),
    }
    for event, slots in ((details(), {}), (details(**hours), {"own_time": ""})):
        compiled = notice(event)
        values = {slot: slots.get(slot.rpartition(".")[2], "x") for slot in compiled.slots}
        told = compiled.fill(values).text.splitlines()
        (at,) = (at for at, line in enumerate(told) if line.startswith("When: "))
        assert told[at + 1] == "Where: San José"


def test_registration_is_not_offered_once_it_is_over(
    notice: Callable[..., CompiledMessage],
) -> None:
    until = date(2020, 6, 15)
    for issued, offered in (
        (datetime(2020, 6, 16, 5, tzinfo=ZoneInfo("UTC")), True),  # still the 15th in San José
        (datetime(2020, 6, 16, 7, tzinfo=ZoneInfo("UTC")), False),
    ):
        event = at_stage(
            "reminder",
            issued=issued,
            registration_until=until,
            registration_url="https://example.org/register",
        )
        compiled = notice(event)
        rendered = compiled.fill(dict.fromkeys(compiled.slots, "x"))
        assert ("https://example.org/register" in rendered.html) is offered
        assert ("Register by: 15 June 2020" in rendered.text) is offered


def test_a_detail_is_shown_under_its_label(notice: Callable[..., CompiledMessage]) -> None:
    own = TailoredEventDetail(
        label="Room", text="For {{ recipient.role }}: A & B", marking=Marking.GREEN
    )
    compiled = notice(details(details=(own,)))
    rendered = compiled.fill(dict.fromkeys(compiled.slots, "<x>"))
    assert "For &lt;x&gt;: A &amp; B" in rendered.html
    assert "[TLP:GREEN]\nRoom: For <x>: A & B" in rendered.text
    assert compiled.calendar is not None
    assert b"Room" not in compiled.calendar.content


# For machines


def told(page: str) -> Any:
    (script,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script></head>', page, re.DOTALL
    )
    return json.loads(script)


STATUS = {
    "announced": "EventScheduled",
    "registration-open": "EventScheduled",
    "reminder": "EventScheduled",
    "postponed": "EventPostponed",
    "rescheduled": "EventRescheduled",
    "moved-online": "EventMovedOnline",
    "cancelled": "EventCancelled",
}


def test_a_life_is_told_in_the_words_of_schema_org(edition_of: EditionOf) -> None:
    for edition, stage in zip(life(edition_of()), STAGES, strict=True):
        found = told(with_structured_data(PAGE, edition))
        moved = stage in ("rescheduled", "moved-online", "cancelled")
        assert found["eventStatus"] == f"https://schema.org/{STATUS[stage]}"
        assert found["startDate"] == ("2020-11-03" if moved else "2020-08-26")
        assert ("previousStartDate" in found) is (stage == "rescheduled")
        online = stage == "moved-online"
        assert found["location"]["@type"] == ("VirtualLocation" if online else "Place")


@pytest.mark.parametrize("stage", STAGES)
def test_an_online_event_stays_online_and_invites_only_where_it_takes_place(
    edition_of: EditionOf, stage: Stage
) -> None:
    event = at_stage(stage, online_url=JOIN, registration_url=REGISTER)
    page = with_structured_data(PAGE, about(edition_of(), event))
    found = told(page)
    assert found["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    goes_on = stage not in ("postponed", "cancelled")
    joined = {"url": JOIN} if goes_on else {}
    assert found["location"] == {"@type": "VirtualLocation", **joined}
    assert (REGISTER in page) is (goes_on and stage != "announced")
    assert (JOIN in page) is goes_on


@given(name=st.text(min_size=1) | st.sampled_from(["</script><script>", "<!--", "]]>", "&lt;"]))
def test_no_name_breaks_out_of_the_script(edition_of: EditionOf, name: str) -> None:
    page = with_structured_data(PAGE, about(edition_of(), details(name=name)))
    (script,) = re.findall(r"<script[^>]*>([^<>&]*)</script></head>", page)
    assert json.loads(script)["name"] == name
    assert page.count("<") == PAGE.count("<") + 2


def test_a_page_without_events_stays_as_it_is(edition_of: EditionOf) -> None:
    assert with_structured_data(PAGE, edition_of()) == PAGE


def test_several_events_are_told_together(edition_of: EditionOf) -> None:
    page = with_structured_data(
        PAGE, about(edition_of(), details(), details(uid="b@example.org", name="B"))
    )
    assert [event["name"] for event in told(page)] == ["The conference", "B"]
