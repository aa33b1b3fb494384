"""Moments, as commands tell them: in UTC, and in the zone that the team thinks in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def told_moment(
    at: datetime,
    zone: ZoneInfo | None = None,
    *,
    to_the: timedelta = SECOND,
    today: datetime | None = None,
) -> str:
    """Return a moment for people: `2026-12-01 08:00 UTC (09:00 Europe/Paris)`.

    Args:
        at: the moment; told as that, or as the next whole one, so that it is never over already.
        zone: in which it is told, too; none by default.
        to_the: what is told whole, a second or a minute. Seconds are told where there are some.
        today: a moment whose day need not be told; every day is by default.
    """
    utc = at.astimezone(UTC)
    utc += -(utc - datetime.min.replace(tzinfo=UTC)) % to_the
    same_day = today is not None and today.astimezone(UTC).date() == utc.date()
    told = f"{_time(utc) if same_day else _day_and_time(utc)} UTC"
    if zone is None or zone.key == "UTC":
        return told
    local = utc.astimezone(zone)
    there = _time(local) if local.date() == utc.date() else _day_and_time(local)
    return f"{told} ({there} {zone.key})"


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _day_and_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d} {_time(at)}"
