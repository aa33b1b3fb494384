"""Batches, and the conditions that choose deliveries of one."""

from dataclasses import dataclass, replace

from sqlalchemy import Column, ColumnElement, bindparam

from tigc_mail.delivery.tables import deliveries


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
    def deliveries(self) -> ColumnElement[bool]:
        """The condition that chooses them."""
        return deliveries.c.id.between(self.first, self.last) & of_campaign(self.campaign)


def of_campaign(campaign: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition for deliveries of a campaign, beside one on their ids.

    The sum keeps SQLite from reading the whole campaign through its index for every batch, which it
    would prefer to the range of ids.
    """
    return deliveries.c.campaign + 0 == campaign


def among(batch: Batch, numbers: list[int]) -> ColumnElement[bool]:
    """Return the condition for some deliveries of a batch; all of them need no list."""
    column: Column[int] = deliveries.c.id
    if len(numbers) == batch.last - batch.first + 1:
        return column.between(batch.first, batch.last)
    return column.in_(bindparam("numbers", numbers, expanding=True))
