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
    with closing(sqlite3.connect(folder / "tigc-mail.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # copies need one file only
    return folder


@pytest.fixture
def news(_peopled: Path, tmp_path: Path) -> Path:
    """A copy of the shipped workspace with the people of `CONTACTS` in it."""
    beside = shutil.ignore_patterns("*.db-*")  # empty; they go when the one who made them is gone
    return Path(shutil.copytree(_peopled, tmp_path / "news", ignore=beside))


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
def draft(news: Path, run: Run) -> str:
    """The id of a campaign of the newsletter that nobody has approved yet."""
    made = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana", "--json")
    return str(made.json["campaign"])


@pytest.fixture
def approved(news: Path, run: Run, draft: str) -> str:
    """The id of a campaign that may be sent."""
    assert run("-w", news, "campaign", "approve", draft, "--by", "ben").code == 0
    return draft


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace without faults."""
    return Small(tmp_path / "small")
