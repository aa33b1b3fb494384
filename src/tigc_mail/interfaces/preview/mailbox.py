"""The mailbox: the messages that the local outbox holds, listed, searched and read like mail.

An outbox may hold a hundred thousand files. Only their names, times and sizes are read to list
them; what stands in the head of one is read when it is first shown or searched, and kept by its
name and time.
"""

import os
import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from time import time_ns
from typing import Any, NamedTuple

from tigc_mail.errors import UsageError

SUFFIX = ".eml"

MAX_MESSAGE = 60_000_000
"""Octets of the largest message that is opened."""

MAX_LOOKED = 1_000
"""How many heads are read from the disk for one page of what is searched, at most."""

_HEAD = 16_384
"""Octets in which a head is looked for."""

_UNSURE = 2_000_000_000
"""Nanoseconds within which a folder may change again and keep its time."""

_DELIVERY = re.compile(r"(?P<campaign>.+-[0-9a-f]{6,})-\d+")
"""The id of a delivery: that of its campaign, and a number."""

_TEST = re.compile(r"test-(?P<campaign>.+-[0-9a-f]{6,})-[0-9a-f]{12}-\d+-\d+")

_QUOTED = re.compile(r'^"([^"\\]*)" <')

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
"""What a name must not hold that a browser saves a file under: paths, controls, direction marks."""


class Entry(NamedTuple):
    """One file of the folder; the order of these is that of their age, the oldest first."""

    changed: int
    """When, in nanoseconds."""
    length: int
    """That of its name, so that of two of one moment number 9 comes before number 10."""
    name: str
    size: int = 0
    """In octets."""


class Head(NamedTuple):
    """What a list shows of a message."""

    subject: str
    sender: str
    to: str
    date: str
    """In ISO 8601; empty where it says none."""
    locale: str
    """The language that it says it is in; empty for none."""
    test: bool


class Page(NamedTuple):
    """A part of the list, the newest first."""

    stamp: str
    """Another one, where there may be other messages."""
    total: int
    """How many messages there are, found or not."""
    found: list[tuple[Entry, Head]]
    after: str
    """Where to go on; empty at the end."""
    looked: int
    """How many messages were looked at for it."""


class Attached(NamedTuple):
    """A file that travels with a message."""

    name: str
    """One that is safe to save it under."""
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A message, opened."""

    head: Head
    headers: list[tuple[str, str]]
    html: str
    text: str
    calendar: bytes | None
    attachments: list[Attached]
    source: bytes = field(repr=False)


@dataclass
class Mailbox:
    """The messages of one folder. Several threads may ask at the same time.

    Args:
        folder: where the files are; it need not exist.
    """

    folder: Path
    _lock: Lock = field(default_factory=Lock)
    _known: dict[str, tuple[int, Entry]] = field(default_factory=dict)
    """The inode and the entry of each file: one that is replaced has another inode."""
    _entries: list[Entry] = field(default_factory=list)
    """The oldest first."""
    _stamp: str = ""
    """When the folder was listed last; empty where it has to be listed anew."""
    _heads: dict[str, tuple[int, Head]] = field(default_factory=dict)

    def page(self, words: str = "", *, after: str = "", size: int = 50) -> Page:
        """Return some of the messages, the newest first.

        Args:
            words: what each has to hold in its subject, recipient or name, in any case; the name
                is the id of its delivery. Where that takes reading many, the page may be short or
                empty and yet not the last.
            after: where the page before said to go on.
            size: how many at most.

        Raises:
            OSError: if the folder cannot be read.
        """
        wanted = words.casefold().split()
        with self._lock:
            entries, stamp = self._listed()
            at = bisect_left(entries, _cursor(after)) if after else len(entries)
            found: list[tuple[Entry, Head]] = []
            looked, reads = 0, 0
            for entry in map(entries.__getitem__, range(at - 1, -1, -1)):
                if len(found) == size or reads == MAX_LOOKED:
                    break
                looked += 1
                if not _all_in(wanted, entry.name):
                    reads += entry.name not in self._heads
                    head = self._head(entry)
                    if not _all_in(wanted, f"{entry.name} {head.subject} {head.to}"):
                        continue
                found.append((entry, self._head(entry)))
        rest = looked < at
        last = entries[at - looked] if rest else None
        return Page(stamp, len(entries), found, _mark(last) if last else "", looked)

    def unchanged(self, stamp: str) -> bool:
        """Return whether there are the same messages as when a page had that stamp."""
        with self._lock:
            return self._listed()[1] == stamp

    def read(self, name: str) -> Mail:
        """Return the message in a file of the folder.

        Args:
            name: that of the file, as the list has it.

        Raises:
            UsageError: if the folder has no such message, or it is too large to be shown.
            OSError: if it cannot be read.
        """
        with self._lock:
            self._listed()
            known = self._known.get(name)
        if known is None:
            cure = "Look at the list again: it may have been taken out."
            raise UsageError("there is no such message in the outbox", "inbox", cure)
        if known[1].size > MAX_MESSAGE:
            cure = "Open the file in a mail program."
            raise UsageError("is too large to be shown here", name, cure)
        with self._open(name) as file:
            return opened(file.read(MAX_MESSAGE))

    def _listed(self) -> tuple[list[Entry], str]:
        """List the folder, where it changed since."""
        now = time_ns()
        try:
            changed = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            self._known, self._entries, self._stamp, self._heads = {}, [], "", {}
            return self._entries, "none"
        stamp = str(changed)
        if stamp != self._stamp:
            self._known = dict(self._scanned())
            self._entries = sorted(entry for _, entry in self._known.values())
            if len(self._heads) > 2 * len(self._entries):
                self._heads.clear()
            self._stamp = stamp if now - changed > _UNSURE else ""
        return self._entries, f"{stamp}-{len(self._entries)}"

    def _scanned(self) -> Iterator[tuple[str, tuple[int, Entry]]]:
        """Yield name, inode and entry of each message; only what is new is asked for its time."""
        with os.scandir(self.folder) as found:
            for each in found:
                name = each.name
                if not name.endswith(SUFFIX) or name.startswith(".") or not name.isprintable():
                    continue
                known = self._known.get(name)
                if known is not None and known[0] == each.inode():
                    yield name, known
                elif each.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # it was taken out meanwhile
                        about = each.stat(follow_symlinks=False)
                        entry = Entry(about.st_mtime_ns, len(name), name, about.st_size)
                        yield name, (about.st_ino, entry)

    def _head(self, entry: Entry) -> Head:
        """Return what stands in the head of a message; of one that is gone, nothing."""
        changed, head = self._heads.get(entry.name, (0, None))
        if head is None or changed != entry.changed:
            try:
                with self._open(entry.name) as file:
                    head = head_of(file.read(_HEAD))
            except OSError:
                return Head("", "", "", "", "", test=False)
            self._heads[entry.name] = entry.changed, head
        return head

    def _open(self, name: str) -> Any:
        """Open a file of the folder, and nothing that a link leads to."""
        handle = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW)
        return os.fdopen(handle, "rb")


def campaign_of(name: str) -> str:
    """Return the id of the campaign that a file's message belongs to; empty for none."""
    stem = name.removesuffix(SUFFIX)
    found = _TEST.fullmatch(stem) or _DELIVERY.fullmatch(stem)
    return found["campaign"] if found else ""


