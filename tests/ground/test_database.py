"""The database is ours, up to date and writable, or one clear message says why not."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, StatementError

from tigc_mail.delivery.tables import audit_triggers, replacement_triggers, transition_triggers
from tigc_mail.errors import ConfigurationError, StoreError
from tigc_mail.ground.database import (
    MIGRATIONS,
    fetch_columns,
    metadata,
    open_engine,
    reading,
    writing,
)
from tigc_mail.people.tables import append_only_triggers, suppressions

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BLOCK = {"email_key": "a@example.org", "reason": "bounced", "source": "test", "at": NOW}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tigc-mail.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def suppressed(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(suppressions.c.email_key)).scalars())


# A database of ours


def test_a_migrated_database_has_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_has_the_defaults_checks_and_triggers_of_the_code(
    engine: Engine, tmp_path: Path
) -> None:
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    with declared.begin() as connection:
        metadata.create_all(connection)
        for triggers in (
            append_only_triggers,
            transition_triggers,
            audit_triggers,
            replacement_triggers,
        ):
            for statement in triggers("sqlite"):
                connection.exec_driver_sql(statement)
    assert parts_of_schema(engine) == parts_of_schema(declared)
    declared.dispose()


def parts_of_schema(engine: Engine) -> dict[str, set[str]]:
    """Return the parts of each CREATE statement, by what it creates, in whatever order."""
    query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    with engine.connect() as connection:
        found: dict[str, str] = dict(connection.execute(query).all())
    found.pop("alembic_version", None)
    return {name: set(parts_of(sql)) for name, sql in found.items()}


def parts_of(sql: str) -> list[str]:
    """Return what stands in the outermost brackets, cut at its commas, and what is around them."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    return [
        head.replace('"', "").strip(),
        tail.strip(),
        *re.split(r"\s*,\s*(?![^()]*\))", body.strip()),
    ]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0006", "0007"])
def test_a_database_of_a_version_before_is_brought_up_to_date_and_keeps_its_rows(
    path: Path, revision: str
) -> None:
    assert_brought_up_to_date(f"sqlite:///{path}", revision)


def assert_brought_up_to_date(url: str, revision: str) -> None:
    """A database of that revision gets the tables of now, its rows stay, and so does what keeps a
    delivery from going back.
    """
    old = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(insert(suppressions).values(BLOCK))
        connection.exec_driver_sql(CAMPAIGN)
        connection.exec_driver_sql(DELIVERY)
    old.dispose()
    again = open_engine(url)
    with reading(again) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        sent = "SELECT id, contact_id, state, reason, receipt, attempts FROM deliveries"
        assert tuple(connection.exec_driver_sql(sent).one()) == (7, 9, "accepted", "ok", "r1", 0)
    assert suppressed(again) == [BLOCK["email_key"]]
    for state, told in (("planned", "no such transition"), ("lost", "ck_deliveries_state|no such")):
        with pytest.raises(IntegrityError, match=told), again.begin() as connection:
            connection.execute(text("UPDATE deliveries SET state = :state"), {"state": state})
    again.dispose()


CAMPAIGN = """
    INSERT INTO campaigns
        (number, id, edition, audiences, author, state, created_at, planned, rules, outside)
    VALUES (1, 'a-1', 'a', 'public', 'ana', 'finished', '2026-11-01T08:00:00.000000+00:00', 1, '', 0)
"""
DELIVERY = """
    INSERT INTO deliveries (id, campaign, contact_id, variant, state, reason, receipt)
    VALUES (7, 1, 9, 0, 'accepted', 'ok', 'r1')
"""


@pytest.mark.parametrize("change", ["UPDATE consents SET source = 'else'", "DELETE FROM consents"])
def test_a_migrated_database_refuses_to_rewrite_a_consent(engine: Engine, change: str) -> None:
    with writing(engine) as connection:
        person = "'a@example.org', 'a@example.org', 'a@example.org', '', ''"
        columns = "email, email_readable, email_key, created_at, updated_at"
        connection.execute(text(f"INSERT INTO contacts ({columns}) VALUES ({person})"))  # noqa: S608
        columns = "contact_id, event, basis, source, at, recorded_at"
        grant = "1, 'granted', 'consent', 'form', '', ''"
        connection.execute(text(f"INSERT INTO consents ({columns}) VALUES ({grant})"))  # noqa: S608
    with pytest.raises(IntegrityError, match="append-only"), writing(engine) as connection:
        connection.execute(text(change))


def test_opening_it_again_keeps_what_is_in_it(engine: Engine, path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(insert(suppressions).values(BLOCK))
    again = open_engine(f"sqlite:///{path}")
    assert suppressed(again) == ["a@example.org"]
    again.dispose()


def test_it_writes_ahead_and_syncs_every_commit(engine: Engine) -> None:
    with reading(engine) as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 1]


def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_half_done(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(suppressions).values(BLOCK))
        assert suppressed(engine) == []
    assert suppressed(engine) == ["a@example.org"]


