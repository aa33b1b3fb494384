"""The deliveries whose outcome is not known are named, and the file that names them settles them."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.databases import BOTH
from tests.delivery.scripted import doing
from tests.delivery.world import NOON, World, address

from tigc_mail import Campaign, OutputError, UsageError
from tigc_mail.delivery import unsettled as unsettled_module
from tigc_mail.delivery.unsettled import Unsettled, write_template

SIZE = 7


def sent(world: World, *lost: int) -> Campaign:
    """Return a campaign that was sent, of which nobody knows what became of some."""
    world.enrol_public(SIZE)
    world.providers["scripted"] = doing("unknown", *map(address, lost))
    campaign = world.approved()
    campaign.send("scripted")
    return campaign


@BOTH
def test_each_is_named_with_provider_reason_and_time_and_without_address(world: World) -> None:
    campaign = sent(world, 1, 4)
    ids = [f"{campaign.id}-{at + 1}" for at in (1, 4)]
    assert list(campaign.unsettled()) == [
        Unsettled(each, "scripted", "because", NOON) for each in ids
    ]
    assert next(campaign.unsettled()).to_json() == {
        "delivery_id": ids[0],
        "provider": "scripted",
        "reason": "because",
        "since": "2026-11-24T12:00:00+00:00",
    }


def test_those_of_other_campaigns_and_those_that_are_known_are_not(world: World) -> None:
    first = sent(world, 1, 4)
    world.providers["scripted"] = doing("unknown", address(2))
    second = world.approved()
    second.send("scripted")
    assert len(list(first.unsettled())) == 2
    (only,) = second.unsettled()
    assert only.delivery_id == f"{second.id}-{SIZE + 3}"
    second.settle("sent", by="ana")
    assert list(second.unsettled()) == []


def test_what_a_dead_sender_claimed_is_named_too(world: World) -> None:
    campaign = sent(world)
    world.tamper("UPDATE deliveries SET state = 'claimed', reason = NULL WHERE id = 3")
    (only,) = campaign.unsettled()
    assert only.delivery_id == f"{campaign.id}-3"
    assert only.reason == "being handed over, or its sending process ended"


def test_many_are_read_a_few_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = sent(world, *range(SIZE))
    monkeypatch.setattr(unsettled_module, "_PART", 3)
    asked: list[str] = []
    event.listen(
        world.engine, "before_cursor_execute", lambda *told: asked.append(told[2]), named=False
    )
    rows = campaign.unsettled()
    first = next(rows)
    before = len([each for each in asked if "LIMIT" in each])
    assert before == 1, "no more than was asked for is read"
    rest = [each.delivery_id for each in rows]
    assert [first.delivery_id, *rest] == [f"{campaign.id}-{at + 1}" for at in range(SIZE)]
    assert len([each for each in asked if "LIMIT" in each]) == 3


def fill(file: Path, *words: str) -> None:
    """Write words into the column `event` of a template, line by line."""
    with file.open(encoding="utf-8-sig", newline="") as told:
        rows = list(csv.DictReader(told))
    with file.open("w", encoding="utf-8", newline="") as told:
        writer = csv.DictWriter(told, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "event": word} for row, word in zip(rows, words, strict=True))


def test_a_template_settles_what_is_filled_in_and_leaves_the_rest(world: World) -> None:
    campaign = sent(world, 1, 4, 5)
    file = world.folder / "look-up.csv"
    assert write_template(file, campaign.unsettled()) == 3
    for words, settled, left in (
        (("", "", " "), 0, 3),
        (("", "bounced", ""), 1, 2),
        (("delivered", "bounced", "not-sent"), 2, 0),
    ):
        fill(file, *words)
        report = campaign.settle_from(file, by="ana")
        assert (report.settled, report.rejected, report.left) == (settled, (), left)
    states = world.states(campaign)
    assert [states[address(at)] for at in (1, 4, 5)] == ["delivered", "bounced", "planned"]


def test_a_template_is_not_written_over_what_is_there_nor_for_nobody(world: World) -> None:
    campaign = sent(world, 1)
    file = world.folder / "look-up.csv"
    file.write_text("filled in", "utf-8")
    with pytest.raises(UsageError, match="is there already"):
        write_template(file, campaign.unsettled())
    assert file.read_text("utf-8") == "filled in"
    other = world.folder / "other.csv"
    assert write_template(other, iter(())) == 0
    assert not other.exists()
    with pytest.raises(OutputError, match="No such file"):
        write_template(world.folder / "nowhere" / "look-up.csv", campaign.unsettled())


def test_a_template_that_breaks_off_leaves_no_file(world: World) -> None:
    def breaking() -> object:
        yield Unsettled("news-001-1", "scripted", "because", NOON)
        raise KeyboardInterrupt

    file = world.folder / "look-up.csv"
    with pytest.raises(KeyboardInterrupt):
        write_template(file, breaking())  # type: ignore[arg-type]
    assert not file.exists()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_words_of_a_provider_are_a_formula_in_a_spreadsheet(tmp_path: Path, sign: str) -> None:
    row = Unsettled("news-001-1", "scripted", f"{sign}HYPERLINK(1)", None)
    file = tmp_path / "look-up.csv"
    write_template(file, iter([row]))
    with file.open(encoding="utf-8-sig", newline="") as told:
        (read,) = csv.DictReader(told)
    assert read["reason"] == f"'{sign}HYPERLINK(1)"
