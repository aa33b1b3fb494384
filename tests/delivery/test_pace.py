"""No provider is handed more than its limits allow, whoever sends and however often it restarts."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.databases import BOTH
from tests.delivery.scripted import Act, Scripted, accepting
from tests.delivery.world import NOON, NOT_AFTER, World, address

from tigc_mail import ApprovalError, Campaign, CampaignError, Envelope, ProviderError, UsageError
from tigc_mail.delivery.batches import Batch
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.pace import Limits, Pace
from tigc_mail.delivery.windows import SendWindow
from tigc_mail.errors import UnavailableError
from tigc_mail.ground.database import open_engine


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


@BOTH
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


def test_a_clock_that_was_wrong_once_does_not_end_a_warm_up(world: World) -> None:
    campaign, provider = ready(world, 30, Limits(warm_up=(2, 3, 5, 100)))
    world.clock.now = datetime(1970, 1, 1, tzinfo=UTC)

    def put_right(_: int) -> None:
        world.clock.now = max(world.clock.now, NOON)

    campaign.send("scripted", progress=put_right)
    days = Counter((each.date() - NOON.date()).days for each in provider.times)
    assert {day: size for day, size in days.items() if day >= 0} == {0: 3, 1: 5, 2: 20}


@BOTH
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
    assert (campaign.state, campaign.status().not_before) == ("approved", None)


def test_a_schedule_is_kept_by_who_may_send_alone_and_noted(world: World) -> None:
    begin = NOON + timedelta(hours=20)
    world.enrol_public(1)
    world.providers["scripted"] = accepting()
    draft = world.campaigns.create("news", author="ana")
    with pytest.raises(ApprovalError):
        draft.send("scripted", not_before=begin)
    draft.approve(by="ben")
    with world.sole_sender(draft), pytest.raises(CampaignError, match="another process"):
        draft.send("scripted", not_before=begin)
    assert draft.status().not_before is None
    draft.send("scripted", by="carla", not_before=begin)
    (entry,) = [one for one in draft.log() if one.action == "scheduled"]
    assert (entry.actor, entry.detail) == ("carla", {"not_before": str(begin)})
    draft.send("scripted", not_before=begin + timedelta(days=1))
    assert draft.status().not_before == begin


def test_what_is_resumed_may_be_told_to_begin_earlier(world: World) -> None:
    campaign, provider = ready(world, 3, Limits())
    begin = NOON + timedelta(hours=20)

    def stop(reason: str, until: datetime) -> None:
        campaign.pause(by="dora")

    campaign.send("scripted", not_before=begin, waiting=stop)
    assert (campaign.state, provider.times) == ("paused", [])
    campaign.resume("scripted", by="emil", not_before=NOON)
    assert set(provider.times) == {NOON}


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


def test_the_account_names_the_limits_that_there_are(world: World) -> None:
    limits = Limits(recipients_per_day=10, domains=(("example.org", 6),), warm_up=(1, 2))
    campaign, _ = ready(world, 1, limits)
    told = {"recipients_per_day": 10, "domains": {"example.org": 6}, "warm_up": [1, 2]}
    assert campaign.status().to_json()["limits"] == {"outbox": told}
    assert campaign.status().zone is None
    world.pace = Limits(window=SendWindow(ZoneInfo("Europe/Paris")))
    assert campaign.status().zone == ZoneInfo("Europe/Paris")
    campaign.send("scripted")
    assert list(campaign.status().limits) == ["scripted"], "those through which it was sent"


def test_the_rate_so_far_counts_what_was_taken_after_the_first(world: World) -> None:
    campaign, _ = ready(world, 55, Limits(recipients_per_second=10))
    rates: list[float | None] = []
    campaign.send("scripted", waiting=lambda *_: rates.append(campaign.status().rate), workers=1)
    assert rates == [None, 10, 10, 10, 10]


def test_fewer_batches_at_a_time_than_the_caller_allows(world: World) -> None:
    campaign, _ = ready(world, 25, Limits(concurrency=1))
    assert campaign.send("scripted", workers=8).states == {"accepted": 25}


def test_what_was_surely_not_sent_does_not_count_for_the_day(world: World) -> None:
    campaign, provider = ready(world, 10, Limits(recipients_per_day=10))
    out_of_order_once(provider, UnavailableError("is not there", "scripted"))
    status = campaign.send("scripted")
    assert {each.date() for each in provider.times} == {NOON.date()}
    assert (status.states, status.today) == ({"accepted": 10}, {"taken": 10, "limit": 10})


def test_a_part_that_failed_waits_beside_the_rest_of_its_batch(world: World) -> None:
    campaign, provider = ready(world, 55, Limits(recipients_per_second=10, concurrency=1))
    out_of_order_once(provider, UnavailableError("is not there", "scripted"))
    assert campaign.send("scripted").states == {"accepted": 55}
    assert set(provider.taken.values()) == {1}
    assert campaign.verify() == ()


def test_the_next_provider_does_not_wait_for_the_limits_of_the_one_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, provider = ready(world, 25, Limits())
    out_of_order_once(provider, ProviderError("the account is closed", "scripted"))
    world.providers["second"] = second = Watched(world)
    second.name = "second"
    few = Limits(recipients_per_day=10)
    monkeypatch.setattr(world, "limits", {"scripted": few, "second": Limits()}.__getitem__)
    assert campaign.send("scripted,second").states == {"accepted": 25}
    assert set(second.times) == {NOON}


def test_a_domain_keeps_its_limit_when_a_send_goes_on_after_a_pause(world: World) -> None:
    campaign, provider = ready(world, 30, Limits(domains=(("example.org", 120),)))

    def pause(_: int) -> None:
        if len(provider.times) == 4:
            world.campaigns.get(campaign.id).pause(by="ana")

    assert campaign.send("scripted", progress=pause).state == "paused"
    world.clock.advance(timedelta(hours=1))
    campaign.resume("scripted", by="ben")
    assert len(provider.times) == 30
    assert max(Counter(provider.times).values()) == 2


def test_each_domain_without_a_limit_of_its_own_has_that_of_the_others(world: World) -> None:
    _, provider = ready(world, 4, Limits(domains=(("example.org", 6000), ("*", 60))))
    world.enrol(
        {"email": f"x{at}@{name}.org", "sector": "public"} for at in range(2) for name in "ab"
    )
    world.approved().send("scripted")
    taken = dict(zip(provider.content, provider.times, strict=True))
    later = NOON + timedelta(seconds=1)
    assert {taken[address(at)] for at in range(4)} == {NOON}
    assert {taken[f"x0@{name}.org"] for name in "ab"} == {NOON}
    assert {taken[f"x1@{name}.org"] for name in "ab"} == {later}


def test_who_waits_for_their_domain_was_not_refused(world: World) -> None:
    campaign, _ = ready(world, 3, Limits(domains=(("example.org", 60),)))

    def pause(_: int) -> None:
        world.campaigns.get(campaign.id).pause(by="ana")

    status = campaign.send("scripted", progress=pause)
    assert (status.states["planned"], status.put_off, status.next_attempt) == (2, 0, None)


@pytest.mark.parametrize(
    "limits", [Limits(recipients_per_second=10), Limits(domains=(("example.org", 600),))]
)
def test_a_clock_that_was_put_back_blocks_nobody(world: World, limits: Limits) -> None:
    campaign, _ = ready(world, 30, limits)
    world.clock.advance(timedelta(days=20))
    campaign.send("scripted")
    world.clock.now = NOON
    assert world.approved().send("scripted").states == {"accepted": 30}
    assert world.clock.now - NOON < timedelta(seconds=10)


def test_a_clock_put_back_while_it_waits_does_not_make_it_wait_longer(world: World) -> None:
    campaign, provider = ready(world, 20, Limits(recipients_per_second=10))
    told: list[datetime] = []

    def back(_: str, until: datetime) -> None:
        if not told:
            world.clock.advance(timedelta(hours=-5))
        told.append(until)

    assert campaign.send("scripted", waiting=back).states == {"accepted": 20}
    assert provider.times[-1] - (NOON - timedelta(hours=5)) < timedelta(seconds=5)


def test_a_schedule_and_a_window_that_leave_no_time_are_told(world: World) -> None:
    window = SendWindow(ZoneInfo("UTC"), frozenset(range(7)), time(8), time(9))
    campaign, _ = ready(world, 1, Limits(window=window))
    with pytest.raises(CampaignError, match="may not go out before 2027-01-01 08:00 UTC"):
        campaign.send("scripted", not_before=NOT_AFTER - timedelta(hours=1))
    assert campaign.state == "approved"


def test_the_expected_end_follows_a_limit_a_day_alone(world: World) -> None:
    campaign, _ = ready(world, 25, Limits(recipients_per_day=10))
    assert campaign.status().expected_end == datetime(2026, 11, 26, tzinfo=UTC)


@BOTH
def test_the_expected_end_follows_the_limits_of_domains_and_requests(world: World) -> None:
    world.enrol({"email": f"x{at}@other.org", "sector": "public"} for at in range(5))
    campaign, _ = ready(world, 50, Limits(domains=(("example.org", 1), ("*", 60))))
    assert campaign.status().expected_end == NOON + timedelta(minutes=50)
    world.pace = Limits(requests_per_second=0.01, domains=(("example.org", 60),))
    assert campaign.status().expected_end == NOON + timedelta(seconds=100)


def test_a_pause_does_not_count_for_the_expected_end(world: World) -> None:
    campaign, provider = ready(world, 100, Limits())
    provider.largest_shipment = 10
    told: list[float] = []

    def act(envelope: Envelope) -> Act:
        world.clock.advance(timedelta(seconds=1))
        if envelope.recipient == address(49):
            world.campaigns.get(campaign.id).pause(by="ana")
        if envelope.recipient == address(75):
            end = campaign.status().expected_end
            assert end is not None
            told.append((end - world.clock.now).total_seconds())
        return "accepted"

    provider.act = act
    campaign.send("scripted", workers=1)
    world.clock.advance(timedelta(days=3))
    campaign.resume("scripted", by="ana", workers=1)
    assert told == [pytest.approx(20, abs=2)]


def test_the_status_counts_the_day_of_the_provider_whose_turn_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, provider = ready(world, 5, Limits(recipients_per_day=100))
    out_of_order_once(provider, ProviderError("the account is closed", "scripted"))
    world.providers["second"] = second = Watched(world)
    second.name = "second"
    limits = {"scripted": world.pace, "second": Limits(recipients_per_day=200)}
    monkeypatch.setattr(world, "limits", limits.__getitem__)
    assert campaign.send("scripted,second").today == {"taken": 5, "limit": 200}
    (entry,) = (each for each in campaign.log() if each.action == "failover")
    reason = "scripted: the account is closed"
    assert entry.detail == {"provider": "second", "reason": reason}


def out_of_order_once(provider: Watched, error: ProviderError) -> None:
    """Let a provider fail at the first envelope, and work from then on."""

    def fail(_: Envelope) -> str:
        provider.act = provider.watch
        raise error

    provider.act = fail  # type: ignore[assignment]


# The law


def test_senders_at_the_same_time_share_a_limit_a_day(crowd: World) -> None:
    crowd.clock.advance(timedelta(days=1))
    (number,) = (campaign._number for campaign in crowd.campaigns)
    limits = Limits(recipients_per_day=100)

    def send(first: int) -> int:
        engine = open_engine(f"sqlite:///{crowd.folder / 'tigc-mail.db'}")
        pace = Pace(Ledger(engine), "shared", limits, crowd.clock)
        turns = [pace.take(Batch(number, 1, 0, at, at + 6)) for at in range(first, 200 + first, 7)]
        engine.dispose()
        return sum(turn.counted[1] for turn in turns if turn.counted)

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(send, (1, 201)))
    assert sum(taken) == 100


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
