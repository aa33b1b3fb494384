"""The contacts of a workspace: imported, looked up, counted; their consent and suppression."""

import re
from collections.abc import Callable
from datetime import datetime
from os import fstat
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from tigc_mail.errors import UsageError
from tigc_mail.ground.database import reading, writing
from tigc_mail.people.address import Address, read_address
from tigc_mail.people.consent import Consent, in_force
from tigc_mail.people.contact import CODED_FIELDS, TEXT_FIELDS, Contact, as_field
from tigc_mail.people.contacts_file import open_contacts_file, read_contacts
from tigc_mail.people.importing import Import, ImportReport, take_tags
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import (
    consents,
    contact_attributes,
    contact_tags,
    contacts,
    insert_into,
    suppressions,
)
from tigc_mail.people.values import line_of_text, tags

Progress = Callable[[int, float], None]
"""Told the rows read so far, and the share of the file that they are (0 to 1)."""


class Suppression(NamedTuple):
    """Why an address is never written to."""

    reason: str
    """In a word or two, such as `bounced`."""
    source: str
    """How we know."""
    at: datetime


class Contacts:
    """The people that a workspace knows.

    Args:
        engine: the database.
        clock: returns the present moment, with its time zone.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def import_file(self, path: str | Path, progress: Progress | None = None) -> ImportReport:
        """Take in the contacts of a CSV file; nothing of it where the file itself is wrong.

        The rows that are wrong are reported, each with its line, the field and the reason; the good
        ones go in. The row of an address that is known updates its contact: a blank cell erases
        nothing, tags are added, those in `remove_tags` are taken away, an attribute of the same
        name is replaced. A second row with the same address in one file is rejected.

        A basis of consent is appended to the contact's history where it says something new; where
        `consent_at` is blank, the moment of the import counts. A consent that was withdrawn comes
        back only by a grant with a later date of its own; the report has a note where it does not.

        Args:
            path: the file; its columns are those of `contacts_file.COLUMNS`, and attributes.
            progress: called after each thousand rows.

        Raises:
            UsageError: if there is no such file.
            ContactsFileError: if the file cannot be read as contacts.
        """
        path, now = Path(path), self._clock()
        with open_contacts_file(path) as file, writing(self._engine) as connection:
            size = max(fstat(file.fileno()).st_size, 1)
            running = Import(connection, f"import {path.name}", now)
            for rows in running.run(read_contacts(file, str(path), now)):
                if progress is not None:
                    progress(rows, file.buffer.tell() / size)
            return running.report()

    def get(self, email: str) -> Contact | None:
        """Return the contact with this address, written in any case; None where there is none."""
        try:
            key = read_address(email.strip()).key
        except ValueError:
            return None
        return self._one(contacts.c.email_key == key)

    def with_id(self, contact_id: int) -> Contact | None:
        """Return the contact of that number; None where there is none."""
        return self._one(contacts.c.id == contact_id) if contact_id in _NUMBERS else None

    def search(self, text: str, limit: int = 20) -> tuple[Contact, ...]:
        """Return contacts in whose name, address or organisation every word of a text stands.

        Capitals and small letters are one; a word may be a part of one. A text that is somebody's
        number or whole address finds just that contact. The others come in the order of their
        numbers.

        Number and address are looked up in their indexes; words are looked for contact by contact,
        until there are enough.

        Args:
            text: the words; without any, the first contacts are returned. No more than its first
                200 letters count.
            limit: how many contacts, at most.
        """
        text = text.strip()[:_LONGEST]
        if _UNKNOWABLE.search(text):
            return ()
        exact = self.with_id(int(text)) if _DIGITS.fullmatch(text) else self.get(text)
        if exact is not None:
            return (exact,)
        conditions = map(_says, text.split())
        found = select(contacts).where(*conditions).order_by(contacts.c.id).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(found).mappings().all()
            return tuple(_contact(connection, row) for row in rows)

    def suppression(self, email: str) -> Suppression | None:
        """Return why an address is never written to; None where it may be."""
        columns = (suppressions.c[name] for name in Suppression._fields)
        query = select(*columns).where(suppressions.c.email_key == _address(email).key)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else Suppression(*row)

    def consents(self, contact_id: int) -> tuple[Consent, ...]:
        """Return the history of a contact's consent, in the order in which it was recorded."""
        with reading(self._engine) as connection:
            return _history(connection, contact_id)

    def withdraw(self, email: str, source: str, at: datetime | None = None) -> bool:
        """Record that a contact withdrew consent; done already, it changes nothing.

        Where no consent is on record it is recorded all the same, so that no import without a later
        date of its own brings one in.

        Args:
            email: the address, written in any case.
            source: how we know, such as `preference page`, on one line.
            at: when the person withdrew, with its time zone; the present moment by default.

        Returns:
            Whether it was recorded now; False where they had withdrawn already.

        Raises:
            UsageError: if no contact has this address, the source is no line of text, or the moment
                lies in the future or before the consent that it would end.
        """
        now, key, source = self._clock(), _address(email).key, _line(source, "source")
        if at is not None and (at.tzinfo is None or at > now):
            cause = "lies in the future" if at.tzinfo else "has no time zone"
            raise UsageError(cause, "at", "Write when the person withdrew.")
        with writing(self._engine) as connection:
            contact_id = _id_of(connection, key)
            current = in_force(_history(connection, contact_id))
            if current is not None and current.event == "withdrawn":
                return False
            if current is not None and at is not None and at < current.at:
                cause = f"the consent on record is later: {current.at:%Y-%m-%d %H:%M:%S} UTC"
                raise UsageError(cause, "at", "Write a later moment, or leave it out: it is now.")
            # Never before the grant it ends, even where a clock went back.
            at = at or (now if current is None else max(now, current.at))
            entry = Consent("withdrawn", None, source, at, now)
            connection.execute(insert(consents).values(contact_id=contact_id, **entry._asdict()))
            connection.execute(
                update(contacts)
                .where(contacts.c.id == contact_id)
                .values(consent_basis=None, consent_withdrawn=True)
            )
            return True

    def suppress(self, email: str, reason: str, source: str) -> bool:
        """Never write to an address again, whether a contact has it or not.

        An address that is suppressed keeps its first reason. Nothing lifts a suppression.

        Args:
            email: the address, written in any case.
            reason: why, in a word or two, such as `bounced` or `complained`.
            source: how we know, on one line.

        Returns:
            Whether it was recorded now; False where the address was suppressed already.

        Raises:
            UsageError: if it is not an address, or reason or source is no line of text.
        """
        values = {"email_key": _address(email).key, "reason": _line(reason, "reason")}
        values["source"] = _line(source, "source")
        with writing(self._engine) as connection:
            suppress = insert_into(suppressions, connection).on_conflict_do_nothing()
            suppress = suppress.values(at=self._clock(), **values)
            done = connection.execute(suppress.returning(suppressions.c.email_key))
            return done.first() is not None

    def tag(self, email: str, *, add: str = "", remove: str = "") -> Contact:
        """Give tags to a contact, and take tags away; what is done already stays so.

        Audiences and rules see it at once: whoever is in an audience by a tag that is gone gets
        nothing of a campaign that is planned already and not claimed yet.

        Args:
            email: the address, written in any case.
            add: the tags to give, with `;` between them.
            remove: the tags to take away, likewise.

        Returns:
            The contact as it is now.

        Raises:
            UsageError: if no contact has this address, no tag is named, one is to be both given and
                taken away, or a text holds a line break.
        """
        key, new, gone = _address(email).key, _tags(add, "add"), _tags(remove, "remove")
        if not new | gone:
            raise UsageError("no tag is named", "add, remove", "Name one to give or to take away.")
        if new & gone:
            raise UsageError("a tag is to be given, too", "remove", "Name each tag once.")
        with writing(self._engine) as connection:
            contact = _with_key(connection, key)
            new, gone = new - contact.tags, gone & contact.tags
            if new:
                rows = [{"contact_id": contact.id, "tag": tag} for tag in sorted(new)]
                give = insert_into(contact_tags, connection).on_conflict_do_nothing()
                connection.execute(give, rows)
            take_tags(connection, {tag: [contact.id or 0] for tag in gone})
            if new or gone:
                self._write(connection, contact, {})
            return _with_key(connection, key)

    def clear(self, email: str, *names: str) -> Contact:
        """Empty values of a contact, which no blank cell of an import does; what is empty stays so.

        Audiences and rules see it at once, as for `tag`.

        Args:
            email: the address, written in any case.
            names: each of `given_name`, `family_name`, `organisation`, `role`, `sector`, `country`,
                `locale`, written as a file may call its column, or the name of an attribute.

        Returns:
            The contact as it is now.

        Raises:
            UsageError: if no contact has this address, no name is given, or one is that of the
                address, of consent or of the tags.
        """
        key, blank = _address(email).key, dict.fromkeys(TEXT_FIELDS, "")
        names = tuple(_line(name, "field") for name in names)
        if not names:
            raise UsageError("no field is named", "field", "Name one to empty.")
        for name in map(as_field, names):
            if cure := _KEPT.get(name):
                raise UsageError(f"{name} cannot be cleared", "field", cure)
        fields = {as_field(name) for name in names} & {*TEXT_FIELDS, *CODED_FIELDS}
        with writing(self._engine) as connection:
            contact = _with_key(connection, key)
            empty = {name: blank.get(name) for name in fields if getattr(contact, name)}
            attributes = contact.attributes.keys() & {*names}
            of_contact = contact_attributes.c.contact_id == contact.id
            named = contact_attributes.c.name.in_(attributes)
            connection.execute(delete(contact_attributes).where(of_contact, named))
            if empty or attributes:
                self._write(connection, contact, empty)
            return _with_key(connection, key)

    def attributes(self) -> tuple[str, ...] | None:
        """Return the names of the attributes that contacts have; None where there is no contact."""
        name = contact_attributes.c.name
        with reading(self._engine) as connection:
            if connection.execute(select(contacts.c.id).limit(1)).first() is None:
                return None
            return tuple(connection.execute(select(name).distinct().order_by(name)).scalars())

    def count(self, segment: Segment | None = None) -> int:
        """Return how many contacts there are, or are in a segment; consent is not asked."""
        query = select(func.count()).select_from(contacts)
        if segment is not None:
            query = query.where(segment.condition())
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def _write(self, connection: Connection, contact: Contact, values: dict[str, Any]) -> None:
        """Write new values of a contact, and when it changed."""
        changed = update(contacts).where(contacts.c.id == contact.id)
        connection.execute(changed.values(**values, updated_at=self._clock()))

    def _one(self, condition: ColumnElement[bool]) -> Contact | None:
        with reading(self._engine) as connection:
            found = connection.execute(select(contacts).where(condition))
            row = found.mappings().one_or_none()
            return None if row is None else _contact(connection, row)


