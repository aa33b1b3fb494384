"""What `campaign status` says of limits, rate and times."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run

from tigc_mail import Workspace
from tigc_mail.interfaces.cli.account import show_status

PACE = """
[pace.outbox]
recipients_per_second = 20
requests_per_second = 2.5
recipients_per_day = 1000
concurrency = 2
domains = { "gmail.com" = 600, "*" = 60 }
[pace.outbox.warm_up]
first_day = 2
[schedule]
zone = "Europe/Paris"
days = ["mon", "fri"]
from = 08:00:00
to = 18:00:00
"""


@pytest.fixture
def paced(news: Path, approved: str) -> str:
    """The id of a campaign that may be sent, within every limit that there is."""
    with (news / "tigc-mail.toml").open("a", encoding="utf-8") as file:
        file.write(PACE)
    return approved


def test_every_limit_is_told_in_one_line(run: Run, news: Path, paced: str) -> None:
    told = run("-w", news, "campaign", "status", paced).out.splitlines()
    assert (
        "Limits of outbox: 20 recipients a second; 2.5 requests a second; 1,000 recipients a day; "
        "2 batches at a time; on the first days 2, 4, 8, 16, 32 and so on; "
        "600 a minute to gmail.com; 60 a minute to each other domain; "
        "window 08:00 to 18:00 on Mon, Fri, Europe/Paris."
    ) in told
    assert "Handed over today: 0 of 2 recipients." in told


def test_programs_get_the_limits_as_settings_write_them(run: Run, news: Path, paced: str) -> None:
    told = run("-w", news, "campaign", "status", paced, "--json").json
    limits = told["limits"]["outbox"]
    assert limits["recipients_per_second"] == 20
    assert limits["domains"] == {"gmail.com": 600, "*": 60}
    assert limits["warm_up"][:3] == [2, 4, 8]
    assert limits["window"]["days"] == ["mon", "fri"]
    assert told["rate"] is None


def test_without_limits_nothing_is_said_of_them(run: Run, news: Path, approved: str) -> None:
    told = run("-w", news, "campaign", "status", approved)
    assert (told.code, "Limits" in told.out) == (0, False)


def test_times_are_told_in_the_zone_of_the_schedule_too(
    news: Path, paced: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = Workspace.open(news).campaigns.get(paced).status()
    begin = datetime(2045, 12, 1, 8, tzinfo=UTC)
    show_status(
        replace(
            status,
            not_before=begin,
            expected_end=begin.replace(second=1),
            put_off=1,
            next_attempt=begin.replace(second=2),
            rate=0.5,
        )
    )
    told = capsys.readouterr().out.splitlines()
    again = "2045-12-01 08:00:02 UTC (09:00:02 Europe/Paris)"
    for line in (
        "Scheduled for 2045-12-01 08:00 UTC (09:00 Europe/Paris).",
        "Expected to be handed over by 2045-12-01 08:01 UTC (09:01 Europe/Paris).",
        f"1 were refused for now; they are tried again from {again} on.",
        "Of late, 0.5 recipients a second were accepted.",
    ):
        assert line in told


def test_of_what_is_over_no_limit_is_told(run: Run, news: Path, approved: str) -> None:
    run("-w", news, "campaign", "send", approved)
    with (news / "tigc-mail.toml").open("a", encoding="utf-8") as file:
        file.write(PACE)
    told = run("-w", news, "campaign", "status", approved)
    assert "is finished" in told.out
    assert "Limits" not in told.out
