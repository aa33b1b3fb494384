"""The outbox: a folder with one `.eml` file a delivery, to be read like mail or handed to tests."""

import os
from collections.abc import Iterator
from pathlib import Path

from tigc_mail.delivery.providers.protocol import Form, Opening, Receipt, Shipment
from tigc_mail.errors import ProviderError
from tigc_mail.ground.files import unwritable

_MAKE_ROOM = "Make room, or give yourself the right to write; then run the same command again."


class Outbox:
    """Writes each message into a file named by its delivery.

    A file appears whole or not at all, and is on the disk before it is accepted. Writing the same
    delivery again replaces the file, so the outbox is idempotent.

    Args:
        folder: where the files go; made where it does not exist.
    """

    name = "outbox"
    idempotent = True
    leaves_machine = False
    discards = False
    takes: Form = "mime"
    largest_shipment = 1_000

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, opening: Opening) -> "Outbox":
        """Return that of a workspace: its folder `outbox`."""
        return cls(opening.workspace / "outbox")

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        """Write every message of the shipment.

        Raises:
            ProviderError: if the disk does not take a file; those not answered were not written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for envelope, content in shipment:
                self._write(f"{envelope.delivery_id}.eml", content)
                yield Receipt(envelope.delivery_id, "accepted")
            self._keep_names()
        except OSError as error:
            cause, cure = unwritable(error)
            cause = f"the outbox cannot be written to: {cause}"
            raise ProviderError(cause, str(self.folder), cure or _MAKE_ROOM) from error

    def close(self) -> None:
        """Do nothing: every file is closed already."""

    def _write(self, name: str, content: bytes) -> None:
        unfinished = self.folder / f".{name}.part"
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.folder / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _keep_names(self) -> None:
        """Make the new names survive a power cut."""
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
