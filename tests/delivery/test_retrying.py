"""A provider that fails is left alone, replaced or told about; nobody is lost and nobody gets two."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.databases import BOTH
from tests.delivery.scripted import Scripted, accepting, doing
from tests.delivery.world import NOT_AFTER, World, address

from tigc_mail import Campaign, CampaignError, ProviderError, Receipt, Shipment
from tigc_mail.delivery.providers.protocol import Form
from tigc_mail.delivery.retrying import HOUR, Backoff, Breaker, RetryPolicy
from tigc_mail.errors import RefusedError, UnavailableError


@dataclass
class Answering:
    """Answers each shipment with what `answers` yields next: receipts or an error; then accepts."""

    answers: Iterator[Callable[[Shipment], Iterable[Receipt]] | ProviderError]
    name: str = "answering"
    idempotent: bool = False
    leaves_machine: bool = False
    discards: bool = False
    takes: Form = "mime"
    largest_shipment: int = 1_000
    taken: Counter[str] = field(default_factory=Counter)

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        answer = next(self.answers, accepted)
        if isinstance(answer, ProviderError):
            raise answer
        for receipt in answer(shipment):
            self.taken[receipt.delivery_id] += receipt.outcome == "accepted"
            yield receipt

    def close(self) -> None:
        pass


def accepted(shipment: Shipment) -> Iterable[Receipt]:
    return [Receipt(each.delivery_id, "accepted") for each in shipment.envelopes]


def postponed(shipment: Shipment) -> Iterable[Receipt]:
    return [Receipt(e.delivery_id, "postponed", reason="busy") for e in shipment.envelopes]


def some_postponed(shipment: Shipment) -> Iterable[Receipt]:
    """Refuse the first recipient of all for now, and accept the others."""
    taken = dict(zip((e.delivery_id for e in shipment.envelopes), accepted(shipment), strict=True))
    first = {e.delivery_id for e in shipment.envelopes if e.recipient == address(0)}
    return [r._replace(outcome="postponed", reason="busy") if name in first else r
            for name, r in taken.items()]  # fmt: skip


def refused(shipment: Shipment) -> Iterable[Receipt]:
    return [Receipt(e.delivery_id, "rejected", reason="550 5.7.1") for e in shipment.envelopes]


def gone(shipment: Shipment) -> Iterable[Receipt]:
    return [
        Receipt(each.delivery_id, "rejected", reason="550 5.1.1", undeliverable=True)
        for each in shipment.envelopes
    ]


def busy(retry_after: float | None = None) -> UnavailableError:
    return UnavailableError("is busy", "answering", "Wait.", retry_after=retry_after)


def sent_through(world: World, *answers: object, size: int = 5) -> tuple[Campaign, Answering]:
    """Return a campaign ready to be sent, and the provider `answering` that will send it."""
    world.enrol_public(size)
    provider = Answering(iter(answers))  # type: ignore[arg-type]
    world.providers["answering"] = provider
    return world.approved(), provider


# Later is better


def test_a_provider_that_is_busy_is_left_alone_and_then_takes_everything(world: World) -> None:
    campaign, provider = sent_through(world, busy(), busy(), busy())
    begun = world.clock.now
    status = campaign.send("answering")
    assert (status.state, status.states) == ("finished", {"accepted": 5})
    assert world.clock.now - begun >= timedelta(seconds=0.5 + 1 + 2)
    assert set(provider.taken.values()) == {1}


def test_it_is_left_alone_as_long_as_it_asks(world: World) -> None:
    campaign, _ = sent_through(world, busy(retry_after=600))
    begun = world.clock.now
    campaign.send("answering")
    assert timedelta(seconds=600) <= world.clock.now - begun < timedelta(seconds=610)


def test_one_that_stays_busy_pauses_the_campaign_with_the_reason(world: World) -> None:
    campaign, _ = sent_through(world, *[busy()] * 8)
    with pytest.raises(UnavailableError, match="answering: is busy"):
        campaign.send("answering")
    status = campaign.status()
    assert (status.state, status.states) == ("paused", {"planned": 5})
    assert (status.paused_by, status.pause_reason) == (None, "answering: is busy. Wait.")
    assert campaign.verify() == ()
    assert campaign.send("answering").state == "finished"


@BOTH
def test_what_is_refused_for_now_is_tried_again_until_it_is_taken(world: World) -> None:
    campaign, provider = sent_through(world, postponed, postponed)
    status = campaign.send("answering")
    assert (status.state, status.states) == ("finished", {"accepted": 5})
    assert set(provider.taken.values()) == {1}


def test_what_is_refused_for_now_too_often_is_given_up_where_a_person_says_so(world: World) -> None:
    campaign, _ = sent_through(world, *[postponed] * 100)
    with pytest.raises(UnavailableError, match="answering: puts off whoever it is: busy"):
        campaign.send("answering")
    status = campaign.resume("answering", by="ana", take_refusals=True)
    assert (status.state, status.states) == ("finished", {"rejected": 5})
    assert status.reasons == {"rejected": {"given up after 8 attempts: busy": 5}}


@pytest.mark.parametrize(("attempts", "told"), [(1, "1 attempt"), (3, "3 attempts")])
def test_how_often_is_a_setting(world: World, attempts: int, told: str) -> None:
    world.policy = RetryPolicy(recipient=Backoff(first=60, longest=60, attempts=attempts))
    campaign, provider = sent_through(world, *[some_postponed] * 8)
    begun = world.clock.now
    status = campaign.send("answering")
    assert (status.state, status.states) == ("finished", {"accepted": 4, "rejected": 1})
    assert status.reasons == {"rejected": {f"given up after {told}: busy": 1}}
    assert world.clock.now - begun <= timedelta(seconds=60 * (attempts - 1))
    assert sum(provider.taken.values()) == 4
    assert campaign.verify() == ()


def test_how_often_a_provider_may_fail_is_a_setting(world: World) -> None:
    world.policy = RetryPolicy(provider=Backoff(first=1, longest=1, attempts=2))
    campaign, _ = sent_through(world, busy(), busy())
    with pytest.raises(UnavailableError, match="is busy"):
        campaign.send("answering")
    assert campaign.state == "paused"


def test_a_time_that_is_over_ends_the_waiting(world: World) -> None:
    campaign, _ = sent_through(world, postponed)
    world.clock.advance(NOT_AFTER - world.clock.now - timedelta(seconds=10))
    status = campaign.send("answering")
    assert (status.state, status.states) == ("expired", {"expired": 5})


def test_the_status_tells_what_waits_and_until_when(world: World) -> None:
    campaign, _ = sent_through(world, postponed)

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    campaign._office = replace(campaign._office, nap=stop)
    with pytest.raises(KeyboardInterrupt):
        campaign.send("answering")
    status = campaign.status()
    assert (status.state, status.put_off) == ("sending", 5)
    assert status.next_attempt is not None
    assert status.next_attempt > world.clock.now
    campaign = world.campaigns.get(campaign.id)
    assert campaign.send("answering").state == "finished"


def test_a_clock_that_jumps_back_does_not_make_a_send_wait_longer_than_it_meant_to(
    world: World,
) -> None:
    campaign, _ = sent_through(world, busy())
    naps: list[float] = []

    def nap(seconds: float) -> None:
        if not naps:
            world.clock.advance(-timedelta(days=30))
        naps.append(seconds)
        world.clock.advance(timedelta(seconds=seconds))

    campaign._office = replace(campaign._office, nap=nap)
    campaign.send("answering")
    assert sum(naps) < 10


# Somebody has to mend it


def test_a_provider_that_refuses_everything_pauses_the_campaign_and_takes_nobody(
    world: World,
) -> None:
    campaign, _ = sent_through(world, refused)
    with pytest.raises(RefusedError, match=r"refused all 5 messages of a batch: 550 5\.7\.1"):
        campaign.send("answering")
    assert (campaign.state, campaign.status().states) == ("paused", {"planned": 5})
    assert campaign.send("answering").states == {"accepted": 5}


def test_a_person_may_take_the_refusal_for_an_answer(world: World) -> None:
    campaign, _ = sent_through(world, refused, refused)
    with pytest.raises(RefusedError):
        campaign.send("answering")
    status = campaign.resume("answering", by="ana", take_refusals=True)
    assert (status.state, status.states) == ("finished", {"rejected": 5})


@BOTH
def test_addresses_that_do_not_exist_are_rejected_and_blocked(world: World) -> None:
    campaign, _ = sent_through(world, accepted)
    world.providers["answering"].largest_shipment = 5  # type: ignore[misc]
    world.enrol({"email": f"x{at}@gone.org", "sector": "public"} for at in range(3))
    world.providers["answering"].answers = iter([accepted, gone])  # type: ignore[attr-defined]
    campaign = world.approved()
    assert campaign.send("answering", workers=1).states == {"accepted": 5, "rejected": 3}
    with world.ledger.reading() as connection:
        blocked = connection.exec_driver_sql("SELECT email_key, reason FROM suppressions").all()
    reason = "the address does not exist"
    assert sorted(blocked) == [(f"x{at}@gone.org", reason) for at in range(3)]
    assert world.campaigns.create("news", author="ana").planned == 5


def test_one_that_knows_nobody_is_not_believed_and_blocks_nobody(world: World) -> None:
    campaign, _ = sent_through(world, gone)
    with pytest.raises(RefusedError, match="refused all 5 messages of the campaign"):
        campaign.send("answering")
    assert campaign.state == "paused"
    with world.ledger.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM suppressions").scalar() == 0
    assert campaign.resume("answering", by="ana", take_refusals=True).state == "finished"


def test_refusals_one_by_one_pause_it_too(world: World) -> None:
    campaign, provider = sent_through(world, *[refused] * 30, size=20)
    provider.largest_shipment = 1
    with pytest.raises(RefusedError):
        campaign.send("answering", workers=1)
    assert campaign.status().states == {"rejected": 4, "planned": 16}


def test_one_that_gives_no_answers_is_left_alone_and_pauses_it(world: World) -> None:
    world.enrol_public(40)
    silent = doing("unknown", *(address(at) for at in range(40)))
    silent.largest_shipment = 1
    world.providers["scripted"] = silent
    campaign = world.approved()
    with pytest.raises(UnavailableError, match="gave no answer"):
        campaign.send("scripted", workers=1)
    assert campaign.status().states == {"unknown": 8, "planned": 32}
    assert campaign.state == "paused"


def test_answers_that_nobody_asked_for_end_the_send_with_one_message(world: World) -> None:
    def twice(shipment: Shipment) -> Iterable[Receipt]:
        return [*accepted(shipment), *accepted(shipment)]

    campaign, _ = sent_through(world, twice)
    with pytest.raises(CampaignError, match=r"provider answering: it answered for news-001-\d, tw"):
        campaign.send("answering")
    assert campaign.status().states == {"accepted": 5}


def test_a_refusal_that_a_provider_raises_itself_takes_back_nothing_it_accepted(
    world: World,
) -> None:
    def some(shipment: Shipment) -> Iterable[Receipt]:
        yield from list(accepted(shipment))[:2]
        raise RefusedError("has enough", "answering", "Wait.")

    campaign, provider = sent_through(world, some)
    with pytest.raises(RefusedError):
        campaign.send("answering")
    assert campaign.send("answering").states == {"accepted": 5}
    assert set(provider.taken.values()) == {1}


# Failover


@BOTH
def test_the_next_provider_gets_what_the_first_surely_did_not_send(world: World) -> None:
    world.enrol_public(6)
    first = doing("outage", address(3))
    second = accepting()
    second.name = "second"
    world.providers |= {"scripted": first, "second": second}
    campaign = world.approved()
    status = campaign.send("scripted,second")
    assert (status.state, status.states) == ("finished", {"accepted": 6})
    assert first.taken + second.taken == {address(at): 1 for at in range(6)}
    assert not first.taken.keys() & second.taken.keys()
    assert status.provider == "scripted,second"


def test_what_the_first_may_have_sent_the_next_does_not_get(world: World) -> None:
    world.enrol_public(6)
    first = doing("silence", address(3))
    second = accepting()
    second.name = "second"
    world.providers |= {"scripted": first, "second": second}
    status = world.approved().send("scripted,second")
    assert (status.state, status.states) == ("sending", {"accepted": 5, "unknown": 1})
    assert second.taken == {}


def test_a_busy_provider_is_given_up_for_the_next_only_after_some_attempts(world: World) -> None:
    campaign, provider = sent_through(world, *[busy()] * 20)
    second = accepting()
    second.name = "second"
    world.providers["second"] = second
    assert campaign.send("answering,second").states == {"accepted": 5}
    assert len(list(provider.answers)) == 12
    assert sum(second.taken.values()) == 5


def test_every_provider_is_closed_whatever_happens(world: World) -> None:
    world.enrol_public(2)
    providers = [Scripted(lambda _: "outage", name=name) for name in ("one", "two")]
    world.providers |= {each.name: each for each in providers}
    with pytest.raises(ProviderError, match="two: is not there"):
        world.approved().send("one,two")
    assert [each.closed for each in providers] == [1, 1]


# How long


@given(
    failures=st.integers(1, 10_000),
    seed=st.integers(0, 2**32),
    asked=st.none() | st.floats(0, 1e9, allow_nan=False),
)
def test_a_wait_grows_up_to_its_bound_and_keeps_to_what_is_asked_up_to_a_day(
    failures: int, seed: int, asked: float | None
) -> None:
    backoff = Backoff(first=1, longest=300, attempts=8)
    wait = backoff.wait(failures, Random(seed), asked)
    bound = min(300, 2 ** min(failures - 1, 20))
    least = bound / 2 if asked is None else max(bound / 2, min(asked, 24 * HOUR))
    assert least <= wait <= max(bound, least)


def test_a_breaker_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(Backoff(first=1, longest=1, attempts=3))
    for _ in range(2):
        breaker.failed(None)
    breaker.succeeded()
    for _ in range(2):
        breaker.failed(None)
    assert not breaker.open
    breaker.failed(None)
    assert breaker.open


def test_a_provider_is_handed_no_more_at_once_than_it_wants(world: World) -> None:
    world.enrol_public(25)
    world.providers["scripted"] = provider = accepting()
    provider.largest_shipment = 10
    status = world.approved().send("scripted")
    assert (status.states, provider.shipments) == ({"accepted": 25}, 3)
