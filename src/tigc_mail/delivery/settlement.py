"""Settling from a CSV file of the provider: what it says became of deliveries."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from tigc_mail.delivery.providers.protocol import EventKind
from tigc_mail.errors import UsageError
from tigc_mail.ground.reading import NotAFileError, UnreadableError, open_file, unreadable
from tigc_mail.people.address import read_address

_OURS = ("delivery_id", "delivery")
_ARGUMENTS = ("unique_args", "custom_args")
"""What SendGrid calls the column of what a message was sent with: JSON that names the delivery."""

_DELIVERY = (*_OURS, *_ARGUMENTS, "email", "recipient", "to")
"""The columns that say which delivery a row is about, the surest first."""

_OUTCOME = ("event", "status", "outcome", "state")

_KINDS: Mapping[str, EventKind | None] = {
    "sent": "processed",
    "accepted": "processed",
    "processed": "processed",
    "processing": "processed",
    "deferred": "deferred",
    "delivered": "delivered",
    "open": "delivered",
    "opened": "delivered",
    "click": "delivered",
    "clicked": "delivered",
    "spamreport": "spam-report",
    "spam_report": "spam-report",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "bounce": "bounced",
    "bounced": "bounced",
    "blocked": "blocked",
    "drop": "dropped",
    "dropped": "dropped",
    "not delivered": "dropped",
    "not-sent": None,
    "not sent": None,
    "unsent": None,
}
"""What a row says by its word for the outcome; None for a message that was not sent."""


class Settlement(NamedTuple):
    """One row of the file."""

    line: int
    by: str
    """`delivery` or `email`."""
    name: str
    """The delivery's id, or the key of the recipient's address."""
    kind: EventKind | None
    """What became of it; None where it was not sent."""


class BadRow(NamedTuple):
    """A row that cannot be understood."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True)
class SettlementReport:
    """What became of the rows of a file."""

    settled: int
    """How many deliveries have an outcome now, or are planned again."""
    rejected: tuple[BadRow, ...]
    """The rows that could not be used."""
    left: int
    """How many deliveries of the campaign still have no outcome."""


def read_settlements(path: Path) -> Iterator[Settlement | BadRow]:
    """Yield what the rows of a file say.

    A column `delivery_id`, `unique_args` or `email` says which delivery, a column `event` or
    `status` what became of it, in the words of the common providers, or `not-sent`. Other columns
    are passed over, and so are rows that do not say yet what became of their delivery.

    Raises:
        UsageError: if the file cannot be read, or lacks those columns.
    """
    try:
        with TextIOWrapper(open_file(path), encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            separator = ";" if head.count(";") > head.count(",") else ","
            file.seek(0)
            rows = csv.DictReader(file, delimiter=separator)
            names = {name.strip().lower(): name for name in rows.fieldnames or ()}
            which = next((names[name] for name in _DELIVERY if name in names), None)
            outcome = next((names[name] for name in _OUTCOME if name in names), None)
            if which is None or outcome is None:
                cure = "It needs a column delivery_id (or email) and a column event (or status)."
                raise UsageError("does not say what became of which delivery", path.name, cure)
            for row in rows:
                word = (row[outcome] or "").strip().lower()
                if word:
                    yield _read(rows.line_num, which, row[which] or "", outcome, word)
    except OSError as error:
        found = error if isinstance(error, UnreadableError) else unreadable(error)
        misnamed = isinstance(error, FileNotFoundError | NotAFileError)
        cure = "Name a file." if misnamed else found.cure
        raise UsageError(found.cause, str(path), cure) from None
    except (UnicodeDecodeError, csv.Error) as error:
        told = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"is no CSV: {error}"
        raise UsageError(told, path.name, "Save it as CSV in UTF-8.") from None


def _read(line: int, column: str, which: str, event: str, word: str) -> Settlement | BadRow:
    if word not in _KINDS:
        return BadRow(line, event, f"is not one of {', '.join(_KINDS)}")
    name, of = which.strip(), column.strip().lower()
    if of in _ARGUMENTS:
        name = _delivery_in(name)
        if not name:
            return BadRow(line, column, "names no delivery_id")
    if of in (*_OURS, *_ARGUMENTS):
        return Settlement(line, "delivery", name, _KINDS[word])
    try:
        return Settlement(line, "email", read_address(name).key, _KINDS[word])
    except ValueError:
        return BadRow(line, column, "is not an address")


def _delivery_in(arguments: str) -> str:
    """Return the delivery that the arguments of a message name; nothing where they name none."""
    try:
        told = json.loads(arguments)
    except (ValueError, RecursionError):
        return ""
    name = told.get("delivery_id") if isinstance(told, dict) else None
    return name.strip() if isinstance(name, str) else ""
