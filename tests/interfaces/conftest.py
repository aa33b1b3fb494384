"""A workspace with a few people in it, and the command line run within this process."""

import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.interfaces.small import Small
from tests.interfaces.world import CONTACTS, NEWSLETTER, Result

from tigc_mail import Workspace
from tigc_mail.interfaces.cli import main

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the variables of whoever runs the tests away."""
    for name in ("DATABASE_URL", "PROVIDER", "PUBLIC_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"TIGC_MAIL_{name}", raising=False)


@pytest.fixture(scope="session")
def _peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "news"
    workspace = Workspace.create(folder)
    file = folder.parent / "contacts.csv"
    file.write_text(CONTACTS, "utf-8")
    workspace.contacts.import_file(file)
    return _whole(folder)


@pytest.fixture(scope="session")
def _drafted(_peopled: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = _copy(_peopled, tmp_path_factory.mktemp("drafted") / "news")
    made = Workspace.open(folder).campaigns.create(NEWSLETTER, author="ana")
    return _whole(folder), made.id


@pytest.fixture(scope="session")
def _approved(
    _drafted: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    folder = _copy(_drafted[0], tmp_path_factory.mktemp("approved") / "news")
    Workspace.open(folder).campaigns.get(_drafted[1]).approve(by="ben")
    return _whole(folder), _drafted[1]


def _whole(folder: Path) -> Path:
    """Return a workspace whose database is one file, so that it can be copied."""
    with closing(sqlite3.connect(folder / "tigc-mail.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def _copy(made: Path, folder: Path) -> Path:
    beside = shutil.ignore_patterns("*.db-*")  # empty; they go when the one who made them is gone
    return Path(shutil.copytree(made, folder, ignore=beside, dirs_exist_ok=True))


@pytest.fixture
def news(_peopled: Path, tmp_path: Path) -> Path:
    """A copy of the shipped workspace with the people of `CONTACTS` in it."""
    return _copy(_peopled, tmp_path / "news")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `tigc-mail` with some words, from an empty folder, and return how it ended."""
    monkeypatch.chdir(tmp_path)

    def run_(*words: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["tigc-mail", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        answered = capsys.readouterr()
        return Result(code, answered.out, answered.err)

    return run_


@pytest.fixture
def draft(news: Path, _drafted: tuple[Path, str]) -> str:
    """The id of a campaign of the newsletter that nobody has approved yet."""
    _copy(_drafted[0], news)
    return _drafted[1]


@pytest.fixture
def approved(news: Path, draft: str, _approved: tuple[Path, str]) -> str:
    """The id of a campaign that may be sent."""
    _copy(_approved[0], news)
    return draft


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace without faults."""
    return Small(tmp_path / "small")
