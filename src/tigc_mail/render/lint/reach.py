"""Whether everything in an edition has a reader: an audience whose ceiling lets it through."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from tigc_mail.content.edition import Edition
from tigc_mail.ground.documents import Step
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint.finding import Remark, warning

UNREAD = warning("read-by-nobody", "It is left out of every message, and nobody would miss it.")

CHECKS = (UNREAD,)
"""The checks of this family."""


class Unread(NamedTuple):
    """Something that no audience may read, and where its marking stands."""

    remark: Remark
    path: tuple[Step, ...]


def check(edition: Edition, audiences: Mapping[str, Audience]) -> Iterator[Unread]:
    """Check every block, every part of one and every file of an edition.

    Args:
        edition: the one that is checked.
        audiences: those of the workspace by id.
    """
    return _unread(edition, (), tuple(audiences.values()))


def _unread(value: Any, path: tuple[Step, ...], readers: Sequence[Audience]) -> Iterator[Unread]:
    """Yield what nobody of the readers may read; what stands in it is not told once more.

    Whatever carries a `marking` or names its `audiences` is known by that, not by its type.
    """
    if isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from _unread(part, (*path, at), readers)
    if not isinstance(value, BaseModel):
        return
    meant = getattr(value, "audiences", None)
    readers = [one for one in readers if meant is None or one.id in meant]
    marking = getattr(value, "marking", None)
    allowed = [one for one in readers if marking is None or one.ceiling.allows(marking)]
    if isinstance(marking, Marking) and not allowed:
        yield Unread(_remark(marking, readers), (*path, "marking"))
        return
    for name in type(value).model_fields:
        yield from _unread(getattr(value, name), (*path, name), allowed)


def _remark(marking: Marking, readers: Sequence[Audience]) -> Remark:
    if marking is Marking.RED:
        cause = f"{marking.value} is never mailed, so no audience is shown this"
        return Remark(UNREAD, cause, "Take it out, and tell its recipients one by one.")
    ceilings = ", ".join(f"{one.id} up to {one.ceiling.value}" for one in readers)
    cause = f"no audience may read {marking.value} here: {ceilings}"
    return Remark(UNREAD, cause, "Correct the marking, add an audience that may, or take it out.")
