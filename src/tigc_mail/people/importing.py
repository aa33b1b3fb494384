"""An import: rows of a contacts file written to the database, a thousand at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from tigc_mail.ground.wording import did_you_mean
from tigc_mail.people.consent import Consent, StaysWithdrawn, in_force, new_grant
from tigc_mail.people.contact import CODED_FIELDS, TEXT_FIELDS, Contact, day_in, number_in
from tigc_mail.people.contacts_file import Note, RejectedRow, Row
from tigc_mail.people.tables import (
    consents,
    contact_attributes,
    contact_tags,
    contacts,
    insert_into,
)
from tigc_mail.people.values import repeated
from tigc_mail.people.zones import ATTRIBUTE, known_zone

CHUNK = 1_000
"""How many rows are held in memory and written together."""

_lines = Table(
    "import_lines",
    MetaData(),
    Column("email_key", String, primary_key=True),
    Column("line", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""The addresses of the file so far, each with its line; in the database, for files of any size."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every row of a contacts file that is not blank."""

    accepted: int
    """The rows that made a new contact."""
    updated: int
    """The rows whose address was known already."""
    rejected: tuple[RejectedRow, ...] = ()
    """The rows that did not go in, in the order of the file."""
    notes: tuple[Note, ...] = ()
    """Remarks on rows that did go in, and on the first line."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values, with the names of the fields."""
        return {
            "accepted": self.accepted,
            "updated": self.updated,
            "rejected": [row._asdict() for row in self.rejected],
            "notes": [note._asdict() for note in self.notes],
        }


