"""A campaign is created, approved by somebody else, sent as approved, and accounted for."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from tests.delivery.scripted import Act, Scripted, accepting, doing
from tests.delivery.world import NOT_AFTER, World, address, largest_file

from tigc_mail import (
    ApprovalError,
    Campaign,
    CampaignError,
    ChangedError,
    DocumentError,
    Envelope,
    ProviderError,
    StoreError,
    TemplateError,
    TigcMailError,
    UsageError,
)
from tigc_mail.delivery.dispatch import dispatch_batch
from tigc_mail.delivery.sending import sole_sender

PEOPLE = [
    {"email": "officer@example.org", "tags": "officer;insider", "locale": "fr"},
    {"email": "trader@example.org", "sector": "private-sector", "locale": "ar"},
    {"email": "both@example.org", "sector": "private-sector", "tags": "officer"},
    {"email": "reader@example.org", "sector": "public"},
    {"email": "silent@example.org", "sector": "public", "consent_basis": "", "consent_at": ""},
    {"email": "stranger@example.org", "sector": "government"},
]


def draft(world: World) -> Campaign:
    world.enrol(PEOPLE)
    return world.campaigns.create("news", author="Ana Díaz")


# The whole way


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
        "created_at": "2026-11-24T12:00:00+00:00",
        "not_after": "2026-12-31T23:00:00+00:00",
        "planned": 4,
        "states": {"accepted": 4},
        "excluded": {"in-an-earlier-audience": 1, "no-consent": 1, "in-no-audience": 1},
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


def test_the_order_of_the_call_decides_for_a_contact_in_several_audiences(world: World) -> None:
    world.enrol(PEOPLE)
    names = ["traders", "police"]
    campaign = world.campaigns.create("news", author="ana", audiences=names)
    states = campaign.status().audiences
    assert states == {"traders": {"planned": 2}, "police": {"planned": 1}}


def test_a_campaign_that_is_over_is_not_sent_again(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    campaign.send("outbox")
    with pytest.raises(CampaignError, match="news-001: is finished; there is nothing to send"):
        campaign.send("outbox")


def test_the_provider_is_closed_once_after_a_send_however_it_ends(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = failing = doing("outage", "reader@example.org")
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    world.providers["scripted"] = working = accepting()
    campaign.send("scripted")
    assert (failing.closed, working.closed) == (1, 1)


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


# Approval


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
    "a recipient more": "INSERT INTO deliveries (campaign, contact_id, variant, state)"
    " SELECT campaign, 6, variant, state FROM deliveries WHERE id = 1",
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
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    with pytest.raises(ChangedError, match="create a new campaign"):
        campaign.send("scripted")


# Time


def test_what_is_unsent_when_the_time_is_over_expires(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.clock.advance(NOT_AFTER - world.clock.now + timedelta(microseconds=1))
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("expired", {"expired": 4})
    assert world.fates(campaign)["reader@example.org"][1] == "the campaign's time was over"
    assert (campaign.verify(), world.outbox()) == ((), [])


def test_an_edition_whose_time_is_over_is_not_planned(world: World) -> None:
    world.clock.advance(NOT_AFTER - world.clock.now + timedelta(microseconds=1))
    with pytest.raises(CampaignError, match="its time is over: not after"):
        draft(world)
    assert list(world.campaigns) == []


def test_the_last_moment_is_not_too_late(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.clock.advance(NOT_AFTER - world.clock.now)
    assert campaign.send("outbox").states == {"accepted": 4}


def test_a_time_that_is_over_midway_lets_only_the_rest_expire(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    late = NOT_AFTER - world.clock.now + timedelta(days=1)
    status = campaign.send("outbox", workers=1, progress=lambda _: world.clock.advance(late))
    assert status.state in ("expired", "finished")
    assert sum(status.states.values()) == 4
    assert status.states.keys() <= {"accepted", "expired"}
    assert len(world.outbox()) == status.states["accepted"] >= 1
    assert campaign.verify() == ()


# Interruption


def test_ctrl_c_ends_the_send_and_the_same_call_goes_on(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with pytest.raises(KeyboardInterrupt):
        campaign.send("outbox", workers=1, progress=interrupt)
    assert campaign.state == "sending"
    states = set(world.states(campaign).values())
    assert "claimed" not in states
    assert campaign.verify() == ()
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("finished", {"accepted": 4})
    assert len(world.outbox()) == 4


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


def test_an_outage_ends_the_send_and_the_same_call_goes_on(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    outbox = world.folder / "outbox"
    outbox.write_text("not a folder")
    with pytest.raises(
        ProviderError, match=r"outbox: the outbox cannot be written to.* same command"
    ):
        campaign.send("outbox")
    assert (campaign.state, set(world.states(campaign).values())) == ("sending", {"planned"})
    assert campaign.verify() == ()
    outbox.unlink()
    assert campaign.send("outbox").states == {"accepted": 4}


def test_a_database_that_is_full_midway_ends_the_send_and_the_same_call_goes_on(
    world: World,
) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with ExitStack() as full:

        def fill(_: Envelope) -> Act:
            full.enter_context(largest_file(100))
            return "accepted"

        world.providers["scripted"] = Scripted(fill, idempotent=True)
        with pytest.raises(
            StoreError, match=r"tigc-mail.db: the disk .*run the same command again"
        ):
            campaign.send("scripted", workers=1)
    assert "claimed" in world.states(campaign).values()
    assert campaign.verify() == ()
    world.providers["scripted"] = accepting(idempotent=True)
    assert campaign.send("scripted").states == {"accepted": 4}


def claim_and_die(world: World, campaign: Campaign) -> None:
    """Leave what a process leaves that is killed while it sends through the outbox."""
    world.tamper("UPDATE campaigns SET state = 'sending', provider = 'outbox'")
    world.tamper("UPDATE deliveries SET state = 'claimed' WHERE id = 1")


def test_claims_of_a_process_that_died_become_unknown_and_are_repeated(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    status = campaign.send("outbox")
    assert (status.state, status.states) == ("finished", {"accepted": 4})


def test_what_one_provider_may_have_sent_no_other_repeats(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    claim_and_die(world, campaign)
    with pytest.raises(
        CampaignError, match=r"1 of its deliveries may have been sent through outbox"
    ):
        campaign.send("discard")
    assert sorted(world.states(campaign).values()) == ["planned", "planned", "planned", "unknown"]
    assert campaign.send("outbox").states == {"accepted": 4}


def test_after_an_outage_another_provider_may_send_the_rest(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("outage", *(one["email"] for one in PEOPLE))
    with pytest.raises(ProviderError):
        campaign.send("scripted")
    assert campaign.send("outbox").states == {"accepted": 4}


def test_an_unknown_outcome_keeps_a_campaign_open(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("silence", "reader@example.org")
    told: list[int] = []
    status = campaign.send("scripted", progress=told.append)
    assert (status.state, status.states) == ("sending", {"accepted": 3, "unknown": 1})
    assert sum(told) == 3
    assert campaign.unsent == 1
    assert campaign.verify() == ()


# Two at a time


def test_of_two_sends_at_once_the_second_is_told(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with sole_sender(world.folder / ".locks", campaign.id):
        with pytest.raises(CampaignError, match=r"another process is sending this campaign. Wait"):
            campaign.send("outbox")
        assert campaign.state == "approved"
    assert campaign.send("outbox").state == "finished"


HOLD = """
import sys
from pathlib import Path
from tigc_mail.delivery.sending import sole_sender
with sole_sender(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_and_a_killed_one_holds_nothing(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    command = [sys.executable, "-c", HOLD, str(world.folder / ".locks"), campaign.id]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(CampaignError, match="another process is sending this campaign"):
            campaign.send("outbox")
        other.kill()
    assert campaign.send("outbox").state == "finished"


def test_a_send_within_a_send_is_told(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    told: list[str] = []

    def send_again(_: int) -> None:
        try:
            world.campaigns.get(campaign.id).send("outbox")
        except CampaignError as error:
            told.append(error.cause)

    campaign.send("outbox", progress=send_again)
    assert set(told) == {"another process is sending this campaign"}
    assert campaign.state == "finished"


def test_a_place_that_takes_no_lock_is_told(world: World) -> None:
    campaign = draft(world)
    (world.folder / ".locks").write_text("not a folder")
    told = r"lock of a campaign cannot be written.* right to write"
    with pytest.raises(CampaignError, match=told):
        campaign.approve(by="ben")
    world.tamper("UPDATE campaigns SET state = 'approved'")
    with pytest.raises(CampaignError, match=told):
        campaign.send("outbox")


def test_what_is_being_sent_is_not_approved_anew_meanwhile(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    with (
        sole_sender(world.folder / ".locks", campaign.id),
        pytest.raises(CampaignError, match="another process is sending this campaign"),
    ):
        campaign.approve(by="carla")
    assert campaign.status().approved_by == "ben"


def test_two_threads_with_the_same_batch_send_it_once(world: World) -> None:
    world.enrol_public(20)
    campaign, provider = world.approved(), accepting()
    sending, (batch,) = world.sending(campaign, provider)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: dispatch_batch(sending, batch), range(4)))
    assert provider.taken == {address(at): 1 for at in range(20)}


def test_no_error_of_a_campaign_tells_an_address(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper(TAMPERED["a recipient"])
    with pytest.raises(TigcMailError) as raised:
        campaign.send("outbox")
    assert "@" not in str(raised.value)
