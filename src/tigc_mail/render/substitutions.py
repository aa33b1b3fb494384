"""A compiled message for services that fill slots themselves: texts with tags, and their values.

Where a message goes to many recipients in one request, the texts travel once and only the values
for each recipient. A tag stands for one slot in one context, since a value is escaped differently
in HTML and in plain text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.contexts import Context, UnfitValueError, escape
from tigc_mail.render.message import Columns, CompiledMessage, Occurrence, Pieces, Unfit

_PREFIXES = "^`|~"
"""What tags may begin with, the best first; characters for private use come after them."""
_FIRST_PRIVATE = 0xE000


@dataclass(frozen=True)
class Tagged:
    """The texts of a message, with a tag wherever a value goes."""

    subject: str
    html: str
    text: str
    tags: Mapping[Occurrence, str]
    """The tag of each slot in each context; none of them occurs in the texts as the author's."""
    prefix: str
    """The character that every tag begins with, and that the texts have nowhere else.

    Where no value has it either, no tag can come about but those that were written: not in a value,
    and not across the border between a value and what stands beside it.
    """


def tagged(message: CompiledMessage) -> Tagged:
    """Return the texts of a message with tags; equal messages have equal tags."""
    texts = {"subject": message.subject, "html": message.html, "text": message.text}
    prefix = _prefix(message)
    places = dict.fromkeys(
        piece for pieces in texts.values() for piece in pieces if isinstance(piece, Occurrence)
    )
    tags = {place: f"{prefix}{number};" for number, place in enumerate(places)}
    filled = {name: _with_tags(pieces, tags) for name, pieces in texts.items()}
    return Tagged(**filled, tags=tags, prefix=prefix)


def _prefix(message: CompiledMessage) -> str:
    """Return the first character that occurs in none of the texts."""
    used = set[str]().union(
        *(
            piece
            for pieces in (message.subject, message.html, message.text)
            for piece in pieces
            if isinstance(piece, str)
        )
    )
    return next(
        each for each in chain(_PREFIXES, map(chr, count(_FIRST_PRIVATE))) if each not in used
    )


def _with_tags(pieces: Pieces, tags: Mapping[Occurrence, str]) -> str:
    return "".join(piece if isinstance(piece, str) else tags[piece] for piece in pieces)


@dataclass(frozen=True)
class Substitutions:
    """The values of one batch, escaped for where they stand."""

    tagged: Tagged
    columns: Sequence[Sequence[str]]
    """For each tag, the values of all recipients."""
    unfit: Mapping[int, Unfit]
    """The recipients (by position) whose values must not be sent, with the reason."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The tags, in the order of the columns."""
        return tuple(self.tagged.tags.values())

    def rows(self, size: int) -> Sequence[Sequence[str]]:
        """Return the values of each of so many recipients, in the order of `names`."""
        return list(zip(*self.columns, strict=True)) if self.columns else [()] * size


def substitutions(message: CompiledMessage, values: Columns) -> Substitutions:
    """Return what is put in the place of each tag, for each recipient of a batch.

    Args:
        message: the message.
        values: for every slot of the message, the values; all of one length.
    """
    texts, unfit = tagged(message), dict[int, Unfit]()
    columns = [_escaped(place, values[place.slot], unfit) for place in texts.tags]
    return Substitutions(texts, columns, unfit)


def _escaped(place: Occurrence, values: Sequence[str], unfit: dict[int, Unfit]) -> Sequence[str]:
    """Escape a column at once where its values allow it, and else one by one."""
    context = place.context
    if context is not Context.URL and "".join(values).isprintable():
        if context is Context.MARKUP:
            return str(escape_markup("\n".join(values))).split("\n")
        if context is Context.URL_COMPONENT:
            return quote("\n".join(values), safe="\n").split("\n")
        return values
    column = []
    for at, value in enumerate(values):
        try:
            column.append(escape(value, context))
        except UnfitValueError as error:
            unfit[at] = Unfit(place.slot, str(error))
            column.append("")
    return column