_KEPT = {
    "email": "It is who the contact is.",
    "consent_basis": "Record a withdrawal instead.",
    "consent_at": "Record a withdrawal instead.",
    "tags": "Take tags away by their names.",
    "remove_tags": "Take tags away by their names.",
}
"""What cannot be cleared, each with what to do instead."""

_NUMBERS = range(1, 2**31)
"""What may be the number of a contact: an INTEGER of PostgreSQL holds no more."""

_DIGITS = re.compile("[0-9]{1,10}")

_LONGEST = 200
"""Letters of a search: databases refuse patterns, and conditions, of any length."""

_UNKNOWABLE = re.compile("[\0\ud800-\udfff]")
"""What no database keeps, and none can be asked for."""

_SEARCHED = (
    contacts.c.given_name
    + " "
    + contacts.c.family_name
    + " "
    + contacts.c.email_readable
    + " "
    + contacts.c.email
    + " "
    + contacts.c.organisation
)


def _says(word: str) -> ColumnElement[bool]:
    """Return the condition that a word stands in what is searched, in any case.

    SQLite tells capitals from small letters outside of ASCII, so the usual spellings are tried.
    """
    spellings = [word]
    if not word.isascii():
        spellings += [word.lower(), word.title(), word.upper()]
    return or_(*(_SEARCHED.icontains(each, autoescape=True) for each in spellings))


