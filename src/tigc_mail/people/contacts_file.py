"""A contacts file in CSV, read row by row: never more than one row is held in memory."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from tigc_mail.errors import ContactsFileError, UsageError
from tigc_mail.ground.reading import NotAFileError, UnreadableError, open_file
from tigc_mail.people import values
from tigc_mail.people.address import read_address
from tigc_mail.people.contact import CONSENT_BASES, Contact, as_field

MAX_LINE = 1_000_000
"""The most characters in one line of a file; more means that it is not a table of contacts."""

_READ: dict[str, Callable[[str], Any]] = {
    "email": read_address,
    "given_name": values.line_of_text,
    "family_name": values.line_of_text,
    "organisation": values.line_of_text,
    "role": values.line_of_text,
    "sector": values.sector,
    "country": values.country,
    "locale": values.locale,
    "consent_basis": values.consent_basis,
    "consent_at": values.moment,
    "tags": values.tags,
    "remove_tags": values.tags,
}

COLUMNS = tuple(_READ)
"""The columns that we know; every other one is an attribute."""

_ELSEWHERE = {
    "firstname": "given_name",
    "forename": "given_name",
    "lastname": "family_name",
    "surname": "family_name",
    "company": "organisation",
    "jobtitle": "role",
    "language": "locale",
    "consent": "consent_basis",
    "consentdate": "consent_at",
}
"""What other programs call columns that we know, in small letters without signs."""

_PERSONAL = ("email", "given_name", "family_name")
"""Columns whose wrong values are not repeated: logs and errors name nobody."""

_NEAR = 0.8
"""How near a name is to another, from 0 to 1, to be taken for a slip."""

_BLANK = " \N{NO-BREAK SPACE}"

_TOLD = 8
"""Names of columns that a message tells where the one that matters is missing."""


class Row(NamedTuple):
    """A good row."""

    line: int
    """The line of the file on which the row starts, from 1."""
    contact: Contact
    remove_tags: frozenset[str] = frozenset()
    """The tags that the contact is to carry no longer."""


class RejectedRow(NamedTuple):
    """A row that cannot be taken in."""

    line: int
    """The line of the file on which the row starts, from 1."""
    field: str
    """The column at fault; the first one where there are several."""
    reason: str
    """What is wrong and what would be right, for a person to read; it never holds an address or a
    telephone number, and no more of the cell than one word or a date."""


class Note(NamedTuple):
    """Something about the first line, or a row that went in, which a person should know."""

    line: int
    field: str
    note: str


class _Column(NamedTuple):
    name: str
    read: Callable[[str], Any]
    is_attribute: bool


def open_contacts_file(path: Path) -> "TextIOWrapper[BufferedReader]":
    """Open a contacts file.

    Raises:
        UsageError: if there is no such file.
        ContactsFileError: if it is not called `.csv`, or may not be read.
    """
    try:
        file = open_file(path)
    except NotAFileError as error:
        raise UsageError(error.cause, str(path), "Check the path of the contacts file.") from None
    except FileNotFoundError:
        cure = "Check the path of the contacts file."
        raise UsageError("no such file", str(path), cure) from None
    except UnreadableError as error:
        raise ContactsFileError(error.cause, str(path), error.cure) from None
    if path.suffix.lower() != ".csv":
        file.close()
        raise ContactsFileError("is not a CSV file", str(path), "Save it as CSV in UTF-8 (.csv).")
    return TextIOWrapper(file, encoding="utf-8-sig", newline="")


def read_contacts(
    file: "TextIOWrapper[BufferedReader]", name: str, now: datetime
) -> Iterator[Row | RejectedRow | Note]:
    """Yield the rows of a contacts file in their order.

    A note on the first line goes before them for each column that is kept as an attribute, and that
    may have been meant as one that we know.

    The first line names the columns, in any case, with `,` or `;` between them. Spaces around a
    cell do not count, a short row is filled up with blanks, and rows that are all blank are passed
    over. A cell may hold line breaks in quotes, but only an attribute may keep them.

    Args:
        file: the file as `open_contacts_file` opens it, with a byte order mark or without.
        name: how messages call it.
        now: no consent is later than this moment.

    Raises:
        ContactsFileError: if it is not UTF-8, is empty, lacks the column `email`, names a column
            twice, or holds a quote that is never closed.
    """
    try:
        yield from _rows(file, name, now)
    except UnicodeDecodeError:
        cause, cure = "is not UTF-8", "Save it as CSV in UTF-8."
        raise ContactsFileError(cause, f"{name}, line {_undecodable(file.buffer)}", cure) from None


def _rows(text: TextIO, name: str, now: datetime) -> Iterator[Row | RejectedRow | Note]:
    records = _records(text, name)
    line, header = next(records, (1, []))
    if isinstance(header, RejectedRow):
        raise ContactsFileError(header.reason, f"{name}, line {line}")
    if any("\0" in name for name in header):
        cause, cure = "is not UTF-8, but UTF-16 by its look", "Save it as CSV in UTF-8."
        raise ContactsFileError(cause, f"{name}, line {line}", cure)
    if not header:
        cure = f"Write a first line with the names of the columns, such as {','.join(COLUMNS[:3])}."
        raise ContactsFileError("is empty", name, cure)
    named = len(header)
    while len(header) > 1 and not header[-1].strip(_BLANK):
        header.pop()  # the line ends in a delimiter
    columns = _columns(header, f"{name}, line {line}")
    yield from _hints(line, columns)
    usual: int | None = None  # cells beyond the columns that every good row has: blanks at its end
    at_first = named - len(header)  # before there is a good row, what the first line has counts
    for line, cells in records:
        if isinstance(cells, RejectedRow):
            yield cells
            continue
        row = _row(line, cells, columns, now, at_first if usual is None else usual)
        if isinstance(row, Row):
            beyond = max(0, len(cells) - len(columns))
            usual = beyond if usual is None else min(usual, beyond)
        yield row


# Cells


def _records(text: TextIO, name: str) -> Iterator[tuple[int, list[str] | RejectedRow]]:
    """Yield the cells of each row that is not blank, with the line on which it starts."""
    lines, last = _lines(text, name), ""

    def remembered() -> Iterator[str]:
        nonlocal last
        for read in chain([first], lines):
            last = read
            yield read

    blank, first = 0, next(lines, "")
    while first and not first.strip():
        blank, first = blank + 1, next(lines, "")
    reader = csv.reader(remembered(), delimiter=_delimiter(first), strict=True)
    while True:
        line = blank + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            until, said = blank + reader.line_num, str(error)
            if "field limit" in said and until == line and '"' not in last:
                longest = f"{csv.field_size_limit():,} characters"
                yield line, RejectedRow(line, "row", f"one of its cells is longer than {longest}")
            else:
                yield line, _badly_quoted(line, until, said, name)
            continue
        if cells is None:
            return
        if any(cell.strip(_BLANK) for cell in cells):
            yield line, cells


def _lines(text: TextIO, name: str) -> Iterator[str]:
    count = 0
    while line := text.readline(MAX_LINE):
        count += 1
        if len(line) == MAX_LINE:
            cause = f"a line of more than {MAX_LINE:,} characters is not a row of contacts"
            raise ContactsFileError(cause, f"{name}, line {count}", "Check what the file is.")
        yield line


def _delimiter(header: str) -> str:
    """Return what stands between the names of the columns: what sets `email` apart, else most."""
    bare = re.sub(r'"[^"]*"', "", header)
    apart = [sign for sign in ",;" if "email" in map(str.strip, header.lower().split(sign))]
    if len(apart) == 1:
        return apart[0]
    return ";" if bare.count(";") > bare.count(",") else ","


def _badly_quoted(line: int, last: int, said: str, name: str) -> RejectedRow:
    """Return the rejection of a row whose quotes are wrong.

    Raises:
        ContactsFileError: if nothing after it can be told apart from it.
    """
    if "expected after" not in said:
        cause = "a quoted cell in the row that starts here never ends, or is far too long"
        raise ContactsFileError(cause, f"{name}, line {line}", 'Look for a " without its partner.')
    until = f" (the row was read as far as line {last})" if last > line else ""
    reason = f'a quote within a quoted cell must be doubled (""){until}'
    return RejectedRow(line, "row", reason)


def _undecodable(file: BufferedReader) -> int:
    """Return the first line that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    file.seek(0)
    while part := file.readline(65_536):
        try:
            decoder.decode(part)
        except UnicodeDecodeError:
            break
        line += part.endswith(b"\n")
    return line


