"""No campaign is approved, and no batch claimed, whose messages say what they must not."""

import pytest
from tests.delivery.world import World

from tigc_mail import Campaign, ConfidentialityError
from tigc_mail.delivery.approval import RECIPIENTS
from tigc_mail.delivery.guard import Guard
from tigc_mail.ground.marking import Marking

SECRET = "The warehouse in the old harbour is searched on Friday."
BLOCK = f"""\
  - id: raid
    type: text
    marking: TLP:AMBER
    show_when: {{field: tags, contains: insider}}
    body: {{en: {SECRET}, fr: La cave du port}}
"""
PEOPLE = [
    {"email": "reader@example.org", "sector": "public"},
    {"email": "insider@example.org", "sector": "public", "tags": "insider"},
    {"email": "silent@example.org", "sector": "public", "consent_basis": "", "consent_at": ""},
]


def draft(world: World) -> Campaign:
    """Create a campaign for the public, of an edition with a block for officers only."""
    world.edit("editions/news/edition.yaml", "  - id: insiders\n", f"{BLOCK}  - id: insiders\n")
    if not world.ledger.campaigns():
        world.enrol(PEOPLE)
    return world.campaigns.create("news", author="ana", audiences=["public"])


def break_the_first_guard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Marking, "allows", lambda _ceiling, _marking: True)


def test_a_message_that_leaks_cannot_be_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_first_guard(monkeypatch)
    campaign = draft(world)
    with pytest.raises(ConfidentialityError, match=r"block raid \(TLP:AMBER, above TLP:CLEAR\)"):
        campaign.approve(by="ben")
    assert campaign.state == "draft"


def test_a_message_that_leaks_is_not_sent_even_if_it_was_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_first_guard(monkeypatch)
    campaign = draft(world)
    with monkeypatch.context() as patch:
        patch.setattr(Guard, "require", lambda *_: None)
        campaign.approve(by="ben")
    with pytest.raises(ConfidentialityError) as refused:
        campaign.send("outbox")
    assert "warehouse" not in str(refused.value)
    assert campaign.state == "approved"
    assert {*world.states(campaign).values()} == {"planned"}
    assert world.outbox() == []


def test_a_hidden_block_changes_neither_plan_nor_approval_nor_account(world: World) -> None:
    world.enrol(PEOPLE)
    before = world.campaigns.create("news", author="ana", audiences=["public"])
    after = draft(world)
    plans = [
        [(each.audience, each.locale, each.shown) for each in world.ledger.variants(one._number)]
        for one in (before, after)
    ]
    assert plans[0] == plans[1]
    approvals = [approval(one) for one in (before, after)]
    assert approvals[0] == approvals[1]
    own = {"campaign": "", "approved_digest": ""}  # over the recipients' own numbers too
    accounts = [one.status().to_json() | own for one in (before, after)]
    assert accounts[0] == accounts[1]


def approval(campaign: Campaign) -> dict[str, str]:
    """Approve a campaign; return its digests, but for the recipients' with their own numbers."""
    campaign.approve(by="ben")
    return {what: each for what, each in campaign._contents.approved.items() if what != RECIPIENTS}


def test_a_label_that_the_templates_do_not_print_stops_the_campaign(world: World) -> None:
    world.edit("editions/news/edition.yaml", "marking: TLP:CLEAR\n    body: {en: \"{{", "marking: TLP:GREEN\n    body: {en: \"{{")  # fmt: skip
    world.enrol([{"email": "trader@example.org", "sector": "private-sector"}])
    campaign = world.campaigns.create("news", author="ana", audiences=["traders"])
    with pytest.raises(ConfidentialityError, match="does not say TLP:GREEN in its html"):
        campaign.approve(by="ben")
