"""Whether the row of a campaign says what the audit log says: by whom it was made, and approved.

A row can be changed by whoever writes to the database; the log cannot without breaking its chain.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row

from tigc_mail.delivery.approval import combined, same_name
from tigc_mail.delivery.audit import Entry, entries_of, last_of
from tigc_mail.delivery.states import CampaignState

_BEGUN = (CampaignState.APPROVED, CampaignState.SENDING, CampaignState.PAUSED)


def contradictions(connection: Connection, row: Row[Any]) -> list[str]:
    """Return in what the log contradicts the row of a campaign; nothing where it does not.

    Of a campaign that is older than the log, only what the log tells is compared.

    Args:
        connection: a transaction.
        row: the campaign's row.

    Raises:
        StoreError: if somebody made an entry unreadable.
    """
    first = next(iter(entries_of(connection, row.id)), None)
    made = first if first and first.action == CampaignState.DRAFT else None
    approval = last_of(connection, row.id, [CampaignState.APPROVED])
    return [*_of_the_draft(row, made), *_of_the_approval(row, made, approval)]


def _of_the_draft(row: Row[Any], made: Entry | None) -> Iterator[str]:
    if made is None:
        return
    if made.actor != row.author:
        yield f"its author is {row.author}, and the audit log says that {made.actor} made it"
    until = str(row.not_after)
    if made.detail.get("not_after", until) != until:
        told = made.detail["not_after"]
        yield f"it may be sent until {until}, and the audit log says until {told}"


def _of_the_approval(row: Row[Any], made: Entry | None, approval: Entry | None) -> Iterator[str]:
    if approval is None:
        if made is not None and (row.approved_by is not None or row.state in _BEGUN):
            yield "it is said to be approved, and the audit log tells of no approval"
        return
    if made is not None and same_name(str(approval.actor), str(made.actor)):
        yield f"{approval.actor} made it and approved it, by the audit log"
    if approval.actor != row.approved_by:
        yield f"{row.approved_by} approved it, and the audit log says that {approval.actor} did"
    if approval.detail.get("digest") != combined(json.loads(row.approved_digest or "{}")):
        yield "the digest that was approved is not the one that the audit log tells"
