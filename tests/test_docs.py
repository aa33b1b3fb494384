"""The documentation says what the code does: drawings, reference, examples, links."""

import re
import sys
import textwrap
from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from tests import docs_cli

import tigc_mail
from tigc_mail import Segment, Workspace
from tigc_mail.content.attachment import MEDIA_TYPES, Attachment
from tigc_mail.content.event import Event, Stage
from tigc_mail.delivery import providers
from tigc_mail.delivery.states import CAMPAIGN_TRANSITIONS, DELIVERY_TRANSITIONS
from tigc_mail.ground.documents import Frozen, read_document
from tigc_mail.interfaces.settings import Settings
from tigc_mail.people.contact import TEXT_FIELDS
from tigc_mail.people.contacts_file import COLUMNS
from tigc_mail.people.rule import OPERATORS, Rule
from tigc_mail.render.sandbox import HARMLESS_FILTERS, HARMLESS_TESTS
from tigc_mail.render.slots import RECIPIENT_FIELDS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def snippets(name: str, language: str) -> list[str]:
    """Return the fenced texts of a page that are marked with a language."""
    fenced = re.findall(rf"^```{language}\n(.*?)^```$", read(name), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(snippet) for snippet in fenced]


# The state machines of architecture.md


def drawing(title: str) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Return the transitions that are drawn below a title, their letters, and those explained."""
    part = read("architecture.md").split(f"## {title}\n")[1].split("\n## ")[0]
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\w)$", part, re.MULTILINE)
    explained = re.findall(r"^\| ([A-Za-z][A-Za-z, ]*|[A-Z] to [A-Z]) \|", part, re.MULTILINE)
    letters = [letter for cell in explained for letter in spelt_out(cell)]
    return [(source, target) for source, target, _ in drawn], [each[2] for each in drawn], letters


def spelt_out(cell: str) -> list[str]:
    """Return the letters of `A`, `j, k` or `K to N`."""
    if " to " in cell:
        first, last = cell.split(" to ")
        return [chr(code) for code in range(ord(first), ord(last) + 1)]
    return cell.split(", ")


MACHINES = [
    ("The states of a delivery", DELIVERY_TRANSITIONS),
    ("The states of a campaign", CAMPAIGN_TRANSITIONS),
]


@pytest.mark.parametrize(("title", "table"), MACHINES)
def test_every_transition_of_the_code_is_drawn_and_no_other(
    title: str, table: Mapping[StrEnum, frozenset[StrEnum]]
) -> None:
    drawn, _, _ = drawing(title)
    known = {(source.value, to.value) for source, targets in table.items() for to in targets}
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == known


@pytest.mark.parametrize(("title", "_table"), MACHINES)
def test_every_letter_of_a_drawing_says_who_causes_it(title: str, _table: object) -> None:
    _, letters, explained = drawing(title)
    assert len(letters) == len(set(letters))
    assert letters == sorted(letters)
    assert explained == letters


def test_the_tables_of_the_database_are_described() -> None:
    from tigc_mail.ground.database import metadata  # noqa: PLC0415  # after the tables are known

    described = set(re.findall(r"^\| (`.+?`) \|", read("architecture.md"), re.MULTILINE))
    named = {name for cell in described for name in re.findall(r"`(\w+)`", cell)}
    assert set(metadata.tables) <= named


# The command line


def test_the_reference_of_the_command_line_is_current() -> None:
    assert read("cli.md") == docs_cli.page(), "run python -m tests.docs_cli"


# What writers write


@pytest.fixture
def written(tmp_path: Path) -> Workspace:
    """A workspace with the audience and the edition of writing.md, and the contacts of its page."""
    workspace = Workspace.create(tmp_path / "news")
    (audience,) = snippets("writing.md", "yaml audience")
    (edition,) = snippets("writing.md", "yaml edition")
    (contacts,) = snippets("contacts.md", "csv")
    (workspace.folder / "audiences" / "customs.yaml").write_text(audience, "utf-8")
    (workspace.folder / "editions" / "shown").mkdir()
    (workspace.folder / "editions" / "shown" / "edition.yaml").write_text(edition, "utf-8")
    (workspace.folder / "contacts.csv").write_text(contacts, "utf-8")
    return workspace


def test_the_audience_shown_to_writers_is_right(written: Workspace) -> None:
    assert written.audience("customs").ceiling == "TLP:AMBER"


@pytest.mark.parametrize("audience", ["law-enforcement", "public"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_edition_shown_to_writers_is_right(
    written: Workspace, audience: str, locale: str
) -> None:
    assert {block.type for block in written.edition("shown").blocks} == {
        "text",
        "key-message",
        "event",
        "course-list",
        "partner-list",
        "statistics",
        "quote",
        "figure",
        "call-to-action",
    }
    message = written.render("shown", audience=audience, locale=locale)
    assert message.calendar
    assert ("not named in public" in message.text) is (audience == "law-enforcement")


def test_the_event_shown_to_writers_is_right(tmp_path: Path) -> None:
    (shown,) = snippets("writing.md", "yaml event")
    (tmp_path / "event.yaml").write_text(shown, "utf-8")
    event = read_document(tmp_path / "event.yaml", "event").check(Event)
    assert (event.stage, len(event.details)) == ("rescheduled", 2)


def test_every_field_and_stage_of_an_event_is_described() -> None:
    writing = read("writing.md")
    known = (*Event.model_fields, *get_args(Stage), *Attachment.model_fields, *MEDIA_TYPES)
    assert [name for name in known if f"`{name}`" not in writing and name != "jpeg"] == []


class Rules(Frozen):
    rules: tuple[Rule, ...]


def test_the_rules_shown_to_writers_are_right(tmp_path: Path) -> None:
    (shown,) = snippets("writing.md", "yaml rules")
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n" + textwrap.indent(shown, "  "), "utf-8")
    rules = read_document(file, "rules").check(Rules).rules
    assert len(rules) == 12
    operators = set(re.findall(r"\w+", shown)) & set(OPERATORS)
    assert {"equals", "in", "contains", "present", "at_least", "less_than"} == operators
    assert all(str(Segment(rule).condition()) for rule in rules)


def test_every_operator_and_column_is_described() -> None:
    writing, contacts = read("writing.md"), read("contacts.md")
    assert [word for word in (*OPERATORS, *TEXT_FIELDS) if f"`{word}`" not in writing] == []
    assert [column for column in COLUMNS if f"`{column}`" not in contacts] == []


def test_the_contacts_shown_all_go_in(written: Workspace) -> None:
    report = written.contacts.import_file(written.folder / "contacts.csv")
    assert (report.accepted, report.rejected) == (2, ())


# What programmers write


def test_the_library_does_what_its_page_shows(
    written: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "contacts.csv").write_bytes((written.folder / "contacts.csv").read_bytes())
    (tmp_path / "page").mkdir()
    monkeypatch.chdir(tmp_path / "page")
    (tmp_path / "page" / "contacts.csv").symlink_to(tmp_path / "contacts.csv")
    names: dict[str, Any] = {}
    for snippet in snippets("python.md", "python"):
        exec(snippet, names)  # noqa: S102  # our own page
    assert names["campaign"].state == "finished"
    assert names["status"].states == {"accepted": 1}


def test_every_public_name_is_listed_once() -> None:
    table = read("python.md").split("## All names")[1]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == sorted(tigc_mail.__all__)


def provider_shown() -> dict[str, Any]:
    """Return the names that the page on providers makes, but for those of the protocol."""
    names: dict[str, Any] = {}
    for snippet in snippets("providers.md", "python")[1:]:
        exec(snippet, names)  # noqa: S102  # our own page
    return names


TestMbox = provider_shown()["TestMbox"]


def test_the_provider_shown_can_send(written: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("my_package.mbox")
    vars(module).update(provider_shown())
    monkeypatch.setitem(sys.modules, "my_package", ModuleType("my_package"))
    monkeypatch.setitem(sys.modules, "my_package.mbox", module)
    entry = EntryPoint("mbox", "my_package.mbox:open_mbox", providers.GROUP)
    monkeypatch.setattr(providers, "entry_points", lambda **_: [entry])
    written.contacts.import_file(written.folder / "contacts.csv")
    campaign = written.campaigns.create("shown", author="ana")
    campaign.approve(by="ben")
    assert campaign.send("mbox").states == {"accepted": 2}
    assert (written.folder / "sent.mbox").read_bytes().count(b"Message-ID: <") == 2


def test_every_provider_and_setting_is_described() -> None:
    assert [name for name in providers.OWN if f"`{name}`" not in read("providers.md")] == []
    settings = read("settings.md")
    for name in Settings.model_fields:
        assert f"`TIGC_MAIL_{name.upper()}`" in settings


def test_what_a_slot_may_meet_is_described() -> None:
    page = read("templates.md")
    allowed = HARMLESS_FILTERS - {"d"} | HARMLESS_TESTS  # `d` is `default`
    assert [name for name in allowed if f"`{name}`" not in page] == []
    assert [name for name in RECIPIENT_FIELDS if f"`.{name}`" not in page] == []


# All pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https:|mailto:)([^)#]*)(?:#([^)]*))?\)", prose(page)):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            assert anchor in [title.lower().replace(" ", "-") for title in titles]


def prose(page: Path) -> str:
    """Return a page without its fenced texts."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_every_decision_is_listed() -> None:
    records = {page.name for page in (DOCS / "decisions").glob("0*.md")}
    assert set(re.findall(r"\]\((0[^)]+)\)", read("decisions/README.md"))) == records
    for name in records:
        for part in ("Context", "Decision", "Consequences"):
            assert f"**{part}.**" in read(f"decisions/{name}")
