"""The compiled message: literals and slots, and the splice that makes one recipient's mail of them.

Values come in columns (one sequence of values a slot, one value a recipient), because escaping and
encoding a column at a time costs a tenth of doing it value by value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import chain, count, repeat
from typing import Literal, NamedTuple

from tigc_mail.content.tailored import Fallback
from tigc_mail.errors import RenderError
from tigc_mail.ground.language import Locale
from tigc_mail.render.contexts import Context, UnfitValueError, encode, escape
from tigc_mail.render.dates import EventTime
from tigc_mail.render.recall import Recall, Recalls

_SIGNS = "^`|~"
"""The first that is looked for where a sign is wanted that no text has, the best first."""
_PRIVATE = 0xE000
"""The first character for private use: those come after."""


class Occurrence(NamedTuple):
    """One place of a message where a slot's value goes."""

    slot: str
    """Such as `recipient.given_name`."""
    context: Context


Pieces = tuple[str | Occurrence, ...]
"""Text cut at its slots."""

WireParts = tuple[bytes | Occurrence, ...]
"""The bytes of a message: literals and occurrences in turn, a literal at each end."""

Values = Mapping[str, str]
"""One recipient's value of each slot."""

Columns = Mapping[str, Sequence[str]]
"""The values of each slot, a sequence with one value a recipient."""


class Unfit(NamedTuple):
    """A value that must not be sent."""

    slot: str
    reason: str

    def __str__(self) -> str:
        """Return it as the reason why a delivery is rejected."""
        return f"`{self.slot}`: {self.reason}"


class UnfitSlotError(RenderError):
    """A recipient's value must not stand where a slot puts it."""

    def __init__(self, unfit: Unfit) -> None:
        super().__init__(str(unfit), "", "Print it in a text, or write what a link begins with.")
        self.slot = unfit.slot


class EventCalendar(NamedTuple):
    """What a calendar program is told of the events of a message."""

    method: Literal["PUBLISH", "CANCEL"]
    """What it is to do (RFC 5546); the same stands in the content."""
    content: bytes
    """text/calendar in UTF-8, lines ended by CRLF."""


class AttachedPart(NamedTuple):
    """A file that travels with a message."""

    name: str
    """In ASCII."""
    media_type: str
    title: str
    content: bytes


class Letterhead(NamedTuple):
    """What the head of a message says, whoever it is for."""

    sender_name: str
    sender_address: str
    reply_to: str
    """Empty for the sender's own address."""
    list_id: str
    unsubscribe: str
    """The https address of a one-click unsubscription (RFC 8058), up to the recipient's token."""


@dataclass(frozen=True)
class RenderedMessage:
    """What one recipient gets."""

    subject: str
    html: str
    text: str
    content: bytes = field(repr=False)
    calendar: bytes | None = field(default=None, repr=False)
    """The events of the edition (text/calendar); None where it has none."""
    fallbacks: tuple[Fallback, ...] = field(default=(), repr=False)
    """What is not shown as wanted: texts of the edition, and what its templates say besides."""

    def as_bytes(self) -> bytes:
        """Return the complete message (RFC 5322, MIME), lines ended by CRLF."""
        return self.content


