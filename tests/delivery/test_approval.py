"""A campaign is sent as a second person approved it, or not at all."""

from collections.abc import Callable

import pytest
from tests.delivery.drafts import PEOPLE, draft
from tests.delivery.scripted import doing
from tests.delivery.world import World

from tigc_mail import (
    ApprovalError,
    CampaignError,
    ChangedError,
    DocumentError,
    ProviderError,
    TemplateError,
    TigcMailError,
    UsageError,
)


@pytest.mark.parametrize(
    "name",
    ["Ana Díaz", "ana díaz", " ANA  DÍAZ ", "Ana\tDíaz\n", "Ana Di\u0301az", "\uff21na Díaz"],
)
def test_the_author_cannot_approve_however_the_name_is_written(world: World, name: str) -> None:
    campaign = draft(world)
    with pytest.raises(
        ApprovalError, match=r"cannot approve it: the author is Ana Díaz. Ask a coll"
    ):
        campaign.approve(by=name)
    assert campaign.state == "draft"


@pytest.mark.parametrize("name", ["", " \t"])
def test_an_approver_has_a_name(world: World, name: str) -> None:
    campaign = draft(world)
    with pytest.raises(UsageError, match="approver has no name"):
        campaign.approve(by=name)


def test_a_draft_is_not_sent(world: World) -> None:
    campaign = draft(world)
    with pytest.raises(
        ApprovalError, match=r"is not approved. Approve it first: tigc-mail campaign"
    ):
        campaign.send("outbox")
    assert world.outbox() == []


def test_equal_campaigns_are_approved_with_equal_digests_for_equal_messages(world: World) -> None:
    campaign = draft(world)
    assert campaign.approve(by="ben") == campaign.approve(by="carla")
    assert campaign.status().approved_by == "carla"


