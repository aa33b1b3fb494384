"""Bad input: what is done to a workspace, the command that meets it, and what that has to say."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import ADDRESS, NEWSLETTER, replace_in, state_of

KEY = "a-key-that-nobody-ever-sees"
EDITION = f"editions/{NEWSLETTER}/edition.yaml"
RENDER = f"render {NEWSLETTER} --audience public --out look"

ENGLISH = """\
kind: newsletter
language: en
languages: [en]
audiences: [public]
subject: What is new in May
preheader: Three things that changed, and the one that asks for a decision.
blocks:
  - {id: welcome, type: text, marking: TLP:CLEAR, body: The programme changed three things.}
"""


@dataclass(frozen=True)
class Case:
    """Something wrong, the command that meets it, and what it has to say."""

    words: str
    """The command; FILE stands for `file`."""
    told: tuple[str, ...]
    """What the message holds: place, cause and cure."""
    code: int = 1
    spoil: Callable[[Path], object] = lambda _: None
    """What is done to the workspace first."""
    file: bytes | None = None
    """The content of the contacts file."""
    variables: dict[str, str] = field(default_factory=dict)


def write(name: str, content: str | bytes) -> Callable[[Path], object]:
    raw = content.encode() if isinstance(content, str) else content
    return lambda news: (news / name).write_bytes(raw)


def edition_in_english(news: Path) -> None:
    """Add an edition in one language only."""
    (news / "editions/english").mkdir()
    (news / "editions/english/edition.yaml").write_text(ENGLISH, "utf-8")


def append(name: str, content: str | bytes) -> Callable[[Path], object]:
    raw = content.encode() if isinstance(content, str) else content
    return lambda news: (news / name).write_bytes((news / name).read_bytes() + raw)


def change(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda news: replace_in(news / name, old, new)


def remove(name: str) -> Callable[[Path], object]:
    return lambda news: (news / name).unlink()


def folder_instead(name: str) -> Callable[[Path], object]:
    def spoil(news: Path) -> None:
        (news / name).unlink()
        (news / name).mkdir()

    return spoil


def statement(sql: str) -> Callable[[Path], object]:
    def spoil(news: Path) -> None:
        with closing(sqlite3.connect(news / "tigc-mail.db")) as connection, connection:
            connection.execute(sql)

    return spoil


def another_programs_database(news: Path) -> None:
    (news / "tigc-mail.db").unlink()
    statement("CREATE TABLE recipes (name)")(news)


def expect(
    case: Case, run: Run, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message with place, cause and cure, the right exit code, and nothing half done."""
    case.spoil(news)
    if case.file is not None:
        (tmp_path / "c.csv").write_bytes(case.file)
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", KEY)
    for variable, value in case.variables.items():
        monkeypatch.setenv(variable, value)
    before = state_of(tmp_path)
    words = [{"FILE": "c.csv", "''": ""}.get(word, word) for word in case.words.split()]
    told = run(*(["-w", "news"] if words[0] not in ("init", "demo") else []), *words)
    assert told.code == case.code
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert told.err.count("\n") == 1
    assert [part for part in case.told if part not in told.err] == []
    assert not ADDRESS.search(told.err), "no address"
    assert KEY not in told.err, "no secret"
    assert state_of(tmp_path) == before