@dataclass(frozen=True)
class CompiledMessage:
    """One variant of an edition, compiled once for all the recipients that share it."""

    audience: str
    locale: Locale
    subject: Pieces
    html: Pieces
    text: Pieces
    wire: WireParts = field(repr=False)
    salutation: tuple[str, str]
    """How the reader is greeted: with a name (placeholders in curly brackets), and without."""
    letterhead: Letterhead
    """What stands in the head of the wire, for services that write heads themselves."""
    calendar: EventCalendar | None = field(default=None, repr=False)
    """The events of the edition, as they stand in the wire; None where it has none."""
    attachments: tuple[AttachedPart, ...] = field(default=(), repr=False)
    """The files of the edition, as they stand in the wire; the calendar is not among them."""
    event_times: Mapping[str, EventTime] = field(default_factory=dict)
    """When events are, by the slot of the recipient's own time."""
    fallbacks: tuple[Fallback, ...] = ()
    """What the templates say in another language: phrases, and texts of the theme."""

    @cached_property
    def slots(self) -> frozenset[str]:
        """The names of the slots that need a value."""
        return frozenset(part.slot for part in self.wire if isinstance(part, Occurrence))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every literal and slot: equal digests, equal bytes for equal recipients."""
        told = [
            [part.decode("latin-1") if isinstance(part, bytes) else [part.slot, part.context.value]]
            for part in self.wire
        ]
        parts = [self.audience, self.locale, self.salutation, self.event_times, told]
        content = json.dumps(parts)
        return sha256(content.encode()).hexdigest()

    @cached_property
    def text_contexts(self) -> Mapping[str, tuple[Context, ...]]:
        """Where each slot stands in the subject and in both texts."""
        return _contexts_of(p for p in self._pieces if isinstance(p, Occurrence))

    @cached_property
    def unused_sign(self) -> str:
        """A character that occurs neither in the subject nor in one of the texts."""
        used = set[str]().union(*(piece for piece in self._pieces if isinstance(piece, str)))
        return next(each for each in chain(_SIGNS, map(chr, count(_PRIVATE))) if each not in used)

    @property
    def _pieces(self) -> Pieces:
        return (*self.subject, *self.html, *self.text)

    def fill(self, values: Values) -> RenderedMessage:
        """Return the message of one recipient.

        Raises:
            UnfitSlotError: if a value must not stand where the template puts it.
        """
        splice = self.splice({slot: [values[slot]] for slot in self.slots})
        if splice.unfit:
            raise UnfitSlotError(splice.unfit[0])
        return RenderedMessage(
            subject=filled(self.subject, values),
            html=filled(self.html, values),
            text=filled(self.text, values),
            content=next(iter(splice)),
            calendar=None if self.calendar is None else self.calendar.content,
            fallbacks=self.fallbacks,
        )

    def splice(self, columns: Columns, recalls: Recalls | None = None) -> "Splice":
        """Encode the values of a batch, so that only joining is left.

        Args:
            columns: for every slot of the message, the values; all of one length.
            recalls: what the variants of a send remember together; by default each its own.

        Raises:
            ValueError: if the columns are not of one length.
        """
        if len({len(columns[slot]) for slot in self.slots}) != 1:
            raise ValueError("the columns of a batch are all of one length")
        unfit: dict[int, Unfit] = {}
        recalls = recalls or self._recalls
        encoded = {
            slot: _encoded(slot, columns[slot], recalls.of(slot, contexts), unfit)
            for slot, contexts in self._contexts.items()
        }
        places = [encoded[slot][context] for slot, context in self._places]
        return Splice(self._literals, places, unfit)

    @cached_property
    def _places(self) -> list[Occurrence]:
        return [part for part in self.wire if isinstance(part, Occurrence)]

    @cached_property
    def _literals(self) -> tuple[bytes, ...]:
        return tuple(part for part in self.wire if isinstance(part, bytes))

    @cached_property
    def _contexts(self) -> Mapping[str, tuple[Context, ...]]:
        """Where each slot stands."""
        found = _contexts_of(self._places)
        return {slot: tuple(sorted(contexts)) for slot, contexts in found.items()}

    @cached_property
    def _recalls(self) -> Recalls:
        return Recalls()


@dataclass(frozen=True)
class Splice:
    """The messages of one batch, ready to be joined."""

    literals: tuple[bytes, ...]
    columns: list[Sequence[bytes]]
    """For each place between two literals, the encoded values of all recipients."""
    unfit: Mapping[int, Unfit]
    """The recipients (by position) whose values must not be sent, with the reason."""

    def __iter__(self) -> Iterator[bytes]:
        """Return the message of every recipient, the unfit included (they are not to be sent)."""
        first, *others = self.literals
        parts: list[Iterable[bytes]] = [repeat(first)]
        for column, literal in zip(self.columns, others, strict=True):
            parts += [column, repeat(literal)]
        return map(b"".join, zip(*parts, strict=False))  # the columns are of one length


def _encoded(
    slot: str, values: Sequence[str], recall: Recall, unfit: dict[int, Unfit]
) -> Mapping[Context, Sequence[bytes]]:
    size = len(values)
    try:
        if size > 1 and values[0] is values[-1] and values.count(values[0]) == size:  # as the date
            alike = recall.encode([values[0]])
            return {context: [*column] * size for context, column in alike.items()}
        return recall.encode(values)
    except UnfitValueError:
        rows = [_one(slot, value, recall.contexts, at, unfit) for at, value in enumerate(values)]
        return {context: [row[context] for row in rows] for context in recall.contexts}


def _one(
    slot: str, value: str, contexts: Iterable[Context], at: int, unfit: dict[int, Unfit]
) -> dict[Context, bytes]:
    try:
        return {context: encode(value, context) for context in contexts}
    except UnfitValueError as error:
        unfit[at] = Unfit(slot, str(error))
        return dict.fromkeys(contexts, b"")


def _contexts_of(places: Iterable[Occurrence]) -> Mapping[str, tuple[Context, ...]]:
    found: dict[str, tuple[Context, ...]] = {}
    for slot, context in dict.fromkeys(places):
        found[slot] = (*found.get(slot, ()), context)
    return found


def filled(pieces: Pieces, values: Values) -> str:
    """Return a text with one recipient's values in it, escaped for where they stand."""
    return "".join(
        piece if isinstance(piece, str) else escape(values[piece.slot], piece.context)
        for piece in pieces
    )
