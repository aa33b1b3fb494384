"""What a change of a contact means for what is planned, or approved, already."""

from collections.abc import Callable

import pytest
from tests.databases import BOTH
from tests.delivery.scripted import accepting
from tests.delivery.world import World

from tigc_mail.delivery.states import DeliveryState

SECRET = "Operation Nightfall begins in three harbours on Monday"

BLOCK = f"""\
  - id: operation
    type: text
    marking: TLP:AMBER
    body: {{en: "{SECRET}."}}
"""

OFFICERS = ["first@example.org", "second@example.org"]


def by_command(world: World, email: str) -> None:
    world.workspace.contacts.tag(email, remove="officer")


def by_import(world: World, email: str) -> None:
    world.enrol([{"email": email, "remove_tags": "officer"}])


def approved_for_officers(world: World, sector: str) -> tuple[World, str]:
    """Approve a campaign with a text for officers, and return its id."""
    world.edit("editions/news/edition.yaml", "blocks:\n", f"blocks:\n{BLOCK}")
    for name, before in (("mjml", "<a href"), ("txt", "{{ links.unsubscribe }}")):
        world.edit(f"templates/newsletter.{name}.j2", before, f"{{{{ marking }}}} {before}")
    world.enrol({"email": email, "tags": "officer", "sector": sector} for email in OFFICERS)
    return world, world.approved().id


@BOTH
@pytest.mark.parametrize("take_away", [by_command, by_import])
@pytest.mark.parametrize("sector", ["government", "public"])
def test_an_officer_whose_tag_is_taken_away_after_approval_gets_no_amber_text(
    world: World, take_away: Callable[[World, str], None], sector: str
) -> None:
    world, name = approved_for_officers(world, sector)
    campaign, provider = world.campaigns.get(name), accepting()
    world.providers["scripted"] = provider
    take_away(world, OFFICERS[0])
    assert campaign.send("scripted").states == {
        DeliveryState.ACCEPTED: 1,
        DeliveryState.SUPPRESSED: 1,
    }
    assert provider.taken == {OFFICERS[1]: 1}
    assert SECRET.encode() in provider.content[OFFICERS[1]]
    assert world.states(campaign)[OFFICERS[0]] == "suppressed"


@BOTH
def test_who_was_an_officer_gets_what_is_planned_later_as_the_public_does(world: World) -> None:
    world, _ = approved_for_officers(world, "public")
    world.workspace.contacts.tag(OFFICERS[0], remove="officer")
    later, provider = world.approved(), accepting()
    world.providers["scripted"] = provider
    later.send("scripted")
    assert provider.taken == dict.fromkeys(OFFICERS, 1)
    assert SECRET.encode() not in provider.content[OFFICERS[0]]
    assert SECRET.encode() in provider.content[OFFICERS[1]]


@BOTH
def test_which_blocks_of_its_audience_somebody_sees_is_decided_by_the_plan(world: World) -> None:
    world.enrol([{"email": "ana@example.org", "sector": "public", "tags": "insider"}])
    campaign, provider = world.approved(), accepting()
    world.providers["scripted"] = provider
    world.workspace.contacts.tag("ana@example.org", remove="insider")
    campaign.send("scripted")
    assert b"Only for insiders" in provider.content["ana@example.org"]
