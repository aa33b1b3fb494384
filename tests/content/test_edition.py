"""Editions as their audiences read them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope
from tigc_mail.content.tailored import (
    Fallback,
    TailoredCourseList,
    TailoredEdition,
    TailoredEvent,
    TailoredKeyMessage,
    TailoredPartnerList,
)
from tigc_mail.errors import UsageError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience

Audiences = Mapping[str, Audience]
EditionOf = Callable[..., dict[str, Any]]


def text(id_: str, marking: str = "TLP:CLEAR", **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": "text", "marking": marking, "body": f"Body of {id_}"} | more


LIAISON = {"field": "tags", "contains": "liaison"}

PARTNERS: dict[str, Any] = {
    "id": "partners",
    "type": "partner-list",
    "marking": "TLP:CLEAR",
    "title": {"en": "Partners", "fr": "Partenaires"},
    "groups": [
        {
            "name": "Open",
            "partners": [{"name": "Secret", "marking": "TLP:AMBER"}, {"name": "Known"}],
        },
        {"name": "Closed", "marking": "TLP:GREEN", "partners": [{"name": "Quiet"}]},
        {"name": "All secret", "partners": [{"name": "Hidden", "marking": "TLP:AMBER"}]},
    ],
}


@pytest.fixture
def read(audiences: Audiences, edition_of: EditionOf) -> Callable[..., Edition]:
    """Return an edition of the blocks given."""

    def build(*blocks: dict[str, Any], **head: Any) -> Edition:
        return Edition.model_validate(
            edition_of(*blocks, **head), context=Scope(workspace=audiences)
        )

    return build


@pytest.fixture
def tailor(read: Callable[..., Edition], audiences: Audiences) -> Callable[..., TailoredEdition]:
    """Return an edition of the blocks given as one audience reads it."""

    def build(
        audience: str, *blocks: dict[str, Any], locale: Locale = "en", **head: Any
    ) -> TailoredEdition:
        return read(*blocks, **head).for_audience(audiences[audience], locale)

    return build


Read = Callable[..., Edition]
Tailor = Callable[..., TailoredEdition]


def ids(edition: TailoredEdition) -> list[str]:
    return [block.id for block in edition.blocks]


def test_an_audience_reads_its_blocks_up_to_its_ceiling_in_order(tailor: Tailor) -> None:
    blocks = (
        text("amber", "TLP:AMBER"),
        text("clear"),
        text("theirs", audiences=["police"]),
        text("green", "TLP:GREEN"),
        text("red", "TLP:RED"),
    )
    assert ids(tailor("public", *blocks)) == ["clear"]
    assert ids(tailor("private-sector", *blocks)) == ["clear", "green"]
    assert ids(tailor("police", *blocks)) == ["amber", "clear", "theirs", "green"]


def test_the_marking_of_the_message_is_the_highest_shown(tailor: Tailor) -> None:
    blocks = (text("green", "TLP:GREEN"), text("amber", "TLP:AMBER"), text("clear"))
    assert tailor("public", *blocks).marking is Marking.CLEAR
    assert tailor("private-sector", *blocks).marking is Marking.GREEN
    assert tailor("police", *blocks).marking is Marking.AMBER
    assert tailor("public", text("green", "TLP:GREEN")).marking is Marking.CLEAR


def test_conditional_blocks_are_shown_where_asked_for(read: Read, audiences: Audiences) -> None:
    edition = read(text("always"), text("liaison", show_when=LIAISON))
    public = audiences["public"]
    assert ids(edition.for_audience(public, "en")) == ["always", "liaison"]
    assert ids(edition.for_audience(public, "en", frozenset())) == ["always"]
    assert ids(edition.for_audience(public, "en", frozenset({"liaison"}))) == ["always", "liaison"]


def test_only_what_an_audience_may_see_counts_as_conditional_for_it(
    read: Read, audiences: Audiences
) -> None:
    edition = read(
        text("always"),
        text("one", show_when=LIAISON),
        text("two", "TLP:AMBER", show_when=LIAISON),
        text("three", audiences=["police"], show_when=LIAISON),
    )
    found = {
        name: [block.id for block in edition.conditional_blocks(audience)]
        for name, audience in audiences.items()
    }
    assert found == {
        "public": ["one"],
        "private-sector": ["one"],
        "police": ["one", "two", "three"],
    }


def test_head_and_audience_are_in_the_language_of_the_message(tailor: Tailor) -> None:
    found = tailor("public", text("one", body={"en": "x", "fr": "y"}), locale="fr")
    assert (found.subject, found.preheader, found.locale) == ("Nouvelles", "Du nouveau", "fr")
    assert (found.kind, found.direction, found.not_after) == ("newsletter", "ltr", None)
    assert found.audience.name == "Le public"
    assert found.audience.sender_name == "Le programme"
    assert found.audience.sender_address == "news@example.org"
    assert found.audience.reply_to == "desk@example.org"
    assert found.audience.list_id == "public.example.org"
    assert found.audience.reason == "Vous l'avez demandé."
    assert found.fallbacks == ()


def test_arabic_is_written_from_right_to_left(tailor: Tailor) -> None:
    found = tailor(
        "public", text("one"), locale="ar", languages=["en", "ar"], subject="x", preheader="y"
    )
    assert found.direction == "rtl"


def test_every_fallback_is_reported(tailor: Tailor) -> None:
    body = {"en": "x", "fr": "y", "police": {"en": "z"}}
    found = tailor("police", text("one", title="T", body=body), locale="fr")
    assert found.fallbacks == (
        Fallback("blocks[one].title", "fr", "en"),
        Fallback("blocks[one].body", "fr for police", "fr"),
    )
    assert [str(fallback) for fallback in found.fallbacks] == [
        "blocks[one].title: no fr, shown in en",
        "blocks[one].body: no fr for police, shown in fr",
    ]


def test_a_key_message_takes_the_words_that_stand_in_the_audiences_file(tailor: Tailor) -> None:
    block = {"id": "km", "type": "key-message", "marking": "TLP:CLEAR", "key_message": "crime"}
    found = tailor("police", block, locale="fr")
    [message] = found.blocks
    assert isinstance(message, TailoredKeyMessage)
    assert message.title == "Le crime, pour le police"
    assert message.body == "It pays for crime: police."
    assert (message.key_message, message.standing) == ("crime", ("title", "body"))
    assert found.fallbacks == (Fallback("audience.key_messages.crime.body", "fr", "en"),)


def test_a_key_message_of_the_edition_goes_before_the_standing_one(tailor: Tailor) -> None:
    block = {"id": "km", "type": "key-message", "marking": "TLP:CLEAR", "key_message": "crime"}
    [message] = tailor("public", block | {"title": "Mine"}).blocks
    assert (message.title, message.body) == ("Mine", "It pays for crime: public.")
    assert message.standing == ("body",)
    own = {"id": "km", "type": "key-message", "marking": "TLP:CLEAR", "title": "A", "body": "B"}
    [message] = tailor("public", own).blocks
    assert (message.title, message.body) == ("A", "B")
    assert message.standing == ()


def test_a_key_message_without_words_is_refused(read: Read) -> None:
    with pytest.raises(ValidationError, match="is required where title and body"):
        read({"id": "km", "type": "key-message", "marking": "TLP:CLEAR", "title": "A"})


def test_partners_and_groups_above_the_ceiling_cannot_be_reached(tailor: Tailor) -> None:
    [block] = tailor("public", PARTNERS).blocks
    assert isinstance(block, TailoredPartnerList)
    assert [(one.name, [partner.name for partner in one.partners]) for one in block.groups] == [
        ("Open", ["Known"])
    ]
    assert block.marking is Marking.CLEAR


def test_a_partner_list_is_marked_as_high_as_what_it_shows(tailor: Tailor) -> None:
    markings = [tailor(name, PARTNERS).marking for name in ("private-sector", "police")]
    assert markings == [Marking.GREEN, Marking.AMBER]


def test_a_partner_list_with_nobody_to_show_is_left_out(tailor: Tailor) -> None:
    assert ids(tailor("public", PARTNERS | {"groups": PARTNERS["groups"][1:]})) == []


def test_items_are_counted_among_those_shown(tailor: Tailor) -> None:
    found = tailor("private-sector", PARTNERS, locale="fr")
    assert [fallback.path for fallback in found.fallbacks] == [
        "blocks[partners].groups[0].name",
        "blocks[partners].groups[1].name",
    ]


def test_an_event_of_one_day_ends_on_that_day(tailor: Tailor) -> None:
    details = {
        "name": "Conference",
        "time_zone": "America/Costa_Rica",
        "start": "2020-08-26",
        "place": "San José",
        "country": "CR",
        "issued": "2020-06-15T09:00:00Z",
        "stage": "postponed",
        "uid": "ipcc-2020@tigc.example.org",
    }
    block = {"id": "e", "type": "event", "marking": "TLP:CLEAR", "title": "T", "event": details}
    [found] = tailor("public", block).blocks
    assert isinstance(found, TailoredEvent)
    assert (found.event.start, found.event.end) == (date(2020, 8, 26), date(2020, 8, 26))
    assert (found.event.place, found.event.sequence, found.body) == ("San José", 0, "")


def test_courses_are_worded_for_the_audience(tailor: Tailor) -> None:
    course = {
        "title": "Basics",
        "body": {"en": "Open to all.", "police": "Free of charge."},
        "url": "https://courses.example.org/",
    }
    block = {"id": "c", "type": "course-list", "marking": "TLP:CLEAR", "title": "T"}
    for audience, words in (("police", "Free of charge."), ("public", "Open to all.")):
        [found] = tailor(audience, block | {"courses": [course]}).blocks
        assert isinstance(found, TailoredCourseList)
        assert [one.body for one in found.courses] == [words]
        assert found.url is None


def test_a_contact_reads_the_edition_in_its_own_language_if_there_is_one(read: Read) -> None:
    edition = read(text("one"))
    assert [edition.locale_for(locale) for locale in ("fr", "es", None)] == ["fr", "en", "en"]


@pytest.mark.parametrize("name", [{"en": "one"}, ["one"], 1, None])
def test_an_id_that_is_no_text_is_told_as_a_fault(read: Read, name: object) -> None:
    with pytest.raises(ValidationError) as error:
        read({**text("one"), "id": name}, text("two"))
    assert error.value.errors()[0]["loc"][:2] == ("blocks", 0)


def test_an_audience_or_language_that_an_edition_has_not_is_wrong_usage(
    read: Read, audiences: Audiences
) -> None:
    edition = read(text("one"), audiences=["public"])
    with pytest.raises(UsageError, match="edition news: is not for the audience 'police'"):
        edition.for_audience(audiences["police"], "en")
    with pytest.raises(UsageError, match="edition news: is not written in 'es'"):
        edition.for_audience(audiences["public"], "es")


def test_the_ids_of_blocks_are_unique(read: Read) -> None:
    with pytest.raises(ValidationError) as caught:
        read(text("one"), text("two"), text("one"))
    assert [problem["loc"] for problem in caught.value.errors()] == [
        ("blocks", 0, "id"),
        ("blocks", 2, "id"),
    ]


@pytest.mark.parametrize("id_", ["One", "a b", "a--b", "-a", "a_b", "", "x" * 61])
def test_the_id_of_a_block_is_in_kebab_case(read: Read, id_: str) -> None:
    with pytest.raises(ValidationError, match="small letters, digits and single hyphens"):
        read(text(id_))


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ({"languages": ["fr"]}, "languages"),
        ({"languages": ["en", "en"]}, "languages"),
        ({"languages": []}, "languages"),
        ({"audiences": ["public", "public"]}, "audiences"),
        ({"audiences": ["robots"]}, "audiences"),
        ({"kind": "poster"}, "kind"),
        ({"not_after": "2026-12-31T23:00:00"}, "not_after"),
        ({"subject": "two\nlines"}, "subject"),
        ({"blocks": []}, "blocks"),
        ({"blocks": {}}, "blocks"),
    ],
)
def test_a_wrong_head_is_refused_at_its_field(read: Read, head: dict[str, Any], path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(**({"blocks": [text("one")]} | head))
    assert {problem["loc"][0] for problem in caught.value.errors()} == {path}


def test_an_edition_cannot_be_changed(read: Read) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read(text("one")).id = "other"  # type: ignore[misc]
