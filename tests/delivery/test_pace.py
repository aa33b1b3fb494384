"""No provider is handed more than its limits allow, whoever sends and however often it restarts."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delivery.scripted import Act, Scripted, accepting
from tests.delivery.world import NOON, NOT_AFTER, World, address

from tigc_mail import Campaign, CampaignError, Envelope, UsageError
from tigc_mail.delivery.ledger import Batch
from tigc_mail.delivery.pace import Limits, Pace
from tigc_mail.delivery.windows import SendWindow


class Watched(Scripted):
    """Accepts everything, and keeps when."""

    def __init__(self, world: World) -> None:
        super().__init__(lambda _: "accepted")
        self.world = world
        self.times: list[datetime] = []
        self.act = self.watch

    def watch(self, _: Envelope) -> Act:
        self.times.append(self.world.clock.now)
        return "accepted"


def ready(world: World, size: int, pace: Limits) -> tuple[Campaign, Watched]:
    """Return a campaign to so many readers, and what will send it."""
    world.enrol_public(size)
    world.pace = pace
    world.providers["scripted"] = provider = Watched(world)
    return world.approved(), provider


def test_a_limit_a_second_is_kept_and_everybody_gets_theirs(world: World) -> None:
    campaign, provider = ready(world, 55, Limits(recipients_per_second=10))
    status = campaign.send("scripted")
    assert (status.state, status.states) == ("finished", {"accepted": 55})
    assert max(Counter(provider.times).values()) == 10
    for begin in provider.times:
        within = [each for each in provider.times if begin <= each < begin + timedelta(seconds=1)]
        assert len(within) <= 10
    assert campaign.verify() == ()


def test_a_limit_of_requests_is_kept(world: World) -> None:
    campaign, provider = ready(world, 5, Limits(requests_per_second=0.5, recipients_per_second=1))
    campaign.send("scripted")
    times = sorted(set(provider.times))
    assert len(times) == 5
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= timedelta(seconds=2)


def test_a_limit_a_day_is_kept_over_several_campaigns(world: World) -> None:
    campaign, provider = ready(world, 25, Limits(recipients_per_day=10))
    told: list[tuple[str, datetime]] = []
    status = campaign.send("scripted", waiting=lambda *why: told.append(why))
    assert status.states == {"accepted": 25}
    assert Counter(each.date() for each in provider.times) == {
        NOON.date(): 10,
        NOON.date() + timedelta(days=1): 10,
        NOON.date() + timedelta(days=2): 5,
    }
    assert told[0] == ("the limit of 10 recipients a day", datetime(2026, 11, 25, tzinfo=UTC))
    assert status.today == {"taken": 5, "limit": 10}
    other = world.approved()
    assert other.send("scripted").states == {"accepted": 25}
    assert max(Counter(each.date() for each in provider.times).values()) == 10


def test_a_warm_up_grows_from_the_first_day_on(world: World) -> None:
    campaign, provider = ready(world, 40, Limits(warm_up=(2, 4, 8)))
    campaign.send("scripted")
    days = Counter((each.date() - NOON.date()).days for each in provider.times)
    assert days == {0: 2, 1: 4, 2: 8, 3: 26}


def test_recipients_of_a_domain_are_spread_and_the_others_do_not_wait(world: World) -> None:
    campaign, provider = ready(world, 3, Limits(domains=(("example.org", 60),)))
    world.enrol({"email": f"x{at}@other.org", "sector": "public"} for at in range(3))
    campaign = world.approved()
    campaign.send("scripted")
    taken = dict(zip(provider.content, provider.times, strict=True))
    assert {taken[f"x{at}@other.org"] for at in range(3)} == {NOON}
    times = sorted(taken[address(at)] for at in range(3))
    assert [round((each - NOON).total_seconds()) for each in times] == [0, 1, 2]


def test_what_is_scheduled_waits_and_is_remembered(world: World) -> None:
    campaign, provider = ready(world, 3, Limits())
    begin = NOON + timedelta(hours=20)
    told: list[str] = []

    def stop(reason: str, until: datetime) -> None:
        told.append(f"{reason} {until == begin}")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        campaign.send("scripted", not_before=begin, waiting=stop)
    assert told == ["the time it is scheduled for True"]
    assert campaign.status().not_before == begin
    campaign.send("scripted")
    assert set(provider.times) == {begin}


def test_a_schedule_that_cannot_be_met_is_told(world: World) -> None:
    campaign, _ = ready(world, 1, Limits())
    with pytest.raises(CampaignError, match="its time is over by then"):
        campaign.send("scripted", not_before=NOT_AFTER + timedelta(seconds=1))
    with pytest.raises(UsageError, match="has no time zone"):
        campaign.send("scripted", not_before=datetime(2026, 12, 1))  # noqa: DTZ001
    assert campaign.state == "approved"


def test_nothing_goes_out_outside_the_window(world: World) -> None:
    window = SendWindow(ZoneInfo("UTC"), frozenset(range(7)), time(8), time(9))
    limits = Limits(recipients_per_second=0.01, window=window)
    campaign, provider = ready(world, 50, limits)
    campaign.send("scripted")
    assert len(provider.times) == 50
    assert {each.hour for each in provider.times} == {8}
    assert len({each.date() for each in provider.times}) == 2


def test_a_pause_while_it_waits_ends_the_send_at_once(world: World) -> None:
    campaign, _ = ready(world, 25, Limits(recipients_per_day=10))
    status = campaign.send(
        "scripted", waiting=lambda *_: world.campaigns.get(campaign.id).pause(by="ana"), workers=1
    )
    assert (status.state, status.states) == ("paused", {"accepted": 10, "planned": 15})
    assert world.clock.now - NOON < timedelta(seconds=5)
    world.clock.advance(timedelta(days=1))
    campaign.resume("scripted", by="ben", waiting=lambda *_: None)
    assert campaign.state == "finished"


def test_the_expected_end_follows_the_limits(world: World) -> None:
    campaign, _ = ready(world, 25, Limits(recipients_per_day=10, recipients_per_second=1))
    end = campaign.status().expected_end
    assert end == datetime(2026, 11, 26, 0, 0, 5, tzinfo=UTC)
    world.pace = Limits()
    assert campaign.status().expected_end is None


def test_fewer_batches_at_a_time_than_the_caller_allows(world: World) -> None:
    campaign, _ = ready(world, 25, Limits(concurrency=1))
    assert campaign.send("scripted", workers=8).states == {"accepted": 25}


# The law


@settings(max_examples=max(20, settings().max_examples // 4))
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 400), st.floats(0, 3), st.booleans()), min_size=1, max_size=25
    ),
    rate=st.integers(1, 50),
)
def test_no_second_holds_more_than_twice_the_limit_and_none_waits_for_ever(
    crowd: World, steps: list[tuple[int, float, bool]], rate: int
) -> None:
    clock = crowd.clock
    clock.advance(timedelta(days=1))
    taken: list[tuple[datetime, int]] = []
    limits = Limits(recipients_per_second=rate)
    senders = [Pace(crowd.ledger, "scripted", limits, clock) for _ in range(2)]
    (number,) = (campaign._number for campaign in crowd.campaigns)
    for size, pause, which in steps:
        turn = senders[which].take(Batch(number, 1, 0, 1, min(size, 400)))
        assert turn.size or (turn.until is not None and turn.until > clock.now)
        if turn.size:
            taken.append((clock.now, turn.size))
        clock.advance(timedelta(seconds=pause))
        if turn.until is not None:
            assert turn.until - clock.now <= timedelta(seconds=1)
    for begin, _ in taken:
        within = sum(n for at, n in taken if begin <= at < begin + timedelta(seconds=1))
        assert within <= 2 * rate


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("pace"))
    world.enrol_public(400)
    world.providers["scripted"] = accepting()
    world.campaigns.create("news", author="ana")
    yield world
    world.engine.dispose()