def _address(text: str) -> Address:
    try:
        return read_address(text.strip())
    except ValueError as error:
        raise UsageError(str(error), "email") from None


def _line(text: str, place: str) -> str:
    """Return a text that somebody gave, without the blanks around it."""
    text = text.strip()
    if not text:
        raise UsageError("is empty", place, "Write a few words.")
    try:
        return line_of_text(text)
    except ValueError as error:
        raise UsageError(str(error), place) from None


def _tags(text: str, place: str) -> frozenset[str]:
    try:
        return tags(text)
    except ValueError as error:
        raise UsageError(str(error), place) from None


def _id_of(connection: Connection, key: str) -> int:
    query = select(contacts.c.id).where(contacts.c.email_key == key)
    contact_id: int | None = connection.execute(query).scalar_one_or_none()
    if contact_id is None:
        raise UsageError("no contact has this address", "email", "Check how it is written.")
    return contact_id


def _with_key(connection: Connection, key: str) -> Contact:
    it = contacts.c.id == _id_of(connection, key)
    return _contact(connection, connection.execute(select(contacts).where(it)).mappings().one())


def _contact(connection: Connection, row: RowMapping) -> Contact:
    tags = select(contact_tags.c.tag).where(contact_tags.c.contact_id == row["id"])
    of_contact = contact_attributes.c.contact_id == row["id"]
    attributes = select(contact_attributes.c.name, contact_attributes.c.value).where(of_contact)
    return Contact(
        **{name: row[name] for name in Contact.model_fields if name in row},
        tags=frozenset(connection.execute(tags).scalars()),
        attributes=dict(connection.execute(attributes.order_by("name")).all()),
    )


def _history(connection: Connection, contact_id: int) -> tuple[Consent, ...]:
    columns = (consents.c[name] for name in Consent._fields)
    query = select(*columns).where(consents.c.contact_id == contact_id).order_by(consents.c.id)
    return tuple(Consent(*entry) for entry in connection.execute(query))
