"""Bad input: one message with place, cause and cure, the right exit code, and nothing half done."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

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


CONTACTS_FILES = {
    "a missing contacts file": Case(
        "contacts import nowhere.csv", ("nowhere.csv", "no such file", "Check the path"), code=2
    ),
    "a folder as contacts file": Case(
        "contacts import news", ("news", "no such file", "Check the path"), code=2
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
        ("c.csv, line 1", "no column 'email'", "Name the columns"),
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

DOCUMENTS = {
    "an edition that is no YAML": Case(
        RENDER, (f"{EDITION} (line ", "is not valid YAML", "Look at"), spoil=append(EDITION, "- [")
    ),
    "an edition in another encoding": Case(
        RENDER, (f"{EDITION} (line ", "is not UTF-8", "Save it"), spoil=append(EDITION, b"\xe9")
    ),
    "an edition without its file": Case(RENDER, (EDITION, "no such file"), spoil=remove(EDITION)),
    "an edition whose file is a folder": Case(
        RENDER, (EDITION, "cannot be read: Is a directory"), spoil=folder_instead(EDITION)
    ),
    "an unknown block type": Case(
        RENDER,
        (f"{EDITION}: blocks[0].type (line ", "'poem' is not one of 'text', 'key-message'"),
        spoil=change(EDITION, "type: text", "type: poem"),
    ),
    "an unknown key": Case(
        RENDER,
        (f"{EDITION}: subjet (line ", "is not known here", "Check the spelling"),
        spoil=append(EDITION, "subjet: News\n"),
    ),
    "an edition for an unknown audience": Case(
        RENDER,
        (f"{EDITION}: audiences", "press", "there are government"),
        spoil=change(EDITION, "audiences: [", "audiences: [press, "),
    ),
    "an audience that is no YAML": Case(
        "audiences list",
        ("audiences/public.yaml (line ", "is not valid YAML", "Look at"),
        spoil=append("audiences/public.yaml", "x: ["),
    ),
    "an audience with an unknown field in its rule": Case(
        "audiences count",
        ("audiences/public.yaml: segment.any[0].field (line ", "is not a field", "write one of"),
        spoil=change("audiences/public.yaml", "field: sector", "field: colour"),
    ),
    "a theme that is no YAML": Case(
        RENDER,
        ("templates/theme.yaml (line ", "is not valid YAML", "Look at"),
        spoil=append("templates/theme.yaml", "x: ["),
    ),
    "a theme that is missing": Case(
        RENDER, ("templates/theme.yaml", "no such file"), spoil=remove("templates/theme.yaml")
    ),
    "a wrong edition to send": Case(
        f"campaign create {NEWSLETTER} --author ana",
        (f"{EDITION}: blocks[0].type", "'poem' is not one of"),
        spoil=change(EDITION, "type: text", "type: poem"),
    ),
}

TEMPLATES = {
    "a template with a wrong tag": Case(
        RENDER,
        ("templates/blocks/text.mjml.j2 (line 1)", "Expected an expression"),
        spoil=lambda news: write(
            "templates/blocks/text.mjml.j2",
            "{% if %}" + (news / "templates/blocks/text.mjml.j2").read_text("utf-8"),
        )(news),
    ),
    "a template with an unknown variable": Case(
        RENDER,
        ("templates/blocks/text.txt.j2 (line ", "'colour' is undefined", "docs/templates.md"),
        spoil=append("templates/blocks/text.txt.j2", "{{ colour }}"),
    ),
    "a text with an unknown slot": Case(
        RENDER,
        (EDITION, "blocks[welcome].body", "shoe_size", "docs/templates.md"),
        spoil=change(EDITION, "The shopping season", "{{ recipient.shoe_size }} season"),
    ),
    "a template that is missing": Case(
        RENDER,
        ("templates/newsletter.mjml.j2", "there is no template"),
        spoil=remove("templates/newsletter.mjml.j2"),
    ),
    "a template in another encoding": Case(
        RENDER,
        ("templates/blocks/text.mjml.j2 (line ", "is not UTF-8", "Save it"),
        spoil=append("templates/blocks/text.mjml.j2", b"\xe9"),
    ),
    "styles that are a folder": Case(
        RENDER,
        ("templates/theme.css", "cannot be read: Is a directory"),
        spoil=folder_instead("templates/theme.css"),
    ),
    "a wrong template in a campaign": Case(
        f"campaign create {NEWSLETTER} --author ana",
        ("templates/blocks/text.txt.j2 (line ", "'colour' is undefined"),
        spoil=append("templates/blocks/text.txt.j2", "{{ colour }}"),
    ),
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
        ("tigc-mail.db", "newer than this version", "r9999", "Update tigc_mail"),
        spoil=statement("UPDATE alembic_version SET version_num = 'r9999'"),
    ),
    "a folder in place of the database": Case(
        "audiences count",
        ("tigc-mail.db", "cannot be opened", "Check that"),
        spoil=folder_instead("tigc-mail.db"),
    ),
    "a database in no folder": Case(
        "audiences count",
        ("nowhere/x.db", "cannot be opened", "Check that its folder exists"),
        variables={"TIGC_MAIL_DATABASE_URL": "sqlite:///nowhere/x.db"},
    ),
    "a database without its driver": Case(
        "audiences count",
        ("database_url", "needs oracledb, which is not installed", "Install it"),
        variables={"TIGC_MAIL_DATABASE_URL": f"oracle+oracledb://ana:{KEY}@db/news"},
    ),
}

SETTINGS = {
    "settings that are no TOML": Case(
        "audiences list",
        ("tigc-mail.toml", "is not valid TOML", "Write lines such as"),
        spoil=write("tigc-mail.toml", "provider = "),
    ),
    "an unknown setting": Case(
        "audiences list",
        ("tigc-mail.toml: provder", "is not a setting", "Check the spelling"),
        spoil=write("tigc-mail.toml", 'provder = "outbox"'),
    ),
    "a secret in the settings": Case(
        "audiences list",
        ("tigc-mail.toml", "secret_key holds a secret", "TIGC_MAIL_SECRET_KEY"),
        spoil=write("tigc-mail.toml", f'secret_key = "{KEY}"'),
    ),
    "a password in the settings": Case(
        "audiences list",
        ("tigc-mail.toml", "database_url holds a secret", "TIGC_MAIL_DATABASE_URL"),
        spoil=write("tigc-mail.toml", f'database_url = "postgresql://ana:{KEY}@db/news"'),
    ),
    "public pages without https": Case(
        "audiences list",
        ("tigc-mail.toml: public_url", "is not an https address", "Write one"),
        spoil=write("tigc-mail.toml", 'public_url = "http://mail.example.org"'),
    ),
    "an unknown provider in the settings": Case(
        "audiences list",
        ("TIGC_MAIL_PROVIDER", "no provider 'fax'", "There are outbox"),
        variables={"TIGC_MAIL_PROVIDER": "fax"},
    ),
}

PLACES = {
    "a folder for files that is a file": Case(
        f"render {NEWSLETTER} --audience public --out news/tigc-mail.toml",
        ("news/tigc-mail.toml", "cannot be written to", "name a folder"),
    ),
    "a workspace that is there already": Case(
        "init news", ("news", "exists already and is not empty", "Name another folder"), code=2
    ),
    "a demonstration in a workspace": Case(
        "demo --json --out news", ("news", "exists already and is not empty"), code=2
    ),
    "a workspace below a file": Case(
        "init news/tigc-mail.toml/x", ("news/tigc-mail.toml/x", "cannot be written to", "name a")
    ),
}

CASES = {
    **CONTACTS_FILES,
    **UNKNOWN,
    **DOCUMENTS,
    **TEMPLATES,
    **DATABASES,
    **SETTINGS,
    **PLACES,
}


@pytest.mark.parametrize("name", CASES)
def test_one_message_tells_what_is_wrong_and_nothing_is_half_done(
    name: str, run: Run, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
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


def test_a_folder_that_is_no_workspace_is_told_with_the_cure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for words in (("-w", "plain"), ("-w", "nowhere"), ()):
        told = run(*words, "audiences", "list")
        assert told.code == 2
        assert "is not a workspace" in told.err
        assert "tigc-mail init DIR" in told.err
    assert list(tmp_path.iterdir()) == [tmp_path / "plain"]


def test_all_the_faults_of_a_file_are_told_at_once(run: Run, news: Path) -> None:
    replace_in(news / EDITION, "type: text", "type: poem")
    replace_in(news / EDITION, "kind: newsletter", "kind: novel")
    told = run("-w", news, *RENDER.split())
    assert told.code == 1
    assert len(told.err.splitlines()) == 2
    assert f"{EDITION}: kind (line " in told.err
    assert f"{EDITION}: blocks[0].type (line " in told.err


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


# Campaigns


def test_an_author_does_not_approve(run: Run, news: Path, draft: str) -> None:
    before = state_of(news)
    told = run("-w", news, "campaign", "approve", draft, "--by", "Ana")
    assert (told.code, told.out) == (1, "")
    assert draft in told.err
    assert "the author is ana" in told.err
    assert "Ask a colleague" in told.err
    assert state_of(news) == before


def test_a_draft_is_not_sent(run: Run, news: Path, draft: str) -> None:
    before = state_of(news)
    told = run("-w", news, "campaign", "send", draft)
    assert (told.code, told.out) == (1, "")
    assert f"{draft}: is not approved. Approve it first" in told.err
    assert state_of(news) == before


@pytest.mark.parametrize(
    "spoil",
    [
        change("audiences/public.yaml", "Una falsificación nunca", "Una falsificación casi nunca"),
        change("audiences/public.yaml", "TLP:CLEAR", "TLP:GREEN"),
        change(EDITION, "la temporada de compras", "el frío"),
        append("templates/blocks/text.txt.j2", "More."),
        statement(
            "UPDATE deliveries SET contact_id = 6 WHERE id = (SELECT min(id) FROM deliveries)"
        ),
    ],
    ids=["key message", "ceiling", "edition", "template", "recipient"],
)
def test_a_changed_campaign_is_not_sent(
    run: Run, news: Path, approved: str, spoil: Callable[[Path], object]
) -> None:
    spoil(news)
    before = state_of(news)
    told = run("-w", news, "campaign", "send", approved)
    assert (told.code, told.out) == (1, "")
    assert f"{approved}: is not what was planned and approved" in told.err
    assert "changed" in told.err
    assert "Undo the change" in told.err
    assert not ADDRESS.search(told.err)
    assert state_of(news) == before


def test_what_is_over_is_not_sent_again(run: Run, news: Path, approved: str) -> None:
    assert run("-w", news, "campaign", "send", approved).code == 0
    before = state_of(news)
    told = run("-w", news, "campaign", "send", approved)
    assert told.code == 1
    assert f"{approved}: is finished" in told.err
    assert state_of(news) == before


def test_an_unknown_provider_is_told_and_nothing_moves(run: Run, news: Path, approved: str) -> None:
    before = state_of(news)
    told = run("-w", news, "campaign", "send", approved, "--provider", "fax")
    assert told.code == 2
    assert "no provider 'fax'. There are outbox, discard." in told.err
    assert state_of(news) == before


def test_a_campaign_to_nobody_is_not_kept(run: Run, tmp_path: Path) -> None:
    run("init", "empty")
    told = run("-w", "empty", "campaign", "create", NEWSLETTER, "--author", "ana")
    assert (told.code, told.out) == (1, "")
    assert f"edition {NEWSLETTER}: there is nobody to send it to" in told.err
    assert "Import contacts" in told.err
    assert run("-w", "empty", "campaign", "status", "--json").json == []


def test_an_outbox_that_is_a_file_is_told_and_the_same_command_goes_on(
    run: Run, news: Path, approved: str
) -> None:
    (news / "outbox").touch()
    told = run("-w", news, "campaign", "send", approved)
    assert (told.code, told.out) == (1, "")
    assert f"{news / 'outbox'}: the outbox cannot be written to" in told.err
    (news / "outbox").unlink()
    assert run("-w", news, "campaign", "verify", approved).code == 0
    again = run("-w", news, "campaign", "send", approved, "--json")
    assert again.json["states"] == {"accepted": again.json["planned"]}


def test_where_the_lock_cannot_be_written_nothing_is_sent(
    run: Run, news: Path, approved: str
) -> None:
    rmtree(news / ".tigc-mail")  # made by the approval
    (news / ".tigc-mail").touch()
    before = state_of(news)
    told = run("-w", news, "campaign", "send", approved)
    assert (told.code, told.out) == (1, "")
    assert "the lock of a campaign cannot be written" in told.err
    assert state_of(news) == before
