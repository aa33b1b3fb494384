"""What the commands say while nothing goes out: until when, why, and what to look at."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.interfaces.conftest import Run

from tigc_mail import Workspace
from tigc_mail.interfaces.cli.campaign import told_waiting
from tigc_mail.interfaces.cli.moments import MINUTE, told_moment
from tigc_mail.testing.sendgrid import KEY, FakeSendGrid

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        (NOON, None, "2026-11-24 12:00 UTC"),
        (NOON, ZoneInfo("UTC"), "2026-11-24 12:00 UTC"),
        (NOON, PARIS, "2026-11-24 12:00 UTC (13:00 Europe/Paris)"),
        (NOON.replace(hour=23, second=5), PARIS,
         "2026-11-24 23:00:05 UTC (2026-11-25 00:00:05 Europe/Paris)"),
        (datetime(2026, 11, 24, 9, tzinfo=PARIS), PARIS, "2026-11-24 08:00 UTC (09:00 Europe/Paris)"),
    ],
)  # fmt: skip
def test_a_moment_is_told_in_utc_and_in_the_zone_of_the_team(
    at: datetime, zone: ZoneInfo | None, told: str
) -> None:
    assert told_moment(at, zone) == told


def test_a_moment_is_never_told_as_earlier_than_it_is() -> None:
    assert told_moment(NOON + timedelta(microseconds=1)) == "2026-11-24 12:00:01 UTC"
    assert told_moment(NOON + timedelta(seconds=61), to_the=MINUTE) == "2026-11-24 12:02 UTC"
    assert told_moment(NOON, to_the=MINUTE) == "2026-11-24 12:00 UTC"
    late = NOON.replace(hour=23, minute=59, second=59, microsecond=1)
    assert told_moment(late, today=NOON) == "2026-11-25 00:00 UTC"


def test_the_day_is_told_where_it_is_another() -> None:
    assert told_moment(NOON, today=NOON + timedelta(hours=3)) == "12:00 UTC"
    assert told_moment(NOON, today=NOON + timedelta(hours=12)) == "2026-11-24 12:00 UTC"


def test_each_reason_is_told_once_and_each_long_wait(
    news: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell, now = told_waiting(Workspace.open(news)), datetime.now(UTC)
    soon, later, last = (now + timedelta(seconds=s) for s in (1, 2, 10_000))
    for reason, until in [
        ("sendgrid: is busy. Wait.", soon),
        ("sendgrid: is busy. Wait.", later),
        ("sendgrid: is busy. Wait.", last),
        ("sendgrid: is busy. Wait.", last),
        ("the send window", later),
    ]:
        tell(reason, until)
    told = capsys.readouterr().err.splitlines()
    assert [re.sub(r"[-\d: ]+ UTC", " T", each) for each in told] == [
        "Waiting until T: sendgrid: is busy. Wait.",
        "Waiting until T: sendgrid: is busy. Wait.",
        "Waiting until T: the send window.",
    ]
    assert told_moment(soon, today=now) in told[0]
    assert told_moment(last, today=now) in told[1]


def test_the_zone_that_was_typed_is_told_and_else_that_of_the_schedule(
    news: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SCHEDULE", '{"zone": "Europe/Paris"}')
    workspace, until = Workspace.open(news), datetime(2045, 12, 1, 8, tzinfo=UTC)
    told_waiting(workspace)("the send window", until)
    begin = datetime(2045, 12, 1, 17, tzinfo=ZoneInfo("Asia/Tokyo"))
    told_waiting(workspace, begin)("the time it is scheduled for", begin)
    assert capsys.readouterr().err.splitlines() == [
        "Waiting until 2045-12-01 08:00 UTC (09:00 Europe/Paris): the send window.",
        "Waiting until 2045-12-01 08:00 UTC (17:00 Asia/Tokyo): the time it is scheduled for.",
    ]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a SendGrid that nobody serves, and which is given up after two attempts."""
    with FakeSendGrid() as fake:
        url = fake.url
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_HOST", url)
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", "a key for nothing but tests")
    monkeypatch.setenv("TIGC_MAIL_RETRY", '{"provider": {"attempts": 2, "first": 0.1}}')
    return url


def test_the_first_failure_is_told_at_once_with_the_host_and_the_setting(
    run: Run, news: Path, approved: str, nowhere: str
) -> None:
    ended = run("-w", news, "campaign", "send", approved, "--provider", "sendgrid")
    first = ended.err.splitlines()[0]
    assert re.fullmatch(
        r"Waiting until (\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? UTC: "
        rf"sendgrid at {nowhere}: cannot be reached: Connection refused\. "
        r"Check the network, .* and the host: TIGC_MAIL_SENDGRID_HOST, [^,]*\.",
        first,
    ), first
    assert ended.code == 1
