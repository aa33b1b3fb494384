"""The people of the tests of commands, and what a command answers."""

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

NEWSLETTER = "2026-11-newsletter"
NOTICE = "ip-crime-conference-postponed"
AUDIENCES = ("government", "law-enforcement", "private-sector", "public")

CONTACTS = """\
email,given_name,family_name,organisation,role,sector,country,locale,consent_basis,consent_at,tags,desk
lea@example.org,Léa,Fontaine,Police judiciaire,Analyst,law-enforcement,FR,fr,public-task,2024-01-15,liaison,[/north]
hugo@example.org,Hugo,Roux,Customs Service,,law-enforcement,BE,en,public-task,2024-01-15,,
gina@example.org,Gina,Mensah,Ministry of Justice,Adviser,government,KE,en,public-task,2024-01-15,,
paul@example.org,Paul,Nair,Pharma Group,Counsel,private-sector,CH,en,legitimate-interest,2024-01-15,,
rosa@example.org,Rosa,Solís,,,public,CR,es,consent,2024-01-15,,
omar@example.org,Omar,Haddad,,,public,JO,en,,,,
"""
"""Two of law enforcement, one of government and one of companies, one of the public, and one of the
public who never said yes."""

WRITTEN_TO = 5

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


class Result(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer, all of which is JSON."""
        return json.loads(self.out)


def state_of(folder: Path) -> dict[str, str]:
    """Return the content of every file of a workspace; of the database, what is recorded in it.

    Compiled messages are no state: they are what the files make, kept.
    """
    state = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.endswith(("-wal", "-shm", ".lock")):
            continue
        name = str(path.relative_to(folder))
        if "/compiled/" in name:
            continue
        raw = path.read_bytes()
        state[name] = recorded(path) if raw[:6] == b"SQLite" else hashlib.sha256(raw).hexdigest()
    return state


def recorded(database: Path) -> str:
    """Return everything that is recorded in a SQLite database."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file, which has to hold it."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
