"""What a provider refuses to everybody is not the recipients' fault: nobody is lost by it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.databases import BOTH
from tests.delivery.scripted import Act, Scripted, accepting
from tests.delivery.world import NOON, World, address

from tigc_mail import Campaign, Envelope
from tigc_mail.delivery.retrying import Backoff, RetryPolicy
from tigc_mail.errors import RefusedError, UnavailableError


def ready(world: World, acts: Sequence[Act], rest: Act, size: int) -> tuple[Campaign, Scripted]:
    """Return a campaign, and a provider that does each of `acts` once and then always `rest`."""
    world.enrol_public(size)
    left = iter(acts)
    world.providers["scripted"] = provider = Scripted(lambda _: next(left, rest))
    return world.approved(), provider


def second(world: World) -> Scripted:
    """Return a provider called `second`, which takes everything."""
    provider = accepting()
    provider.name = "second"
    world.providers["second"] = provider
    return provider


# Put off


@BOTH
def test_one_that_puts_off_everybody_pauses_the_campaign_and_loses_nobody(world: World) -> None:
    campaign, _ = ready(world, [], "postponed", 30)
    with pytest.raises(UnavailableError, match="scripted: puts off whoever it is: because"):
        campaign.send("scripted")
    status = campaign.status()
    assert (status.state, status.states) == ("paused", {"planned": 30})
    assert (status.pause_reason or "").startswith("scripted: puts off whoever it is: because.")
    world.providers["scripted"] = provider = accepting()
    status = campaign.resume("scripted", by="ana")
    assert (status.state, status.states) == ("finished", {"accepted": 30})
    assert set(provider.taken.values()) == {1}


def test_one_that_puts_off_everybody_after_a_few_pauses_the_campaign_too(world: World) -> None:
    campaign, _ = ready(world, ["accepted"] * 5, "postponed", 30)
    with pytest.raises(UnavailableError, match="puts off whoever it is"):
        campaign.send("scripted")
    assert campaign.status().states == {"accepted": 5, "planned": 25}
    assert campaign.state == "paused"


@BOTH
def test_what_one_puts_off_the_next_provider_gets_at_once(world: World) -> None:
    campaign, first = ready(world, [], "postponed", 10)
    other = second(world)
    status = campaign.send("scripted,second")
    assert (status.state, status.states) == ("finished", {"accepted": 10})
    assert (sum(other.taken.values()), first.taken) == (10, Counter())
    assert world.clock.now - NOON < timedelta(minutes=10)


def test_who_is_tried_too_often_is_kept_where_nobody_was_taken(world: World) -> None:
    world.policy = RetryPolicy(recipient=Backoff(first=1, longest=1, attempts=2))
    campaign, _ = ready(world, [], "postponed", 3)
    with pytest.raises(RefusedError, match="puts off more messages than it takes, again and again"):
        campaign.send("scripted")
    assert campaign.status().states == {"planned": 3}
    world.providers["scripted"] = accepting()
    assert campaign.resume("scripted", by="ana").states == {"accepted": 3}


@BOTH
def test_a_few_that_are_put_off_for_ever_are_given_up_alone(world: World) -> None:
    world.enrol_public(40)
    full = {address(3), address(17), address(39)}

    def act(envelope: Envelope) -> Act:
        return "postponed" if envelope.recipient in full else "accepted"

    world.providers["scripted"] = Scripted(act, largest_shipment=10)
    campaign = world.approved()
    status = campaign.send("scripted")
    assert (status.state, status.states) == ("finished", {"accepted": 37, "rejected": 3})
    assert status.reasons == {"rejected": {"given up after 8 attempts: because": 3}}


def test_a_time_that_a_clock_wrote_which_was_ahead_is_not_waited_for(world: World) -> None:
    world.enrol_public(2)

    def act(_: Envelope) -> Act:
        if provider.shipments == 1:
            world.clock.now = NOON + timedelta(days=20)
            return "postponed"
        return "accepted"

    world.providers["scripted"] = provider = Scripted(act, largest_shipment=1)
    campaign = world.approved()
    put_right = False

    def back(_: object) -> None:
        nonlocal put_right
        if not put_right:
            world.clock.now, put_right = NOON + timedelta(minutes=5), True

    status = campaign.send("scripted", workers=1, waiting=lambda *_: back(None))
    assert (status.state, status.states) == ("finished", {"accepted": 2})
    assert world.clock.now - NOON < timedelta(hours=2)


# Rejected


@pytest.mark.parametrize(
    ("acts", "left"),
    [
        (["postponed"], {"planned": 100}),
        (["unknown"], {"unknown": 1, "planned": 99}),
        (["silence"], {"unknown": 1, "planned": 99}),
        (["accepted"], {"accepted": 1, "planned": 99}),
    ],
)
def test_another_answer_among_the_refusals_does_not_make_them_the_recipients_fault(
    world: World, acts: list[Act], left: dict[str, int]
) -> None:
    campaign, _ = ready(world, acts, "rejected", 100)
    with pytest.raises(
        RefusedError, match=r"refused (99 of 100|all 99) messages of a batch: because"
    ):
        campaign.send("scripted")
    assert (campaign.state, campaign.status().states) == ("paused", left)
    assert campaign.verify() == ()


def test_what_was_nearly_all_refused_is_sent_once_that_is_mended(world: World) -> None:
    campaign, provider = ready(world, ["accepted"], "rejected", 100)
    with pytest.raises(RefusedError):
        campaign.send("scripted")
    world.providers["scripted"] = mended = accepting()
    assert campaign.resume("scripted", by="ana").states == {"accepted": 100}
    assert set((provider.taken + mended.taken).values()) == {1}


def test_a_few_refusals_of_a_few_are_the_recipients_own(world: World) -> None:
    campaign, _ = ready(world, ["accepted", "rejected", "rejected"], "accepted", 3)
    status = campaign.send("scripted")
    assert (status.state, status.states) == ("finished", {"accepted": 1, "rejected": 2})


def test_a_few_refusals_are_the_recipients_own(world: World) -> None:
    campaign, _ = ready(world, ["rejected"] * 9, "accepted", 30)
    status = campaign.send("scripted")
    assert (status.state, status.states) == ("finished", {"accepted": 21, "rejected": 9})


@BOTH
def test_a_campaign_does_not_finish_with_more_rejected_than_taken(world: World) -> None:
    campaign, _ = ready(world, ["accepted", "rejected", "rejected"] * 4, "accepted", 12)
    with pytest.raises(RefusedError, match="scripted: refused 8 of 12 messages of the campaign"):
        campaign.send("scripted")
    assert campaign.state == "paused"
    with pytest.raises(RefusedError):
        campaign.resume("scripted", by="ana")
    assert campaign.resume("scripted", by="ana", take_refusals=True).state == "finished"


def test_the_provider_that_refused_is_named(world: World) -> None:
    campaign, _ = ready(world, ["accepted", "rejected", "rejected"] * 3, "outage", 12)
    world.providers["second"] = last = Scripted(lambda _: "postponed", name="second")
    world.policy = RetryPolicy(recipient=Backoff(first=1, longest=1, attempts=1))
    with pytest.raises(RefusedError, match=r"^second: puts off"):
        campaign.send("scripted,second")
    last.act = lambda _: "undeliverable"
    with pytest.raises(RefusedError, match=r"^scripted,second: refused 9 of 12 messages"):
        campaign.resume("second", by="ana")


# How much is risked to see whether it works again


def test_one_that_failed_is_tried_with_one_message_at_a_time(world: World) -> None:
    sizes: Counter[int] = Counter()
    world.enrol_public(300)

    class Silent(Scripted):
        def send(self, shipment):  # type: ignore[no-untyped-def]
            sizes[len(shipment.envelopes)] += 1
            return super().send(shipment)

    world.providers["scripted"] = Silent(lambda _: "unknown", largest_shipment=100)
    campaign = world.approved()
    with pytest.raises(UnavailableError, match="gave no answer"):
        campaign.send("scripted", workers=1)
    assert sizes == {100: 1, 1: 7}
    assert campaign.status().states == {"unknown": 107, "planned": 193}


def test_one_that_works_again_gets_whole_shipments_again(world: World) -> None:
    campaign, provider = ready(world, ["unavailable", "unavailable"], "accepted", 300)
    provider.largest_shipment = 100
    assert campaign.send("scripted", workers=1).states == {"accepted": 300}
    assert provider.shipments == 2 + 1 + 3


def test_a_message_to_try_with_is_found_behind_what_is_done(world: World) -> None:
    campaign, provider = ready(world, ["accepted"] * 40 + ["unavailable"] * 2, "accepted", 50)
    assert campaign.send("scripted", workers=1).states == {"accepted": 50}
    assert provider.shipments == 4
    assert set(provider.taken.values()) == {1}
