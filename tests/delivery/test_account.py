"""The account adds up at every moment, and verify says what does not."""

from collections.abc import Iterator

import pytest
from tests.databases import BOTH
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import World, address

from tigc_mail import Campaign, ProviderError


@pytest.fixture
def finished(world: World) -> Campaign:
    """A campaign that was sent to two variants: 1 to 3 in English, 4 to 6 in French."""
    campaign = enrolled(world)
    campaign.send("discard")
    return campaign


def enrolled(world: World) -> Campaign:
    people = [(address(at), "en" if at < 3 else "fr") for at in range(6)]
    rows = [{"email": email, "sector": "public", "locale": locale} for email, locale in people]
    world.enrol([*rows, {"email": "outside@example.org", "sector": "government"}])
    return world.approved()


TAMPERINGS = {
    "a delivery deleted": "DELETE FROM deliveries WHERE id = 2",
    "the last delivery deleted": "DELETE FROM deliveries WHERE id = 6",
    "a delivery added": "INSERT INTO deliveries (id, campaign, contact_id, variant, state)"
    " SELECT 7, campaign, 7, variant, state FROM deliveries WHERE id = 1",
    "a delivery moved": "UPDATE deliveries SET id = 60 WHERE id = 6",
    "a delivery to somebody else": "UPDATE deliveries SET contact_id = 7 WHERE id = 1",
    "a delivery of another variant": "UPDATE deliveries SET variant ="
    " (SELECT variant FROM deliveries WHERE id = 6) WHERE id = 1",
    "two deliveries with their variants exchanged": "UPDATE deliveries SET variant ="
    " (SELECT sum(code) FROM variants) - variant WHERE id IN (3, 4)",
    "a delivery without outcome": "UPDATE deliveries SET state = 'planned' WHERE id = 1",
    "a claim": "UPDATE deliveries SET state = 'claimed' WHERE id = 1",
    "a delivery of no campaign": "UPDATE deliveries SET campaign = 99 WHERE id = 1",
    "a batch deleted": "DELETE FROM batches WHERE number = 1",
    "a batch grown into another": "UPDATE batches SET last = last + 1 WHERE number = 1",
    "a batch shrunk": "UPDATE batches SET last = last - 1 WHERE number = 2",
    "a batch of another variant": "UPDATE batches SET variant = variant + 1 WHERE number = 1",
    "a batch twice": "INSERT INTO batches SELECT campaign, 9, variant, first, last FROM batches"
    " WHERE number = 1",
    "a variant deleted": "DELETE FROM variants WHERE locale = 'fr'",
    "a variant of another size": "UPDATE variants SET recipients = 4 WHERE locale = 'fr'",
    "a variant of another language": "UPDATE variants SET locale = 'es' WHERE locale = 'fr'",
    "a variant of another audience": "UPDATE variants SET audience = 'police' WHERE locale = 'fr'",
    "a number planned": "UPDATE campaigns SET planned = planned + 1",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_finds(world: World, finished: Campaign, what: str) -> None:
    assert finished.verify() == ()
    world.tamper(TAMPERINGS[what])
    assert finished.verify() != ()


@pytest.mark.parametrize("state", ["finished", "expired"])
def test_verify_tells_how_many_have_no_outcome_though_it_is_over(
    world: World, finished: Campaign, state: str
) -> None:
    world.tamper(f"UPDATE campaigns SET state = '{state}'")  # noqa: S608
    world.tamper("UPDATE deliveries SET state = 'unknown' WHERE id < 3")
    assert finished.verify()[-1] == f"it is {state}, and 2 deliveries have no outcome"


def test_verify_tells_both_numbers(world: World, finished: Campaign) -> None:
    world.tamper("DELETE FROM deliveries WHERE id = 2")
    assert finished.verify()[0] == "6 recipients were planned, 5 deliveries are recorded"


def test_another_campaign_does_not_disturb_the_account(world: World, finished: Campaign) -> None:
    other = world.approved()
    world.tamper(f"DELETE FROM deliveries WHERE campaign = {other._number} AND contact_id < 4")  # noqa: S608
    assert finished.verify() == ()
    assert other.verify() != ()


def moments(world: World, campaign: Campaign) -> Iterator[str]:
    """Lead a campaign through its life, and stop at each moment worth a look."""
    yield "approved"
    for at, provider in enumerate(
        [doing("outage", address(4)), doing("rejected", address(5)), accepting()]
    ):
        world.providers["scripted"] = provider
        try:
            campaign.send("scripted", workers=1)
        except ProviderError:
            yield f"outage {at}"
        else:
            yield f"sent {at}"
            return


@BOTH
def test_the_states_add_up_to_the_recipients_at_every_moment(world: World) -> None:
    campaign = enrolled(world)
    seen = []
    for moment in moments(world, campaign):
        status = campaign.status()
        seen.append((moment, dict(status.states)))
        assert campaign.verify() == ()
        assert sum(status.states.values()) == status.planned == 6
        by_audience = sum(sum(states.values()) for states in status.audiences.values())
        by_language = sum(
            sum(states.values())
            for languages in status.languages.values()
            for states in languages.values()
        )
        assert by_audience == by_language == 6
    assert seen == [
        ("approved", {"planned": 6}),
        ("outage 0", {"accepted": 4, "planned": 2}),
        ("sent 1", {"accepted": 5, "rejected": 1}),
    ]


def test_the_account_tells_each_language_and_who_reads_another(world: World) -> None:
    world.enrol(
        {"email": address(at), "sector": "public", "locale": locale}
        for at, locale in enumerate(["en", "fr", "fr", "ar", "es", "es", ""])
    )
    status = world.campaigns.create("news", author="ana").status()
    assert status.languages == {"public": {"en": {"planned": 5}, "fr": {"planned": 2}}}
    assert (status.language, status.other_languages) == ("en", {"ar": 1, "es": 2})


@BOTH
def test_who_reads_another_language_is_told_as_it_was_planned(world: World) -> None:
    people = [
        {"email": address(at), "sector": "public", "locale": locale}
        for at, locale in enumerate(["ar", "fr", "en", ""])
    ]
    stranger = {"email": "stranger@example.org", "sector": "government", "locale": "ar"}
    unasked = {"email": "silent@example.org", "consent_basis": "", "consent_at": ""}
    world.enrol([*people, stranger, {**stranger, "sector": "public", **unasked}])
    campaign = world.campaigns.create("news", author="ana")
    for person, locale in zip(people, ["fr", "ar", "fr", "es"], strict=True):
        person["locale"] = locale
    world.enrol(people)
    assert campaign.status().other_languages == {"ar": 1}
    assert campaign.log()[0].detail["other_languages"] == {"ar": 1}
