"""The database: one metadata for all tables, engines that are set up right, and migrations.

SQLite in WAL mode is the embedded default; every statement is SQLAlchemy Core, so that PostgreSQL
can take its place.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    Select,
    TypeDecorator,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.types import String

from tigc_mail.errors import ConfigurationError, StoreError

MIGRATIONS = Path(__file__).parent.parent / "migrations"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, stored as ISO 8601 text so that both databases order it alike.

    In Python always an aware `datetime`; naive ones are refused.
    """

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the moment as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the text as a moment."""
        return None if value is None else datetime.fromisoformat(value)


def fetch_columns(connection: Connection, query: Select[Any]) -> Sequence[Sequence[Any]]:
    """Return what a query finds (integers, texts, nulls) as columns, all of one length.

    SQLite's driver lends the interpreter to another thread at each row, and waits to have it back;
    so the rows come as a single one, of JSON arrays.
    """
    if connection.dialect.name != "sqlite":
        rows = connection.execute(query).fetchall()
        return list(zip(*rows, strict=True)) or [()] * len(query.selected_columns)
    found = query.subquery().c
    row = connection.execute(select(*map(func.json_group_array, found))).one()
    return [json.loads(column) for column in row]


PATIENCE = 30.0
"""Seconds for which SQLite is waited for while another program holds the database."""


def open_engine(url: str, *, patience: float = PATIENCE) -> Engine:
    """Return an engine on a database that is ours and up to date, creating it where there is none.

    Args:
        url: a SQLAlchemy URL, such as `sqlite:////home/ana/news/tigc-mail.db`.
        patience: the seconds for which SQLite is waited for where another program holds it.

    Raises:
        ConfigurationError: if the URL cannot be understood.
        StoreError: if the database is not ours, newer than this code, read-only or unreachable.
    """
    try:
        engine = create_engine(
            make_url(url),
            pool_pre_ping=not url.startswith("sqlite"),
            hide_parameters=True,  # they hold addresses, which no log and no message may
        )
    except ModuleNotFoundError as error:
        cause = f"needs {error.name}, which is not installed"
        raise ConfigurationError(cause, "database_url", "Install it, or name another.") from None
    except (ArgumentError, NoSuchModuleError):
        cure = "Write one such as sqlite:///tigc-mail.db."
        raise ConfigurationError("is not a database URL", "database_url", cure) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_set_up_sqlite, patience))
        event.listen(engine, "begin", _begin_sqlite)
    try:
        with store_errors(engine):
            _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads; others may write meanwhile."""
    with store_errors(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: committed at the end, rolled back by an exception."""
    with store_errors(engine), engine.connect() as connection:
        connection.execution_options(sqlite_begin="IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def store_errors(engine: Engine) -> Iterator[None]:
    """Turn what the database refuses into a `StoreError` that says what to do.

    Faults of our own statements (constraints, syntax) pass unchanged.
    """
    try:
        yield
    except DatabaseError as error:
        known = _explain(str(error.orig).lower())
        if known is None:
            raise
        raise StoreError(known[0], _place(engine), known[1]) from error


_KNOWN = (
    (("readonly", "read-only"), "the database is read-only", "Give yourself the right to write."),
    (
        ("unable to open",),
        "the database cannot be opened",
        "Check that its folder exists and can be written to.",
    ),
    (
        ("not a database", "malformed"),
        "is not a database of ours",
        "Move it away, or name another one.",
    ),
    (
        ("is full",),
        "the disk is full",
        "Free some space and run the same command again.",
    ),
    (
        ("no such table", "no such column", "already exists"),
        "is not a whole database of ours",
        "Put back a copy of it, or name another one.",
    ),
    (
        ("disk i/o error",),
        "the disk does not take writes",
        "Check the disk, then run the same command again.",
    ),
    (
        ("is locked",),
        "another program holds the database",
        "Wait for it to end, then try again.",
    ),
)
"""What databases say, what it means, and the cure."""


def _explain(said: str) -> tuple[str, str] | None:
    for words, cause, cure in _KNOWN:
        if any(word in said for word in words):
            return cause, cure
    return None


def _place(engine: Engine) -> str:
    return engine.url.database or engine.url.render_as_string(hide_password=True)


def _set_up_sqlite(patience: float, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by guesswork
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # a claim must survive a power cut
    cursor.execute("PRAGMA cache_size = -2000")  # KiB
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_current_head()
    with engine.connect() as connection:
        current = _revision(connection, engine)
    _require_known(current, {script.revision for script in scripts.walk_revisions()}, engine)
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)  # only now: another program's database is left as it is
    if current == newest:
        return
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _require_known(current: str | None, known: set[str], engine: Engine) -> None:
    """Refuse a database that later code made; what has no number of ours is another program's."""
    if current is None or current in known:
        return
    if not re.fullmatch(r"\d{4}", current):
        raise _foreign(engine)
    cause = f"the database is newer than this version of tigc_mail (revision {current})"
    raise StoreError(cause, _place(engine), "Update tigc_mail.")


def _use_write_ahead_log(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    except engine.dialect.loaded_dbapi.Error as error:
        raise DatabaseError("PRAGMA journal_mode", None, error) from error
    finally:
        raw.close()


def _revision(connection: Connection, engine: Engine) -> str | None:
    """Return the revision of the database; None for an empty one."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not tables >= _OURS:
        raise _foreign(engine)
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        raise _foreign(engine)
    return str(revision)


_OURS = frozenset({"alembic_version", "contacts", "consents", "campaigns", "deliveries"})
"""Some of the tables that every database of ours has."""


def _foreign(engine: Engine) -> StoreError:
    cause = "this database belongs to another program, or is not whole"
    return StoreError(cause, _place(engine), "Name another database, or put back a copy of yours.")
