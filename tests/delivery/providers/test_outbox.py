"""The outbox holds each message whole, once, under the id of its delivery, or says why not."""

from pathlib import Path

import pytest
from tests.delivery.world import World, largest_file, shipment

from tigc_mail import Provider, ProviderError, Receipt
from tigc_mail.delivery.providers.outbox import Outbox
from tigc_mail.testing import (
    Arrived,
    Failing,
    Failure,
    FailureConformance,
    ProviderConformance,
)

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "outbox"


class TestOutbox(ProviderConformance, FailureConformance):
    @pytest.fixture
    def failing(self, folder: Path) -> Failing:
        def fail(failure: Failure) -> Provider | None:
            if failure == "is not there":
                folder.parent.mkdir()
                folder.write_text("not a folder")
            elif failure == "refuses for now" and FULL.exists():
                folder.mkdir(parents=True)
                (folder / ".news-001-0.eml.part").symlink_to(FULL)
            else:
                return None
            return Outbox(folder)

        return fail

    @pytest.fixture
    def provider(self, folder: Path) -> Provider:
        return Outbox(folder)

    @pytest.fixture
    def arrived(self, folder: Path) -> Arrived | None:
        return lambda: [path.read_bytes() for path in folder.glob("*.eml")]


def send(
    outbox: Outbox, world: World, numbers: range
) -> tuple[list[Receipt], ProviderError | None]:
    """Send, and return the receipts that came, and the error that ended it."""
    receipts = []
    try:
        for receipt in outbox.send(shipment(world, numbers)):
            receipts.append(receipt)  # noqa: PERF402 (those before the error count)
    except ProviderError as error:
        return receipts, error
    return receipts, None


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_file_is_named_by_its_delivery_and_holds_its_bytes(world: World, folder: Path) -> None:
    sent = shipment(world, range(3))
    list(Outbox(folder).send(sent))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        f"{envelope.delivery_id}.eml": content for envelope, content in sent
    }


def test_a_file_left_by_a_process_that_died_is_taken_over(world: World, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / ".news-001-1.eml.part").write_bytes(b"half a mess")
    list(Outbox(folder).send(shipment(world, range(2))))
    assert names(folder) == ["news-001-0.eml", "news-001-1.eml"]


@needs_full
def test_a_full_disk_keeps_what_was_answered_and_no_half_file(world: World, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / ".news-001-2.eml.part").symlink_to(FULL)
    outbox = Outbox(folder)
    receipts, error = send(outbox, world, range(5))
    assert [receipt.delivery_id for receipt in receipts] == ["news-001-0", "news-001-1"]
    assert names(folder) == ["news-001-0.eml", "news-001-1.eml"]
    told = f"{folder}: the outbox cannot be written to: No space left on device. Make room"
    assert str(error).startswith(told)
    assert send(outbox, world, range(5))[1] is None
    assert len(names(folder)) == 5


def test_a_file_that_only_fits_in_part_is_not_seen(world: World, folder: Path) -> None:
    with largest_file(1000):
        receipts, error = send(Outbox(folder), world, range(2))
    assert receipts == []
    assert "File too large" in str(error)
    assert names(folder) == []


def test_a_file_in_the_place_of_the_folder_is_told(world: World, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("not a folder")
    receipts, error = send(Outbox(folder), world, range(2))
    assert receipts == []
    assert "the outbox cannot be written to" in str(error)
    assert "Move it away" in str(error)
    assert folder.read_text() == "not a folder"


def test_an_error_tells_no_address(world: World, folder: Path) -> None:
    folder.parent.mkdir()
    folder.touch()
    _, error = send(Outbox(folder), world, range(1))
    assert "@" not in str(error)
