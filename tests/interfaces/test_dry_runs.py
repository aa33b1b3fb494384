"""What `campaign send` and those after it say of a provider that delivers to nobody."""

from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import WRITTEN_TO

from tigc_mail.testing.sendgrid import KEY, FakeSendGrid


@pytest.fixture
def sandbox(news: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSendGrid:
    """A stand-in for SendGrid, and a workspace that uses its sandbox."""
    settings = news / "tigc-mail.toml"
    written = settings.read_text("utf-8") if settings.exists() else ""
    settings.write_text(f"{written}\n[providers.sendgrid]\nsandbox = true\n", "utf-8")
    fake = FakeSendGrid()
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_HOST", fake.url)
    return fake


def test_the_sandbox_is_told_of_before_and_after(
    run: Run, news: Path, approved: str, sandbox: FakeSendGrid
) -> None:
    with sandbox:
        sent = run("-w", news, "campaign", "send", approved, "--provider", "sendgrid")
    assert (sent.code, sandbox.requests > 0, sandbox.arrived()) == (0, True, [])
    note = "Note: sendgrid discards: what it accepts reaches nobody, and yet counts as sent."
    assert sent.err.splitlines() == [note]
    told = f"{WRITTEN_TO} of them reached nobody: the provider discards what it accepts."
    for answer in (sent, *(run("-w", news, "campaign", w, approved) for w in ("status", "verify"))):
        assert (answer.code, told in answer.out) == (0, True), answer
    entries = run("-w", news, "campaign", "log", approved, "--json").json
    assert [each["detail"].get("discards") for each in entries if each["action"] == "sending"] == [
        "sendgrid"
    ]


def test_programs_are_told_how_many(run: Run, news: Path, approved: str) -> None:
    sent = run("-w", news, "campaign", "send", approved, "--provider", "discard", "--json")
    assert sent.json["discarded"] == WRITTEN_TO
    assert sent.err.startswith("Note: discard discards:")
    status = run("-w", news, "campaign", "status", approved, "--json")
    assert (status.json["discarded"], status.err) == (WRITTEN_TO, "")


def test_of_the_outbox_nothing_is_said(run: Run, news: Path, approved: str) -> None:
    sent = run("-w", news, "campaign", "send", approved, "--provider", "outbox")
    assert (sent.code, sent.err, "reached nobody" in sent.out) == (0, "", False)
