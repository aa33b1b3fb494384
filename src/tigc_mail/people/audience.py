"""The audiences: whom each is made of, how far a text may travel to it, and the voice it hears."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from tigc_mail.errors import DocumentError, Fault
from tigc_mail.ground.documents import Frozen, read_document
from tigc_mail.ground.language import LOCALES, Filled, Locale, Translations, translated
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.reading import UnreadableError, names_in
from tigc_mail.people.address import read_address
from tigc_mail.people.rule import Rule
from tigc_mail.people.values import line_of_text

PLACEHOLDERS = ("given_name", "family_name", "role", "organisation")
"""What a salutation may name, in curly brackets."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _ascii_address(text: str) -> str:
    found = read_address(text)
    if not found.email.isascii():
        raise ValueError("is not ASCII before the @, which many mail systems refuse in a sender")
    return found.email


def _list_id(text: str) -> str:
    if len(text) > 255 or not _LIST_ID.fullmatch(text):
        raise ValueError("is not a List-Id; write names with dots, as in public.news.example.org")
    return text


def _ceiling(value: object) -> Marking:
    """Return the marking that is written; TLP:RED is none that an audience can have."""
    levels = {marking.value: marking for marking in Marking if marking is not Marking.RED}
    if value == Marking.RED.value:
        cause = "TLP:RED is for recipients named one by one, never for an audience"
        raise ValueError(f"{cause}; write {Marking.AMBER_STRICT} or lower")
    if not isinstance(value, str) or value not in levels:
        raise ValueError(f"{value!r} is not one of {', '.join(levels)}; write one of them")
    return levels[value]


def _greeting(text: str) -> str:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise ValueError("has a curly bracket without its partner; write {given_name}") from None
    for _, name, layout, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or layout or conversion):
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ValueError(f"{{{name}}} is not known in a salutation; write one of {known}")
    return text


Line = Annotated[Filled, AfterValidator(line_of_text)]
Lines = Annotated[dict[Locale, Line], Field(min_length=1)]
Greetings = Annotated[dict[Locale, Annotated[Line, AfterValidator(_greeting)]], Field(min_length=1)]
SenderAddress = Annotated[Filled, AfterValidator(_ascii_address)]


class Sender(Frozen):
    """Whom a message comes from."""

    name: Lines
    address: SenderAddress
    reply_to: SenderAddress | None = None


class Salutation(Frozen):
    """How a reader is greeted."""

    named: Greetings
    """With placeholders: `{given_name}`, `{family_name}`, `{role}`, `{organisation}`."""
    unnamed: Lines
    """For whom a placeholder of `named` has no value."""


class StandingMessage(Frozen):
    """A key message as one audience reads it, in every edition that asks for it."""

    title: Lines
    body: Translations
    """Markdown."""


class Audience(Frozen):
    """A named segment, with a ceiling and a voice."""

    id: str
    """The name of its file, without `.yaml`."""
    name: Lines
    segment: Rule
    ceiling: Annotated[Marking, BeforeValidator(_ceiling)]
    """The highest marking it may read; never TLP:RED."""
    sender: Sender
    list_id: Annotated[str, AfterValidator(_list_id)]
    """What stands in the List-Id header, such as `public.news.example.org`."""
    salutation: Salutation
    key_messages: dict[str, StandingMessage] = Field(default_factory=dict)
    reason: Translations
    """Why the reader gets this, for the foot of the message."""

    @property
    def display_name(self) -> str:
        """Its name for those who write to it: in the first working language, where it has that."""
        return translated(self.name, LOCALES[0], LOCALES[0])


@cache
def placeholders(greeting: str) -> tuple[str, ...]:
    """Return the placeholders that a salutation uses."""
    return tuple(name for _, name, _, _ in Formatter().parse(greeting) if name is not None)


def greetings(
    named: str, unnamed: str, fields: Mapping[str, Sequence[str]], size: int
) -> Sequence[str]:
    """Return how some readers are greeted: by name where every part of it is known.

    Args:
        named: a greeting with placeholders.
        unnamed: the greeting of whom a placeholder has no value for.
        fields: for each of `PLACEHOLDERS`, the values of all readers; blank where unknown.
        size: how many readers there are.
    """
    names = placeholders(named)
    if not names:
        return [named.format_map({})] * size
    columns = [list(map(str.strip, fields[name])) for name in names]
    pattern = _pattern(named)
    return [
        pattern % row if all(known) else unnamed
        for row, known in zip(
            zip(*(fields[name] for name in names), strict=True),
            zip(*columns, strict=True),
            strict=True,
        )
    ]


@cache
def _pattern(greeting: str) -> str:
    """Return a salutation for the operator `%`, which takes a third of the time of `format_map`."""
    parts = Formatter().parse(greeting)
    return "".join(
        text.replace("%", "%%") + ("" if name is None else "%s") for text, name, _, _ in parts
    )


def load_audiences(folder: Path) -> dict[str, Audience]:
    """Return the audiences in the YAML files of a folder by id, in the order of their names.

    Raises:
        DocumentError: with every fault of every file, or because there is no file.
    """
    audiences: dict[str, Audience] = {}
    faults: list[Fault] = []
    for name, found in each_audience(folder):
        if isinstance(found, Audience):
            audiences[name] = found
        else:
            faults.extend(found)
    if faults:
        raise DocumentError(tuple(faults))
    if not audiences:
        raise no_audience(folder)
    return audiences


def known_audiences(folder: Path) -> dict[str, Audience | None] | None:
    """Return the audiences of a folder by id, None for one whose file is wrong.

    Returns:
        None where it is not known which audiences there are.
    """
    try:
        found = dict(each_audience(folder))
    except DocumentError:
        return None
    return {name: one if isinstance(one, Audience) else None for name, one in found.items()} or None


def no_audience(folder: Path) -> DocumentError:
    """Return the error that there is no file of an audience."""
    cure = f"Write one, such as {folder.name}/public.yaml."
    return DocumentError((Fault(folder.name, "holds no audience", cure),))


def each_audience(folder: Path) -> Iterator[tuple[str, Audience | tuple[Fault, ...]]]:
    """Yield the name of every YAML file of a folder, with its audience or what is wrong with it.

    Raises:
        DocumentError: if the folder cannot be read.
    """
    try:
        names = names_in(folder)
    except UnreadableError as error:
        raise DocumentError((Fault(folder.name, error.cause, error.cure),)) from None
    for path in (folder / name for name in names if fnmatchcase(name, "*.y*ml")):
        try:
            yield path.stem, _load(path, f"{folder.name}/{path.name}")
        except DocumentError as error:
            yield path.stem, error.faults


def _load(path: Path, name: str) -> Audience:
    if path.suffix != ".yaml" or not _ID.fullmatch(path.stem):
        cure = "Rename it: small letters, digits and hyphens, then .yaml."
        raise DocumentError((Fault(name, "is not a name for the file of an audience", cure),))
    refusal = ("is the name of the file", "Remove this line.")
    return read_document(path, name).check(Audience, named=path.stem, refusal=refusal)
