"""A compiled message for services that fill slots themselves: texts with tags, and their values.

Where a message goes to many recipients in one request, the texts travel once and only the values
for each recipient. A tag stands for one slot in one context, since a value is escaped differently
in HTML and in plain text; or in several, as far as nobody's value in the batch is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from markupsafe import escape as escape_markup

from tigc_mail.render.contexts import Context, UnfitValueError, all_visible, escape
from tigc_mail.render.message import Columns, CompiledMessage, Occurrence, Pieces, Unfit

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""What stands in a part of a URL as it is (RFC 3986, section 2.3)."""


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


def _tagged(message: CompiledMessage, tags: Mapping[Occurrence, str]) -> Tagged:
    return Tagged(
        _with_tags(message.subject, tags),
        _with_tags(message.html, tags),
        _with_tags(message.text, tags),
        tags,
        message.unused_sign,
    )


def _with_tags(pieces: Pieces, tags: Mapping[Occurrence, str]) -> str:
    return "".join(piece if isinstance(piece, str) else tags[piece] for piece in pieces)


@dataclass(frozen=True)
class Substitutions:
    """The values of one batch, escaped for where they stand."""

    tagged: Tagged
    columns: Mapping[str, Sequence[str]]
    """By tag, the values of all recipients."""
    unfit: Mapping[int, Unfit]
    """The recipients (by position) whose values must not be sent, with the reason."""

    def rows(self, size: int) -> Sequence[Sequence[str]]:
        """Return the values of each of so many recipients, in the order of the tags."""
        return list(zip(*self.columns.values(), strict=True)) if self.columns else [()] * size


def substitutions(message: CompiledMessage, values: Columns) -> Substitutions:
    """Return what is put in the place of each tag, for each recipient of a batch.

    Where the values of a slot stand alike in several contexts, one tag is for all of those.

    Args:
        message: the message.
        values: for every slot of the message, the values; all of one length.
    """
    columns, tags, unfit = dict[str, Sequence[str]](), dict[Occurrence, str](), dict[int, Unfit]()
    for slot, contexts in message.text_contexts.items():
        told, together = values[slot], "".join(values[slot])
        plain = all_visible(together)
        for context in contexts:
            place = Occurrence(slot, context)
            if plain and _stands_as_it_is(together, context):
                column = told
            elif plain and context in _AT_ONCE:
                column = _AT_ONCE[context]("\n".join(told)).split("\n")
            else:
                column = _one_by_one(place, told, unfit)
            tag = next((tag for tag, known in columns.items() if known is column), None)
            tags[place] = tag or f"{message.unused_sign}{len(columns)};"
            columns[tags[place]] = column
    return Substitutions(_tagged(message, tags), columns, unfit)


def _stands_as_it_is(text: str, context: Context) -> bool:
    """Return whether nothing of a visible text is escaped in a context."""
    match context:
        case Context.URL:
            return False
        case Context.MARKUP:
            return not any(sign in text for sign in "&<>'\"")
        case Context.URL_COMPONENT:
            return text.isascii() and not text.encode().translate(None, _UNRESERVED)
        case _:
            return True


_AT_ONCE: Mapping[Context, Callable[[str], str]] = {
    Context.MARKUP: lambda lines: str(escape_markup(lines)),
    Context.URL_COMPONENT: partial(quote, safe="\n"),
}
"""How many visible texts, one a line, are escaped at once."""


def _one_by_one(place: Occurrence, values: Sequence[str], unfit: dict[int, Unfit]) -> Sequence[str]:
    column = []
    for at, value in enumerate(values):
        try:
            column.append(escape(value, place.context))
        except UnfitValueError as error:
            unfit[at] = Unfit(place.slot, str(error))
            column.append("")
    return column
