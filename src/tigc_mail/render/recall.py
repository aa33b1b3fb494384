"""Encoding the columns of one slot, batch after batch, and each frequent value only once.

Given names, organisations, roles, regions: among the recipients of a message few values are many
people's. A slot whose columns repeat themselves is looked up instead of encoded again; one whose
values are each recipient's own (tokens, addresses) is encoded as it comes.
"""

from collections.abc import Collection, Sequence
from itertools import filterfalse

from tigc_mail.render.columns import Encoded, encode_column
from tigc_mail.render.contexts import Context

MAX_REMEMBERED = 10_000
"""How many values of a slot are kept; where there are more, it begins anew."""

Known = dict[Context, dict[str, bytes]]
"""How values stand in each of the contexts: all in the first, in the next those that stand there
otherwise than in the one before.
"""

_TOO_MANY_NEW = 0.75
"""The share of values never seen in a column from which on it is not worth while to keep them."""


class Recall:
    """Encodes the columns of one slot. Several threads may use it at the same time.

    Args:
        contexts: where in the message the values stand.
    """

    def __init__(self, contexts: Collection[Context]) -> None:
        self.contexts = tuple(contexts)
        self._known: Known = {context: {} for context in self.contexts}
        self._repeats = True

    def encode(self, values: Sequence[str]) -> Encoded:
        """Return the column as it stands in each context, exactly as `encode_column` does.

        Raises:
            UnfitValueError: if one of the values must not stand in one of the contexts.
        """
        if not self._repeats or len(values) < 2:
            return encode_column(values, self.contexts)
        try:
            return self._looked_up(values, self._known)
        except KeyError:
            new = {*filterfalse(self._known[self.contexts[0]].__contains__, values)}
            if len(new) > _TOO_MANY_NEW * len(values):
                self._repeats = False
                return encode_column(values, self.contexts)
            return self._looked_up(values, self._learnt(values, new))

    def _learnt(self, values: Sequence[str], new: set[str]) -> Known:
        """Return what is known once the values are, of which some are new."""
        first, *others = self.contexts
        known = self._known
        if len(known[first]) + len(new) > MAX_REMEMBERED:
            known, new = {context: {} for context in self.contexts}, {*values}
        learnt = list(new)
        columns = encode_column(learnt, self.contexts)
        for context, before in zip(others, self.contexts, strict=False):
            pairs = zip(learnt, columns[context], columns[before], strict=True)
            known[context].update((value, here) for value, here, there in pairs if here != there)
        known[first].update(zip(learnt, columns[first], strict=True))  # last: others may look it up
        self._known = known
        return known

    def _looked_up(self, values: Sequence[str], known: Known) -> Encoded:
        first, *others = self.contexts
        column = list(map(known[first].__getitem__, values))
        columns = {first: column}
        for context in others:
            if known[context]:
                column = list(map(known[context].get, values, column))
            columns[context] = column
        return columns


class Recalls:
    """What the variants of a send remember: what stands alike in several is kept once."""

    def __init__(self) -> None:
        self._recalls: dict[tuple[str, tuple[Context, ...]], Recall] = {}

    def of(self, slot: str, contexts: tuple[Context, ...]) -> Recall:
        """Return what encodes the columns of a slot that stands in some contexts."""
        return self._recalls.setdefault((slot, contexts), Recall(contexts))
