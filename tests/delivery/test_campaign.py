"""A campaign is created, found and sent, and accounted for."""

import gc

import pytest
from tests.databases import BOTH
from tests.delivery.drafts import PEOPLE, draft
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import World

from tigc_mail import (
    CampaignError,
    ProviderError,
    UsageError,
)
from tigc_mail.delivery.states import SENT


@BOTH
def test_a_campaign_goes_from_draft_to_finished_and_its_account_adds_up(world: World) -> None:
    campaign = draft(world)
    assert (campaign.state, campaign.planned, campaign.verify()) == ("draft", 4, ())
    campaign.approve(by="ben")
    assert (campaign.state, campaign.verify()) == ("approved", ())
    told: list[int] = []
    status = campaign.send("outbox", progress=told.append)
    assert status == campaign.status()
    assert status.to_json() == {
        "campaign": "news-001",
        "edition": "news",
        "state": "finished",
        "author": "Ana Díaz",
        "approved_by": "ben",
        "approved_digest": campaign.status().approved_digest,
        "approval_holds": None,
        "changed": [],
        "discarded": 0,
        "created_at": "2026-11-24T12:00:00+00:00",
        "not_after": "2026-12-31T23:00:00+00:00",
        "planned": 4,
        "states": {"accepted": 4},
        "excluded": {"in-an-earlier-audience": 1, "no-consent": 1, "in-no-audience": 1},
        "in_several": 1,
        "contacts": 6,
        "reasons": {},
        "provider": "outbox",
        "providers": {"outbox": 4},
        "paused_by": None,
        "pause_reason": None,
        "unattended": False,
        "put_off": 0,
        "next_attempt": None,
        "not_before": None,
        "today": {},
        "limits": {"outbox": {}},
        "rate": None,
        "expected_end": None,
        "language": "en",
        "repeated": {},
        "audiences": {
            "police": {"accepted": 2},
            "traders": {"accepted": 1},
            "public": {"accepted": 1},
        },
    } | {key: value for key, value in status.to_json().items() if key in ("other_languages",)}
    assert campaign.verify() == ()
    assert sum(told) == 4
    assert world.outbox() == [f"news-001-{number}.eml" for number in range(1, 5)]


def test_a_campaign_is_found_by_its_id_and_the_newest_comes_first(world: World) -> None:
    first = draft(world)
    second = world.campaigns.create("news", author="ana", audiences=["public"])
    assert [each.id for each in world.campaigns] == [second.id, first.id]
    found = world.campaigns.get(first.id)
    assert (found.id, found.planned, found.author) == (first.id, 4, "Ana Díaz")


def test_a_campaign_is_shown_by_its_id(world: World) -> None:
    campaign = draft(world)
    assert repr(campaign) == f"Campaign('{campaign.id}')"


def test_the_order_of_the_call_decides_for_a_contact_in_several_audiences(world: World) -> None:
    world.enrol(PEOPLE)
    names = ["traders", "police"]
    campaign = world.campaigns.create("news", author="ana", audiences=names)
    states = campaign.status().audiences
    assert states == {"traders": {"planned": 2}, "police": {"planned": 1}}


