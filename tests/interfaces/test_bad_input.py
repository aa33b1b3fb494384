"""Bad contacts files, names, settings and databases: one message, and nothing half done."""

from pathlib import Path

import pytest
from tests.interfaces.bad import (
    KEY,
    RENDER,
    Case,
    another_programs_database,
    edition_in_english,
    expect,
    folder_instead,
    statement,
    write,
)
from tests.interfaces.conftest import Run
from tests.interfaces.world import ADDRESS, NEWSLETTER

CONTACTS_FILES = {
    "a missing contacts file": Case(
        "contacts import nowhere.csv", ("nowhere.csv", "no such file", "Check the path"), code=2
    ),
    "a folder as contacts file": Case(
        "contacts import news", ("news", "is not a file to read", "Check the path"), code=2
    ),
    "a contacts file in another encoding": Case(
        "contacts import FILE",
        ("c.csv, line 2", "is not UTF-8", "Save it"),
        file="email,given_name\nlea@example.org,Léa\n".encode("latin-1"),
    ),
    "a contacts file in UTF-16": Case(
        "contacts import FILE",
        ("c.csv, line 1", "is not UTF-8", "Save it"),
        file="email\nlea@example.org\n".encode("utf-16"),
    ),
    "a late byte in another encoding": Case(
        "contacts import FILE",
        ("c.csv, line 3002", "is not UTF-8"),
        file=b"email\n" + b"".join(b"p%d@example.com\n" % n for n in range(3000)) + b"\xe9\n",
    ),
    "a contacts file without the column email": Case(
        "contacts import FILE",
        ("c.csv, line 1", "no column 'email'", "Call one of them `email`"),
        file=b"mail,given_name\nlea@example.org,Lea\n",
    ),
    "a column twice": Case(
        "contacts import FILE",
        ("c.csv, line 1", "'email' stands there more than once", "Keep one"),
        file=b"email,Email\na@example.org,b@example.org\n",
    ),
    "an empty contacts file": Case(
        "contacts import FILE", ("c.csv", "is empty", "Write a first line"), file=b""
    ),
    "a quote that never ends": Case(
        "contacts import FILE",
        ("c.csv, line 2", "never ends", "without its partner"),
        file=b'email,role\na@example.org,"chief\n' + b"b@example.org,\n" * 9,
    ),
}

UNKNOWN = {
    "an unknown contact": Case(
        "contacts show nobody@example.org", ("EMAIL", "there is no contact", "Check"), code=2
    ),
    "an unknown contact to explain": Case(
        "audiences explain nobody@example.org", ("EMAIL", "there is no contact", "Check"), code=2
    ),
    "no address at all": Case(
        "contacts show nobody", ("EMAIL", "there is no contact", "Check"), code=2
    ),
    "an unknown contact to render for": Case(
        f"{RENDER} --contact nobody@example.org", ("contact", "there is no contact"), code=2
    ),
    "an unknown edition": Case(
        "render summer --audience public --out look",
        ("no edition 'summer'", f"There are {NEWSLETTER}"),
        code=2,
    ),
    "a path as edition": Case(
        f"render ../editions/{NEWSLETTER} --audience public --out look",
        ("no edition '../edit", f"There are {NEWSLETTER}"),
        code=2,
    ),
    "an unknown audience to render for": Case(
        f"render {NEWSLETTER} --audience press --out look",
        ("no audience 'press'", "There are government"),
        code=2,
    ),
    "an unknown language": Case(
        f"{RENDER} --locale tlh", ("locale", "no language 'tlh'", "There are en"), code=2
    ),
    "a language that the edition is not in": Case(
        "render english --audience public --out look --locale ar",
        ("edition english", "not written in 'ar'", "It is"),
        code=2,
        spoil=edition_in_english,
    ),
    "an unknown audience to send to": Case(
        f"campaign create {NEWSLETTER} --author ana --audience press",
        ("no audience 'press'", "There are government"),
        code=2,
    ),
    "an unknown edition to send": Case(
        "campaign create summer --author ana", ("no edition 'summer'", "There are"), code=2
    ),
    "an author without a name": Case(
        f"campaign create {NEWSLETTER} --author ''", ("author", "has no name"), code=2
    ),
    **{
        f"an unknown campaign to {word.split()[0]}": Case(
            f"campaign {word}", ("no campaign 'nothing'", "The newest are: none yet"), code=2
        )
        for word in ("approve nothing --by ben", "send nothing", "status nothing", "verify nothing")
    },
}

