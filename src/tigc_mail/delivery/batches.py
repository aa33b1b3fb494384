"""Batches, and the conditions that choose deliveries of one."""

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, bindparam, func, select

from tigc_mail.delivery.tables import batches, deliveries


@dataclass(frozen=True)
class Batch:
    """Deliveries that are sent together: of one variant, with ids from `first` to `last`."""

    campaign: int
    number: int
    variant: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.last - self.first + 1

    def cut(self, size: int) -> tuple["Batch", "Batch"]:
        """Return the first so many of them, and the others."""
        return replace(self, last=self.first + size - 1), replace(self, first=self.first + size)

    @property
    def bounds(self) -> dict[str, int]:
        """The parameters with which `IN_BATCH` chooses them."""
        return {"first_id": self.first, "last_id": self.last, "campaign_number": self.campaign}


def of_campaign(campaign: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition for deliveries of a campaign, beside one on their ids.

    The sum keeps SQLite from reading the whole campaign through its index for every batch, which it
    would prefer to the range of ids.
    """
    return deliveries.c.campaign + 0 == campaign


def in_its_batches(campaign: int) -> ColumnElement[bool]:
    """Return the condition for the deliveries of a campaign, which all stand in its batches.

    They are read as they were written, in half the time that the index on campaigns takes; that one
    is for whoever doubts that they do.
    """
    of_it = batches.c.campaign == campaign
    first = select(func.min(batches.c.first)).where(of_it).scalar_subquery()
    last = select(func.max(batches.c.last)).where(of_it).scalar_subquery()
    return deliveries.c.id.between(first, last) & of_campaign(campaign)


IN_BATCH = deliveries.c.id.between(bindparam("first_id"), bindparam("last_id")) & of_campaign(
    bindparam("campaign_number")
)
"""The condition for the deliveries of a batch, made once; its parameters are those of `bounds`."""


def among(batch: Batch, numbers: list[int]) -> ColumnElement[bool]:
    """Return the condition for some deliveries of a batch; all of them need no list."""
    if len(numbers) == batch.size:
        return IN_BATCH
    return IN_BATCH & deliveries.c.id.in_(bindparam("numbers", numbers, expanding=True))
