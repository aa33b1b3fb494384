"""Contacts are imported whole or not at all, updated without loss, and their consent is kept."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import Engine, select
from tests.databases import BOTH, examples

from tigc_mail.errors import ContactsFileError, UsageError
from tigc_mail.ground.database import reading, writing
from tigc_mail.people.consent import in_force
from tigc_mail.people.contact import CONSENT_BASES, Contact
from tigc_mail.people.contacts import Contacts
from tigc_mail.people.contacts_file import RejectedRow, Row
from tigc_mail.people.importing import CHUNK, Import, Note
from tigc_mail.people.rule import Rule
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import contacts as table
from tigc_mail.people.tables import suppressions

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Write = Callable[..., Path]


def known(contacts: Contacts, email: str = "ana@example.org") -> Contact:
    found = contacts.get(email)
    assert found is not None
    return found


@BOTH
def test_the_good_rows_go_in_and_the_others_are_reported(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email\nbea@example.org\n"))
    report = contacts.import_file(
        write("email,country\nana@example.org,FR\nx,FR\nBea@Example.org,\nc@example.org,XX\n")
    )
    told = report.to_json()
    assert (told["accepted"], told["updated"]) == (1, 1)
    assert [(row["line"], row["field"]) for row in told["rejected"]] == [
        (3, "email"),
        (5, "country"),
    ]
    assert set(told["rejected"][0]) == {"line", "field", "reason"}
    assert contacts.count() == 2


@BOTH
def test_what_is_stored_is_what_was_read(contacts: Contacts, write: Write) -> None:
    contacts.import_file(
        write(
            "email,given_name,sector,country,locale,consent_basis,tags,score,since,note\n"
            'Ana@bücher.example,Ana,public,cr,es,public-task,a;b,3.5,2026-01-31,"two\nlines"\n'
        )
    )
    assert known(contacts, " ANA@bücher.EXAMPLE ") == Contact(
        id=1,
        email="Ana@xn--bcher-kva.example",
        email_readable="Ana@bücher.example",
        given_name="Ana",
        sector="public",
        country="CR",
        locale="es",
        consent_basis="public-task",
        tags=frozenset({"a", "b"}),
        attributes={"note": "two\nlines", "score": "3.5", "since": "2026-01-31"},
    )


@BOTH
@pytest.mark.parametrize("email", ["nobody@example.org", "no address", ""])
def test_who_is_not_known_is_none(contacts: Contacts, email: str) -> None:
    assert contacts.get(email) is None


@BOTH
def test_a_blank_cell_erases_nothing_and_a_filled_one_replaces(
    contacts: Contacts, write: Write
) -> None:
    header = "email,given_name,role,sector,country,tags,region,score\n"
    contacts.import_file(write(f"{header}ana@example.org,Ana,Judge,public,FR,a;b,North,3\n"))
    contacts.import_file(write(f"{header}ana@example.org,,Mayor,,CR,b;c,,4\n"))
    found = known(contacts)
    assert (found.given_name, found.role, found.sector, found.country) == (
        "Ana",
        "Mayor",
        "public",
        "CR",
    )
    assert found.tags == {"a", "b", "c"}
    assert found.attributes == {"region": "North", "score": "4"}


@BOTH
def test_the_second_row_of_an_address_is_rejected_however_far_below(
    contacts: Contacts, write: Write
) -> None:
    people = "".join(f"p{at}@example.org,\n" for at in range(CHUNK + 10))
    content = f"email,country\nana@example.org,XX\n{people}ana@example.org,\nP0@EXAMPLE.org,FR\n"
    report = contacts.import_file(write(content))
    assert report.accepted == CHUNK + 11
    assert report.rejected[1:] == (
        RejectedRow(
            CHUNK + 14, "email", "has the same address as line 3; keep one of the two rows"
        ),
    )
    assert known(contacts, "p0@example.org").country is None


@BOTH
@pytest.mark.parametrize(
    "end", [b"b\xe9@example.org\n", b'"b@example.org\n'], ids=["encoding", "quote"]
)
def test_a_fault_of_the_file_imports_nothing(contacts: Contacts, write: Write, end: bytes) -> None:
    people = "".join(f"p{at}@example.org\n" for at in range(CHUNK + 10)).encode()
    with pytest.raises(ContactsFileError):
        contacts.import_file(write(b"email\n" + people + end))
    assert contacts.count() == 0
    assert contacts.import_file(write(b"email\n" + people)).accepted == CHUNK + 10


def test_progress_tells_rows_and_the_share_of_the_file(contacts: Contacts, write: Write) -> None:
    told: list[tuple[int, float]] = []
    people = "".join(f"p{at}@example.org\n" for at in range(2 * CHUNK + 1))
    contacts.import_file(write(f"email\n{people}"), lambda *told_now: told.append(told_now))
    assert [rows for rows, _ in told] == [CHUNK, 2 * CHUNK, 2 * CHUNK + 1]
    assert 0.3 < told[0][1] < told[1][1] <= told[2][1] == 1


@BOTH
def test_a_consent_without_a_date_counts_from_the_import(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email,consent_basis\nana@example.org,consent\n"))
    (entry,) = contacts.consents(1)
    assert entry == ("granted", "consent", "import members.csv", NOW, NOW)


@BOTH
def test_a_consent_told_again_is_not_recorded_again(contacts: Contacts, write: Write) -> None:
    path = write("email,consent_basis,consent_at\nana@example.org,consent,2026-01-01\n")
    contacts.import_file(path)
    contacts.import_file(path)
    assert len(contacts.consents(1)) == 1


@BOTH
@pytest.mark.parametrize("date", ["", "2026-01-01"])
def test_an_import_does_not_revive_a_withdrawn_consent(
    contacts: Contacts, write: Write, date: str
) -> None:
    header = "email,role,consent_basis,consent_at\n"
    contacts.import_file(write(f"{header}ana@example.org,,consent,2025-01-01\n"))
    contacts.withdraw("Ana@example.org", "page")
    report = contacts.import_file(write(f"{header}ana@example.org,Judge,consent,{date}\n"))
    assert report.updated == 1
    ((line, field, note),) = report.notes
    assert (line, field) == (2, "consent_basis")
    assert "stays withdrawn" in note
    assert report.to_json()["notes"] == [Note(line, field, note)._asdict()]
    assert known(contacts).role == "Judge"
    assert known(contacts).consent_basis is None
    assert len(contacts.consents(1)) == 2


@BOTH
def test_a_later_grant_revives_a_withdrawn_consent(engine: Engine, write: Write) -> None:
    header = "email,consent_basis,consent_at\n"
    early = Contacts(engine, lambda: NOW - timedelta(days=9))
    early.import_file(write(f"{header}ana@example.org,consent,2025-01-01\n"))
    early.withdraw("ana@example.org", "page")
    late = Contacts(engine, lambda: NOW)
    report = late.import_file(write(f"{header}ana@example.org,public-task,2026-11-24\n"))
    assert report.notes == ()
    assert known(late).consent_basis == "public-task"
    with reading(engine) as connection:
        assert connection.execute(select(table.c.consent_withdrawn)).scalar_one() is False


@BOTH
def test_a_withdrawal_is_recorded_once(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email\nana@example.org\n"))
    assert contacts.withdraw("ana@example.org", "page") is True
    assert contacts.withdraw("ana@example.org", "letter") is False
    assert [entry.source for entry in contacts.consents(1)] == ["page"]


@BOTH
@pytest.mark.parametrize("email", ["nobody@example.org", "no address"])
def test_a_withdrawal_of_nobody_is_wrong_usage(contacts: Contacts, email: str) -> None:
    with pytest.raises(UsageError) as caught:
        contacts.withdraw(email, "page")
    assert email not in str(caught.value)


GRANTED = "email,consent_basis,consent_at\nana@example.org,consent,2026-06-01\n"


@BOTH
def test_a_withdrawal_counts_from_when_the_person_said_so(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write(GRANTED))
    said = NOW - timedelta(days=3)
    contacts.withdraw("ana@example.org", "letter", said)
    assert contacts.consents(1)[-1] == ("withdrawn", None, "letter", said, NOW)
    assert known(contacts).consent_basis is None


@BOTH
@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 5, 31, tzinfo=UTC), "at: the consent on record is later: 2026-06-01"),
        (NOW + timedelta(seconds=1), "at: lies in the future"),
        (datetime(2026, 11, 1), "at: has no time zone"),  # noqa: DTZ001
    ],
)
def test_a_withdrawal_that_would_end_nothing_is_refused(
    contacts: Contacts, write: Write, at: datetime, told: str
) -> None:
    contacts.import_file(write(GRANTED))
    with pytest.raises(UsageError, match=told):
        contacts.withdraw("ana@example.org", "letter", at)
    assert known(contacts).consent_basis == "consent"


@BOTH
@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "a\0b"])
def test_a_source_and_a_reason_are_one_line_of_text(
    contacts: Contacts, write: Write, text: str
) -> None:
    contacts.import_file(write(GRANTED))
    with pytest.raises(UsageError, match=r"^source: "):
        contacts.withdraw("ana@example.org", text)
    with pytest.raises(UsageError, match=r"^reason: "):
        contacts.suppress("ana@example.org", text, "provider")
    with pytest.raises(UsageError, match=r"^source: "):
        contacts.suppress("ana@example.org", "bounced", text)
    assert contacts.suppression("ana@example.org") is None
    assert known(contacts).consent_basis == "consent"


@BOTH
def test_a_suppression_needs_no_contact_and_keeps_its_first_reason(
    contacts: Contacts, engine: Engine
) -> None:
    assert contacts.suppress("Ana@Example.org", "bounced", "provider") is True
    assert contacts.suppress("ana@example.org", "complained", "provider") is False
    with reading(engine) as connection:
        (row,) = connection.execute(select(suppressions))
    assert tuple(row) == ("ana@example.org", "bounced", "provider", NOW)


@BOTH
def test_a_suppression_needs_an_address(contacts: Contacts) -> None:
    with pytest.raises(UsageError, match="email: is not an e-mail address"):
        contacts.suppress("nobody", "bounced", "provider")


# Tags and values that go


@BOTH
def test_a_tag_is_given_and_taken_away_and_segments_see_it(
    contacts: Contacts, write: Write
) -> None:
    contacts.import_file(write("email,tags\nana@example.org,a;b\nbea@example.org,b\n"))
    rule: TypeAdapter[Rule] = TypeAdapter(Rule)
    with_b = Segment(rule.validate_python({"field": "tags", "contains": "b"}))
    now = contacts.tag(" ANA@example.org ", add="c; d;a", remove="b;never there")
    assert now == known(contacts)
    assert now.tags == {"a", "c", "d"}
    assert known(contacts, "bea@example.org").tags == {"b"}
    assert contacts.count(with_b) == 1


@BOTH
@pytest.mark.parametrize(
    ("email", "add", "remove", "told"),
    [
        ("nobody@example.org", "a", "", "email: no contact has this address"),
        ("ana@example.org", "", " ; ", "no tag is named"),
        ("ana@example.org", "a;b", "b", "remove: a tag is to be given, too"),
        ("ana@example.org", "a\nb", "", "add: holds a line break"),
        ("ana@example.org", "", "a\0", "remove: holds a control character"),
    ],
)
def test_wrong_tags_change_nothing(
    contacts: Contacts, write: Write, email: str, add: str, remove: str, told: str
) -> None:
    contacts.import_file(write("email,tags\nana@example.org,b\n"))
    with pytest.raises(UsageError, match=told):
        contacts.tag(email, add=add, remove=remove)
    assert known(contacts).tags == {"b"}


@BOTH
def test_an_import_takes_tags_away_from_whoever_has_them(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email,tags\na@example.org,x;y\nb@example.org,x;z\n"))
    report = contacts.import_file(
        write(
            "email,tags,remove_tags\na@example.org,w,x;y\nb@example.org,,x; y\n"
            "new@example.org,z,x\n"
        )
    )
    assert (report.accepted, report.updated, report.notes) == (1, 2, ())
    assert known(contacts, "a@example.org").tags == {"w"}
    assert known(contacts, "b@example.org").tags == {"z"}
    assert known(contacts, "new@example.org").tags == {"z"}


@BOTH
def test_a_tag_that_nobody_in_the_file_had_is_noted_once(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email,tags\na@example.org,liaison-officer\n"))
    people = "".join(f"p{at}@example.org,liason-officer\n" for at in range(CHUNK))
    path = write(f"email,remove_tags\n{people}a@example.org,liason-officer;x@y.org\n")
    notes = contacts.import_file(path).notes
    told = "nobody in the file carried 'liason-officer', so nobody lost it."
    assert Note(2, "remove_tags", f"{told} Did you mean `liaison-officer`?") in notes
    assert len(notes) == 2
    assert "x@y.org" not in str(notes)
    assert known(contacts, "a@example.org").tags == {"liaison-officer"}


@BOTH
def test_a_note_on_a_tag_repeats_nothing_that_may_be_a_name(
    contacts: Contacts, write: Write
) -> None:
    contacts.import_file(write("email,tags\na@example.org,Marie Dupont\n"))
    path = write("email,remove_tags\na@example.org,Marie Dupond\n")
    (note,) = contacts.import_file(path).notes
    assert note.note == "nobody in the file carried this tag, so nobody lost it"


@BOTH
def test_a_tag_that_is_both_given_and_taken_away_is_refused(
    contacts: Contacts, write: Write
) -> None:
    report = contacts.import_file(write("email,tags,remove_tags\na@example.org,x;y,y\n"))
    (row,) = report.rejected
    assert (row.field, contacts.count()) == ("remove_tags", 0)
    assert "keep it in one of the two" in row.reason


@BOTH
def test_values_are_cleared_and_the_others_stay(engine: Engine, write: Write) -> None:
    header = "email,given_name,role,sector,country,locale,tags,region,score\n"
    row = "ana@example.org,Ana,Judge,law-enforcement,FR,fr,a,North,3\n"
    Contacts(engine, lambda: NOW - timedelta(days=1)).import_file(write(header + row))
    contacts = Contacts(engine, lambda: NOW)
    before = known(contacts)
    now = contacts.clear("ANA@example.org", "role", "sector", "region", "nothing of that name")
    changed = {"role": "", "sector": None, "attributes": {"score": "3"}}
    assert now == known(contacts) == before.model_copy(update=changed)
    with reading(engine) as connection:
        assert connection.execute(select(table.c.updated_at)).scalar_one() == NOW


@BOTH
@pytest.mark.parametrize("name", ["Given Name", "given-name", "GIVEN_NAME", " given  name "])
def test_a_field_is_cleared_by_any_name_that_a_file_may_call_its_column(
    contacts: Contacts, write: Write, name: str
) -> None:
    contacts.import_file(write(f"email,{name},region\nana@example.org,Ana,North\n"))
    assert known(contacts).given_name == "Ana"
    now = contacts.clear("ana@example.org", name)
    assert (now.given_name, now.attributes) == ("", {"region": "North"})


@BOTH
@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda contacts: contacts.tag("ana@example.org", add="a", remove="b"), False),
        (lambda contacts: contacts.tag("ana@example.org", add="c"), True),
        (lambda contacts: contacts.tag("ana@example.org", remove="a"), True),
        (lambda contacts: contacts.clear("ana@example.org", "role", "sector", "none"), False),
        (lambda contacts: contacts.clear("ana@example.org", "country"), True),
        (lambda contacts: contacts.clear("ana@example.org", "region"), True),
    ],
)
def test_a_contact_changed_only_where_something_differs(
    engine: Engine, write: Write, change: Callable[[Contacts], Contact], *, counts: bool
) -> None:
    before = NOW - timedelta(days=1)
    rows = "email,role,country,tags,region\nana@example.org,,FR,a,North\n"
    Contacts(engine, lambda: before).import_file(write(rows))
    change(Contacts(engine, lambda: NOW))
    with reading(engine) as connection:
        changed = connection.execute(select(table.c.updated_at)).scalar_one()
    assert changed == (NOW if counts else before)


@BOTH
def test_clearing_nothing_is_wrong_usage(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email\nana@example.org\n"))
    with pytest.raises(UsageError, match="field: no field is named"):
        contacts.clear("ana@example.org")


@BOTH
@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("email", "It is who the contact is"),
        ("Tags", "Take tags away by their names"),
        ("Remove-Tags", "Take tags away by their names"),
        ("consent at", "Record a withdrawal"),
        ("consent_basis", "Record a withdrawal"),
        ("consent_at", "Record a withdrawal"),
        ("tags", "Take tags away by their names"),
        ("remove_tags", "Take tags away by their names"),
        ("a\0b", "holds a control character"),
    ],
)
def test_what_is_no_value_of_a_contact_is_not_cleared(
    contacts: Contacts, write: Write, name: str, cure: str
) -> None:
    contacts.import_file(write("email,role,tags\nana@example.org,Judge,a\n"))
    with pytest.raises(UsageError, match=cure):
        contacts.clear("ana@example.org", "role", name)
    assert known(contacts).role == "Judge"


@BOTH
def test_contacts_are_counted_by_segment(contacts: Contacts, write: Write) -> None:
    contacts.import_file(write("email,sector\na@example.org,public\nb@example.org,\n"))
    rule: TypeAdapter[Rule] = TypeAdapter(Rule)
    public = Segment(rule.validate_python({"field": "sector", "equals": "public"}))
    assert (contacts.count(), contacts.count(public)) == (2, 1)


NUMBERS = count()
DAYS = st.integers(-5, 0)
STEPS = st.lists(
    st.one_of(st.none(), st.tuples(st.sampled_from(CONSENT_BASES), st.none() | DAYS)), max_size=6
)


def test_the_basis_of_a_contact_is_always_what_its_history_says(shared_engine: Engine) -> None:
    @examples(shared_engine)
    @given(steps=STEPS)
    def holds(steps: Sequence[tuple[str, int | None] | None]) -> None:
        assert_in_force(shared_engine, steps)

    holds()


def assert_in_force(shared_engine: Engine, steps: Sequence[tuple[str, int | None] | None]) -> None:
    email = f"ana{next(NUMBERS)}@example.org"
    ana = Contact(email=email, email_readable=email)
    with writing(shared_engine) as connection:
        for _ in Import(connection, "test", NOW).run([Row(1, ana)]):
            pass
    contact_id = known(Contacts(shared_engine, lambda: NOW), email).id
    assert contact_id is not None
    for at, step in enumerate(steps):
        now = NOW + timedelta(days=at)
        people = Contacts(shared_engine, lambda now=now: now)  # type: ignore[misc]
        before = people.consents(contact_id)
        if step is None:
            people.withdraw(email, "page")
        else:
            basis, days = step
            granted = None if days is None else now + timedelta(days=days)
            row = Row(1, ana.model_copy(update={"consent_basis": basis, "consent_at": granted}))
            with writing(shared_engine) as connection:
                for _ in Import(connection, "test", now).run([row]):
                    pass
        history = people.consents(contact_id)
        assert history[: len(before)] == before
        current = in_force(history)
        assert known(people, email).consent_basis == (current.basis if current else None)
        with reading(shared_engine) as connection:
            query = select(table.c.consent_withdrawn).where(table.c.id == contact_id)
            withdrawn = connection.execute(query).scalar_one()
        assert withdrawn is (current is not None and current.event == "withdrawn")
