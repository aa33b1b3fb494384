"""Every command, as a person reads it and as a program does."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from lxml import html
from tests.interfaces.conftest import Run
from tests.interfaces.world import AUDIENCES, CONTACTS, NEWSLETTER, NOTICE, WRITTEN_TO

from tigc_mail import Workspace
from tigc_mail.interfaces import sample
from tigc_mail.interfaces.cli.demo import keep_in_time


def test_init_lays_down_a_workspace_that_works_at_once(run: Run, tmp_path: Path) -> None:
    made = run("init", "my news")
    assert made.code == 0
    assert "tigc-mail -w 'my news' contacts import" in made.out
    assert made.err == ""
    names = {path.name for path in (tmp_path / "my news").iterdir()}
    assert names == {"audiences", "editions", "templates", "tigc-mail.toml"}
    assert run("-w", "my news", "audiences", "count", "--json").json["contacts"] == 0


def test_init_takes_a_folder_that_is_there_and_empty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    assert run("init", "news").code == 0


def test_the_current_folder_is_the_workspace_where_none_is_named(
    run: Run, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(news)
    assert run("audiences", "count", "--json").json["contacts"] == 6


# Contacts


def test_an_import_says_what_became_of_every_row(run: Run, news: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(f"{CONTACTS}new@example.org,New,,,,public,FR,en,,,,\n", "utf-8")
    told = run("-w", news, "contacts", "import", file)
    assert (told.code, told.err) == (0, "")
    assert "1 accepted, 6 updated, 0 rejected" in told.out


def test_an_import_in_json_has_the_promised_keys(run: Run, news: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "email,country,locale\na@example.org,XX,en\nb@example.org,FR,tlh\nc@example.org,,\n"
    )
    told = run("-w", news, "contacts", "import", file, "--json")
    assert told.code == 1, "a rejected row is a problem"
    assert told.json["accepted"] == 1
    assert told.json["updated"] == 0
    first, second = told.json["rejected"]
    assert set(first) == {"line", "field", "reason"}
    assert (first["line"], first["field"]) == (2, "country")
    assert (second["line"], second["field"]) == (3, "locale")
    assert run("-w", news, "contacts", "show", "c@example.org").code == 0


def test_rejected_rows_are_shown_to_people_too_and_many_are_cut_short(
    run: Run, news: Path, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_text("email\n" + "nobody\n" * 25)
    told = run("-w", news, "contacts", "import", file)
    assert told.code == 1
    assert "25 rejected" in told.out
    assert "│ 2 " in told.out
    assert "and 5 more" in told.out


def test_a_contact_is_shown_with_consent_tags_and_attributes(run: Run, news: Path) -> None:
    told = run("-w", news, "contacts", "show", "LEA@example.org")
    assert told.code == 0
    for value in ("Fontaine", "Police judiciaire", "liaison", "granted", "public-task"):
        assert value in told.out
    assert "[/north]" in told.out, "square brackets are no markup"


def test_a_contact_in_json_has_the_fields_of_the_file_and_the_history(run: Run, news: Path) -> None:
    shown = run("-w", news, "contacts", "show", "lea@example.org", "--json").json
    assert shown["given_name"] == "Léa"
    assert shown["sector"] == "law-enforcement"
    assert shown["tags"] == ["liaison"]
    assert shown["attributes"] == {"desk": "[/north]"}
    assert [entry["event"] for entry in shown["consents"]] == ["granted"]


# Audiences


def test_the_audiences_are_listed(run: Run, news: Path) -> None:
    told = run("-w", news, "audiences", "list")
    assert told.code == 0
    assert all(name in told.out for name in AUDIENCES)
    listed = run("-w", news, "audiences", "list", "--json").json
    assert tuple(one["audience"] for one in listed) == AUDIENCES
    assert {one["ceiling"] for one in listed} <= {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"}


def test_the_audiences_are_counted(run: Run, news: Path) -> None:
    assert "all contacts" in run("-w", news, "audiences", "count").out
    assert run("-w", news, "audiences", "count", "--json").json == {
        "contacts": 6,
        "audiences": {
            "government": 1,
            "law-enforcement": 2,
            "private-sector": 1,
            "public": 2,
        },
    }


def test_an_explanation_names_every_audience_and_why(run: Run, news: Path) -> None:
    told = run("-w", news, "audiences", "explain", "gina@example.org")
    assert told.code == 0
    assert "government: in\n" in told.out
    assert "public: not in\n" in told.out
    assert "sector equals public (has: government)" in told.out
    explained = run("-w", news, "audiences", "explain", "gina@example.org", "--json").json
    assert tuple(explained["audiences"]) == AUDIENCES
    assert explained["audiences"]["government"]["verdict"] == "in"
    assert (explained["contact"], explained["in"]) == (3, ["government"])


EXPLAIN = ("audiences", "explain", "omar@example.org")


def test_an_explanation_tells_of_consent_and_suppression(run: Run, news: Path) -> None:
    assert run("-w", news, *EXPLAIN).out.startswith(
        "Consent: none on record; nothing is sent to them\nSuppression: none\n"
    )
    before = run("-w", news, *EXPLAIN, "--json").json
    assert (before["consent"], before["suppression"]) == (None, None)
    run("-w", news, "contacts", "withdraw", "omar@example.org", "--source", "a letter")
    run("-w", news, "contacts", "suppress", "omar@example.org", "--reason", "bounced")
    consent, suppression, *_ = run("-w", news, *EXPLAIN).out.splitlines()
    assert re.fullmatch(
        r"Consent: withdrawn since \S+ \S+ UTC \(a letter\); nothing is sent to them", consent
    )
    assert re.fullmatch(
        r"Suppression: bounced, since \S+ \S+ UTC \(command line\); it is never written to",
        suppression,
    )
    told = run("-w", news, *EXPLAIN, "--json").json
    assert (told["consent"]["event"], told["consent"]["source"]) == ("withdrawn", "a letter")
    assert told["suppression"]["reason"] == "bounced"


def test_an_explanation_tells_the_basis(run: Run, news: Path) -> None:
    told = run("-w", news, "audiences", "explain", "lea@example.org")
    assert "Consent: public-task since 2024-01-15 00:00 UTC (import " in told.out


def test_an_explanation_tells_what_decides_only_for_who_is_in_several(run: Run, news: Path) -> None:
    words = ("audiences", "explain", "gina@example.org")
    assert "first of an edition's audiences" not in run("-w", news, *words).out
    assert run("-w", news, *words, "--json").json["in"] == ["government"]
    run("-w", news, "contacts", "tag", "gina@example.org", "--add", "liaison-officer")
    line = "In government, law-enforcement: the first of an edition's audiences"
    assert line in run("-w", news, *words).out
    told = run("-w", news, *words, "--json").json
    assert told["in"] == ["government", "law-enforcement"]
    assert "in_several" not in told, "that is a number elsewhere"


# Rendering


def test_render_writes_the_promised_files(run: Run, news: Path, tmp_path: Path) -> None:
    words = ("--audience", "public", "--locale", "fr", "--out", "look")
    told = run("-w", news, "render", NOTICE, *words)
    assert told.code == 0
    names = {path.name for path in (tmp_path / "look").iterdir()}
    assert names == {"message.html", "message.txt", "message.eml", "subject.txt", "event.ics"}
    subject = (tmp_path / "look/subject.txt").read_text("utf-8").strip()
    assert told.out.splitlines()[0] == subject
    with (tmp_path / "look/message.eml").open("rb") as file:
        message = BytesParser(policy=policy.default).parse(file)
    assert message["Subject"] == subject
    assert message.defects == []


def test_an_edition_without_an_event_has_no_calendar_file(run: Run, news: Path) -> None:
    words = ("--audience", "public", "--out", "look", "--json")
    told = run("-w", news, "render", NEWSLETTER, *words).json
    assert told["subject"]
    assert [Path(name).name for name in told["files"]] == [
        "message.html",
        "message.txt",
        "message.eml",
        "subject.txt",
    ]


def test_files_of_another_message_do_not_stay(run: Run, news: Path, tmp_path: Path) -> None:
    words = ("--audience", "public", "--out", "look")
    for edition in (NOTICE, NEWSLETTER):
        assert run("-w", news, "render", edition, *words).code == 0
    names = {path.name for path in (tmp_path / "look").iterdir()}
    assert names == {"message.html", "message.txt", "message.eml", "subject.txt"}


def test_where_a_render_fails_the_folder_stays_as_it_was(
    run: Run, news: Path, tmp_path: Path
) -> None:
    words = ("--audience", "public", "--out", "look")
    run("-w", news, "render", NOTICE, *words)
    before = {path.name: path.read_bytes() for path in (tmp_path / "look").iterdir()}
    assert run("-w", news, "render", "no-such-edition", *words).code == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "look").iterdir()} == before


def test_render_tells_what_is_not_shown_as_wanted(run: Run, news: Path, tmp_path: Path) -> None:
    catalogue = news / "templates" / "phrases" / "fr.po"
    known = catalogue.read_text("utf-8")
    catalogue.write_text(known.replace('msgstr "Se désabonner"', 'msgstr ""'), "utf-8")
    words = ("--audience", "public", "--locale", "fr", "--out", tmp_path / "told")
    told = run("-w", news, "render", NOTICE, *words)
    as_json = run("-w", news, "render", NOTICE, *words, "--json").json
    catalogue.write_text(known, "utf-8")
    line = "Not as wanted: templates/phrases/fr.po: `Unsubscribe`: no fr, shown in en"
    assert line in told.err
    assert line not in told.out
    assert as_json["fallbacks"] == [
        {"path": "templates/phrases/fr.po: `Unsubscribe`", "wanted": "fr", "used": "en"}
    ]


def test_phrases_brings_the_catalogues_up_to_date(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    run("init", folder)
    assert run("-w", folder, "phrases", "--check").code == 0
    layout = folder / "templates" / "newsletter.txt.j2"
    with layout.open("a", encoding="utf-8") as file:
        file.write("{% trans %}Quite new{% endtrans %}")
    assert run("-w", folder, "phrases", "--check").code == 1
    catalogue = folder / "templates" / "phrases" / "ar.po"
    assert "Quite new" not in catalogue.read_text("utf-8")
    told = run("-w", folder, "phrases", "--json").json
    assert len(told["changed"]) == 5
    assert told["languages"]["ar"]["missing"] == ["Quite new"]
    assert 'msgid "Quite new"\nmsgstr ""' in catalogue.read_text("utf-8")
    assert "ar: missing: Quite new" in run("-w", folder, "phrases").out


def test_a_message_rendered_for_a_contact_greets_them_in_their_language(
    run: Run, news: Path, tmp_path: Path
) -> None:
    words = ("--audience", "law-enforcement", "--contact", "lea@example.org", "--out", "look")
    assert run("-w", news, "render", NEWSLETTER, *words).code == 0
    page = (tmp_path / "look/message.html").read_text("utf-8")
    assert 'lang="fr"' in page
    assert "Fontaine" in page


@pytest.mark.parametrize(
    ("email", "audience", "told", "gets"),
    [
        ("lea@example.org", "law-enforcement", "", ("law-enforcement", None)),
        (
            "lea@example.org",
            "public",
            "is not in the audience public, and would get law-enforcement's message",
            ("law-enforcement", None),
        ),
        (
            "omar@example.org",
            "public",
            "is in the audience public, and would get nothing (no-consent)",
            (None, "no-consent"),
        ),
    ],
)
def test_a_contact_who_would_get_another_message_in_a_campaign_is_told(
    run: Run, news: Path, email: str, audience: str, told: str, gets: tuple[str | None, str | None]
) -> None:
    words = ("--audience", audience, "--contact", email, "--out", "look")
    rendered = run("-w", news, "render", NEWSLETTER, *words)
    assert rendered.code == 0
    assert rendered.err == (f"Not as in a campaign: the contact {told}\n" if told else "")
    found = run("-w", news, "render", NEWSLETTER, *words, "--json").json["in_a_campaign"]
    assert (found["gets"], found["reason"]) == gets
    assert (audience in found["audiences"]) == (not told or "is in" in told)


@pytest.mark.parametrize(
    ("audience", "locale", "told"),
    [
        ("law-enforcement", "fr", ""),
        (
            "law-enforcement",
            "en",
            "is in the audience law-enforcement, and would get its message in fr",
        ),
        (
            "public",
            "en",
            "is not in the audience public, and would get law-enforcement's message in fr",
        ),
    ],
)
def test_a_contact_who_reads_another_language_in_a_campaign_is_told(
    run: Run, news: Path, audience: str, locale: str, told: str
) -> None:
    words = ["--audience", audience, "--locale", locale, "--contact", "lea@example.org"]
    words += ["--out", "look"]
    rendered = run("-w", news, "render", NEWSLETTER, *words)
    assert rendered.code == 0
    assert rendered.err == (f"Not as in a campaign: the contact {told}\n" if told else "")
    found = run("-w", news, "render", NEWSLETTER, *words, "--json").json["in_a_campaign"]
    assert (found["gets"], found["locale"]) == ("law-enforcement", "fr")


def test_without_a_contact_no_campaign_is_asked(run: Run, news: Path) -> None:
    words = ("--audience", "public", "--out", "look", "--json")
    assert run("-w", news, "render", NEWSLETTER, *words).json["in_a_campaign"] is None


def test_long_paths_are_printed_in_one_piece(run: Run, news: Path) -> None:
    folder = "a-long-name-" * 12
    told = run("-w", news, "render", NEWSLETTER, "--audience", "public", "--out", folder)
    assert f"  {folder}/message.html" in told.out.splitlines()


# Campaigns


def test_a_campaign_goes_from_the_plan_to_the_account(run: Run, news: Path) -> None:
    create = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana", "--json")
    assert create.code == 0
    assert create.json["planned"] == WRITTEN_TO
    name = create.json["campaign"]
    approve = run("-w", news, "campaign", "approve", name, "--by", "ben", "--json")
    assert approve.json["state"] == "approved"
    assert len(approve.json["digest"]) == 64
    send = run("-w", news, "campaign", "send", name, "--json")
    assert (send.code, send.err) == (0, "")
    assert send.json["states"] == {"accepted": WRITTEN_TO}
    assert len(list((news / "outbox").glob("*.eml"))) == WRITTEN_TO
    status = run("-w", news, "campaign", "status", name, "--json").json
    assert status["campaign"] == name
    assert status["state"] == "finished"
    assert status["planned"] == WRITTEN_TO
    assert status["states"] == {"accepted": WRITTEN_TO}
    assert sum(status["excluded"].values()) == 1
    verify = run("-w", news, "campaign", "verify", name, "--json")
    assert (verify.code, verify.json["balanced"], verify.json["problems"]) == (0, True, [])


def test_people_read_what_to_type_next(run: Run, news: Path) -> None:
    create = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana")
    name = run("-w", news, "campaign", "status", "--json").json[0]["campaign"]
    assert f"Next: tigc-mail campaign approve {name} --by NAME" in create.out
    approve = run("-w", news, "campaign", "approve", name, "--by", "ben")
    assert f"Next: tigc-mail campaign send {name}" in approve.out.splitlines()
    assert f"{name} is finished" in run("-w", news, "campaign", "send", name).out
    assert "adds up" in run("-w", news, "campaign", "verify", name).out
    assert "finished" in run("-w", news, "campaign", "status", name).out
    assert "finished" in run("-w", news, "campaign", "status").out


def test_only_the_audiences_named_are_written_to(run: Run, news: Path) -> None:
    words = ("--author", "ana", "--audience", "public", "--audience", "government", "--json")
    created = run("-w", news, "campaign", "create", NEWSLETTER, *words).json
    assert created["planned"] == 2
    assert set(created["audiences"]) == {"public", "government"}


def test_a_dry_run_accepts_everything_and_writes_nothing(
    run: Run, news: Path, approved: str
) -> None:
    sent = run("-w", news, "campaign", "send", approved, "--provider", "discard", "--json")
    assert sent.json["states"] == {"accepted": WRITTEN_TO}
    assert not (news / "outbox").exists()


def test_an_account_that_does_not_balance_ends_with_exit_code_1(
    run: Run, news: Path, approved: str
) -> None:
    lose_a_delivery(news)
    told = run("-w", news, "campaign", "verify", approved)
    assert told.code == 1
    assert f"- {WRITTEN_TO} recipients were planned" in told.out
    verify = run("-w", news, "campaign", "verify", approved, "--json")
    assert (verify.code, verify.json["balanced"]) == (1, False)
    assert verify.json["problems"]


def lose_a_delivery(news: Path) -> None:
    with closing(sqlite3.connect(news / "tigc-mail.db")) as connection, connection:
        connection.execute("DELETE FROM deliveries WHERE id = (SELECT min(id) FROM deliveries)")


# The demonstration

SUM = re.compile(r"(\d+) contacts = (\d+) planned \+ (\d+) left out")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the demonstration have fewer people."""
    monkeypatch.setattr(sample, "GOOD", 60)


