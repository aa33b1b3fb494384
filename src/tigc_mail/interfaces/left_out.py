"""Who is left out of a campaign, as a command and a page tell it."""

from collections.abc import Iterator

from tigc_mail.delivery.account import Status
from tigc_mail.delivery.obstacles import ELSEWHERE, OUTSIDE

IN_NONE = "none of them"
"""What stands for the audience of those who are in no audience of the campaign."""


def left_out(status: Status) -> Iterator[tuple[str, str, int]]:
    """Yield (audience, reason, contacts) of those who get nothing of a campaign."""
    for audience, reasons in status.left_out.items():
        for reason, number in reasons.items():
            if reason not in ELSEWHERE:
                yield audience, reason, number
    if status.outside:
        yield IN_NONE, OUTSIDE, status.outside


def told_sums(status: Status) -> Iterator[str]:
    """Yield what adds up to all contacts, and then how many are in several audiences."""
    known, planned = status.contacts, status.planned
    people = "contact" if known == 1 else "contacts"
    yield f"{known:,} {people} = {planned:,} planned + {known - planned:,} left out"
    if number := status.in_several:
        get = "is in several audiences, and gets"
        if number > 1:
            get = "are in several audiences, and get"
        yield f"{number:,} of the planned {get} it once, through the first that shows anything"
