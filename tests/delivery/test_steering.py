"""Pausing, cancelling and settling are exact, and say what they did."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.databases import BOTH
from tests.delivery.scripted import Scripted, accepting, doing
from tests.delivery.world import World, address

from tigc_mail import Campaign, CampaignError, Envelope, UsageError


def two_batches(world: World) -> Campaign:
    """Return an approved campaign: 0 and 1 in one batch, 2 and 3 in another."""
    world.enrol(
        {"email": address(at), "sector": "public", "locale": locale}
        for at, locale in enumerate(["en", "en", "fr", "fr"])
    )
    return world.approved()


def meanwhile(world: World, happens: Callable[[], object]) -> Scripted:
    """Let something happen while the first delivery is handed over."""
    left = [happens]

    def act(_: Envelope) -> str:
        if left:
            left.pop()()
        return "accepted"

    world.providers["scripted"] = provider = Scripted(act)  # type: ignore[arg-type]
    return provider


def unknown(world: World, *recipients: int) -> Campaign:
    """Return a campaign in which nobody knows what became of some."""
    campaign = two_batches(world)
    world.providers["scripted"] = doing("silence", *map(address, recipients))
    campaign.send("scripted")
    return campaign


def states(world: World, campaign: Campaign) -> list[str]:
    return list(world.states(campaign).values())


@BOTH
def test_a_pause_finishes_what_is_in_flight_and_leaves_the_rest_planned(world: World) -> None:
    campaign = two_batches(world)
    meanwhile(world, lambda: campaign.pause(by="ana", reason="A wrong\ndate"))
    status = campaign.send("scripted", workers=1)
    assert (status.state, status.paused_by, status.pause_reason) == (
        "paused",
        "ana",
        "A wrong date",
    )
    assert states(world, campaign) == ["accepted"] * 2 + ["planned"] * 2
    assert campaign.verify() == ()


def test_what_a_person_paused_goes_on_only_when_it_is_resumed(world: World) -> None:
    campaign = two_batches(world)
    provider = meanwhile(world, lambda: campaign.pause(by="ana"))
    campaign.send("scripted", workers=1)
    with pytest.raises(CampaignError, match=r"was paused by ana.* campaign resume"):
        campaign.send("scripted")
    status = campaign.resume("scripted", by="ben")
    assert (status.state, status.paused_by) == ("finished", None)
    assert provider.taken == {address(at): 1 for at in range(4)}
    with pytest.raises(CampaignError, match="only a paused one can resume"):
        campaign.resume("scripted", by="ben")


def test_only_what_is_being_sent_can_pause(world: World) -> None:
    campaign = two_batches(world)
    with pytest.raises(CampaignError, match="is approved; only what is being sent can pause") as no:
        campaign.pause(by="ana")
    assert f"To keep it from being sent: tigc-mail campaign cancel {campaign.id}." in str(no.value)
    campaign.cancel(by="ana")
    with pytest.raises(CampaignError, match="is cancelled; only what is being sent") as no:
        campaign.pause(by="ana")
    assert f"tigc-mail campaign status {campaign.id}." in str(no.value)


@BOTH
def test_a_cancel_finishes_what_is_in_flight_and_nothing_else_is_sent(world: World) -> None:
    campaign = two_batches(world)
    provider = meanwhile(world, lambda: campaign.cancel(by="ana"))
    assert campaign.send("scripted", workers=1).state == "cancelled"
    assert states(world, campaign) == ["accepted"] * 2 + ["cancelled"] * 2
    assert provider.taken == {address(0): 1, address(1): 1}
    assert campaign.verify() == ()
    with pytest.raises(CampaignError, match="is cancelled; there is nothing to send"):
        campaign.send("scripted")
    with pytest.raises(CampaignError, match="is cancelled already"):
        campaign.cancel(by="ana")


@pytest.mark.parametrize(("verdict", "end"), [("sent", "accepted"), ("not-sent", "cancelled")])
def test_claims_of_a_dead_sender_are_settled_after_a_cancel_too(
    world: World, verdict: str, end: str
) -> None:
    campaign = unknown(world, 0)
    world.tamper("UPDATE deliveries SET state = 'claimed' WHERE id = 1")
    assert campaign.cancel(by="ana") == 0
    assert states(world, campaign)[0] == "claimed"
    assert campaign.settle(verdict, by="ana").settled == 1  # type: ignore[arg-type]
    assert states(world, campaign) == [end, *["accepted"] * 3]
    assert (campaign.state, campaign.verify()) == ("cancelled", ())


def test_what_is_settled_as_sent_finishes_the_campaign_and_is_not_sent_again(
    world: World,
) -> None:
    campaign = unknown(world, 0, 3)
    report = campaign.settle("sent", by=" ana ")
    assert (report.settled, report.left, campaign.state) == (2, 0, "finished")
    assert world.fates(campaign)[address(0)] == ("accepted", "settled as sent by ana")


@BOTH
def test_what_is_settled_as_not_sent_is_sent_by_the_next_send_alone(world: World) -> None:
    campaign = unknown(world, 0, 3)
    assert campaign.settle("not-sent", by="ana").settled == 2
    world.providers["scripted"] = provider = accepting()
    assert campaign.send("scripted").state == "finished"
    assert provider.taken == {address(0): 1, address(3): 1}


def test_who_settles_and_steers_is_named(world: World) -> None:
    campaign = unknown(world, 0)
    for deed in (
        lambda: campaign.settle("sent", by=" "),
        lambda: campaign.pause(by=""),
        lambda: campaign.cancel(by="\n"),
        lambda: campaign.settle_from("none.csv", by=""),
    ):
        with pytest.raises(UsageError, match="nobody is named"):
            deed()
    assert states(world, campaign)[0] == "unknown"


@BOTH
def test_nothing_is_settled_while_it_is_being_sent(world: World) -> None:
    campaign = unknown(world, 0)
    with (
        world.sole_sender(campaign),
        pytest.raises(CampaignError, match="another process is sending"),
    ):
        campaign.settle("not-sent", by="ana")


# From a file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "activity.csv"


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_settles_what_it_names(
    world: World, file: Path, separator: str, encoding: str
) -> None:
    campaign = unknown(world, 0, 1, 2, 3)
    rows = [
        ["Email", "city", "STATUS"],
        [address(0), "Lyon", "Delivered"],
        [address(1).upper(), "", "bounce"],
        [address(2), "", "not-sent"],
    ]
    file.write_text("\n".join(map(separator.join, rows)), encoding)
    assert campaign.settle_from(file, by="ana").settled == 0
    report = campaign.settle_from(file, by="ana", by_address=True)
    assert (report.settled, report.rejected, report.left) == (3, (), 1)
    assert states(world, campaign) == ["delivered", "bounced", "planned", "unknown"]


def test_a_file_of_sendgrid_settles_what_its_arguments_name(world: World, file: Path) -> None:
    """What was opened, clicked, complained of or unsubscribed from was delivered."""
    campaign = unknown(world, 0, 1, 2, 3)
    words = ["opened", "clicked", "spam_report", "group_unsubscribe"]
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["event", "email", "unique_args"])
        for at, word in enumerate(words):
            name = json.dumps({"delivery_id": f"{campaign.id}-{at + 1}", "other": "value"})
            rows.writerow([word, address(at), name])
        rows.writerow(["opened", address(0), "not JSON"])
        rows.writerow(["opened", address(0), "{}"])
    report = campaign.settle_from(file, by="ana")
    assert (report.settled, report.left) == (4, 0)
    assert states(world, campaign) == ["delivered"] * 4
    assert [(row.field, row.reason) for row in report.rejected] == [
        ("unique_args", "names no delivery_id")
    ] * 2


def test_rows_of_nobody_and_words_of_nobody_are_told_by_their_line(
    world: World, file: Path
) -> None:
    campaign = unknown(world, 0)
    rows = ["delivery_id,event", "other-001-1,sent", f"{campaign.id}-1,lost", f"{campaign.id}-1,"]
    file.write_text("\n".join(rows), "utf-8")
    report = campaign.settle_from(file, by="ana")
    told = [(row.line, row.field) for row in report.rejected]
    assert told == [(2, "delivery"), (3, "event")], "the last says nothing yet"
    assert (report.settled, report.left) == (0, 1)


def test_what_a_file_calls_both_sent_and_not_sent_is_not_sent_again(
    world: World, file: Path
) -> None:
    campaign = unknown(world, 0)
    rows = ["delivery_id,event", f"{campaign.id}-1,not-sent", f"{campaign.id}-1,delivered"]
    file.write_text("\n".join(rows), "utf-8")
    assert campaign.settle_from(file, by="ana").settled == 1
    assert (states(world, campaign)[0], campaign.state) == ("delivered", "finished")


def test_not_sent_counts_only_where_the_outcome_is_unknown(world: World, file: Path) -> None:
    campaign = unknown(world, 0)
    rows = ["delivery_id,event", *(f"{campaign.id}-{at},not-sent" for at in (1, 2))]
    file.write_text("\n".join(rows), "utf-8")
    assert campaign.settle_from(file, by="ana").settled == 1
    assert states(world, campaign)[:2] == ["planned", "accepted"]


def test_an_address_alone_says_not_whether_a_test_is_meant(world: World, file: Path) -> None:
    campaign = unknown(world, 0)
    file.write_text(f"email,event\n{address(0)},delivered\n", "utf-8")
    report = campaign.settle_from(file, by="ana")
    assert (report.settled, report.left) == (0, 1)
    assert "--by-address" in report.rejected[0].reason


def test_what_a_file_says_of_a_delivery_that_nobody_was_given_is_told(
    world: World, file: Path
) -> None:
    world.enrol_public(2)
    campaign = world.approved()
    rows = ["delivery_id,event", f"{campaign.id}-1,delivered", f"{campaign.id}-2,not-sent"]
    file.write_text("\n".join(rows), "utf-8")
    report = campaign.settle_from(file, by="ana")
    assert [row.line for row in report.rejected] == [2, 3]
    assert "was not handed over" in report.rejected[0].reason
    assert states(world, campaign) == ["planned", "planned"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file"),
        ("delivery_id,event\né,sent\n".encode("latin-1"), "is not UTF-8"),
        (b"", "does not say what became of which delivery"),
        (b"name,event\nana,sent\n", "does not say what became of which delivery"),
    ],
)
def test_a_file_that_cannot_be_used_settles_nothing(
    world: World, file: Path, content: bytes | None, told: str
) -> None:
    campaign = unknown(world, 0)
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        campaign.settle_from(file, by="ana")
    assert states(world, campaign)[0] == "unknown"


def test_an_address_that_other_campaigns_wrote_to_names_no_delivery(world: World) -> None:
    world.enrol_public(2)
    world.providers["scripted"] = accepting()
    world.approved().send("scripted")
    campaign = world.approved()
    world.providers["scripted"] = doing("silence", address(0), address(1))
    campaign.send("scripted")
    path = world.folder / "activity.csv"
    path.write_text(f"email,event\n{address(0)},delivered\n", "utf-8")
    report = campaign.settle_from(path, by="ana", by_address=True)
    assert (report.settled, report.left) == (0, 2)
    assert "other campaigns too: name the delivery by its id" in report.rejected[0].reason