DATABASES = {
    "a file that is no database": Case(
        "audiences count",
        ("tigc-mail.db", "is not a database of ours", "Move it away"),
        spoil=write("tigc-mail.db", "Nothing that SQLite would know. " * 64),
    ),
    "a database of another program": Case(
        "audiences count",
        ("tigc-mail.db", "belongs to another program", "Name another"),
        spoil=another_programs_database,
    ),
    "a database newer than the code": Case(
        "audiences count",
        ("tigc-mail.db", "newer than this version", "9999", "Update tigc_mail"),
        spoil=statement("UPDATE alembic_version SET version_num = '9999'"),
    ),
    "a database with a revision of another program": Case(
        "audiences count",
        ("tigc-mail.db", "belongs to another program", "Name another database"),
        spoil=statement("UPDATE alembic_version SET version_num = 'ab12cd34ef56'"),
    ),
    "a database that forgot its revision": Case(
        "audiences count",
        ("tigc-mail.db", "is not whole", "put back a copy"),
        spoil=statement("DELETE FROM alembic_version"),
    ),
    "a database that lost a table": Case(
        "audiences count",
        ("tigc-mail.db", "is not whole", "put back a copy"),
        spoil=statement("DROP TABLE consents"),
    ),
    "a folder in place of the database": Case(
        "audiences count",
        ("tigc-mail.db", "cannot be opened", "Check that"),
        spoil=folder_instead("tigc-mail.db"),
    ),
    "a database that is not known": Case(
        "audiences count",
        ("TIGC_MAIL_DATABASE_URL", "is not a database URL", "postgresql://USER@HOST/DATABASE"),
        code=2,
        variables={"TIGC_MAIL_DATABASE_URL": f"oracle+oracledb://ana:{KEY}@db/news"},
    ),
    "a database in a folder that is not there": Case(
        "audiences count",
        (
            "TIGC_MAIL_DATABASE_URL: names a file in a folder that is not there",
            "nowhere",
            "Make the folder",
        ),
        code=2,
        variables={"TIGC_MAIL_DATABASE_URL": "sqlite:///nowhere/news.db"},
    ),
    "a database server that does not run": Case(
        "audiences count",
        (
            "TIGC_MAIL_DATABASE_URL (news on 127.0.0.1)",
            "no server takes connections there",
            "Start it, or correct the host and the port",
        ),
        variables={"TIGC_MAIL_DATABASE_URL": f"postgresql://ana:{KEY}@127.0.0.1:1/news"},
    ),
}

SETTINGS = {
    "settings that are no TOML": Case(
        "audiences list",
        ("tigc-mail.toml (line 1, column 12)", "is not valid TOML", "lines are such as"),
        code=2,
        spoil=write("tigc-mail.toml", "provider = outbox"),
    ),
    "an unknown setting": Case(
        "audiences list",
        ("tigc-mail.toml: provder", "is not a setting", "Check the spelling"),
        code=2,
        spoil=write("tigc-mail.toml", 'provder = "outbox"'),
    ),
    "a secret in the settings": Case(
        "audiences list",
        ("tigc-mail.toml", "secret_key holds a secret", "TIGC_MAIL_SECRET_KEY"),
        code=2,
        spoil=write("tigc-mail.toml", f'secret_key = "{KEY}"'),
    ),
    "a password in the settings": Case(
        "audiences list",
        ("tigc-mail.toml", "database_url holds a secret", "TIGC_MAIL_DATABASE_URL"),
        code=2,
        spoil=write("tigc-mail.toml", f'database_url = "postgresql://ana:{KEY}@db/news"'),
    ),
    "public pages without https": Case(
        "audiences list",
        ("tigc-mail.toml: public_url", "is not an https address", "Write one"),
        code=2,
        spoil=write("tigc-mail.toml", 'public_url = "http://mail.example.org"'),
    ),
    "an unknown provider in the settings": Case(
        "audiences list",
        ("TIGC_MAIL_PROVIDER", "no provider 'fax'", "There are outbox"),
        code=2,
        variables={"TIGC_MAIL_PROVIDER": "fax"},
    ),
}

