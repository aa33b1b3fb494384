"""Whose fault a refusal is: the recipient's own, or that of what sends, which would refuse anybody.

What is refused for good stays `rejected`, so it is asked before that is written down, as far as one
shipment shows it. What only the whole shows is asked before a campaign finishes.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import func, select

from tigc_mail.delivery.ledger import Ledger, states_of
from tigc_mail.delivery.providers.protocol import Receipt
from tigc_mail.delivery.states import TAKEN, DeliveryState
from tigc_mail.delivery.tables import deliveries
from tigc_mail.errors import RefusedError


class GeneralRefusalError(RefusedError):
    """The answers to a shipment say that it is not the recipients' fault."""


_OUTCOME = attrgetter("outcome")


@dataclass
class Tally:
    """What a provider answered so far, over all the batches of one send."""

    accepted: int = 0
    in_a_row: int = 0
    """Rejections since the last shipment of which something was accepted."""

    def count(self, answers: Iterable[Receipt]) -> None:
        """Take in the answers to one shipment."""
        outcomes = Counter(map(_OUTCOME, answers))
        accepted, rejected = outcomes["accepted"], outcomes["rejected"]
        self.accepted += accepted
        self.in_a_row = 0 if accepted else self.in_a_row + rejected


_MANY = 10
"""Addresses in a row that do not exist, with none that does: it is not the addresses."""

_SOME = 5
"""Rejections in a row, one by one: it is not the recipients."""

_NEARLY_ALL = 10
"""Rejections for each message that was accepted: it is not the recipients."""


def require_no_general_refusal(tally: Tally, answers: Iterable[Receipt], provider: str) -> None:
    """Refuse to take it for many recipients' fault when a provider refuses (nearly) all of them.

    An address that does not exist is a recipient's own, but not where none exists; anything else
    that holds for all of them (an account that is closed, a sender or a text that is blocked) is
    mended by a person. What is unknown says nothing about the others.

    Args:
        tally: what the provider answered before.
        answers: what it answered to a shipment.
        provider: its name.

    Raises:
        GeneralRefusalError: if it refuses in general; what it rejected is to be planned again.
    """
    answers = list(answers)
    outcomes = Counter(map(_OUTCOME, answers))
    accepted = outcomes["accepted"]
    if not outcomes["rejected"]:
        return
    rejected = [each for each in answers if each.outcome == "rejected"]
    blamed = [each for each in rejected if not each.undeliverable]
    in_a_row = tally.in_a_row + len(rejected)
    if len(rejected) < outcomes["postponed"]:
        return
    if accepted:
        general = len(blamed) >= _NEARLY_ALL * accepted
    elif blamed:
        general = len(rejected) > 1 or in_a_row >= _SOME
    else:
        general = in_a_row >= _MANY
    if general:
        some = "all" if len(rejected) == len(answers) else f"{len(rejected)} of"
        cause = f"refused {some} {len(answers)} messages of a batch: {_most_common(rejected)}"
        cure = "Mend it and resume, or resume with --take-refusals to have them rejected."
        raise GeneralRefusalError(cause, provider, cure)


def _most_common(refused: Iterable[Receipt]) -> str:
    (reason, _), *_rest = Counter(each.reason for each in refused).most_common(1)
    return reason or "it says not why"


def require_most_sent(ledger: Ledger, campaign: int) -> None:
    """Refuse to finish a campaign of which more was rejected than taken.

    A value that does not fit is the recipient's own, and so are a few of a few. What is still
    planned goes out first.

    Raises:
        RefusedError: if several were rejected and none taken, or `_SOME` and fewer taken.
    """
    reason = func.coalesce(deliveries.c.reason, "")
    own = reason.startswith("`")  # the value of a slot that does not fit
    of_it, size = deliveries.c.campaign == campaign, func.count()
    refused = (deliveries.c.state == DeliveryState.REJECTED.value) & ~own
    if not ledger.has(campaign, [DeliveryState.REJECTED]):
        return
    with ledger.reading() as connection:
        states = states_of(connection, campaign)
        if DeliveryState.PLANNED in states:
            return
        rows = connection.execute(
            select(deliveries.c.provider, reason, size)
            .where(of_it, refused)
            .group_by(deliveries.c.provider, reason)
            .order_by(size.desc(), deliveries.c.provider, reason)
        ).fetchall()
    taken, rejected = sum(states.get(each, 0) for each in TAKEN), sum(row[2] for row in rows)
    if rejected < (_SOME if taken else 2) or rejected <= taken:
        return
    some = f"{rejected} of {rejected + taken}" if taken else f"all {rejected}"
    cause = f"refused {some} messages of the campaign: {rows[0][1] or 'it says not why'}"
    cure = "Look at the reasons; resume with --take-refusals to let it finish so."
    raise RefusedError(cause, ",".join(dict.fromkeys(filter(None, (r[0] for r in rows)))), cure)
