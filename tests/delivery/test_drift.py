"""What contacts changed since a campaign was planned is told, and changes nothing of it."""

from tests.databases import BOTH
from tests.delivery.drafts import PEOPLE, draft
from tests.delivery.scripted import doing
from tests.delivery.world import World

from tigc_mail.delivery.drift import Drift

NEWCOMERS = [
    {"email": "new@example.org", "sector": "public"},
    {"email": "new-officer@example.org", "tags": "officer", "sector": "private-sector"},
    {"email": "stranger@example.org", "sector": "public"},  # was known, and in no audience
    {"email": "elsewhere@example.org", "sector": "government"},
    {"email": "unasked@example.org", "sector": "public", "consent_basis": "", "consent_at": ""},
]


@BOTH
def test_a_plan_is_as_one_made_now_while_no_contact_changes(world: World) -> None:
    campaign = draft(world)
    world.enrol(PEOPLE)
    assert campaign.drift() == Drift(0, 0)


@BOTH
def test_who_would_be_a_recipient_now_and_is_not_planned_is_counted(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.enrol(NEWCOMERS)
    assert campaign.drift() == Drift(unplanned=3, other_language=0)
    assert campaign.changes() == {}
    again = world.campaigns.create("news", author="ana")
    assert (again.planned - campaign.planned, again.drift()) == (3, Drift(0, 0))
    assert campaign.send("outbox").states == {"accepted": 4}


@BOTH
def test_who_reads_another_language_than_the_planned_one_is_counted(world: World) -> None:
    campaign = draft(world)
    officer, trader, both, reader, silent, _ = PEOPLE
    world.enrol(
        [
            {**officer, "locale": "en"},
            {**trader, "locale": "es"},  # the edition has neither that nor Arabic
            {**both, "locale": "fr"},
            {**silent, "locale": "fr"},
            reader,
        ]
    )
    assert campaign.drift() == Drift(unplanned=0, other_language=2)


@BOTH
def test_who_has_the_message_already_and_whoever_is_blocked_do_not_count(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    world.providers["scripted"] = doing("unknown", "officer@example.org")
    campaign.send("scripted")
    assert campaign.state == "sending"
    world.enrol([{**person, "locale": "fr"} for person in PEOPLE if "consent_at" not in person])
    assert campaign.drift() == Drift(0, 0)
    campaign.settle("not-sent", by="ana")
    world.enrol([{**PEOPLE[0], "locale": "en"}])
    assert campaign.drift() == Drift(0, 1)
    world.workspace.contacts.suppress("officer@example.org", "bounced", "a test")
    assert campaign.drift() == Drift(0, 0)


def test_nobody_new_counts_who_would_be_shown_nothing(world: World) -> None:
    file, rule = "editions/news/edition.yaml", "show_when: {field: tags, contains: officer}"
    world.edit(file, "  - id: welcome\n", f"  - id: welcome\n    {rule}\n")
    world.edit(file, "key_message: crime}", f"key_message: crime, {rule}}}")
    campaign = draft(world)
    assert campaign.planned == 2
    world.enrol(NEWCOMERS)
    assert campaign.drift() == Drift(unplanned=1, other_language=0)


def test_a_campaign_that_is_over_has_no_plan_to_differ(world: World) -> None:
    campaign = draft(world)
    campaign.approve(by="ben")
    campaign.send("outbox")
    world.enrol(NEWCOMERS)
    assert campaign.drift() == Drift(0, 0)
