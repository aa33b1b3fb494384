"""A campaign sent through a provider that delivers to nobody says so, before and afterwards."""

import pytest
from tests.delivery.scripted import Scripted, doing
from tests.delivery.world import World, address

from tigc_mail import CampaignError, ProviderError


@pytest.fixture
def dry(world: World) -> Scripted:
    """A provider that discards what it accepts, and rejects one of three."""
    world.enrol_public(3)
    world.providers["dry"] = provider = doing("rejected", address(1))
    provider.name, provider.discards = "dry", True
    return provider


def test_it_is_told_before_anything_is_sent(world: World, dry: Scripted) -> None:
    told: list[tuple[str, int]] = []
    world.approved().send("dry", warn=lambda words: told.append((words, dry.shipments)))
    assert told == [
        ("dry discards: what it accepts reaches nobody, and yet counts as sent", 0),
    ]


def test_the_account_counts_whom_it_reached_not(world: World, dry: Scripted) -> None:
    campaign = world.approved()
    assert campaign.status().discarded == 0
    status = campaign.send("dry")
    assert (status.states, status.discarded) == ({"accepted": 2, "rejected": 1}, 2)
    assert status.to_json()["discarded"] == 2
    assert status.reasons == {"rejected": {"because": 1}}


def test_the_log_tells_what_discards(world: World, dry: Scripted) -> None:
    campaign = world.approved()
    campaign.send_test([address(0)], provider="dry")
    campaign.send("dry")
    told = {entry.action: entry.detail.get("discards") for entry in campaign.log()}
    assert (told["test"], told["sending"]) == ("dry", "dry")
    assert (told["approved"], told["finished"]) == (None, None)


def test_a_test_that_reaches_nobody_says_so(world: World, dry: Scripted) -> None:
    (receipts,) = world.approved().send_test([address(0)], provider="dry").values()
    assert [receipt.reason for receipt in receipts] == ["discarded: nobody gets it"]


def test_of_several_providers_only_what_was_discarded_counts(world: World, dry: Scripted) -> None:
    world.providers["first"] = first = doing("outage", address(1))
    first.name, dry.act = "first", lambda _: "accepted"
    told: list[str] = []
    status = world.approved().send("first,dry", workers=1, warn=told.append)
    assert (status.states, status.discarded) == ({"accepted": 3}, 2)
    assert [words.split()[0] for words in told] == ["dry"]


@pytest.mark.parametrize("provider", ["outbox", "scripted"])
def test_of_others_nothing_is_said(world: World, provider: str) -> None:
    world.enrol_public(1)
    world.providers["scripted"] = doing("accepted")
    told: list[str] = []
    campaign = world.approved()
    assert campaign.send(provider, warn=told.append).discarded == 0
    assert told == []
    assert not any("discards" in entry.detail for entry in campaign.log())


def test_resuming_says_it_too(world: World, dry: Scripted) -> None:
    dry.act = lambda _: "outage"
    campaign = world.approved()
    with pytest.raises(ProviderError):
        campaign.send("dry")
    told: list[str] = []
    with pytest.raises(ProviderError):
        campaign.resume("dry", by="ana", warn=told.append)
    assert len(told) == 1


def test_nothing_is_said_of_a_send_that_is_refused(world: World, dry: Scripted) -> None:
    told: list[str] = []
    campaign = world.campaigns.create("news", author="ana")
    with pytest.raises(CampaignError):
        campaign.send("dry", warn=told.append)
    assert (told, dry.shipments) == ([], 0)