LONG = "x" * 400

PLACES = {
    "a folder for files that is a file": Case(
        f"render {NEWSLETTER} --audience public --out news/tigc-mail.toml",
        ("news/tigc-mail.toml", "a file stands where the folder goes", "name another folder"),
    ),
    "a workspace that is there already": Case(
        "init news", ("news", "exists already and is not empty", "Name another folder"), code=2
    ),
    "a demonstration in a workspace": Case(
        "demo --json --out news", ("news", "exists already and is not empty"), code=2
    ),
    "a workspace below a file": Case(
        "init news/tigc-mail.toml/x",
        ("news/tigc-mail.toml/x", "a file stands where the folder goes", "name another folder"),
    ),
    "a demonstration below a file": Case(
        "demo --json --out news/tigc-mail.toml/x",
        ("news/tigc-mail.toml/x", "a file stands where the folder goes", "name another folder"),
    ),
    **{
        f"a name that is too long for {words.split()[0]}": Case(
            words, (LONG, "File name too long", "Write a shorter name"), code=code
        )
        for words, code in (
            (f"init {LONG}", 1),
            (f"demo --json --out {LONG}", 1),
            (f"render {NEWSLETTER} --audience public --out {LONG}", 1),
            (f"-w {LONG} audiences list", 2),
            (f"contacts import {LONG}.csv", 1),
        )
    },
    "a folder that is no workspace": Case(
        "-w news/editions check x", ("(it has neither tigc-mail.toml nor audiences/)", "-w"), code=2
    ),
}

CASES = {**CONTACTS_FILES, **UNKNOWN, **DATABASES, **SETTINGS, **PLACES}


@pytest.mark.parametrize("name", CASES)
def test_one_message_tells_what_is_wrong_and_nothing_is_half_done(
    name: str, run: Run, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(CASES[name], run, news, tmp_path, monkeypatch)


def test_a_folder_that_is_no_workspace_is_told_with_the_cure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for words in (("-w", "plain"), ("-w", "nowhere"), ()):
        told = run(*words, "audiences", "list")
        assert told.code == 2
        assert "is not a workspace" in told.err
        assert "tigc-mail init DIR" in told.err
    assert list(tmp_path.iterdir()) == [tmp_path / "plain"]


def test_rows_of_unknown_countries_and_languages_are_left_out_with_line_and_field(
    run: Run, news: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.csv").write_text(
        "email,country,locale,sector,consent_basis,consent_at\n"
        "a@example.com,XX,,,,\n"
        "b@example.com,,klingon,,,\n"
        "c@example.com,,,press,,\n"
        "d@example.com,,,,maybe,\n"
        "e@example.com,,,,consent,last spring\n"
        "f at example.com,,,,,\n"
        ",FR,,,,\n"
    )
    told = run("-w", news, "contacts", "import", "c.csv", "--json")
    assert told.code == 1
    assert told.json["accepted"] == 0
    rejected = [(row["line"], row["field"]) for row in told.json["rejected"]]
    fields = ["country", "locale", "sector", "consent_basis", "consent_at", "email", "email"]
    assert rejected == list(enumerate(fields, start=2))
    for answer in (told.out, run("-w", news, "contacts", "import", "c.csv").out):
        assert {found.group() for found in ADDRESS.finditer(answer)} <= {"name@example.org"}
    assert run("-w", news, "audiences", "count", "--json").json["contacts"] == 6