# Columns


def _columns(header: Sequence[str], place: str) -> tuple[_Column, ...]:
    if len(header) == 1 and "\t" in header[0]:
        cure = "Save it with a comma or a semicolon between the columns."
        raise ContactsFileError("there are tabs between the columns", place, cure)
    columns = tuple(_column(at, title.strip(), place) for at, title in enumerate(header, start=1))
    names = Counter(column.name for column in columns)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        cause = f"the column {twice[0]!r} stands there more than once"
        raise ContactsFileError(cause, place, "Keep one of them.")
    if "email" not in names:
        told = ", ".join(repr(name) for name in [*names][:_TOLD] if "@" not in name)
        cause = "there is no column 'email'" + (f" among {told}" if told else "")
        cure = (
            "Call one of them `email`; the first line names the columns, with a comma or a"
            " semicolon between them."
        )
        raise ContactsFileError(cause, place, cure)
    return columns


def _column(at: int, title: str, place: str) -> _Column:
    known = as_field(title)
    if known in _READ:
        return _Column(known, _READ[known], is_attribute=False)
    if not title:
        return _Column(f"column {at}", _refuse, is_attribute=True)
    try:
        return _Column(values.line_of_text(title), values.attribute, is_attribute=True)
    except ValueError as error:
        raise ContactsFileError(f"the name of column {at} {error}", place) from None