def test_a_campaign_under_way_cannot_be_approved_again(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    campaign.send("outbox")
    with pytest.raises(CampaignError, match="is finished; only a draft can be approved"):
        campaign.approve(by="ben")


EDITION = "editions/news/edition.yaml"
MESSAGES: dict[str, tuple[Callable[[World], None], str]] = {
    "a text": (
        lambda world: world.edit(EDITION, "Only for insiders.", "For insiders."),
        "the message for police in en",
    ),
    "a subject": (
        lambda world: world.edit(EDITION, "fr: Nouvelles", "fr: Des nouvelles"),
        "the message for police in fr with insiders changed",
    ),
    "a standing message": (
        lambda world: world.edit("audiences/traders.yaml", "It pays", "That pays"),
        "the message for traders in en changed",
    ),
    "a sender": (
        lambda world: world.edit("audiences/public.yaml", "address: public@", "address: other@"),
        "the message for public in en changed",
    ),
    "a template": (
        lambda world: world.edit("templates/newsletter.mjml.j2", "Unsubscribe", "Leave"),
        "the message for police in en changed; ",
    ),
}
PLANS: dict[str, tuple[Callable[[World], None], str]] = {
    "a rule": (
        lambda world: world.edit("audiences/traders.yaml", "private-sector", "government"),
        "the rules of audiences and blocks changed",
    ),
    "a ceiling": (
        lambda world: world.edit("audiences/public.yaml", "TLP:CLEAR", "TLP:GREEN"),
        "the rules of audiences and blocks changed",
    ),
    "a condition": (
        lambda world: world.edit(EDITION, "contains: insider}", "contains: officer}"),
        "the rules of audiences and blocks changed",
    ),
    "a time": (
        lambda world: world.edit(EDITION, "2026-12-31T23", "2026-12-30T23"),
        "the rules of audiences and blocks changed",
    ),
    "a language": (
        lambda world: world.edit(EDITION, "[en, fr]", "[fr, en]"),
        "the rules of audiences and blocks changed",
    ),
    "an audience": (
        lambda world: (world.folder / "audiences" / "public.yaml").unlink(),
        "public",
    ),
}
TAMPERED = {
    "a recipient": "UPDATE deliveries SET contact_id = 6 WHERE id = 1",
    "a recipient more": "INSERT INTO deliveries (id, campaign, contact_id, variant, state)"
    " SELECT 99, campaign, 6, variant, state FROM deliveries WHERE id = 1",
    "a recipient less": "DELETE FROM deliveries WHERE id = 1",
    "a variant": "UPDATE deliveries SET variant = (SELECT max(code) FROM variants)",
}


@pytest.mark.parametrize("what", MESSAGES)
def test_changed_messages_are_told_and_not_sent_until_approved_again(
    world: World, what: str
) -> None:
    change, told = MESSAGES[what]
    world.enrol([*PEOPLE, {"email": "insider@example.org", "tags": "officer;insider"}])
    campaign = world.approved()
    change(world)
    with pytest.raises(ChangedError, match="let a colleague approve the campaign again") as raised:
        campaign.send("outbox")
    assert told in str(raised.value)
    assert (campaign.state, world.outbox()) == ("approved", [])
    campaign.approve(by="carla")
    assert campaign.send("outbox").states == {"accepted": 5}


@pytest.mark.parametrize("what", PLANS)
def test_changed_rules_are_told_and_no_approval_mends_them(world: World, what: str) -> None:
    change, told = PLANS[what]
    campaign = draft(world)
    campaign.approve(by="ben")
    change(world)
    for attempt in (lambda: campaign.send("outbox"), lambda: campaign.approve(by="ben")):
        with pytest.raises((ChangedError, DocumentError)) as raised:
            attempt()
        assert told in str(raised.value)
        assert "create a new campaign" in str(raised.value) or what == "an audience"
    assert (campaign.state, world.outbox()) == ("approved", [])


@pytest.mark.parametrize("what", PLANS)
def test_a_draft_whose_rules_changed_since_it_was_planned_is_not_approved(
    world: World, what: str
) -> None:
    change, told = PLANS[what]
    campaign = draft(world)
    change(world)
    with pytest.raises((ChangedError, DocumentError), match=told):
        campaign.approve(by="ben")
    assert campaign.state == "draft"


@pytest.mark.parametrize("what", TAMPERED)
def test_changed_recipients_are_told_and_no_approval_mends_them(world: World, what: str) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper(TAMPERED[what])
    told = r"the list of recipients changed. Undo the change, or create a new campaign"
    with pytest.raises(ChangedError, match=told):
        campaign.send("outbox")
    with pytest.raises(ChangedError, match=told):
        campaign.approve(by="carla")
    assert "the list of recipients is not the one that was approved" in campaign.verify()
    assert (campaign.state, world.outbox()) == ("approved", [])


@pytest.mark.parametrize("what", [*MESSAGES, *PLANS])
def test_the_status_tells_what_keeps_an_approval_from_holding_as_a_send_would(
    world: World, what: str
) -> None:
    change, told = (MESSAGES | PLANS)[what]
    world.enrol([*PEOPLE, {"email": "insider@example.org", "tags": "officer;insider"}])
    campaign = world.approved()
    assert (campaign.status().approval_holds, campaign.status().changed) == (True, ())
    change(world)
    status, log = campaign.status(), campaign.log()
    assert (status.state, status.approval_holds) == ("approved", False)
    assert told.removesuffix("; ") in "; ".join(status.changed)
    assert campaign.log() == log, "looking changes nothing"
    with pytest.raises((ChangedError, DocumentError)) as raised:
        campaign.send("outbox")
    if isinstance(raised.value, ChangedError):
        cause = "; ".join(status.changed).removeprefix("is not what was planned and approved: ")
        assert cause in raised.value.cause


def test_recipients_that_are_others_are_in_the_status_too(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper(TAMPERED["a recipient"])
    assert campaign.status().changed == ["the list of recipients changed"]


def test_an_undone_change_or_a_new_approval_holds_in_the_status(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    assert campaign.status().approval_holds is False
    world.edit(EDITION, "Aux initiés", "Pour les initiés")
    assert campaign.status().approval_holds is True
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    campaign.approve(by="carla")
    assert campaign.status().approval_holds is True


@pytest.mark.parametrize("what", ["a template", "an edition"])
def test_a_workspace_that_makes_no_messages_now_is_told_by_the_status(
    world: World, what: str
) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    if what == "a template":
        world.edit("templates/newsletter.mjml.j2", "{{ block.title }}", "{{ block.nonsense }}")
    else:
        (world.folder / EDITION).rename(world.folder / "elsewhere.yaml")
    status = campaign.status()
    assert (status.state, status.approval_holds) == ("approved", False)
    (told,) = status.changed
    assert told.startswith("the messages cannot be made now: ")


def test_no_status_tells_of_an_approval_where_no_send_is_to_begin(world: World) -> None:
    campaign = draft(world)
    assert campaign.status().approval_holds is None
    campaign.approve(by="ben")
    campaign.send("outbox")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    assert (campaign.status().approval_holds, campaign.status().changed) == (None, ())


def test_a_change_that_is_undone_needs_no_new_approval(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    with pytest.raises(ChangedError):
        campaign.send("outbox")
    world.edit(EDITION, "Aux initiés", "Pour les initiés")
    assert campaign.send("outbox").state == "finished"


def test_a_template_that_broke_since_is_told_and_the_approval_stays(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit("templates/newsletter.mjml.j2", "{{ block.title }}", "{{ block.nonsense }}")
    for attempt in (lambda: campaign.send("outbox"), lambda: campaign.approve(by="carla")):
        with pytest.raises(TemplateError, match=r"newsletter\.mjml\.j2"):
            attempt()
    assert (campaign.state, campaign.status().approved_by) == ("approved", "ben")
    assert world.outbox() == []


def test_a_change_midway_stops_the_rest_for_good(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        campaign.send("scripted", workers=1)
    assert (campaign.status().state, campaign.status().approval_holds) == ("paused", True)
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    assert campaign.status().approval_holds is False
    with pytest.raises(ChangedError, match="write anew to the others only"):
        campaign.send("scripted")


def test_no_error_of_a_campaign_tells_an_address(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper(TAMPERED["a recipient"])
    with pytest.raises(TigcMailError) as raised:
        campaign.send("outbox")
    assert "@" not in str(raised.value)
