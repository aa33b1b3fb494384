"""The tables of people, and the triggers that make the history of consent append-only."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.dialects import postgresql, sqlite

from tigc_mail.ground.database import Instant, metadata

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    # The form that mail systems deliver to: an internationalised domain stands as punycode.
    Column("email", String, nullable=False),
    # The form that people read.
    Column("email_readable", String, nullable=False),
    # `email` in lower case: two contacts never share one.
    Column("email_key", String, nullable=False, unique=True),
    Column("given_name", String, nullable=False, server_default=""),
    Column("family_name", String, nullable=False, server_default=""),
    Column("organisation", String, nullable=False, server_default=""),
    Column("role", String, nullable=False, server_default=""),
    Column("sector", String),
    Column("country", String),
    Column("locale", String),
    # The basis in force now, by the history in `consents`; NULL: none recorded, or withdrawn.
    Column("consent_basis", String),
    Column("consent_withdrawn", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String, primary_key=True),
    sqlite_with_rowid=False,
)

contact_attributes = Table(
    "contact_attributes",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    # The value as a number, where it is one.
    Column("number", Float),
    # The value, where it is a calendar date (YYYY-MM-DD): text that orders as dates do.
    Column("day", String),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("event", String, nullable=False),
    Column("basis", String),
    Column("source", String, nullable=False),
    # When the person granted or withdrew it, and when we wrote that down.
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint(
        "(event = 'granted' AND basis IS NOT NULL) OR (event = 'withdrawn' AND basis IS NULL)",
        name="event",
    ),
    Index(None, "contact_id"),
)

# Keyed by address, so that a suppression outlives the contact.
suppressions = Table(
    "suppressions",
    metadata,
    Column("email_key", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("source", String, nullable=False),
    Column("at", Instant, nullable=False),
)

_APPEND_ONLY = {
    "sqlite": (
        """
        CREATE TRIGGER consents_not_updated BEFORE UPDATE ON consents
        BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END
        """,
        """
        CREATE TRIGGER consents_not_deleted BEFORE DELETE ON consents
        BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION consents_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'consents are append-only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER consents_not_changed BEFORE UPDATE OR DELETE ON consents
        FOR EACH ROW EXECUTE FUNCTION consents_are_append_only()
        """,
        """
        CREATE TRIGGER consents_not_emptied BEFORE TRUNCATE ON consents
        FOR EACH STATEMENT EXECUTE FUNCTION consents_are_append_only()
        """,
    ),
}


def append_only_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make the database refuse to change or delete a consent.

    Args:
        dialect: the name of a SQLAlchemy dialect, `sqlite` or `postgresql`.
    """
    return _APPEND_ONLY[dialect]


def insert_into(table: Table, connection: Connection) -> sqlite.Insert:
    """Return an INSERT with the `on_conflict_...` methods, which both databases spell alike."""
    if connection.dialect.name == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)
