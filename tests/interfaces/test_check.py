"""`tigc-mail check`, as a person reads it and as a program does."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import SHIPPED
from tests.interfaces.conftest import Run
from tests.interfaces.small import COURSES, Small

from tigc_mail import Workspace
from tigc_mail.content.load import list_editions


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace without faults."""
    return Small(tmp_path / "small")


@pytest.mark.parametrize("name", list_editions(SHIPPED / "editions"))
def test_the_shipped_editions_are_fit_to_be_sent(
    run: Run, news: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "now", lambda _: datetime(2026, 12, 1, tzinfo=UTC))
    told = run("-w", news, "check", name, "--json")
    assert (told.code, told.err) == (0, "")
    assert [one for one in told.json["findings"] if one["severity"] != "note"] == []
    assert (told.json["errors"], told.json["warnings"]) == (0, 0)
    assert told.json["variants"] >= 16
    assert "matrix" not in told.json


def test_an_error_ends_with_exit_code_1_and_says_what_to_do(run: Run, small: Small) -> None:
    small.change(COURSES, "[](https://example.org/courses)")
    told = run("-w", small.folder, "check", "news")
    assert told.code == 1
    for words in (
        "not fit to be sent (2 variants: 1 error,",
        "Errors",
        "link-text-empty",
        "readers: en",
    ):
        assert words in told.out
    for words in ("Why: Nobody can see or hear", "Cure: Write what", "editions/news/edition.yaml:"):
        assert words in told.out


def test_an_edition_whose_time_is_over_is_not_fit_to_be_sent_and_no_campaign_takes_it(
    run: Run, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = small.edition.read_text("utf-8")
    small.edition.write_text(f"not_after: 2027-02-28T23:00:00Z\n{text}", "utf-8")

    def codes(now: str) -> tuple[int, bool, bool]:
        monkeypatch.setattr(Workspace, "now", lambda _: datetime.fromisoformat(now))
        check = run("-w", small.folder, "check", "news")
        made = run("-w", small.folder, "campaign", "create", "news", "--author", "ana")
        return check.code, "not-after-over" in check.out, "its time is over" in made.err

    assert codes("2027-02-28T23:00:00Z") == (0, False, False)
    assert codes("2027-02-28T23:00:01Z") == (1, True, True)


def test_a_warning_is_advice(run: Run, small: Small) -> None:
    small.change(COURSES, "[click here](https://example.org/courses)")
    told = run("-w", small.folder, "check", "news", "--json")
    assert (told.code, told.json["errors"], told.json["warnings"]) == (0, 0, 1)
    (finding,) = [one for one in told.json["findings"] if one["severity"] == "warning"]
    assert finding["check"] == "link-text-vague"
    assert set(finding) == {"severity", "check", "place", "cause", "why", "cure", "variants"}
    assert finding["variants"] == [{"audience": "readers", "locale": "en", "shown": []}]


def test_what_concerns_everyone_and_what_only_those_who_see_a_block(run: Run, small: Small) -> None:
    small.add(
        "  - {id: hosts, type: text, marking: TLP:CLEAR, show_when: {field: country, equals: CR},"
        " body: {en: '[here](https://example.org/x)', fr: 'Bonjour.'}}"
    )
    told = run("-w", small.folder, "check", "news").out
    assert "readers: en" in told
    assert "who see hosts" in told
    assert "everyone" in told, "of the languages that are missing"


def test_the_matrix_is_for_people_and_for_programs(run: Run, small: Small) -> None:
    small.change("title: {en: Welcome, fr: Bienvenue}", "title: Welcome")
    small.change("marking: TLP:CLEAR\n    key", "marking: TLP:GREEN\n    key")
    told = run("-w", small.folder, "check", "news", "--matrix")
    assert told.code == 0
    for words in ("Who reads what", "default: en, fr (in en)", "above the ceiling"):
        assert words in told.out
    rows = run("-w", small.folder, "check", "news", "--matrix", "--json").json["matrix"]
    assert [row["id"] for row in rows] == ["subject", "preheader", "welcome", "crime"]


def test_a_wrong_file_is_a_finding_too(run: Run, small: Small) -> None:
    small.change("TLP:CLEAR", "TLP:WHITE")
    told = run("-w", small.folder, "check", "news", "--matrix", "--json")
    assert told.code == 1
    assert told.json["findings"][0]["check"] == "wrong-file"
    assert told.json["matrix"] == []


def test_an_unknown_edition_is_wrong_usage(run: Run, small: Small) -> None:
    told = run("-w", small.folder, "check", "old")
    assert (told.code, told.out) == (2, "")
    assert "there is no edition 'old'" in told.err


def test_links_are_followed_where_that_is_asked_for(
    run: Run, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [(2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: inside)
    told = run("-w", small.folder, "check", "news", "--follow-links", "--json")
    assert told.code == 1
    errors = [one for one in told.json["findings"] if one["severity"] == "error"]
    assert {one["check"] for one in errors} == {"link-private"}
    assert not any("/unsubscribe/" in one["cause"] for one in errors)
