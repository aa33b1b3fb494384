"""Events on the recipient's own clock, from the contacts file to the message."""

import email
from datetime import UTC, datetime
from email import policy
from pathlib import Path

import pytest
from tests.interfaces.small import Small

from tigc_mail import Contact, Workspace
from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values

EVENT = """\
  - id: meeting
    type: event
    marking: TLP:CLEAR
    title: {en: Save the date, fr: À noter}
    event:
      uid: meeting@example.org
      name: {en: The meeting, fr: La réunion}
      time_zone: America/Costa_Rica
      start: START
      end: END
      stage: announced
      issued: 2027-01-11T09:00:00Z
"""

BEHIND = {
    "en": "Please keep the date free. An invitation to register will follow.",
    "fr": "Veuillez réserver cette date. Une invitation à vous inscrire suivra.",
}
"""The line right behind those about the time."""

HOURS = {"START": "2027-05-11T08:00:00", "END": "2027-05-11T09:30:00"}


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return with_event(tmp_path, HOURS)


def with_event(folder: Path, hours: dict[str, str]) -> Small:
    small = Small(folder)
    event = EVENT
    for name, hour in hours.items():
        event = event.replace(name, hour)
    small.edition.write_text(small.edition.read_text("utf-8") + event, "utf-8")
    return small


def lines(small: Small, locale: str, **reader: str) -> list[str]:
    """Return the lines about the time of the event that one reader gets."""
    zone = reader.pop("time_zone", None)
    contact = Contact(
        email="a@example.org",
        email_readable="a@example.org",
        attributes={"time_zone": zone} if zone else {},
        **reader,
    )
    message = Workspace.open(small.folder).render(
        "news", audience="readers", locale=locale, contact=contact
    )
    told = message.text.splitlines()
    at = next(at for at, line in enumerate(told) if "2027" in line)
    return [
        line.replace("\u2009", " ").replace("\xa0", " ").replace("\u2013", "-")
        for line in told[at : told.index(BEHIND[locale])]
    ]


def test_the_time_of_a_readers_zone_stands_below_that_of_the_event(small: Small) -> None:
    assert lines(small, "en", time_zone="Europe/Paris") == [
        "When: 11 May 2027, 08:00-09:30 (Costa Rica time)",
        "16:00-17:30 in your time zone (Paris)",
    ]
    assert lines(small, "fr", country="FR") == [
        "Dates : 11 mai 2027, 08:00 - 09:30 (heure locale, Costa Rica)",
        "16:00 - 17:30 dans votre fuseau horaire (France)",
    ]


@pytest.mark.parametrize(
    "reader",
    [
        {},
        {"country": "US"},
        {"country": "CR"},
        {"time_zone": "America/Costa_Rica"},
        {"time_zone": "Mars"},
    ],
)
def test_nothing_is_left_where_no_other_time_is_known(small: Small, reader: dict[str, str]) -> None:
    assert lines(small, "en", **reader) == ["When: 11 May 2027, 08:00-09:30 (Costa Rica time)"]


def test_an_unknown_zone_gives_way_to_the_country(small: Small) -> None:
    assert len(lines(small, "en", time_zone="Mars/Olympus", country="FR")) == 2


def test_an_event_told_in_days_is_the_same_for_all(tmp_path: Path) -> None:
    small = with_event(tmp_path, {"START": "2027-05-11", "END": "2027-05-12"})
    assert lines(small, "en", time_zone="Europe/Paris") == ["When: 11-12 May 2027"]


def test_a_batch_gets_each_recipients_time(small: Small) -> None:
    workspace = Workspace.open(small.folder)
    edition, audience = workspace.edition("news"), workspace.audience("readers")
    message = workspace.compile(edition, audience, "en", frozenset())
    assert attribute_names(message) == ["time_zone"]
    zones, countries = ["Europe/Paris", "", "", "nowhere"] * 2, [None, "DE", "US", None] * 2
    nothing = [""] * len(zones)
    people = Addressees(
        delivery_ids=nothing, tokens=nothing, emails=["a@example.org"] * len(zones), given_names=nothing,
        family_names=nothing, organisations=nothing, roles=nothing, countries=countries,
        attributes={"time_zone": zones},
    )  # fmt: skip
    (slot,) = message.event_times
    told = slot_values(message, people, datetime(2026, 11, 24, tzinfo=UTC))[slot]
    paris, germany = (
        f"\n16:00-17:30 in your time zone ({place})" for place in ("Paris", "Germany")
    )
    assert [time.replace("\u2009", " ").replace("\u2013", "-") for time in told] == [
        paris,
        germany,
        "",
        "",
    ] * 2


def test_a_sent_message_tells_the_time_of_the_contacts_file(small: Small) -> None:
    rows = "email,sector,locale,consent_basis,time_zone\n"
    rows += "a@example.org,public,en,consent,Asia/Tokyo\nb@example.org,public,en,consent,Tokio\n"
    (small.folder / "contacts.csv").write_text(rows, "utf-8")
    workspace = Workspace.open(small.folder)
    report = workspace.contacts.import_file(small.folder / "contacts.csv")
    ((line, field, note),) = report.notes
    assert (line, field) == (3, "time_zone")
    assert note.startswith("is not the name of a time zone such as Europe/Paris")
    campaign = workspace.campaigns.create(workspace.edition("news"), author="ana")
    campaign.approve(by="ben")
    campaign.send()
    told = {}
    for file in (small.folder / "outbox").rglob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        told[str(message["To"])] = body.get_content()
    assert "12 May 2027, 00:30 in your time zone (Tokyo)" in told["a@example.org"]
    assert "your time zone" not in told["b@example.org"]


def test_another_time_is_another_message(small: Small) -> None:
    """What the recipients' own times are made of belongs to what is approved."""
    workspace = Workspace.open(small.folder)
    audience = workspace.audience("readers")

    def digest() -> str:
        return workspace.compile(workspace.edition("news"), audience, "en", frozenset()).digest

    before = digest()
    catalogue = small.folder / "templates" / "phrases" / "en.po"
    small.change('msgstr "%(time)s in your', 'msgstr "%(time)s on your', catalogue)
    assert digest() != before
