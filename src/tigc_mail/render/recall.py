"""Encoding the columns of one slot, batch after batch, and each frequent value only once.

Given names, organisations, roles, regions: among the recipients of a message few values are many
people's. A slot whose columns repeat themselves is looked up instead of encoded again; one whose
values are each recipient's own (tokens, addresses) is encoded as it comes.
"""

from collections.abc import Collection, Sequence
from operator import itemgetter

from tigc_mail.render.columns import Encoded, encode_column
from tigc_mail.render.contexts import Context

MAX_REMEMBERED = 10_000
"""How many values of a slot are kept; where there are more, it begins anew."""

_TOO_MANY_NEW = 0.75
"""The share of values never seen in a column from which on it is not worth while to keep them."""


class Recall:
    """Encodes the columns of one slot. Several threads may use it at the same time.

    Args:
        contexts: where in the message the values stand.
    """

    def __init__(self, contexts: Collection[Context]) -> None:
        self.contexts = tuple(contexts)
        self._known: dict[str, tuple[bytes, ...]] = {}
        """Each value as it stands in each of the contexts."""
        self._repeats = True

    def encode(self, values: Sequence[str]) -> Encoded:
        """Return the column as it stands in each context, exactly as `encode_column` does.

        Raises:
            UnfitValueError: if one of the values must not stand in one of the contexts.
        """
        if not self._repeats or len(values) < 2:
            return encode_column(values, self.contexts)
        known = self._known
        try:
            rows = list(map(known.__getitem__, values))
        except KeyError:
            different = set(values)
            new = different.difference(known)
            if len(new) > _TOO_MANY_NEW * len(values):
                self._repeats = False
                return encode_column(values, self.contexts)
            known = self._learnt(new, different)
            rows = list(map(known.__getitem__, values))
        return {
            context: list(map(itemgetter(at), rows)) for at, context in enumerate(self.contexts)
        }

    def _learnt(self, new: set[str], different: set[str]) -> dict[str, tuple[bytes, ...]]:
        """Return what is known once the new values are."""
        known = self._known
        if len(known) + len(new) > MAX_REMEMBERED:
            known, new = {}, different
        values = list(new)
        columns = encode_column(values, self.contexts)
        rows = zip(*(columns[context] for context in self.contexts), strict=True)
        known.update(zip(values, rows, strict=True))
        self._known = known
        return known


class Recalls:
    """What the variants of a send remember: what stands alike in several is kept once."""

    def __init__(self) -> None:
        self._recalls: dict[tuple[str, tuple[Context, ...]], Recall] = {}

    def of(self, slot: str, contexts: tuple[Context, ...]) -> Recall:
        """Return what encodes the columns of a slot that stands in some contexts."""
        return self._recalls.setdefault((slot, contexts), Recall(contexts))