def head_of(content: bytes) -> Head:
    """Return what a list shows of a message, of which the first octets are enough."""
    end = re.search(rb"\r?\n\r?\n", content)
    told = BytesHeaderParser().parsebytes(content[: end.start()] if end else content)
    return Head(
        subject=_words(told.get("Subject", "")),
        sender=_QUOTED.sub(r"\1 <", _words(told.get("From", ""))),
        to=_QUOTED.sub(r"\1 <", _words(told.get("To", ""))),
        date=_moment(str(told.get("Date", ""))),
        locale=_words(told.get("Content-Language", ""))[:35],
        test="Tigc-Mail-Test" in told,
    )


def opened(content: bytes) -> Mail:
    """Return a message as it is read, however odd it is."""
    message = message_from_bytes(content)
    bodies: dict[str, bytes] = {}
    charsets: dict[str, str] = {}
    attachments: list[Attached] = []
    for part in _parts(message):
        kind = part.get_content_type()
        attached = part.get_content_disposition() == "attachment" or part.get_filename()
        body = _content(part)
        if kind in _BODIES and not attached and kind not in bodies:
            bodies[kind], charsets[kind] = body, part.get_content_charset() or "utf-8"
        else:
            name = safe_name(part.get_filename() or "", f"attachment-{len(attachments) + 1}")
            attachments.append(Attached(name, kind, body))
    text = {kind: _decoded(body, charsets[kind]) for kind, body in bodies.items()}
    return Mail(
        head=head_of(content),
        headers=[(name, _words(value)) for name, value in message.items()],
        html=text.get("text/html", ""),
        text=text.get("text/plain", ""),
        calendar=bodies.get("text/calendar"),
        attachments=attachments,
        source=content,
    )


_BODIES = ("text/html", "text/plain", "text/calendar")
"""What a message is made of, where it is not attached to it."""


def safe_name(written: str, otherwise: str) -> str:
    """Return a name that a file may be saved under, made of the one that a message gives it."""
    name = _UNSAFE.sub("_", _words(written)).strip(" ._")
    stem, dot, suffix = name.rpartition(".")
    short = f"{stem[:100]}{dot}{suffix[:20]}" if dot else name[:100]
    return short.rstrip(" ._") or otherwise


def _parts(message: Message) -> Iterator[Message]:
    """Yield what a message is put together of; another message within is one part."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
    else:
        yield message


def _content(part: Message) -> bytes:
    if part.is_multipart():
        return b"".join(each.as_bytes() for each in part.get_payload() if isinstance(each, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):  # there is none of that name, or it takes no such octets
        return content.decode("utf-8", "replace")


def _words(value: Any) -> str:
    """Return the value of a header as people read it (RFC 2047), in one line."""
    try:
        plain = isinstance(value, str) and "=?" not in value
        told = value if plain else str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        told = str(value)
    return " ".join(told.encode("utf-8", "replace").decode("utf-8").split())


def _moment(value: str) -> str:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _all_in(words: list[str], text: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _mark(entry: Entry) -> str:
    return f"{entry.changed}/{entry.name}"


def _cursor(after: str) -> Entry:
    changed, _, name = after.partition("/")
    return Entry(int(changed) if changed.isdecimal() else 0, len(name), name)
