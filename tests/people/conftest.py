"""A real database, a clock that stands still, and files of contacts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import Engine, make_url

from tigc_mail.ground.database import open_engine
from tigc_mail.people.contacts import Contacts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "people.db"
    open_engine(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def engine(empty_database: Path, database: str) -> Iterator[Engine]:
    if database.startswith("sqlite"):
        copy(empty_database, str(make_url(database).database))
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def contacts(engine: Engine) -> Contacts:
    return Contacts(engine, lambda: NOW)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of contacts from its text, or its bytes, and return its path."""

    def write(content: str | bytes, name: str = "members.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
