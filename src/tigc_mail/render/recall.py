"""Encoding the columns of one slot, batch after batch, and each frequent value only once.

Given names, organisations, roles, regions: among the recipients of a message few values are many
people's. A slot whose columns repeat themselves is looked up instead of encoded again; one whose
values are each recipient's own (tokens, addresses) is encoded as it comes.
"""

from collections.abc import Collection, Sequence
from itertools import filterfalse

from tigc_mail.render.columns import Encoded, encode_column
from tigc_mail.render.contexts import Context

MAX_REMEMBERED = 1_000
"""How many values of a slot are kept. Where there are more, encoding them again is no slower: what
was kept of a value has left the processor's caches when the value comes again."""

_TOO_MANY_NEW = 0.75
"""The share of values never seen in a column from which on it is not worth while to keep them."""


class Recall:
    """Encodes the columns of one slot. Several threads may use it at the same time.

    Args:
        contexts: where in the message the values stand.
    """

    def __init__(self, contexts: Collection[Context]) -> None:
        self.contexts = tuple(contexts)
        self._known: dict[Context, dict[str, bytes]] = {context: {} for context in self.contexts}
        """All in the first; in the next, what stands there otherwise than in the one before."""
        self._repeats = True

    def encode(self, values: Sequence[str]) -> Encoded:
        """Return the column as it stands in each context, exactly as `encode_column` does.

        Raises:
            UnfitValueError: if one of the values must not stand in one of the contexts.
        """
        if not self._repeats or len(values) < 2:
            return encode_column(values, self.contexts)
        try:
            return self._looked_up(values)
        except KeyError:
            everyone = self._known[self.contexts[0]]
            new = {*filterfalse(everyone.__contains__, values)}
            if len(new) > _TOO_MANY_NEW * len(values) or len(everyone) + len(new) > MAX_REMEMBERED:
                self._repeats = False
                return encode_column(values, self.contexts)
            self._learn([*new])
            return self._looked_up(values)

    def _learn(self, values: Sequence[str]) -> None:
        """Keep values; other threads find them once all contexts have them."""
        first, *others = self.contexts
        columns = encode_column(values, self.contexts)
        for context, before in zip(others, self.contexts, strict=False):
            pairs = zip(values, columns[context], columns[before], strict=True)
            different = ((value, here) for value, here, there in pairs if here != there)
            self._known[context].update(different)
        self._known[first].update(zip(values, columns[first], strict=True))

    def _looked_up(self, values: Sequence[str]) -> Encoded:
        first, *others = self.contexts
        column = list(map(self._known[first].__getitem__, values))
        columns = {first: column}
        for context in others:
            if self._known[context]:
                column = list(map(self._known[context].get, values, column))
            columns[context] = column
        return columns


class Recalls:
    """What the variants of a send remember: what stands alike in several is kept once."""

    def __init__(self) -> None:
        self._recalls: dict[tuple[str, tuple[Context, ...]], Recall] = {}

    def of(self, slot: str, contexts: tuple[Context, ...]) -> Recall:
        """Return what encodes the columns of a slot that stands in some contexts."""
        return self._recalls.setdefault((slot, contexts), Recall(contexts))
