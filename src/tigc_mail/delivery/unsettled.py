"""The deliveries whose outcome nobody knows, one by one: what a person looks up and settles."""

import csv
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from tigc_mail.delivery.batches import in_its_batches
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tables import deliveries
from tigc_mail.errors import UsageError
from tigc_mail.ground.files import writing_into

_PART = 1_000
"""Deliveries that are read at a time."""

_STATES = (DeliveryState.UNKNOWN.value, DeliveryState.CLAIMED.value)

_IN_HAND = "being handed over, or its sending process ended"
"""Why the outcome of a claimed delivery is not known: nobody wrote down more."""


class Unsettled(NamedTuple):
    """A delivery whose outcome is not known. It holds no address."""

    delivery_id: str
    """As the provider was told it, and as `campaign settle --csv` reads it."""
    provider: str
    """To which it was handed over; empty where nobody wrote that down."""
    reason: str
    """Why it is not known; never an address."""
    since: datetime | None
    """Since when."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**self._asdict(), "since": self.since and self.since.isoformat()}


def unsettled(ledger: Ledger, campaign: str, number: int) -> Iterator[Unsettled]:
    """Yield the deliveries of a campaign whose outcome is not known, in order.

    Those that a send claims at this moment are among them. However many they are, few are read at a
    time, and nothing is held meanwhile.

    Args:
        ledger: the ledger.
        campaign: the id of the campaign.
        number: its number.
    """
    of = deliveries.c
    last = 0
    while True:
        query = (
            select(of.id, of.state, of.provider, of.reason, of.changed_at)
            .where(in_its_batches(number), of.state.in_(_STATES), of.id > last)
            .order_by(of.id)
            .limit(_PART)
        )
        with ledger.reading() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            reason = _IN_HAND if row.state == DeliveryState.CLAIMED else row.reason or ""
            yield Unsettled(f"{campaign}-{row.id}", row.provider or "", reason, row.changed_at)
        if len(rows) < _PART:
            return
        last = rows[-1].id


def write_template(path: Path, rows: Iterator[Unsettled]) -> int:
    """Write a CSV file with a line for each delivery, whose column `event` is to be filled in.

    `campaign settle --csv` reads it back. Nothing is written where there is no delivery.

    Args:
        path: the file, which is not there yet.
        rows: the deliveries.

    Returns:
        How many there are.

    Raises:
        UsageError: if there is a file of that name: somebody may have filled it in.
        OutputError: if the folder or the disk does not take it.
    """
    if path.exists():
        raise UsageError("is there already", str(path), "Name another file, or remove it.")
    first = next(rows, None)
    if first is None:
        return 0
    count = 0
    with writing_into(path.parent):
        try:
            with path.open("x", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["delivery_id", "event", "provider", "reason", "since"])
                for row in chain([first], rows):
                    since = "" if row.since is None else row.since.isoformat(" ", "seconds")
                    told = (row.delivery_id, "", row.provider, row.reason, since)
                    writer.writerow([_no_formula(each) for each in told])
                    count += 1
        except FileExistsError:  # somebody else writes it at this moment
            raise
        except BaseException:  # Ctrl-C, too
            path.unlink(missing_ok=True)
            raise
    return count


def _no_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: a provider's words are anything."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
