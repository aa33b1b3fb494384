"""The audit log tells who did what; a change is found, and what was approved is kept to show it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from tests.delivery.drafts import draft
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import NOON, World, worlds

from tigc_mail import ApprovalError, Campaign, ChangedError, ConfidentialityError, UsageError
from tigc_mail.delivery.audit import Deed, broken, entries_of, note

EDITION = "editions/news/edition.yaml"


def told(campaign: Campaign) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in campaign.log()]


# The log


def test_the_log_tells_who_did_what_from_the_draft_to_the_end(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("silence", "reader@example.org")
    campaign.send("scripted", by="carla")
    campaign.pause(by="dora", reason="a wrong date")
    campaign.resume("scripted", by="emil")
    campaign.settle("sent", by="fay")
    assert told(campaign) == [
        ("Ana Díaz", "draft"),
        ("ben", "approved"),
        ("carla", "sending"),
        ("dora", "paused"),
        ("emil", "sending"),
        ("fay", "settled"),
        ("", "finished"),
    ]
    assert campaign.log()[3].detail == {"reason": "a wrong date"}
    assert campaign.log()[-1].detail == {"states": {"accepted": 4}}
    assert campaign.verify() == ()


def test_a_failure_pauses_in_nobodys_name(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("outage", "reader@example.org")
    with pytest.raises(Exception, match="is not there"):
        campaign.send("scripted", by="carla")
    assert told(campaign)[-1] == ("", "paused")
    assert "is not there" in campaign.log()[-1].detail["reason"]


def test_the_log_of_a_campaign_is_its_own(world: World) -> None:
    first = draft(world)
    second = world.campaigns.create("news", author="ana")
    first.cancel(by="ben", reason="no longer true")
    assert told(first) == [("Ana Díaz", "draft"), ("ben", "cancelled")]
    assert told(second) == [("ana", "draft")]
    assert first.verify() == second.verify() == ()


TAMPERINGS = {
    "an actor": "UPDATE audit SET actor = 'zoe' WHERE id = 2",
    "a moment": "UPDATE audit SET at = '2020-01-01T00:00:00.000000+00:00' WHERE id = 1",
    "a detail": "UPDATE audit SET detail = '{}' WHERE id = 2",
    "one in between": "DELETE FROM audit WHERE id = 2",
    "the first": "DELETE FROM audit WHERE id = 1",
    "the last": "DELETE FROM audit WHERE id = 3",
    "all": "DELETE FROM audit",
    "the count": "UPDATE audit_head SET entries = 7",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_finds_what_was_changed_or_taken_out(world: World, what: str) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    campaign.cancel(by="ben")
    assert campaign.verify() == ()
    if what != "the count":
        with (
            pytest.raises(IntegrityError, match="append-only"),
            world.ledger.writing() as connection,
        ):
            connection.exec_driver_sql(TAMPERINGS[what])
    world.tamper(TAMPERINGS[what])
    assert any("audit log" in problem for problem in campaign.verify())


def test_a_state_that_the_log_does_not_know_is_told(world: World) -> None:
    campaign = draft(world)
    world.tamper("UPDATE campaigns SET state = 'approved'")
    assert campaign.verify() == ("it is approved, and the audit log ends with draft",)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> object:
    yield from worlds(tmp_path_factory.mktemp("shared"))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(deeds=st.lists(st.tuples(texts, texts, st.dictionaries(texts, texts, max_size=2))))
def test_whatever_is_noted_is_read_as_it_was_and_keeps_the_chain_whole(
    shared: World, deeds: list[tuple[str, str, dict[str, str]]]
) -> None:
    with shared.ledger.writing() as connection:
        before = len(list(entries_of(connection)))
        for actor, action, detail in deeds:
            note(connection, "news-1", action, Deed(NOON, actor, detail))
        entries = list(entries_of(connection))[before:]
        assert [(e.actor, e.action, e.detail) for e in entries] == deeds
        assert broken(connection) is None


# What changed


def test_nothing_differs_where_nothing_changed(world: World) -> None:
    campaign = draft(world)
    assert campaign.changes() == {}
    campaign.approve(by="ben")
    assert campaign.changes() == {}


def test_a_changed_text_is_shown_with_its_line_and_names_the_message(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    with pytest.raises(ChangedError, match=r"shown by: tigc-mail campaign diff news-001"):
        campaign.send("outbox")
    changes = campaign.changes()
    assert list(changes) == ["the message for police in fr with insiders"]
    (lines,) = changes.values()
    assert "-text:  Pour les initiés." in lines
    assert "+text:  Aux initiés." in lines
    assert len(lines) < 30


def test_a_changed_rule_is_shown(world: World) -> None:
    campaign = draft(world)
    world.edit("audiences/traders.yaml", "equals: private-sector", "equals: public")
    lines = campaign.changes()["the rules of audiences and blocks"]
    assert any("private-sector" in line and line.startswith("-") for line in lines)
    assert any("public" in line and line.startswith("+") for line in lines)


def test_a_change_that_only_files_and_headers_have_is_told_too(world: World) -> None:
    campaign = draft(world)
    world.edit("audiences/public.yaml", "list_id: public.example.org", "list_id: p.example.org")
    lines = campaign.changes()["the message for public in en"]
    assert sum(line.startswith(("-rest: ", "+rest: ")) for line in lines) == 2


def test_an_approval_anew_is_what_later_changes_are_compared_with(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    campaign.approve(by="ben")
    assert campaign.changes() == {}
    assert told(campaign)[1:] == [("ben", "approved"), ("ben", "draft"), ("ben", "approved")]


def test_an_approval_of_a_digest_approves_that_and_nothing_else(world: World) -> None:
    campaign = draft(world)
    digest = campaign.digest()
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    with pytest.raises(ApprovalError, match=r"has the digest .* now. Look at it again"):
        campaign.approve(by="ben", digest=digest[:16])
    world.edit(EDITION, "Aux initiés", "Pour les initiés")
    assert campaign.approve(by="ben", digest=digest[:16]) == digest


# Tests


def test_a_test_is_marked_and_changes_nothing_but_the_log(world: World) -> None:
    campaign = draft(world)
    before = campaign.status()
    world.providers["scripted"] = provider = accepting()
    answers = campaign.send_test(
        ["colleague@example.org"], audience="police", provider="scripted", by="ana"
    )
    assert {v.audience for v in answers} == {"police"}
    assert provider.taken == {"colleague@example.org": len(answers)}
    assert b"Subject: [TEST] " in provider.content["colleague@example.org"]
    assert (campaign.status(), campaign.verify()) == (before, ())
    entry = campaign.log()[-1]
    assert (entry.actor, entry.action) == ("ana", "test")
    assert "@" not in str(entry.detail)


def test_what_is_marked_goes_to_readers_of_its_audience_and_to_named_colleagues(
    world: World,
) -> None:
    campaign = draft(world)
    world.edit(
        "templates/newsletter.mjml.j2", "{{ block.title }}", "{{ marking }} {{ block.title }}"
    )
    world.edit(
        "templates/newsletter.txt.j2", "{{ block.title }}", "{{ marking }} {{ block.title }}"
    )
    world.edit(EDITION, "marking: TLP:CLEAR, key_message", "marking: TLP:GREEN, key_message")
    world.providers["scripted"] = provider = accepting()
    for audience, address in (("traders", "stranger@example.org"), ("police", "x@example.org")):
        with pytest.raises(ConfidentialityError, match=r"1 of the addresses are not of that aud"):
            campaign.send_test([address], audience=audience, provider="scripted")
    assert provider.taken == {}
    campaign.send_test(["Colleague@example.org"], audience="police", provider="scripted")


@pytest.mark.parametrize(
    ("to", "audience", "message"),
    [
        ([], None, "nobody is named"),
        (["nobody"], None, "is not an e-mail address"),
        (["colleague@example.org"], "nobody", "has no such variant"),
    ],
)
def test_a_test_to_nobody_or_of_nothing_is_told(
    world: World, to: list[str], audience: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        draft(world).send_test(to, audience=audience)
