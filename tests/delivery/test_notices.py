"""A campaign tells of an event only what may follow what is told of it already."""

import shutil

import pytest
from tests.delivery.world import World

from tigc_mail import Campaign, DocumentError, ProviderError

EVENT = """\
  - id: event
    type: event
    marking: TLP:CLEAR
    title: {en: The conference, fr: La conférence}
    event:
      uid: ipcc@example.org
      sequence: 1
      issued: 2026-11-02T09:00:00Z
      stage: announced
      name: {en: The conference, fr: La conférence}
      time_zone: America/Costa_Rica
      start: 2027-05-11
"""

LATER = {"sequence: 1": "sequence: 2", "2026-11-02": "2026-11-09"}
"""What raises the numbers of a notice."""


@pytest.fixture
def events(world: World) -> World:
    """A workspace whose one edition tells of an event, and somebody who reads it."""
    world.enrol_public(1)
    path = world.folder / "editions" / "news" / "edition.yaml"
    path.write_text(path.read_text("utf-8") + EVENT, "utf-8")
    return world


def rewrite(world: World, name: str, changes: dict[str, str]) -> None:
    """Write an edition that tells of the event with some words changed."""
    path = world.folder / "editions" / name / "edition.yaml"
    if name != "news":
        shutil.copytree(world.folder / "editions" / "news", path.parent)
    content = path.read_text("utf-8")
    for old, new in changes.items():
        assert content.count(old) == 1
        content = content.replace(old, new)
    path.write_text(content, "utf-8")


def create(world: World, name: str = "news") -> Campaign:
    return world.campaigns.create(name, author="ana")


def sent(world: World) -> Campaign:
    campaign = create(world)
    campaign.approve(by="ben")
    campaign.send("outbox")
    return campaign


def refused(world: World, name: str = "news") -> DocumentError:
    known = [each.id for each in world.campaigns]
    with pytest.raises(DocumentError) as caught:
        create(world, name)
    assert [each.id for each in world.campaigns] == known
    return caught.value


def test_a_notice_that_is_not_above_an_earlier_one_is_not_planned(events: World) -> None:
    rewrite(events, "more", {"2026-11-02": "2026-11-09"})
    [fault] = refused(events, "more").faults
    assert fault.place.startswith("editions/more/edition.yaml: blocks[4].event.sequence (line ")
    assert "its sequence 1 is not above 1" in fault.cause
    assert fault.cure.startswith("Raise the sequence with every notice")


def test_a_notice_of_what_was_cancelled_is_not_planned(events: World) -> None:
    rewrite(events, "more", LATER)
    rewrite(events, "news", {"stage: announced": "stage: cancelled"})
    [fault] = refused(events, "more").faults
    assert fault.place.startswith("editions/more/edition.yaml: blocks[4].event.stage (line ")


def test_a_notice_that_rises_is_planned(events: World) -> None:
    rewrite(events, "more", LATER)
    assert create(events, "more").planned == 1
    assert create(events).planned == 1


def test_editions_that_cannot_be_read_stop_no_other(events: World) -> None:
    rewrite(events, "more", {"sequence: 1": "sequence: many"})
    assert create(events).planned == 1


def test_what_is_not_sent_yet_does_not_count_once_it_is_changed(events: World) -> None:
    create(events).approve(by="ben")
    rewrite(events, "news", {"stage: announced": "stage: postponed"})
    assert create(events).planned == 1


def test_what_was_sent_counts_though_its_edition_is_gone(events: World) -> None:
    campaign = sent(events)
    rewrite(events, "more", {"2026-11-02": "2026-11-09"})
    shutil.rmtree(events.folder / "editions" / "news")
    [fault] = refused(events, "more").faults
    assert fault.place.startswith("editions/more/edition.yaml: blocks[4].event.sequence (line ")
    assert f"more and the campaign {campaign.id} tell of ipcc@example.org" in fault.cause


def test_what_was_sent_is_not_sent_again_as_something_else(events: World) -> None:
    sent(events)
    rewrite(events, "news", {"stage: announced": "stage: postponed"})
    [fault] = refused(events).faults
    assert fault.place.startswith("editions/news/edition.yaml: blocks[4].event.issued (line ")
    rewrite(events, "news", LATER)
    assert create(events).planned == 1


def test_the_same_notice_may_be_sent_to_more_people(events: World) -> None:
    sent(events)
    assert create(events).planned == 1


def test_a_send_that_goes_on_notes_its_notices_once(events: World) -> None:
    campaign = create(events)
    campaign.approve(by="ben")
    (events.folder / "outbox").touch()  # where no folder can be
    for _ in range(2):
        with pytest.raises(ProviderError):
            campaign.send("outbox")
    (events.folder / "outbox").unlink()
    campaign.send("outbox")
    assert campaign.state == "finished"
    rewrite(events, "news", {"stage: announced": "stage: postponed"})
    assert len(refused(events).faults) == 1


def test_what_fell_out_of_order_after_it_was_planned_is_not_approved(events: World) -> None:
    campaign = create(events)
    rewrite(events, "more", {"2026-11-02": "2026-10-26"})
    with pytest.raises(DocumentError, match="its sequence 1 is not above 1"):
        campaign.approve(by="ben")
    assert campaign.state == "draft"


def test_an_older_notice_is_not_planned_once_campaigns_sent_that_it_is_cancelled(
    events: World,
) -> None:
    rewrite(events, "over", {**LATER, "stage: announced": "stage: cancelled"})
    campaign = create(events, "over")
    campaign.approve(by="ben")
    campaign.send("outbox")
    [fault] = refused(events).faults
    assert fault.place.startswith("editions/news/edition.yaml: blocks[4].event.stage (line ")
    assert "has cancelled ipcc@example.org" in fault.cause


def test_an_approved_notice_is_not_sent_behind_a_cancellation_that_was_sent_since(
    events: World,
) -> None:
    first = create(events)
    first.approve(by="ben")
    rewrite(events, "over", {**LATER, "stage: announced": "stage: cancelled"})
    over = create(events, "over")
    over.approve(by="ben")
    over.send("outbox")
    with pytest.raises(DocumentError, match=r"has cancelled ipcc@example\.org"):
        first.send("outbox")
    assert first.state == "approved"
    assert first.status().states == {"planned": 1}