def end_years(folder: Path) -> set[int]:
    """Return the years of the times past which the editions of a workspace are not sent."""
    ends = [Workspace.open(folder).edition(name).not_after for name in (NEWSLETTER, NOTICE)]
    return {end.year for end in ends if end is not None}


@pytest.mark.usefixtures("few")
def test_the_demonstration_tells_each_step_and_makes_a_page_of_every_message(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "now", lambda _: datetime(2025, 1, 31, tzinfo=UTC))
    told = run("demo", "--out", "shown")
    assert (told.code, told.err) == (0, "")
    for heading in ("1. A fresh workspace", "Who got what", "Who is left out", "Rejected rows"):
        assert heading in told.out
    assert "DOES NOT BALANCE" not in told.out
    assert "in-an-earlier-audience" not in told.out
    contacts, planned, left = map(int, SUM.findall(told.out)[0])
    assert contacts == planned + left == int(told.out.split(" accepted, ")[0].split()[-1])
    written = re.findall(r"Written to shown/outbox/ \((\d+) files\)", told.out)
    assert int(written[0]) + int(written[1]) == len([*(tmp_path / "shown/outbox").glob("*.eml")])
    assert f"Open {Path('shown/index.html')} in a browser" in told.out
    page = html.parse(tmp_path / "shown/index.html").getroot()
    sums = [SUM.findall(one.text or "") for one in page.xpath("//section/p")]
    assert [one for found in sums for one in found] == SUM.findall(told.out)
    assert "in-an-earlier-audience" not in page.text_content()
    links = [link for link in page.xpath("//a/@href") if not link.startswith("#")]
    rendered = {link for link in links if link.endswith("message.html")}
    assert len(rendered) == 2 * 4 * len(AUDIENCES), "two editions in four languages each"
    assert [link for link in links if not (tmp_path / "shown" / link).exists()] == []
    directions = {(one.get("lang"), one.get("dir")) for one in page.xpath("//p[@class='subject']")}
    assert directions == {("en", "ltr"), ("fr", "ltr"), ("es", "ltr"), ("ar", "rtl")}
    assert end_years(tmp_path / "shown") == {2036}


@pytest.mark.usefixtures("few")
def test_the_demonstration_answers_programs_with_numbers_alone_even_after_its_time(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "now", lambda _: datetime(2045, 1, 31, tzinfo=UTC))
    told = run("demo", "--out", "counted", "--json")
    assert (told.code, told.err) == (0, "")
    assert tuple(sorted(told.json["audiences"])) == AUDIENCES
    accepted = [states["accepted"] for states in told.json["audiences"].values()]
    assert min(accepted) > 0
    assert len(list((tmp_path / "counted/outbox").glob("*.eml"))) == sum(accepted)
    assert end_years(tmp_path / "counted") == {2045}


def test_the_demonstration_moves_a_time_that_is_over_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Workspace, "now", lambda _: datetime(2045, 1, 31, tzinfo=UTC))
    workspace = Workspace.create(tmp_path / "late")
    for _ in range(2):  # the second time there is nothing left to move
        keep_in_time(workspace)
    told = capsys.readouterr().out
    for name in (NEWSLETTER, NOTICE):
        assert told.count(f"The time of {name} was over on 2036-12-31") == 1
        assert workspace.edition(name).not_after == datetime(2045, 3, 2, tzinfo=UTC)
