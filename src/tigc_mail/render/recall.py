"""Encoding the columns of one slot, batch after batch, and each frequent value only once.

Given names, organisations, roles, regions: among the recipients of a message few values are many
people's. A slot whose columns repeat themselves is looked up instead of encoded again; one whose
values are each recipient's own (tokens, addresses) is encoded as it comes.
"""

from collections.abc import Collection, Sequence

from tigc_mail.render.columns import Encoded, encode_column
from tigc_mail.render.contexts import Context

MAX_REMEMBERED = 10_000
"""How many values of a slot are kept; where there are more, it begins anew."""

Known = dict[Context, dict[str, bytes]]
"""How values stand in each of the contexts."""

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
            return _looked_up(values, self._known)
        except KeyError:
            different = set(values)
            new = different.difference(self._known[self.contexts[-1]])
            if len(new) > _TOO_MANY_NEW * len(values):
                self._repeats = False
                return encode_column(values, self.contexts)
            return _looked_up(values, self._learnt(new, different))

    def _learnt(self, new: set[str], different: set[str]) -> Known:
        """Return what is known once the new values are."""
        known = self._known
        if len(known[self.contexts[-1]]) + len(new) > MAX_REMEMBERED:
            known, new = {context: {} for context in self.contexts}, different
        values = list(new)
        columns = encode_column(values, self.contexts)
        for context, encoded in known.items():
            encoded.update(zip(values, columns[context], strict=True))
        self._known = known
        return known


def _looked_up(values: Sequence[str], known: Known) -> Encoded:
    return {context: list(map(encoded.__getitem__, values)) for context, encoded in known.items()}


class Recalls:
    """What the variants of a send remember: what stands alike in several is kept once."""

    def __init__(self) -> None:
        self._recalls: dict[tuple[str, tuple[Context, ...]], Recall] = {}

    def of(self, slot: str, contexts: tuple[Context, ...]) -> Recall:
        """Return what encodes the columns of a slot that stands in some contexts."""
        return self._recalls.setdefault((slot, contexts), Recall(contexts))