def test_what_fails_within_a_transaction_is_taken_back(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        write_twice(engine)
    assert suppressed(engine) == []


def write_twice(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(suppressions).values(BLOCK))
        connection.execute(insert(suppressions).values(BLOCK))


# Moments


@given(
    moment=st.datetimes(
        timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
        min_value=datetime(1900, 1, 2),  # noqa: DTZ001 (the zone is drawn)
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    )
)
def test_a_moment_comes_back_as_the_same_moment(memory: Engine, moment: datetime) -> None:
    with memory.connect() as connection:
        connection.execute(insert(suppressions).values({**BLOCK, "at": moment}))
        assert connection.execute(select(suppressions.c.at)).scalar() == moment
        connection.rollback()


@pytest.fixture(scope="module")
def memory() -> Iterator[Engine]:
    engine = open_engine("sqlite://")
    yield engine
    engine.dispose()


def test_moments_are_ordered_as_they_happened_whatever_their_zones(memory: Engine) -> None:
    zone = timezone(timedelta(hours=5))
    moments = [NOW.astimezone(zone) + timedelta(microseconds=step) for step in (0, 1, 10, 10**6)]
    with memory.connect() as connection:
        for at, moment in enumerate(moments):
            row = {
                **BLOCK,
                "email_key": str(at),
                "at": moment if at % 2 else moment.astimezone(UTC),
            }
            connection.execute(insert(suppressions).values(row))
        query = select(suppressions.c.at).order_by(suppressions.c.at)
        assert list(connection.execute(query).scalars()) == moments
        connection.rollback()


def test_a_moment_without_a_zone_is_refused(memory: Engine) -> None:
    naive = NOW.replace(tzinfo=None)
    with memory.connect() as connection, pytest.raises(StatementError, match="time zone"):
        connection.execute(insert(suppressions).values({**BLOCK, "at": naive}))


# Not a database of ours


@pytest.mark.parametrize(
    "url", ["tigc-mail.db", "", "oracle9://x", "nonsense:///x", "sqlite+x:///y"]
)
def test_a_url_that_is_none_is_told_with_an_example(url: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"database_url: is not a database URL.* Write one"
    ):
        open_engine(url)


def test_another_programs_database_is_refused_and_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"tigc-mail.db: .*belongs to another program.* Name "):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content", ["Dear reader,\n" * 100, "xy", "SQLite format 3\0" + "x" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_not_touched(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(StoreError, match=r"tigc-mail.db: is not a database of ours.* Move it"):
        open_engine(f"sqlite:///{path}")
    assert path.read_text() == content


@pytest.mark.parametrize("kept", [0.4, 0.8], ids=["less than half", "most"])
def test_a_database_that_was_cut_short_is_told_as_damaged_and_not_as_foreign(
    path: Path, kept: float
) -> None:
    open_engine(f"sqlite:///{path}").dispose()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(StoreError, match=r"tigc-mail.db: the database is damaged.* a copy"):
        open_engine(f"sqlite:///{path}")


def test_a_database_of_a_newer_version_is_refused_and_not_touched(path: Path) -> None:
    open_engine(f"sqlite:///{path}").dispose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer than this version .*9999.*Update tigc_mail"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_missing_folder_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/x.db: .*cannot be opened.* its folder exists"):
        open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_engine(f"sqlite:///{tmp_path}")


# A disk that takes nothing


def test_a_read_only_database_can_be_read_and_says_why_it_is_not_written(path: Path) -> None:
    open_engine(f"sqlite:///{path}").dispose()
    engine = open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert suppressed(engine) == []
    with (
        pytest.raises(StoreError, match=r"read-only.* right to write"),
        writing(engine) as connection,
    ):
        connection.execute(insert(suppressions).values(BLOCK))
    engine.dispose()


def test_an_empty_read_only_database_is_told_when_it_is_opened(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreError, match="read-only"):
        open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_a_full_disk_takes_the_transaction_back_and_tells_the_cure(engine: Engine) -> None:
    with pytest.raises(StoreError, match=r"disk is full.* run the same command again") as raised:
        write_more_than_fits(engine)
    assert "a@example.org" not in str(raised.value)
    assert suppressed(engine) == []


def write_more_than_fits(engine: Engine) -> None:
    with writing(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(insert(suppressions).values({**BLOCK, "reason": "x" * 100_000}))


def test_a_database_that_another_program_holds_is_told(engine: Engine, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program holds"):
            write_without_waiting(engine)
        other.execute("ROLLBACK")


def write_without_waiting(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.execute(insert(suppressions).values(BLOCK))


ROWS = st.lists(st.tuples(st.integers(0, 2**62), st.none() | st.text(max_size=9)), max_size=9)


@given(ROWS)
def test_columns_are_the_rows_of_a_query_turned_round(rows: list[tuple[int, str | None]]) -> None:
    rows = [
        (number, told and told.replace("\0", "")) for number, told in rows
    ]  # no database keeps it
    some = Table("some", MetaData(), Column("number", Integer), Column("told", String))
    with create_engine("sqlite://").begin() as connection:
        some.create(connection)
        if rows:
            connection.execute(insert(some), [{"number": n, "told": told} for n, told in rows])
        turned = fetch_columns(connection, select(some))
    assert [tuple(column) for column in turned] == (list(zip(*rows, strict=True)) or [(), ()])
