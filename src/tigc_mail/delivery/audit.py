"""The audit log: who did what to which campaign, appended and never changed.

Each entry has a digest over itself and the digest of the one before, so that an entry that was
changed or taken out breaks the chain from there on. The number of entries and the last digest are
kept beside it, so that a log whose end was cut off is noticed too. Whoever can write to the
database and knows this code can make a new chain: note the last digest elsewhere, as `campaign log`
prints it, to prove more.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, String, insert, select, type_coerce, update

from tigc_mail.delivery.tables import audit, audit_head
from tigc_mail.errors import StoreError

_HEAD = select(audit_head).where(audit_head.c.id == 1)

_ENTRIES: Select[Any] = select(
    audit.c.id,
    type_coerce(audit.c.at, String).label("at"),  # as it is stored: that is what the digest covers
    audit.c.actor,
    audit.c.action,
    audit.c.campaign,
    audit.c.detail,
    audit.c.digest,
).order_by(audit.c.id)

_BEGINNING = ""
"""What stands for the digest before the first entry."""


class Deed(NamedTuple):
    """What the log tells of a change beside the change itself."""

    at: datetime
    actor: str = ""
    """Who; empty where it happens by itself."""
    detail: Mapping[str, Any] = {}
    """What else there is to know; never an address."""


def user_name() -> str:
    """Return who uses this process, for deeds of nobody named."""
    try:
        return getuser()
    except (ImportError, KeyError, OSError):
        return "unknown"


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did, or that happened."""

    number: int
    at: datetime
    actor: str
    """Who; empty where it happened by itself."""
    action: str
    campaign: str
    """Its id; empty where it is about none."""
    detail: Mapping[str, Any]
    digest: str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "action": self.action,
            "campaign": self.campaign,
            "detail": dict(self.detail),
            "digest": self.digest,
        }


def note(connection: Connection, campaign: str, action: str, deed: Deed) -> None:
    """Append an entry, in the transaction of what it tells.

    Args:
        connection: a writing transaction.
        campaign: the campaign's id.
        action: what was done, in one word or a few.
        deed: when, by whom, and what else there is to know.
    """
    head = connection.execute(_HEAD).one_or_none()
    entries, before = (head.entries, head.digest) if head else (0, _BEGINNING)
    number, told = entries + 1, json.dumps(deed.detail, sort_keys=True)
    moment = deed.at.astimezone(UTC).isoformat(timespec="microseconds")
    digest = _digest(before, number, moment, deed.actor, action, campaign, told)
    connection.execute(
        insert(audit).values(
            id=number,
            at=deed.at,
            actor=deed.actor,
            action=action,
            campaign=campaign,
            detail=told,
            digest=digest,
        )
    )
    change = update(audit_head) if head else insert(audit_head)
    connection.execute(change.values(id=1, entries=number, digest=digest))


def entries_of(connection: Connection, campaign: str | None = None) -> Iterator[Entry]:
    """Yield the entries about a campaign, or all of them, in order.

    Raises:
        StoreError: if somebody made an entry unreadable.
    """
    query = _ENTRIES if campaign is None else _ENTRIES.where(audit.c.campaign == campaign)
    yield from map(_entry, connection.execute(query))


def last_of(connection: Connection, campaign: str, actions: Collection[str]) -> Entry | None:
    """Return the last entry about a campaign that tells of one of some actions.

    Raises:
        StoreError: if somebody made it unreadable.
    """
    of_them = audit.c.action.in_([*actions]) & (audit.c.campaign == campaign)
    query = _ENTRIES.where(of_them).order_by(None).order_by(audit.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _entry(row)


def first_of(connection: Connection, campaign: str, action: str) -> Entry | None:
    """Return the first entry about a campaign that tells of an action; None where none does.

    Raises:
        StoreError: if somebody made it unreadable.
    """
    of_it = (audit.c.action == action) & (audit.c.campaign == campaign)
    row = connection.execute(_ENTRIES.where(of_it).limit(1)).one_or_none()
    return None if row is None else _entry(row)


def _entry(row: Row[Any]) -> Entry:
    try:
        at, detail = datetime.fromisoformat(row.at), {**json.loads(row.detail)}
    except (TypeError, ValueError):
        cause = f"the audit log was changed at entry {row.id}, which cannot be read"
        raise StoreError(cause, "", "See `tigc-mail campaign verify`.") from None
    return Entry(row.id, at, row.actor, row.action, row.campaign, detail, row.digest)


def broken(connection: Connection) -> str | None:
    """Return where the chain is broken; None where it is whole."""
    before, last = _BEGINNING, 0
    with connection.execute(_ENTRIES, execution_options={"yield_per": 1_000}) as rows:
        for row in rows:
            if row.id != last + 1:
                return f"the audit log lacks entry {last + 1}"
            if row.digest != _digest_of(before, row):
                return f"the audit log was changed at entry {row.id}"
            before, last = row.digest, row.id
    head = connection.execute(_HEAD).one_or_none()
    entries, digest = (head.entries, head.digest) if head else (0, _BEGINNING)
    if (entries, digest) != (last, before):
        return f"the audit log ends at entry {last}, and should at {entries}"
    return None


def _digest_of(before: str, row: Row[Any]) -> str:
    return _digest(before, row.id, row.at, row.actor, row.action, row.campaign, row.detail)


def _digest(before: str, number: int, *rest: str) -> str:
    """Return the digest over values as they are stored; a value of a wrong type has one too."""
    return sha256(json.dumps([before, number, *rest], default=repr).encode()).hexdigest()
