"""PostgreSQL keeps what SQLite keeps, and what it refuses is told with place, cause and cure."""

import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from traceback import format_exception

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, NullPool, create_engine, func, insert, make_url, select, text
from sqlalchemy.exc import IntegrityError
from tests.databases import ASKED, NAMED, Server
from tests.ground.test_database import (
    BLOCK,
    assert_brought_up_to_date,
    suppressed,
    write_twice,
)

from tigc_mail.delivery.tables import deliveries
from tigc_mail.errors import ConfigurationError, StoreError
from tigc_mail.ground.database import metadata, open_engine, reading, writing
from tigc_mail.people.tables import suppressions


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


@pytest.fixture
def empty(postgresql: Server) -> Iterator[str]:
    with postgresql.database("template0") as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def changed(url: str, *statements: str) -> None:
    """Change a database behind the library's back."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


# A database of ours


def test_a_migrated_database_has_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", ["0001", "0003", "0007"])
def test_a_database_of_a_version_before_is_brought_up_to_date_and_keeps_its_rows(
    empty: str, revision: str
) -> None:
    assert_brought_up_to_date(empty, revision)


def test_two_that_open_an_empty_database_at_once_make_its_tables_once(empty: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for engine in pool.map(open_engine, [empty, empty]):
            assert suppressed(engine) == []
            engine.dispose()


PERSON = (
    "INSERT INTO contacts (id, email, email_readable, email_key, created_at, updated_at)"
    " VALUES (1, 'a@example.org', '', 'a@example.org', '', '')"
)
GRANT = (
    "INSERT INTO consents (contact_id, event, basis, source, at, recorded_at)"
    " VALUES (1, 'granted', 'consent', 'form', '', '')"
)
ENTRY = "INSERT INTO audit VALUES (1, '', 'ana', 'draft', 'news', '{}', '')"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consents SET source = 'else'",
        "DELETE FROM consents",
        "TRUNCATE consents",
        "UPDATE audit SET actor = 'zoe'",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ],
)
def test_what_is_append_only_is_not_rewritten(url: str, change: str) -> None:
    changed(url, PERSON, GRANT, ENTRY)
    with pytest.raises(IntegrityError, match="append-only"):
        changed(url, change)


def test_what_fails_within_a_transaction_is_taken_back(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        write_twice(engine)
    assert suppressed(engine) == []


def test_what_the_server_says_of_a_fault_tells_no_address(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="pk_suppressions") as raised:
        write_twice(engine)
    told = "".join(format_exception(raised.value))
    assert "UniqueViolation" in told
    assert BLOCK["email_key"] not in told


def test_words_with_characters_that_no_database_takes_are_kept_without_them(engine: Engine) -> None:
    row = {"id": 1, "campaign": 1, "contact_id": 1, "variant": 1, "state": "planned"}
    with writing(engine) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(insert(deliveries).values(row | {"reason": "no\0 such\ud800 user"}))
        assert connection.scalar(select(deliveries.c.reason)) == "no such? user"


# Transactions


def test_writing_transactions_follow_one_another_and_see_what_came_before(engine: Engine) -> None:
    def add(_: int) -> None:
        with writing(engine) as connection:
            size = connection.scalar(select(func.count()).select_from(suppressions))
            connection.execute(insert(suppressions).values({**BLOCK, "email_key": str(size)}))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    assert sorted(suppressed(engine), key=int) == [str(size) for size in range(20)]


def test_a_reader_does_not_wait_for_a_writer_and_sees_one_state_throughout(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.execute(select(suppressions)).all()
        with writing(engine) as other:
            other.execute(insert(suppressions).values(BLOCK))
            assert suppressed(engine) == []
        assert suppressed(engine) == [BLOCK["email_key"]]
        assert connection.execute(select(suppressions)).all() == before == []


def test_what_only_reads_cannot_write(engine: Engine) -> None:
    with pytest.raises(StoreError, match="read-only"), reading(engine) as connection:
        connection.execute(insert(suppressions).values(BLOCK))


def test_who_waits_too_long_for_their_turn_is_told(url: str) -> None:
    first, second = open_engine(url), open_engine(url, patience=0.01)
    with (
        writing(first),
        pytest.raises(StoreError, match="another program holds the database"),
        writing(second),
    ):
        pass
    first.dispose()
    second.dispose()


def test_a_commit_is_on_disk_though_the_server_would_rather_wait(postgresql: Server) -> None:
    with postgresql.database() as url:
        name = make_url(url).database
        postgresql.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
        engine = open_engine(url)
        with writing(engine) as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        engine.dispose()


def test_a_connection_that_the_server_ended_is_told_and_the_next_is_a_new_one(
    engine: Engine,
) -> None:
    told = r"the server ended the connection.* same command again"
    with pytest.raises(StoreError, match=told):
        read_over_a_connection_that_ends(engine)
    assert suppressed(engine) == []


def read_over_a_connection_that_ends(engine: Engine) -> None:
    with reading(engine) as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with writing(engine) as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        connection.execute(select(suppressions))


# Not a database of ours


def refused(url: str) -> str:
    """Return what is told where a database cannot be opened."""
    with pytest.raises(StoreError) as raised:
        open_engine(url, "tigc-mail.toml: database_url")
    told = str(raised.value)
    assert told.startswith("tigc-mail.toml: database_url (")
    assert "s3cret" not in told
    assert len(told.splitlines()) == 1
    return told


def test_another_programs_database_is_refused_and_not_touched(empty: str) -> None:
    changed(empty, "CREATE TABLE birds (name TEXT)")
    assert "belongs to another program" in refused(empty)
    engine = create_engine(empty)
    with engine.connect() as connection:
        tables = "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(text(tables)).scalar() == "birds"
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    changed(url, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer than this version of tigc_mail (revision 9999). Update" in refused(url)


def test_a_database_that_is_not_in_unicode_is_refused(postgresql: Server) -> None:
    more = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    with postgresql.database("template0", more) as url:
        assert "not in Unicode (SQL_ASCII). Make one: createdb" in refused(url)


def test_a_database_that_there_is_not_is_told(url: str) -> None:
    other = make_url(url).set(database="birds").render_as_string(hide_password=False)
    told = refused(other)
    assert "(birds on " in told
    assert "the server has no such database. Make it (createdb)" in told


def test_a_user_that_there_is_not_is_told(url: str) -> None:
    other = make_url(url).set(username="nobody-of-ours").render_as_string(hide_password=False)
    assert "the server does not let this user in. Check the name" in refused(other)


def test_a_server_that_does_not_run_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = refused(f"postgresql://news:s3cret@127.0.0.1:{port}/news")
    assert "(news on 127.0.0.1)" in told
    assert "no server takes connections there. Start it" in told


def test_a_host_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # nobody else is asked
    told = refused("postgresql://news:s3cret@db.example.org/news")
    assert "(news on db.example.org): there is no host of this name. Correct the host" in told


def test_an_option_that_there_is_not_is_told() -> None:
    told = refused("postgresql://news:s3cret@127.0.0.1/news?colour=blue")
    assert "an option that PostgreSQL does not know. Correct the part behind" in told


@pytest.mark.skipif(NAMED != "", reason="a server that is not ours decides itself whom it asks")
def test_a_wrong_password_is_told_and_not_shown(url: str) -> None:
    wrong = make_url(url).set(username=ASKED, password="s3cret-wrong")
    told = refused(wrong.render_as_string(hide_password=False))
    assert "the server does not take this user's password. Set TIGC_MAIL_DATABASE_URL" in told


def test_a_user_without_rights_is_told(postgresql: Server, url: str) -> None:
    user = f"{make_url(url).database}_user"
    postgresql.run(f"CREATE ROLE {user} LOGIN PASSWORD 's3cret'")
    other = make_url(url).set(username=user, password="s3cret")
    told = refused(other.render_as_string(hide_password=False))
    postgresql.run(f"DROP ROLE {user}")
    assert "does not let this user do that. Give the user the right to read" in told


@pytest.mark.parametrize(
    "url",
    [
        "postgres://news@host/news",
        "postgresql+psycopg2://news@host/news",
        "postgresql+asyncpg://news@host/news",
        "postgresql://news@host:port/news",
        "postgresql://news@no..where/news",
        "mysql://news@host/news",
    ],
)
def test_a_url_of_something_else_is_told_with_an_example(url: str) -> None:
    told = r"tigc-mail.toml: database_url: is not a database URL.* postgresql://USER@HOST/DATABASE"
    with pytest.raises(ConfigurationError, match=told):
        open_engine(url, "tigc-mail.toml: database_url")


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    told = r"database_url: needs psycopg, which is not installed. Install tigc-mail\[postgresql\]"
    with pytest.raises(ConfigurationError, match=told):
        open_engine("postgresql://news@host/news")
