"""The audit log tells who did what; a change is found, and what was approved is kept to show it."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.databases import BOTH
from tests.delivery.drafts import draft
from tests.delivery.scripted import accepting, doing
from tests.delivery.world import NOON, World, worlds

from tigc_mail import (
    ApprovalError,
    Campaign,
    ChangedError,
    ConfidentialityError,
    ProviderError,
    StoreError,
    UsageError,
)
from tigc_mail.delivery.approval import message_name
from tigc_mail.delivery.audit import Deed, broken, entries_of, note

EDITION = "editions/news/edition.yaml"


def told(campaign: Campaign) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in campaign.log()]


# The log


@BOTH
@pytest.mark.parametrize(
    ("forged", "said"),
    [
        (
            "UPDATE campaigns SET approved_by = 'mallory'",
            "mallory approved it, and the audit log says that ben did",
        ),
        (
            "UPDATE campaigns SET author = 'mallory'",
            "its author is mallory, and the audit log says that Ana Díaz",
        ),
        (
            "UPDATE campaigns SET not_after = '2027-12-31T23:00:00.000000+00:00'",
            "it may be sent until 2027-12-31",
        ),
        ("UPDATE campaigns SET not_after = NULL", "it may be sent until None"),
        (
            "UPDATE campaigns SET approved_digest = '{}'",
            "the digest that was approved is not the one",
        ),
    ],
)
def test_what_the_log_contradicts_is_told_and_not_sent(
    world: World, forged: str, said: str
) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper(forged)
    assert any(problem.startswith(said) for problem in campaign.verify())
    world.providers["scripted"] = accepting()
    with pytest.raises(ApprovalError, match="Somebody changed the database"):
        campaign.send("scripted")
    assert campaign.status().states == {"planned": 4}


def test_an_approval_by_the_author_is_told_though_the_author_was_another_one_meanwhile(
    world: World,
) -> None:
    campaign = draft(world)
    world.tamper("UPDATE campaigns SET author = 'mallory'")
    campaign.approve(by="Ana Díaz")
    world.tamper("UPDATE campaigns SET author = 'Ana Díaz'")
    assert campaign.verify() == ("Ana Díaz made it and approved it, by the audit log",)
    with pytest.raises(ApprovalError, match="made it and approved it"):
        campaign.send("outbox")


def test_an_approval_that_nobody_gave_is_told_and_not_sent(world: World) -> None:
    campaign, model = draft(world), draft(world)
    model.approve(by="ben")
    with world.ledger.writing() as connection:
        connection.execute(
            text(
                "UPDATE campaigns SET (state, approved_by, approved_digest) = (SELECT state, "
                "approved_by, approved_digest FROM campaigns WHERE number = 2) WHERE number = 1"
            )
        )
    assert "the audit log tells of no approval" in " ".join(campaign.verify())
    with pytest.raises(ApprovalError, match="tells of no approval"):
        campaign.send("outbox")


def test_a_later_approval_is_the_one_that_counts(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    campaign.approve(by="carla")
    world.providers["scripted"] = accepting()
    campaign.send("scripted")
    assert (campaign.state, campaign.verify()) == ("finished", ())


def test_an_entry_can_neither_be_replaced(world: World) -> None:
    campaign = draft(world)
    with pytest.raises(IntegrityError, match="append-only"), world.ledger.writing() as connection:
        connection.execute(
            text("INSERT OR REPLACE INTO audit SELECT id, at, 'mallory', action, campaign, detail, "
                 "digest FROM audit")
        )  # fmt: skip
    assert told(campaign) == [("Ana Díaz", "draft")]


@BOTH
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
    "all": "DELETE FROM audit WHERE true",
    "a moment, told in another zone": (
        "UPDATE audit SET at = replace(replace(at, 'T12', 'T13'), '+00:00', '+01:00') WHERE id = 1"
    ),
    "a moment that is none": "UPDATE audit SET at = 'yesterday' WHERE id = 2",
    "bytes for a name": "UPDATE audit SET actor = x'ff00' WHERE id = 2",
    "one in the place of another": (
        "INSERT OR REPLACE INTO audit SELECT 2, at, actor, action, campaign, detail, digest"
        " FROM audit WHERE id = 3"
    ),
    "the count": "UPDATE audit_head SET entries = 7",
    "the head": "DELETE FROM audit_head",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_finds_what_was_changed_or_taken_out(world: World, what: str) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    campaign.cancel(by="ben")
    assert campaign.verify() == ()
    if TAMPERINGS[what].startswith(("UPDATE audit ", "DELETE FROM audit ")):
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
    assert "it is approved, and the audit log ends with draft" in campaign.verify()


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


@given(
    entry=st.integers(1, 8),
    field=st.sampled_from(["at", "actor", "action", "campaign", "detail", "digest"]),
    value=st.text(st.characters(codec="utf-8"), max_size=20) | st.binary(max_size=3),
)
@settings(max_examples=40)
def test_any_value_put_into_any_entry_breaks_the_chain_there(
    shared: World, entry: int, field: str, value: str | bytes
) -> None:
    with shared.ledger.writing() as connection:
        savepoint = connection.begin_nested()
        connection.exec_driver_sql("DROP TRIGGER audit_not_updated")
        number = len(list(entries_of(connection))) + entry
        for at in range(8):
            note(connection, "news-1", "paused", Deed(NOON, f"person {at}", {"reason": "why"}))
        found = connection.exec_driver_sql(f"SELECT {field} FROM audit WHERE id = {number}")  # noqa: S608
        assume(found.scalar_one() != value)
        statement = f"UPDATE audit SET {field} = ? WHERE id = ?"  # noqa: S608
        connection.exec_driver_sql(statement, (value, number))
        assert broken(connection) == f"the audit log was changed at entry {number}"
        savepoint.rollback()


@pytest.mark.parametrize("detail", ["{", "[1]", "null"])
def test_an_entry_that_somebody_made_unreadable_is_told(world: World, detail: str) -> None:
    campaign = draft(world)
    world.tamper(f"UPDATE audit SET detail = '{detail}'")  # noqa: S608
    with pytest.raises(StoreError, match="changed at entry 1, which cannot be read"):
        campaign.log()
    with pytest.raises(StoreError, match="changed at entry 1, which cannot be read"):
        campaign.status()
    assert "the audit log was changed at entry 1" in campaign.verify()


def test_a_send_that_is_refused_since_something_changed_is_in_the_log(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.edit(EDITION, "Pour les initiés", "Aux initiés")
    with pytest.raises(ChangedError):
        campaign.send("outbox", by="carla")
    entry = campaign.log()[-1]
    assert (entry.actor, entry.action) == ("carla", "send refused")
    assert entry.detail == {"changed": ["the message for police in fr with insiders"]}
    assert (campaign.state, campaign.verify()) == ("approved", ())


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
    assert {line[1:].partition(":")[0] for line in lines if line[0] in "-+"} == {"text", "html"}
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
    assert "-head: list_id public.example.org" in lines
    assert "+head: list_id p.example.org" in lines


def test_a_rule_is_shown_by_itself_from_what_to_what(world: World) -> None:
    campaign = draft(world)
    world.edit("audiences/traders.yaml", "ceiling: TLP:GREEN", "ceiling: TLP:CLEAR")
    world.edit(EDITION, "not_after: 2026-12-31T23:00:00Z", "not_after: 2026-12-30T23:00:00Z")
    lines = campaign.changes()["the rules of audiences and blocks"]
    assert [line for line in lines if line.startswith(("-", "+"))] == [
        "-audience traders: ceiling TLP:GREEN",
        "+audience traders: ceiling TLP:CLEAR",
        "-not_after: 2026-12-31 23:00:00+00:00",
        "+not_after: 2026-12-30 23:00:00+00:00",
    ]


def test_an_audience_that_is_gone_is_shown(world: World) -> None:
    campaign = draft(world)
    (world.folder / "audiences" / "traders.yaml").unlink()
    world.edit(EDITION, "audiences: [police, traders, public]", "audiences: [police, public]")
    changes = campaign.changes()
    assert "-audience traders: ceiling TLP:GREEN" in changes["the rules of audiences and blocks"]
    gone = "it is no longer made: the workspace has no such audience now"
    assert changes["the message for traders in en"] == [gone]


def test_other_recipients_than_approved_are_shown(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.tamper("UPDATE deliveries SET contact_id = 99 WHERE contact_id = 1")
    (line,) = campaign.changes()["the list of recipients"]
    assert "the deliveries are others now" in line


def show_markings(world: World) -> None:
    for name in ("newsletter.mjml.j2", "newsletter.txt.j2"):
        world.edit(f"templates/{name}", "{{ block.title }}", "{{ marking }} {{ block.title }}")


def test_a_diff_shows_nothing_above_a_ceiling(world: World) -> None:
    show_markings(world)
    raid = "{id: raid, type: text, marking: TLP:AMBER, body: {en: A raid at dawn.}}"
    world.edit(EDITION, "  - {id: crime", f"  - {raid}\n  - {{id: crime")
    campaign = draft(world)
    world.edit(EDITION, "A raid at dawn.", "A raid at dusk.")
    changes = campaign.changes()
    assert changes
    assert all(part.startswith("the message for police") for part in changes)


@pytest.fixture(scope="module")
def shared_draft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Campaign]]:
    for world in worlds(tmp_path_factory.mktemp("draft")):
        yield world, draft(world)


@given(
    word=st.text("abcdefghijklmnop", min_size=1, max_size=8),
    where=st.sampled_from(
        ["Only for insiders.", "Pour les initiés.", "fr: Nouvelles", "Du nouveau"]
    ),
)
@settings(max_examples=8)
def test_whatever_changes_a_compiled_byte_is_shown(
    shared_draft: tuple[World, Campaign], word: str, where: str
) -> None:
    world, campaign = shared_draft
    before = {v: m.digest for v, m in campaign._contents.messages().items()}
    world.edit(EDITION, where, f"{where} {word}")
    try:
        now = campaign._contents.messages()
        changed = {message_name(v) for v, message in now.items() if message.digest != before[v]}
        assert campaign.changes().keys() == changed
    finally:
        world.edit(EDITION, f"{where} {word}", where)


def test_a_few_characters_of_a_digest_are_too_few(world: World) -> None:
    with pytest.raises(UsageError, match="so little names no digest"):
        draft(world).approve(by="ben", digest="a")


def test_the_account_tells_the_digest_that_was_approved(world: World) -> None:
    campaign = draft(world)
    assert campaign.status().approved_digest is None
    assert campaign.approve(by="ben") == campaign.status().approved_digest


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
        with pytest.raises(ConfidentialityError, match=r"1 of the addresses is not of that aud"):
            campaign.send_test([address], audience=audience, provider="scripted")
    assert provider.taken == {}
    campaign.send_test(["Colleague@example.org"], audience="police", provider="scripted")


def test_a_test_is_marked_in_the_head_and_its_token_is_nobodys(world: World) -> None:
    campaign = draft(world)
    world.providers["scripted"] = provider = accepting()
    campaign.send_test(["x@example.org"], audience="public", provider="scripted")
    mail = message_from_bytes(provider.content["x@example.org"], policy=policy.default)
    assert mail["Tigc-Mail-Test"] == "yes"
    token = mail["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert token.startswith("test-")
    assert world.signer([provider]).delivery_id(token) is None


def test_two_tests_are_two_messages(world: World) -> None:
    campaign = draft(world)
    world.providers["scripted"] = provider = accepting()
    ids = set()
    for _ in range(2):
        campaign.send_test(
            ["x@example.org", "X@example.org"], audience="public", provider="scripted"
        )
        content = provider.content.popitem()[1]
        ids.add(message_from_bytes(content, policy=policy.default)["Message-ID"])
    assert len(ids) == 2
    assert provider.taken.total() == 2, "addresses that differ only in case are one"


def test_nobody_who_must_not_be_written_to_gets_a_test(world: World) -> None:
    campaign = draft(world)
    world.workspace.contacts.suppress("blocked@example.org", reason="asked", source="phone")
    world.workspace.contacts.withdraw("reader@example.org", source="phone")
    world.providers["scripted"] = provider = accepting()
    for address in ("Blocked@example.org", "reader@example.org"):
        with pytest.raises(UsageError, match="1 of the addresses must not be written to"):
            campaign.send_test([address], audience="public", provider="scripted")
    assert provider.taken == {}
    assert campaign.log()[-1].action == "draft"


def test_who_has_no_consent_is_no_reader_of_what_is_marked(world: World) -> None:
    nobody = {"consent_basis": "", "consent_at": ""}
    world.enrol([{"email": "new@example.org", "tags": "officer", **nobody}])
    campaign = draft(world)
    show_markings(world)
    world.edit(EDITION, "marking: TLP:CLEAR, key_message", "marking: TLP:GREEN, key_message")
    world.providers["scripted"] = provider = accepting()
    with pytest.raises(ConfidentialityError):
        campaign.send_test(["new@example.org"], audience="police", provider="scripted")
    assert provider.taken == {}
    campaign.send_test(["Officer@example.org"], audience="police", provider="scripted")
    assert provider.taken.keys() == {"Officer@example.org"}


def test_a_value_that_does_not_fit_is_told_and_not_sent(world: World) -> None:
    world.enrol([{"email": "own@example.org", "sector": "public", "page": "https://example.org/"}])
    campaign = draft(world)
    world.providers["scripted"] = provider = accepting()
    answers = campaign.send_test(["x@example.org"], audience="public", provider="scripted")
    outcomes = {v.shown: [r.outcome for r in receipts] for v, receipts in answers.items()}
    assert outcomes == {frozenset(): ["accepted"], frozenset({"page"}): ["rejected"]}
    assert provider.taken == {"x@example.org": 1}


def test_a_test_is_in_the_log_though_the_provider_failed(world: World) -> None:
    campaign = draft(world)
    world.providers["scripted"] = doing("outage", "x@example.org")
    with pytest.raises(ProviderError):
        campaign.send_test(["x@example.org"], audience="public", provider="scripted", by="ana")
    assert told(campaign)[-1] == ("ana", "test")
    assert campaign.verify() == ()


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
