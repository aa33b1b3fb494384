"""What a campaign refuses: one message, and nothing moves."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest
from tests.interfaces.bad import EDITION, append, change, statement
from tests.interfaces.conftest import Run
from tests.interfaces.world import ADDRESS, NEWSLETTER, state_of

from tigc_mail import Workspace


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
    files, account = state_of(news), run("-w", news, "campaign", "status", approved, "--json").json
    told = run("-w", news, "campaign", "send", approved)
    assert (told.code, told.out) == (1, "")
    assert f"{approved}: is not what was planned and approved" in told.err
    assert "changed" in told.err
    assert "Undo the change" in told.err
    assert not ADDRESS.search(told.err)
    after = state_of(news)
    assert after.keys() == files.keys(), "nothing is in the outbox"
    assert {name for name in files if after[name] != files[name]} == {"tigc-mail.db"}
    assert run("-w", news, "campaign", "status", approved, "--json").json == account
    log = run("-w", news, "campaign", "log", approved, "--json").json
    assert [entry["action"] for entry in log] == ["draft", "approved", "send refused"]


def test_sending_again_what_is_finished_tells_its_account_and_sends_nothing(
    run: Run, news: Path, approved: str
) -> None:
    told = run("-w", news, "campaign", "send", approved, "--json")
    before = state_of(news)
    assert run("-w", news, "campaign", "send", approved, "--json") == told
    assert told.code == 0
    assert state_of(news) == before


def test_a_send_whose_edition_is_gone_fails_and_says_so(
    run: Run, news: Path, approved: str
) -> None:
    rmtree(news / "editions" / NEWSLETTER)
    told = run("-w", news, "campaign", "send", approved)
    assert told.code == 1
    assert f"{approved}: its edition is gone" in told.err


def test_a_send_that_reaches_somebody_too_late_tells_whom_and_fails(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "now", lambda _: datetime(2045, 1, 31, tzinfo=UTC))
    told = run("-w", news, "campaign", "send", approved, "--json")
    answer = json.loads(told.out)
    assert (told.code, answer["state"]) == (1, "expired")
    assert answer["states"] == {"expired": answer["planned"]}
    assert answer["reasons"] == {"expired": {"the campaign's time was over": answer["planned"]}}
    shown = run("-w", news, "campaign", "status", approved).out
    assert "the campaign's time was over" in shown


def test_an_unknown_provider_is_told_and_nothing_moves(run: Run, news: Path, approved: str) -> None:
    before = state_of(news)
    told = run("-w", news, "campaign", "send", approved, "--provider", "fax")
    assert told.code == 2
    assert "no provider 'fax'. There are outbox, discard, smtp, sendgrid." in told.err
    assert state_of(news) == before


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("tomorrow", "is not a time"),
        ("2026-12-01 09:00 Europe/Nowhere", "is not a time"),
        ("2026-12-01 09:00", "has no time zone"),
    ],
)
def test_a_time_that_is_none_is_told_by_the_option_that_was_typed(
    run: Run, news: Path, approved: str, typed: str, told: str
) -> None:
    before = state_of(news)
    ended = run("-w", news, "campaign", "send", approved, "--not-before", typed)
    assert ended.code == 2
    assert f"Error: --not-before: {told}. Write one such as" in ended.err
    assert state_of(news) == before


@pytest.mark.parametrize(
    ("provider", "variables", "told"),
    [
        ("sendgrid", {}, "TIGC_MAIL_SENDGRID_API_KEY: no key is set."),
        ("smtp", {}, "TIGC_MAIL_SMTP_URL: no server is named."),
        ("smtp", {"TIGC_MAIL_SMTP_URL": "smtp://"}, "TIGC_MAIL_SMTP_URL: names no host"),
        ("sendgrid", {"TIGC_MAIL_SENDGRID_API_KEY": "SG.x"}, "TIGC_MAIL_SECRET_KEY: sendgrid "),
    ],
)
def test_a_setting_that_a_provider_lacks_is_wrong_like_a_word_and_nothing_moves(
    run: Run,
    news: Path,
    approved: str,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    variables: Mapping[str, str],
    told: str,
) -> None:
    for name in ("TIGC_MAIL_SENDGRID_API_KEY", "TIGC_MAIL_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    before = state_of(news)
    ended = run("-w", news, "campaign", "send", approved, "--provider", provider)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert state_of(news) == before


def test_a_campaign_to_nobody_is_not_kept(run: Run, tmp_path: Path) -> None:
    run("init", "empty")
    told = run("-w", "empty", "campaign", "create", NEWSLETTER, "--author", "ana")
    assert (told.code, told.out) == (1, "")
    assert f"edition {NEWSLETTER}: there is nobody to send it to" in told.err
    assert "Import contacts" in told.err
    assert run("-w", "empty", "campaign", "status", "--json").json == []


def test_an_event_that_is_told_out_of_order_is_not_planned(run: Run, news: Path) -> None:
    name = "ip-crime-conference-2027-4-postponed"
    change(f"editions/{name}/edition.yaml", "sequence: 3", "sequence: 2")(news)
    before = state_of(news)
    told = run("-w", news, "campaign", "create", name, "--author", "ana")
    assert (told.code, told.out) == (1, "")
    [line] = told.err.splitlines()
    assert f"editions/{name}/edition.yaml: blocks[1].event.sequence (line " in line
    assert (
        f"{name} and ip-crime-conference-2027-3-reminder tell of ip-crime-conference-2027@tigc.example.org"
        in line
    )
    assert "its sequence 2 is not above 2. Raise the sequence" in line
    assert state_of(news) == before


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
    assert "a lock cannot be written" in told.err
    assert state_of(news) == before
