"""What the commands say of a recipient whose message was refused for now too often."""

from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.world import WRITTEN_TO

from tigc_mail.testing.smtp import FakeSmtp


def test_who_was_given_up_is_told_with_the_reason_and_the_account_adds_up(
    run: Run, news: Path, approved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_RETRY", '{"recipient": {"attempts": 1}}')
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", "a key for nothing but tests")
    with FakeSmtp(lambda to: "later" if to.startswith("rosa") else "accept") as fake:
        monkeypatch.setenv("TIGC_MAIL_SMTP_URL", fake.url)
        sent = run("-w", news, "campaign", "send", approved, "--provider", "smtp", "--json")
    assert sent.code == 1, "somebody did not get it"
    states = {"accepted": WRITTEN_TO - 1, "rejected": 1}
    assert (sent.json["state"], sent.json["states"]) == ("finished", states)
    ((reason, number),) = sent.json["reasons"]["rejected"].items()
    assert (reason[:28], number) == ("given up after 1 attempt: 45", 1)
    assert "@" not in reason
    shown = run("-w", news, "campaign", "status", approved)
    assert "given up after 1 attempt: 450 4.2.1" in " ".join(shown.out.split())
    verified = run("-w", news, "campaign", "verify", approved)
    assert (verified.code, "1 rejected" in verified.out) == (0, True)
