"""The database: one metadata for all tables, engines that are set up right, and migrations.

SQLite in WAL mode is the embedded default, and PostgreSQL can take its place: every statement is
SQLAlchemy Core, and both keep the same two promises, which the rest of the code relies on. Writing
transactions follow one another, and each sees all that those before it wrote; a transaction that
reads sees one state of the database, whatever is written meanwhile.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

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
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.types import String

from tigc_mail.errors import ConfigurationError, StoreError
from tigc_mail.ground.refusals import SETTING, place, store_errors

MIGRATIONS = Path(__file__).parent.parent / "migrations"

LOCKS = 0x74696763
"""The first number of our advisory locks in PostgreSQL; the second is 0 for whoever writes."""

LONGEST_WAIT = 30
"""Seconds that a writing transaction waits for its turn."""

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


def fetch_columns(
    connection: Connection, query: Select[Any], parameters: Mapping[str, Any] | None = None
) -> Sequence[Sequence[Any]]:
    """Return what a query finds (integers, texts, nulls) as columns, all of one length.

    SQLite's driver lends the interpreter to another thread at each row, and waits to have it back;
    so the rows come as a single one, of JSON arrays.
    """
    if connection.dialect.name != "sqlite":
        rows = connection.execute(query, parameters).fetchall()
        return list(zip(*rows, strict=True)) or [()] * len(query.selected_columns)
    row = connection.execute(_in_one_row(query), parameters).one()
    return [json.loads(column) for column in row]


@lru_cache(maxsize=64)
def _in_one_row(query: Select[Any]) -> Select[Any]:
    return select(*map(func.json_group_array, query.subquery().c))


class Told(TypeDecorator[str]):
    """What somebody else says; characters that not every database takes are left out."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text without NUL and halves of surrogate pairs."""
        return None if value is None else value.replace("\0", "").encode(errors="replace").decode()


def open_engine(url: str, setting: str = SETTING, *, patience: float = LONGEST_WAIT) -> Engine:
    """Return an engine on a database that is ours and up to date; an empty one gets its tables.

    Args:
        url: a SQLAlchemy URL, such as `sqlite:////home/ana/news/tigc-mail.db` or
            `postgresql://news@db.example.org/news`.
        setting: where the URL was taken from, for errors.
        patience: the seconds for which it is waited for while another program holds the database.

    Raises:
        ConfigurationError: if the URL cannot be understood, or is of a database that is not known.
        StoreError: if the database is not ours, newer than this code, read-only or unreachable.
    """
    engine = _engine(url, setting)
    connected, begun = _LISTENERS[engine.dialect.name]
    event.listen(engine, "connect", partial(connected, patience))
    event.listen(engine, "begin", begun)
    try:
        with store_errors(engine):
            _migrate(engine)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, UnicodeError):  # a host that nobody could be called
            raise no_database_url(setting) from None
        raise
    return engine


def _engine(url: str, setting: str) -> Engine:
    try:
        parsed = make_url(url)
        known = (parsed.get_backend_name(), parsed.get_driver_name()) in _DRIVERS
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise no_database_url(setting) from None
    if not known:
        raise no_database_url(setting)
    on_server = parsed.get_backend_name() != "sqlite"
    options = {"client_encoding": "utf8", "connect_timeout": f"{LONGEST_WAIT}", **parsed.query}
    try:
        return create_engine(
            parsed.update_query_dict(options) if on_server else parsed,
            pool_pre_ping=on_server,
            **(_NOBODY_WAITS if on_server or _is_file(parsed) else {}),
            hide_parameters=True,  # they hold addresses, which no log and no message may
            execution_options={"setting": setting},
        )
    except ModuleNotFoundError as error:
        cause = f"needs {error.name}, which is not installed"
        told = "Install tigc-mail[postgresql], or name another database."
        raise ConfigurationError(cause, setting, told) from None


def _is_file(url: URL) -> bool:
    """Return whether an SQLite database is one, and not in memory, where it has one connection."""
    return url.database not in (None, "", ":memory:") and "mode" not in url.query


def no_database_url(setting: str) -> ConfigurationError:
    """Return the error about a setting that is no URL of a database that we know."""
    cure = "Write one such as sqlite:///tigc-mail.db or postgresql://USER@HOST/DATABASE."
    return ConfigurationError("is not a database URL", setting, cure)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads; others may write meanwhile."""
    with store_errors(engine), engine.connect() as connection:
        connection.execution_options(access="read")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: committed at the end, rolled back by an exception."""
    with store_errors(engine), engine.connect() as connection:
        connection.execution_options(access="write")
        with connection.begin():
            yield connection


def _set_up_sqlite(patience: float, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by guesswork
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # a claim must survive a power cut
    cursor.execute("PRAGMA cache_size = -2000")  # KiB
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = "IMMEDIATE" if _access(connection) == "write" else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


def _set_up_postgresql(patience: float, connection: Any, _record: Any) -> None:
    for setting in (
        f"lock_timeout = '{patience * 1000:.0f}ms'",
        "synchronous_commit = on",  # a claim must survive a power cut
        "tcp_keepalives_idle = 30",  # a machine that is gone lets go of its locks within a minute
        "tcp_keepalives_interval = 10",
        "tcp_keepalives_count = 3",
    ):
        connection.execute(f"SET {setting}")
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    if _access(connection) == "write":  # by READ COMMITTED, each statement sees what came before it
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCKS}, 0)")
    elif _access(connection) == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _access(connection: Connection) -> str | None:
    """Return what a transaction is opened for: `read`, `write`, or neither where nobody said."""
    access: str | None = connection.get_execution_options().get("access")
    return access


_LISTENERS: Mapping[str, tuple[Callable[..., None], Callable[[Connection], None]]] = {
    "sqlite": (_set_up_sqlite, _begin_sqlite),
    "postgresql": (_set_up_postgresql, _begin_postgresql),
}
"""What each database is told when a connection is made, and when a transaction begins."""

_NOBODY_WAITS = {"max_overflow": -1}
"""How many connections a pool gives: as many as there are threads that want one."""

_DRIVERS = frozenset({("sqlite", "pysqlite"), ("postgresql", "psycopg")})


def _migrate(engine: Engine) -> None:
    known = {file.name[1:5] for file in (MIGRATIONS / "versions").glob("r[0-9]*.py")}
    with engine.connect() as connection:
        current = _revision(connection, engine)
    _require_known(current, known, engine)
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(engine)  # only now: another program's database is left as it is
    if current == max(known):
        return
    from tigc_mail.ground.upgrade import upgrade  # noqa: PLC0415 (heavy, and seldom wanted)

    with writing(engine) as connection:
        _require_unicode(connection, engine)
        upgrade(connection)


def _require_known(current: str | None, known: set[str], engine: Engine) -> None:
    """Refuse a database that later code made; what has no number of ours is another program's."""
    if current is None or current in known:
        return
    if not re.fullmatch(r"\d{4}", current):
        raise _foreign(engine)
    cause = f"the database is newer than this version of tigc_mail (revision {current})"
    raise StoreError(cause, place(engine), "Update tigc_mail.")


def _require_unicode(connection: Connection, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        cure = "Make one: createdb --template template0 --encoding UTF8 NAME."
        raise StoreError(f"the database is not in Unicode ({encoding})", place(engine), cure)


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
    return StoreError(cause, place(engine), "Name another database, or put back a copy of yours.")
