"""A test of an edition that no campaign sends keeps the rules of every other test, and reaches nobody else."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from typing import Any

import pytest
from tests.delivery.drafts import draft
from tests.delivery.scripted import Scripted, accepting, doing
from tests.delivery.world import World

from tigc_mail import ConfidentialityError, Contact, UsageError
from tigc_mail.delivery.audit import broken, entries_of
from tigc_mail.delivery.providers.protocol import Receipt
from tigc_mail.delivery.trial import MOST

EDITION = "editions/news/edition.yaml"


@pytest.fixture
def provider(world: World) -> Scripted:
    world.providers["scripted"] = provider = accepting()
    return provider


def tried(world: World, *to: str, audience: str = "public", **asked: Any) -> Sequence[Receipt]:
    """Send a test of the newsletter."""
    wanted: dict[str, Any] = {"locale": "en", "provider": "scripted", "by": "ana", **asked}
    return world.campaigns.send_test(world.edition("news"), to, audience=audience, **wanted)


@pytest.fixture(autouse=True)
def people(world: World) -> None:
    """Somebody of the public, and an officer."""
    world.enrol([{"email": "reader@example.org", "sector": "public", "given_name": "Rea"}])
    world.enrol([{"email": "officer@example.org", "tags": "officer"}])


def show_markings(world: World) -> None:
    for name in ("newsletter.mjml.j2", "newsletter.txt.j2"):
        world.edit(f"templates/{name}", "{{ block.title }}", "{{ marking }} {{ block.title }}")
    world.edit(EDITION, "marking: TLP:CLEAR, key_message", "marking: TLP:GREEN, key_message")


def test_it_is_marked_logged_and_in_no_account(world: World, provider: Scripted) -> None:
    campaign = draft(world)
    before = (campaign.status(), campaign.log())
    (receipt,) = tried(world, "x@example.org")
    assert receipt.outcome == "accepted"
    assert receipt.delivery_id.startswith("test-news-")
    mail = message_from_bytes(provider.content["x@example.org"], policy=policy.default)
    assert mail["Subject"].startswith("[TEST] ")
    assert mail["Tigc-Mail-Test"] == "yes"
    assert mail["To"] == "x@example.org"
    token = mail["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert world.signer([provider]).delivery_id(token) is None
    assert (campaign.status(), campaign.log()) == before
    assert campaign.verify() == ()
    with world.ledger.reading() as connection:
        *_, entry = entries_of(connection)
        assert broken(connection) is None
    assert (entry.actor, entry.action, entry.campaign) == ("ana", "test", "")
    assert entry.detail["edition"] == "news"
    assert "@" not in str(entry.detail)


def test_it_needs_no_campaign_and_makes_none(world: World, provider: Scripted) -> None:
    tried(world, "x@example.org", "y@example.org", "X@example.org")
    assert {each.lower() for each in provider.taken} == {"x@example.org", "y@example.org"}
    assert provider.taken.total() == 2, "addresses that differ only in case are one"
    assert list(world.campaigns) == []


def test_what_is_marked_goes_only_to_its_readers_and_to_named_colleagues(
    world: World, provider: Scripted
) -> None:
    show_markings(world)
    for stranger in ("x@example.org", "reader@example.org"):
        with pytest.raises(ConfidentialityError, match="TLP:GREEN, and 1 of the addresses") as told:
            tried(world, "colleague@example.org", stranger, audience="police")
        assert "test_addresses" in told.value.cure
    assert provider.taken == {}
    tried(world, "Colleague@example.org", "officer@example.org", audience="police")
    assert provider.taken.total() == 2


def test_the_guard_reads_it_before_the_provider_does(world: World, provider: Scripted) -> None:
    """A layout that does not print the label: the guard of campaigns stops the test, too."""
    world.edit(EDITION, "marking: TLP:CLEAR, key_message", "marking: TLP:GREEN, key_message")
    with pytest.raises(ConfidentialityError, match="does not say TLP:GREEN"):
        tried(world, "colleague@example.org", audience="police")
    assert provider.taken == {}


def test_nobody_who_must_not_be_written_to_gets_it(world: World, provider: Scripted) -> None:
    world.workspace.contacts.suppress("blocked@example.org", reason="asked", source="phone")
    world.workspace.contacts.withdraw("reader@example.org", source="phone")
    for address in ("Blocked@example.org", "reader@example.org"):
        with pytest.raises(UsageError, match="1 of the addresses must not be written to"):
            tried(world, address)
    assert provider.taken == {}


def test_the_values_of_a_contact_leave_this_machine_for_the_contact_and_colleagues_only(
    world: World, provider: Scripted
) -> None:
    reader = world.workspace.contacts.get("reader@example.org")
    assert reader is not None
    provider.leaves_machine = True
    with pytest.raises(ConfidentialityError, match="1 of the addresses is somebody else's"):
        tried(world, "x@example.org", reader=reader)
    assert provider.taken == {}
    tried(world, "Reader@example.org", "colleague@example.org", reader=reader)
    provider.leaves_machine = False
    tried(world, "x@example.org", reader=reader)
    assert provider.taken.total() == 3


def test_it_holds_the_values_of_the_reader_and_the_address_of_the_test(
    world: World, provider: Scripted
) -> None:
    reader = Contact(
        email="zoe@example.org",
        email_readable="zoe@example.org",
        given_name="Zoe",
        family_name="Quist",
    )
    tried(world, "x@example.org", reader=reader)
    body = message_from_bytes(provider.content["x@example.org"], policy=policy.default)
    text = body.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Zoe" in text
    assert b"zoe@example.org" not in provider.content["x@example.org"]
    tried(world, "y@example.org")
    body = message_from_bytes(provider.content["y@example.org"], policy=policy.default)
    assert "Alex" in body.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("to", "asked", "message"),
    [
        ([], {}, "nobody is named"),
        (["nobody"], {}, "is not an e-mail address"),
        ([f"x{at}@example.org" for at in range(MOST + 1)], {}, "51 addresses are more than"),
        (["x@example.org"], {"audience": "nobody"}, "is not for the audience 'nobody'"),
        (["x@example.org"], {"locale": "ar"}, "is not written in 'ar'"),
        (["x@example.org"], {"shown": frozenset({"gone"})}, "has no conditional block gone"),
        (["x@example.org"], {"provider": "pigeon"}, "pigeon"),
    ],
)
def test_a_test_to_nobody_or_of_nothing_is_told(
    world: World, provider: Scripted, to: list[str], asked: dict[str, Any], message: str
) -> None:
    with pytest.raises((UsageError, KeyError), match=message):
        tried(world, *to, **asked)
    assert provider.taken == {}
    assert list(world.campaigns) == []


def test_of_a_provider_that_fails_half_way_it_is_told_who_was_reached(world: World) -> None:
    world.providers["scripted"] = doing("outage", "y@example.org")
    receipts = tried(world, "x@example.org", "y@example.org", "z@example.org")
    assert [receipt.outcome for receipt in receipts] == ["accepted", "postponed", "postponed"]
    assert receipts[1].reason
