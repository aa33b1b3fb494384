"""Reading a compiled message as mail programs do: its headers and parts, decoded to texts."""

import email
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from tigc_mail.delivery.guard.words import fingerprint
from tigc_mail.render.message import CompiledMessage

_SAMPLE = "https://sample.invalid/"
"""Fits into every slot."""

_SAMPLES = {
    "delivery.to": "sample@sample.invalid",
    "delivery.date": "Sun, 1 Nov 2026 08:00:00 +0000",
}

_OURS = frozenset(
    {"to", "date", "mime-version", "content-type", "content-transfer-encoding", "content-language"}
)
"""Headers with nothing of an author's in them (a file's name is read on its own)."""

_INLINE = frozenset(
    "a abbr b bdi bdo cite code del em font i ins kbd mark q s small span strong sub sup u"
    " wbr".split()
)
"""Elements that do not end a line of text."""

_LAYOUT = frozenset(
    "align bgcolor border cellpadding cellspacing charset class color dir height http-equiv lang"
    " media name rel role target type valign width".split()
)
"""Attributes that hold no text."""

_POLICY = policy.default.clone(header_factory=lru_cache(maxsize=256)(HeaderRegistry()))
"""Parses equal headers once: parts have many alike, and each is asked for several times."""

_ADDRESS = re.compile(r"url\(\s*['\"]?([^)'\"]+)", re.IGNORECASE)
_CONDITION = re.compile(r"\[if [^\]]*\]>|<!\[endif\]")

_FIXED = frozenset(
    {"BEGIN", "END", "VERSION", "PRODID", "METHOD", "CALSCALE", "STATUS", "TRANSP", "CLASS"}
)
"""Lines of a calendar with nothing of an author's in them."""


def texts_of(message: CompiledMessage) -> Iterator[tuple[str, str]]:
    """Yield every text of a message, as decoded, with the name of what it stands in.

    What is read is one recipient's message with a sample in each slot: each of its fields, so that
    what is added to messages is read too, and every header and part of its bytes.
    """
    rendered = message.fill({slot: _SAMPLES.get(slot, _SAMPLE) for slot in message.slots})
    for field in fields(rendered):
        yield from _read(field.name, getattr(rendered, field.name))


def _read(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, bytes) and value.startswith(b"BEGIN:VCALENDAR"):
        yield from ((name, text) for text in _calendar(value.decode("utf-8", "replace")))
    elif isinstance(value, bytes):
        parsed = email.message_from_bytes(value, policy=_POLICY)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 (which is what the policy makes)
        yield from _mime(parsed)
    elif isinstance(value, str):
        texts = _page(value) if name == "html" else value.splitlines()
        yield from ((name, text) for text in texts)


def _mime(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        for header, value in part.items():
            if header.lower() not in _OURS:
                yield f"header {header}", str(value)
        yield "file name", part.get_filename() or ""
        if part.get_content_maintype() != "text":
            content = part.get_payload(decode=True)
            yield "file", fingerprint(content) if isinstance(content, bytes) else ""
            continue
        text = part.get_content()
        match part.get_content_subtype():
            case "html":
                yield from (("html", found) for found in _page(text))
            case "calendar":
                yield from (("calendar", found) for found in _calendar(text))
            case _:
                yield from (("text", found) for found in text.splitlines())


def _calendar(text: str) -> Iterator[str]:
    """Yield the values and parameters of a calendar's lines, time zones left out (RFC 5545)."""
    in_zone = False
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        in_zone = (in_zone or line == "BEGIN:VTIMEZONE") and line != "END:VTIMEZONE"
        name = re.split("[:;]", line, maxsplit=1)[0].upper()
        if not in_zone and name not in _FIXED:
            told = re.sub(r"\\([,;\\])", r"\1", line[len(name) :])
            yield from re.split(r"\\[nN]", told)


def _page(html: str) -> Sequence[str]:
    """Return the texts of a page, however its lines end."""
    return _page_of("\n".join(html.splitlines()))


@lru_cache(maxsize=1)
def _page_of(html: str) -> Sequence[str]:
    """Return the texts of a page; that in the bytes of a message is, as a rule, one just read."""
    return _texts(html)


def _texts(html: str) -> Sequence[str]:
    reader = _Page()
    reader.feed(html)
    reader.close()
    return reader.texts()


@lru_cache(maxsize=256)
def _comment(data: str) -> Sequence[str]:
    """Return the texts of a comment; most hold a piece of layout that is in every message."""
    return _texts(_CONDITION.sub(" ", data))


class _Page(HTMLParser):
    """Gathers the texts of a page: those that are shown, hidden, or in an attribute or a comment.

    A line is kept twice: with blanks for its inline elements, and with nothing for them.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[str] = []
        self._line: list[str | None] = []
        self._within = ""

    def texts(self) -> Sequence[str]:
        """Return what was found."""
        self._end_line()
        return tuple(self._found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs if not _is_of_the_page(dict(attrs)) else ():
            if value and name == "style":
                self._found += _ADDRESS.findall(value)
            elif value and name not in _LAYOUT and not name.startswith("xmlns"):
                self._found.append(value)
        self._within = tag if tag in ("style", "script") else ""
        self._mark(tag)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""
        self._mark(tag)

    def handle_data(self, data: str) -> None:
        if self._within == "style":
            self._found += _ADDRESS.findall(data)
        elif self._within == "script":
            self._found += _script(data)
        else:
            self._line.append(data)

    def handle_comment(self, data: str) -> None:
        self._found += _comment(data)

    def _mark(self, tag: str) -> None:
        if tag in _INLINE:
            self._line.append(None)
        else:
            self._end_line()

    def _end_line(self) -> None:
        for between in (" ", ""):
            line = "".join(between if piece is None else piece for piece in self._line)
            if line.strip():
                self._found.append(line)
        self._line = []


def _is_of_the_page(attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element says how a page is shown, and nothing of its content."""
    shown = ("viewport", "color-scheme", "supported-color-schemes")
    return "http-equiv" in attributes or attributes.get("name") in shown


def _script(data: str) -> Iterable[str]:
    """Return the texts of data for machines, such as schema.org's."""
    try:
        return list(_strings(json.loads(data)))
    except ValueError:
        return [data]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
