"""Which audience, and which blocks, a contact is written to with."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from tests.delivery.plans import (
    Person,
    Plan,
    audience_of,
    batch_rows,
    clear,
    edition_of,
    expected,
    office,
    recorded,
    store,
)

from tigc_mail import Contact
from tigc_mail.content.edition import MAX_CONDITIONAL_BLOCKS


def test_a_block_above_the_ceiling_makes_no_variant_of_its_own(shared_engine: Engine) -> None:
    clear(shared_engine)
    rule = {"field": "tags", "contains": "a"}
    everyone = {"field": "email", "present": True}
    known = {"low": audience_of("low", everyone), "high": audience_of("high", rule, "TLP:AMBER")}
    blocks: list[dict[str, Any]] = [
        {"id": "open", "marking": "TLP:CLEAR"},
        {"id": "secret", "marking": "TLP:AMBER", "show_when": rule},
    ]
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(shared_engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    edition = edition_of(["low", "high"], blocks)
    low = office(shared_engine, known).create(edition, author="ana")
    assert recorded(shared_engine, low).planned == {
        1: ("low", "en", frozenset()),
        2: ("low", "en", frozenset()),
    }
    assert len(batch_rows(shared_engine, low)) == 1
    clear(shared_engine)
    store(shared_engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    high = office(shared_engine, known).create(edition, audiences=["high", "low"], author="ana")
    assert recorded(shared_engine, high).planned == {
        1: ("high", "en", frozenset({"secret"})),
        2: ("low", "en", frozenset()),
    }


def test_who_is_shown_nothing_as_one_audience_is_written_to_as_a_later_one(
    shared_engine: Engine,
) -> None:
    clear(shared_engine)
    everyone = {"field": "email", "present": True}
    known = {name: audience_of(name, everyone) for name in ("one", "two", "three")}
    tagged = {"field": "tags", "contains": "a"}
    blocks: list[dict[str, Any]] = [
        {"id": "rare", "marking": "TLP:CLEAR", "audiences": ["one"], "show_when": tagged},
        {"id": "open", "marking": "TLP:CLEAR", "audiences": ["two", "three"]},
    ]
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(shared_engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    edition = edition_of(list(known), blocks)
    campaign = office(shared_engine, known).create(edition, author="ana")
    assert recorded(shared_engine, campaign) == Plan(
        planned={1: ("one", "en", frozenset({"rare"})), 2: ("two", "en", frozenset())},
        excluded={
            (1, "two"): "in-an-earlier-audience",
            (1, "three"): "in-an-earlier-audience",
            (2, "one"): "in-a-later-audience",
            (2, "three"): "in-an-earlier-audience",
        },
        outside=0,
    )
    status = campaign.status()
    assert (status.contacts, status.planned, status.in_several) == (2, 2, 2)


def test_who_is_shown_nothing_in_any_audience_is_counted_once(shared_engine: Engine) -> None:
    clear(shared_engine)
    everyone = {"field": "email", "present": True}
    known = {name: audience_of(name, everyone) for name in ("one", "two")}
    block = {"id": "rare", "marking": "TLP:CLEAR", "show_when": {"field": "tags", "contains": "a"}}
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(shared_engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    campaign = office(shared_engine, known).create(edition_of(list(known), [block]), author="ana")
    assert campaign.status().excluded == {"in-an-earlier-audience": 1, "nothing-to-show": 1}
    assert campaign.planned == 1


def test_more_conditional_blocks_than_variants_stay_few_with_are_a_fault_of_the_edition() -> None:
    rule = {"field": "tags", "contains": "a"}
    blocks = [
        {"id": f"block-{at}", "marking": "TLP:CLEAR", "show_when": rule}
        for at in range(MAX_CONDITIONAL_BLOCKS + 1)
    ]
    assert edition_of(["all"], blocks[1:])
    with pytest.raises(ValidationError, match="more than 16 blocks have a `show_when` rule"):
        edition_of(["all"], blocks)


def test_all_conditional_blocks_there_may_be_still_find_their_readers(
    shared_engine: Engine,
) -> None:
    names = [f"audience-{at}" for at in range(12)]
    known = {name: audience_of(name, {"field": "tags", "contains": name}) for name in names}
    blocks = [
        {
            "id": f"block-{at}",
            "marking": "TLP:CLEAR",
            "show_when": {"field": "tags", "contains": f"block-{at}"},
        }
        for at in range(MAX_CONDITIONAL_BLOCKS)
    ]
    everyone = [
        Person(
            Contact(
                id=at,
                email=f"reader{at}@example.org",
                email_readable=f"reader{at}@example.org",
                consent_basis="consent",
                tags=frozenset({*names[at - 1 :], "block-15", f"block-{at}"}),
            ),
            withdrawn=False,
            suppressed=False,
        )
        for at in range(1, 13)
    ]
    clear(shared_engine)
    store(shared_engine, everyone)
    edition = edition_of(names, blocks)
    campaign = office(shared_engine, known).create(edition, author="ana")
    assert recorded(shared_engine, campaign) == expected(edition, tuple(known.values()), everyone)