@dataclass
class Import:
    """One import, within one transaction."""

    connection: Connection
    source: str
    """The source of the consents that it records."""
    now: datetime
    accepted: int = 0
    updated: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)
    """The tags to take away that nobody carried so far, each with the line that asks first."""
    _taken: set[str] = field(default_factory=set)
    """The tags that were taken from somebody."""

    def run(self, rows: Iterable[Row | RejectedRow | Note]) -> Iterator[int]:
        """Write the rows; yield the number of rows read after each chunk."""
        _lines.create(self.connection, checkfirst=False)
        rows, read = iter(rows), 0
        while chunk := list(islice(rows, CHUNK)):
            self._take(chunk)
            read += sum(not isinstance(row, Note) for row in chunk)
            yield read
        _lines.drop(self.connection, checkfirst=False)
        self._note_on_tags()

    def report(self) -> ImportReport:
        """Return what became of the rows so far."""
        rejected = tuple(sorted(self.rejected))
        return ImportReport(self.accepted, self.updated, rejected, tuple(self.notes))

    def _take(self, chunk: Sequence[Row | RejectedRow | Note]) -> None:
        self.notes += (row for row in chunk if isinstance(row, Note))
        self.rejected += (row for row in chunk if isinstance(row, RejectedRow))
        rows = self._first_of_each([row for row in chunk if isinstance(row, Row)])
        if not rows:
            return
        self.notes += filter(None, map(_note_on_zone, rows.values()))
        known = self._ids(rows)
        self._write_contacts(rows, known)
        ids = known | self._ids(rows.keys() - known.keys())
        self._write_tags(rows, ids)
        self._write_attributes(rows, ids)
        self._write_consents(rows, ids, known)
        self.updated += len(known)
        self.accepted += len(rows) - len(known)

    def _first_of_each(self, rows: Sequence[Row]) -> dict[str, Row]:
        """Return the rows by the key of their address; reject those whose address came before."""
        if not rows:
            return {}
        insert_line = insert_into(_lines, self.connection).on_conflict_do_nothing()
        lines = [{"email_key": row.contact.email_key, "line": row.line} for row in rows]
        self.connection.execute(insert_line, lines)
        wanted = select(_lines).where(_lines.c.email_key.in_([line["email_key"] for line in lines]))
        first: dict[str, int] = dict(self.connection.execute(wanted).all())
        found: dict[str, Row] = {}
        for row in rows:
            line = first[row.contact.email_key]
            if line == row.line:
                found[row.contact.email_key] = row
            else:
                reason = f"has the same address as line {line}; keep one of the two rows"
                self.rejected.append(RejectedRow(row.line, "email", reason))
        return found

    def _ids(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the ids of those of the addresses that are known."""
        wanted = contacts.c.email_key.in_(list(keys))
        found = self.connection.execute(select(contacts.c.email_key, contacts.c.id).where(wanted))
        return dict(found.all())

    def _write_contacts(self, rows: Mapping[str, Row], known: Mapping[str, int]) -> None:
        insert_contact = insert_into(contacts, self.connection)
        new = insert_contact.excluded
        changes = {
            "email": new.email,
            "email_readable": new.email_readable,
            **{
                name: case((new[name] != "", new[name]), else_=contacts.c[name])
                for name in TEXT_FIELDS
            },
            **{name: func.coalesce(new[name], contacts.c[name]) for name in CODED_FIELDS},
            "updated_at": new.updated_at,
        }
        self.connection.execute(
            insert_contact.on_conflict_do_update(index_elements=["email_key"], set_=changes),
            [self._stored(row.contact, is_new=key not in known) for key, row in rows.items()],
        )

    def _stored(self, contact: Contact, *, is_new: bool) -> dict[str, Any]:
        return {
            "email": contact.email,
            "email_readable": contact.email_readable,
            "email_key": contact.email_key,
            **{name: getattr(contact, name) for name in (*TEXT_FIELDS, *CODED_FIELDS)},
            "consent_basis": contact.consent_basis if is_new else None,
            "created_at": self.now,
            "updated_at": self.now,
        }

    def _write_tags(self, rows: Mapping[str, Row], ids: Mapping[str, int]) -> None:
        tags = [
            {"contact_id": ids[key], "tag": tag}
            for key, row in rows.items()
            for tag in row.contact.tags
        ]
        if tags:
            insert_tag = insert_into(contact_tags, self.connection)
            self.connection.execute(insert_tag.on_conflict_do_nothing(), tags)
        gone: dict[str, list[int]] = {}
        for key, row in rows.items():
            for tag in row.remove_tags:
                gone.setdefault(tag, []).append(ids[key])
                self._asked.setdefault(tag, row.line)
        self._taken |= take_tags(self.connection, gone)

    def _note_on_tags(self) -> None:
        """Note each tag that was to be taken away and that nobody in the file had: maybe a slip."""
        idle = {tag: line for tag, line in self._asked.items() if tag not in self._taken}
        if not idle:
            return
        known = self.connection.execute(select(contact_tags.c.tag).distinct()).scalars().all()
        for tag, line in idle.items():
            told = f"nobody in the file carried {repeated(tag) or 'this tag'}, so nobody lost it"
            meant = did_you_mean(tag, (each for each in known if each != tag and repeated(each)))
            self.notes.append(Note(line, "remove_tags", f"{told}. {meant}" if meant else told))

    def _write_attributes(self, rows: Mapping[str, Row], ids: Mapping[str, int]) -> None:
        attributes = [
            stored_attribute(ids[key], name, value)
            for key, row in rows.items()
            for name, value in row.contact.attributes.items()
        ]
        if attributes:
            insert_attribute = insert_into(contact_attributes, self.connection)
            new = insert_attribute.excluded
            replaced = {"value": new.value, "number": new.number, "day": new.day}
            self.connection.execute(
                insert_attribute.on_conflict_do_update(
                    index_elements=["contact_id", "name"], set_=replaced
                ),
                attributes,
            )

    def _write_consents(
        self, rows: Mapping[str, Row], ids: Mapping[str, int], known: Mapping[str, int]
    ) -> None:
        told = {ids[key]: row for key, row in rows.items() if row.contact.consent_basis}
        histories = self._histories(told.keys() & set(known.values()))
        grants: list[dict[str, Any]] = []
        now_in_force: list[dict[str, Any]] = []
        for contact_id, row in told.items():
            history = histories.get(contact_id, [])
            grant = self._grant(row, history)
            if grant is None:
                continue
            grants.append({"contact_id": contact_id, **grant._asdict()})
            current = in_force([*history, grant])
            if current is grant and row.contact.email_key in known:
                now_in_force.append({"of": contact_id, "basis": grant.basis})
        if grants:
            self.connection.execute(insert(consents), grants)
        if now_in_force:
            self.connection.execute(_USE_BASIS, now_in_force)

    def _histories(self, ids: Iterable[int]) -> dict[int, list[Consent]]:
        wanted = list(ids)
        histories: dict[int, list[Consent]] = {}
        if wanted:
            for contact_id, *entry in self.connection.execute(_HISTORY, {"ids": wanted}):
                histories.setdefault(contact_id, []).append(Consent(*entry))
        return histories

    def _grant(self, row: Row, history: Sequence[Consent]) -> Consent | None:
        """Return the grant of a row, where it adds to the history."""
        basis, at = row.contact.consent_basis, row.contact.consent_at
        told = Consent("granted", basis, self.source, at or self.now, self.now)
        try:
            return new_grant(history, told, dated=at is not None)
        except StaysWithdrawn:
            cause = "this contact withdrew consent, and the row has no later date of consent"
            self.notes.append(Note(row.line, "consent_basis", f"stays withdrawn: {cause}"))
            return None


def take_tags(connection: Connection, gone: Mapping[str, Sequence[int]]) -> set[str]:
    """Take tags from contacts.

    Args:
        connection: the transaction.
        gone: the numbers of contacts by the tag that they are to carry no longer.

    Returns:
        The tags that one of them carried.
    """
    taken = set()
    for tag, ids in gone.items():
        theirs = contact_tags.c.contact_id.in_(ids)
        done = connection.execute(delete(contact_tags).where(contact_tags.c.tag == tag, theirs))
        if done.rowcount:
            taken.add(tag)
    return taken


def _note_on_zone(row: Row) -> Note | None:
    """Return a note where a contact's time zone is none: the time of its country is told then."""
    written = row.contact.attributes.get(ATTRIBUTE, "")
    if not written or known_zone(written):
        return None
    cause = "is not the name of a time zone such as Europe/Paris"
    return Note(row.line, ATTRIBUTE, f"{cause}; their country decides what time they are told")


_HISTORY = (
    select(
        consents.c.contact_id,
        consents.c.event,
        consents.c.basis,
        consents.c.source,
        consents.c.at,
        consents.c.recorded_at,
    )
    .where(consents.c.contact_id.in_(bindparam("ids", expanding=True)))
    .order_by(consents.c.id)
)

_USE_BASIS = (
    update(contacts)
    .where(contacts.c.id == bindparam("of"))
    .values(consent_basis=bindparam("basis"), consent_withdrawn=False)
)


def stored_attribute(contact_id: int, name: str, value: str) -> dict[str, Any]:
    """Return the row of `contact_attributes` for an attribute."""
    day = day_in(value)
    return {
        "contact_id": contact_id,
        "name": name,
        "value": value,
        "number": number_in(value),
        "day": day and day.isoformat(),
    }
