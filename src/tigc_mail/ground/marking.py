"""The Traffic Light Protocol 2.0: how far a text may travel (FIRST, https://www.first.org/tlp/)."""

from enum import StrEnum


class Marking(StrEnum):
    """A TLP 2.0 label; a greater marking travels less far.

    >>> max(Marking.CLEAR, Marking.RED, Marking.AMBER)
    <Marking.RED: 'TLP:RED'>
    """

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"

    @property
    def level(self) -> int:
        """The place in the order, from 0 (CLEAR) to 4 (RED)."""
        return list(Marking).index(self)

    # All four, because `str` has its own, which would order the labels by their letters.

    def __lt__(self, other: object) -> bool:
        return self.level < other.level if isinstance(other, Marking) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.level <= other.level if isinstance(other, Marking) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.level > other.level if isinstance(other, Marking) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.level >= other.level if isinstance(other, Marking) else NotImplemented

    def allows(self, marking: "Marking") -> bool:
        """Return whether an audience with this ceiling may read what is marked so.

        TLP:RED names its recipients one by one, so it is never mailed in bulk.
        """
        return marking.level <= self.level and marking is not Marking.RED
