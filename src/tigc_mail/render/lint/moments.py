"""Whether the moments that an edition names lie before or after now as they should."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tigc_mail.content.edition import Edition
from tigc_mail.content.life import notices_of
from tigc_mail.ground.documents import Step
from tigc_mail.render.lint.finding import Remark, error, note

OVER = error("not-after-over", "Nothing of it is planned or sent any more.")
AHEAD = note(
    "issued-ahead", "A notice that is sent before says in calendars that it was written later."
)

CHECKS = (OVER, AHEAD)
"""The checks of this family."""


class Untimely(NamedTuple):
    """A moment on the wrong side of now, and where it stands."""

    remark: Remark
    path: tuple[Step, ...]


def check(edition: Edition, now: datetime) -> Iterator[Untimely]:
    """Check the end of an edition's time, and when its notices are issued.

    Args:
        edition: the one that is checked.
        now: the present moment, with its time zone.
    """
    if edition.not_after is not None and edition.not_after < now:
        cause = f"its time is over: {_told(edition.not_after)} has passed"
        yield Untimely(
            Remark(OVER, cause, "Write a later moment, where it is still to be sent."),
            ("not_after",),
        )
    for notice, block in notices_of(edition).items():
        if notice.issued > now:
            cause = f"the notice is issued at {_told(notice.issued)}, which has not come yet"
            cure = "Send it then, or correct the moment."
            path = ("blocks", block, "event", "issued")
            yield Untimely(Remark(AHEAD, cause, cure), path)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