def test_sending_what_is_finished_answers_with_its_account_and_sends_nothing(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    account = campaign.send("outbox")
    world.providers["outbox"] = doing("outage", "reader@example.org")
    assert campaign.send("outbox") == account


@BOTH
def test_who_was_sent_the_same_edition_before_is_counted_and_not_who_was_later(
    world: World,
) -> None:
    first = draft(world)
    first.approve(by="ben")
    again = world.campaigns.create("news", author="ana", audiences=["police", "public"])
    assert again.status().repeated == {}
    first.send("outbox")
    assert again.status().repeated == {first.id: 3}
    assert first.status().repeated == {}
    again.approve(by="ben")
    again.send("outbox")
    third = world.campaigns.create("news", author="ana")
    assert third.status().repeated == {first.id: 4, again.id: 3}
    third.cancel(by="ana")
    told = [one.status().repeated for one in (first, again, third)]
    assert told == [{}, {first.id: 3}, {}]


def test_what_is_sent_while_a_campaign_is_paused_was_not_before_it(world: World) -> None:
    first = draft(world)
    first.approve(by="ben")
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        first.send("scripted")
    had = sum(first.status().states.get(state, 0) for state in SENT)
    again = world.campaigns.create("news", author="ana")
    again.approve(by="ben")
    again.send("outbox")
    world.providers["scripted"] = accepting()
    first.send("scripted")
    assert (first.status().repeated, again.status().repeated) == ({}, {first.id: had})
    assert 0 < had < 4


@BOTH
def test_each_provider_is_named_with_the_deliveries_that_it_took(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    assert campaign.status().providers == {}
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    first = campaign.status()
    assert first.providers == {"scripted": first.states["accepted"]}
    status = campaign.send("outbox")
    assert status.providers == {"outbox": len(world.outbox()), **first.providers}
    assert sum(status.providers.values()) == status.states["accepted"]
    assert status.languages["police"] == {"en": {"accepted": 1}, "fr": {"accepted": 1}}


def test_a_campaign_to_no_audience_at_all_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="edition news: no audience is named"):
        world.campaigns.create("news", author="ana", audiences=[])


def test_the_provider_is_closed_once_after_a_send_however_it_ends(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = failing = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    world.providers["scripted"] = working = accepting()
    campaign.send("scripted")
    assert (failing.closed, working.closed) == (1, 1)


def test_the_garbage_collector_is_as_before_after_a_send_however_it_ends(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    frozen: list[bool] = []
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        campaign.send("scripted", progress=lambda _: frozen.append(gc.get_freeze_count() > 0))
    assert gc.get_freeze_count() == 0
    world.providers["scripted"] = accepting()
    campaign.send("scripted", progress=lambda _: frozen.append(gc.get_freeze_count() > 0))
    assert frozen
    assert all(frozen)
    assert gc.get_freeze_count() == 0


def test_what_the_caller_has_frozen_stays_frozen(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    gc.freeze()
    try:
        campaign.send("outbox")
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


# What does not exist


def test_an_unknown_audience_is_told_with_those_there_are(world: World) -> None:
    with pytest.raises(
        UsageError, match=r"no audience 'pirates'. There are police, public, traders"
    ):
        world.campaigns.create("news", author="ana", audiences=["pirates"])


def test_an_audience_that_the_edition_is_not_for_is_told(world: World) -> None:
    world.edit("editions/news/edition.yaml", "[police, traders, public]", "[police, traders]")
    with pytest.raises(UsageError, match=r"edition news: is not for the audience 'public'. It is"):
        world.campaigns.create("news", author="ana", audiences=["public"])


def test_an_unknown_edition_is_told(world: World) -> None:
    with pytest.raises(UsageError, match="olds"):
        world.campaigns.create("olds", author="ana")


def test_an_unknown_campaign_is_told_with_the_newest(world: World) -> None:
    with pytest.raises(UsageError, match=r"no campaign 'news-1'. The newest are: none yet"):
        world.campaigns.get("news-1")
    draft(world)
    with pytest.raises(UsageError, match=r"no campaign 'news-1'. The newest are: news-001"):
        world.campaigns.get("news-1")


def test_an_unknown_provider_is_told_and_nothing_is_sent(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with pytest.raises(UsageError, match=r"no provider 'pigeon'. There are outbox"):
        campaign.send("pigeon")
    assert campaign.state == "approved"


@pytest.mark.parametrize("author", ["", "  "])
def test_a_campaign_has_an_author_with_a_name(world: World, author: str) -> None:
    with pytest.raises(UsageError, match="author has no name"):
        world.campaigns.create("news", author=author)


@BOTH
@pytest.mark.parametrize("people", [PEOPLE[4:5], PEOPLE[5:], PEOPLE[4:]])
def test_a_campaign_to_nobody_is_refused_and_not_kept(
    world: World, people: list[dict[str, str]]
) -> None:
    world.enrol(people)
    with pytest.raises(CampaignError, match=r"nobody to send it to in police, traders, public"):
        world.campaigns.create("news", author="ana")
    assert list(world.campaigns) == []


def test_a_campaign_that_shows_nothing_to_anybody_is_refused(world: World) -> None:
    world.enrol(PEOPLE)
    world.edit("editions/news/edition.yaml", "marking: TLP:CLEAR", "marking: TLP:AMBER")
    with pytest.raises(CampaignError, match="shows nothing to those"):
        world.campaigns.create("news", author="ana", audiences=["public"])
