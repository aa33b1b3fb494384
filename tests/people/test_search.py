"""Contacts are found by the words of their name, address and organisation, or by their number."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from tigc_mail.ground.database import writing
from tigc_mail.people.contacts import Contacts, Suppression
from tigc_mail.people.tables import contacts as table

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Write = Callable[..., Path]

PEOPLE = """\
email,given_name,family_name,organisation
ana@example.org,Ana,Solís,Customs Service
ben_carter@example.org,Ben,Carter,Ministry of Justice
benxcarter@example.com,Benedict,Carter,100% Pharma
elodie@bücher.example,Élodie,Roux,Customs Service
r2d2@example.org,,,
"""


@pytest.fixture
def known(contacts: Contacts, write: Write) -> Contacts:
    contacts.import_file(write(PEOPLE))
    return contacts


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ana", [1]),
        ("  SOLÍS  ", [1]),
        ("carter", [2, 3]),
        ("carter justice", [2]),
        ("justice carter ben", [2]),
        ("customs", [1, 4]),
        ("élodie", [4]),
        ("ÉLODIE ROUX", [4]),
        ("bücher", [4]),
        ("xn--bcher-kva", [4]),
        ("Example.org", [1, 2, 5]),
        ("r2", [5]),
        ("nobody", []),
        ("ana carter", []),
    ],
)
def test_every_word_stands_somewhere_in_any_case(
    known: Contacts, text: str, numbers: list[int]
) -> None:
    assert [contact.id for contact in known.search(text)] == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("n_c", [2]), ("100%", [3]), ("%", [3]), ("_", [2]), ("/", []), ("\\", [])],
)
def test_no_letter_stands_for_others(known: Contacts, text: str, numbers: list[int]) -> None:
    assert [contact.id for contact in known.search(text)] == numbers


def test_a_number_or_a_whole_address_finds_just_its_contact(known: Contacts) -> None:
    assert [contact.id for contact in known.search("2")] == [2]
    assert [contact.id for contact in known.search("R2D2@example.org")] == [5]
    assert [contact.id for contact in known.search("100")] == [3], "nobody has this number"


def test_without_words_the_first_are_found(known: Contacts) -> None:
    assert [contact.id for contact in known.search(" ", limit=2)] == [1, 2]


def test_what_is_found_is_the_whole_contact(known: Contacts) -> None:
    assert known.search("ana") == (known.get("ana@example.org"),)
    assert known.with_id(1) == known.get("ana@example.org")


@pytest.mark.parametrize("number", [0, -1, 6, 2**31, 10**30])
def test_nobody_has_a_number_that_was_not_given(known: Contacts, number: int) -> None:
    assert known.with_id(number) is None


def test_a_suppression_is_found_by_the_address_in_any_case(known: Contacts) -> None:
    assert known.suppression("ana@example.org") is None
    known.suppress("ana@example.org", "bounced", "postmaster")
    assert known.suppression("ANA@example.org") == Suppression("bounced", "postmaster", NOW)


@given(
    text=st.text(max_size=300), family_name=st.text(alphabet="aB%_\\/ é", min_size=1, max_size=9)
)
def test_any_text_can_be_searched_for(shared_engine: Engine, text: str, family_name: str) -> None:
    """A name is found by each of its words; nothing that is typed breaks the search."""
    contacts = Contacts(shared_engine, lambda: NOW)
    row = {
        "email": "a@example.org",
        "email_readable": "a@example.org",
        "email_key": "a@example.org",
    }
    with writing(shared_engine) as connection:
        connection.execute(delete(table))
        connection.execute(
            insert(table).values(**row, family_name=family_name, created_at=NOW, updated_at=NOW)
        )
    assert len(contacts.search(text)) <= 1
    for word in family_name.split():
        assert len(contacts.search(word)) == 1