def _hints(line: int, columns: Sequence[_Column]) -> Iterator[Note]:
    """Yield a note for each attribute whose name is near that of a column which is not there."""
    there = {column.name for column in columns}
    bare = {name.replace("_", ""): name for name in COLUMNS if name not in there}
    meant = {said: name for said, name in _ELSEWHERE.items() if name not in there} | bare
    for column in columns:
        title = re.sub(r"[\W_]+", "", column.name.lower())
        near = get_close_matches(title, meant, n=1, cutoff=_NEAR)
        if near and column.is_attribute and column.read is not _refuse:
            told = f"is kept as an attribute; call the column `{meant[near[0]]}` if that is meant"
            yield Note(line, column.name, told)


def _refuse(_text: str) -> str:
    raise ValueError("has no name in the first line; name it, or empty its cells")


# Rows


def _row(
    line: int, cells: Sequence[str], columns: Sequence[_Column], now: datetime, usual: int
) -> Row | RejectedRow:
    """Return what a row says.

    Where a text with a delimiter lacks its quotes, all that follows stands in the wrong column. So
    a row with too many cells is told for that alone: where one of the surplus ones is filled, or
    where it does not fit and has more of them than the rows before it, which may all end in a
    delimiter.

    Args:
        line: where it starts.
        cells: its cells.
        columns: what the first line names.
        now: no consent is later.
        usual: how many blank cells beyond the columns the good rows before it have, or the first
            line where there is none.
    """
    known: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    faults: dict[str, str] = {}
    written: dict[str, str] = {}
    beyond = cells[len(columns) :]
    if any(cell.strip(_BLANK) for cell in beyond):
        return _too_long(line, cells, columns)
    for column, cell in zip(columns, cells, strict=False):
        if not (text := cell.strip(_BLANK)):
            continue
        try:
            (attributes if column.is_attribute else known)[column.name] = column.read(text)
        except ValueError as error:
            faults[column.name] = _fault(column, text, str(error))
        else:
            written[column.name] = text
    _check_together(known, faults, now, written)
    if faults:
        longer = len(beyond) > usual
        return _too_long(line, cells, columns) if longer else _rejected(line, faults)
    address, gone = known.pop("email"), known.pop("remove_tags", frozenset())
    email, readable = address.email, address.readable
    contact = Contact(email=email, email_readable=readable, attributes=attributes, **known)
    return Row(line, contact, gone)


def _too_long(line: int, cells: Sequence[str], columns: Sequence[_Column]) -> RejectedRow:
    reason = f"the row has {len(cells)} cells, the first line names {len(columns)} columns"
    cure = "put each text that holds a comma or a semicolon in quotes, or remove the last cells"
    return RejectedRow(line, "row", f"{reason}; {cure}")


def _fault(column: _Column, text: str, reason: str) -> str:
    """Return what is wrong with a cell, behind the value itself where that may be told."""
    if column.name in _PERSONAL or column.read is _refuse:
        return reason
    return f"{values.repeated(text, as_date=column.read is values.moment)} {reason}".lstrip()


def _check_together(
    known: Mapping[str, Any], faults: dict[str, str], now: datetime, written: Mapping[str, str]
) -> None:
    """Add the faults that lie in no field alone.

    Args:
        known: the values that were read.
        faults: the faults so far.
        now: no consent is later.
        written: the cells of those values.
    """
    if "email" not in known and "email" not in faults:
        faults["email"] = "is empty; every row needs an address"
    if both := known.get("tags", frozenset()) & known.get("remove_tags", frozenset()):
        tag = values.repeated(min(both)) or "a tag"
        faults["remove_tags"] = f"{tag} stands in tags, too; keep it in one of the two"
    if "consent_at" not in known:
        return
    if known["consent_at"] > now:
        shown = values.repeated(written["consent_at"], as_date=True)
        told = "lies in the future; write when the permission was given"
        faults["consent_at"] = f"{shown} {told}".lstrip()
    if "consent_basis" not in known and "consent_basis" not in faults:
        bases = ", ".join(CONSENT_BASES)
        faults["consent_basis"] = f"is empty, but consent_at is not; write one of {bases}"


def _rejected(line: int, faults: dict[str, str]) -> RejectedRow:
    """Return one rejection for all the faults of a row."""
    (field, reason), *others = faults.items()
    for also, why in others:
        reason += f"{' ' if reason.endswith('?') else '; '}{also}: {why}"
    return RejectedRow(line, field, reason)
