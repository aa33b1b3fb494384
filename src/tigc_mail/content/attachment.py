"""Files that travel with a message, from the folder of its edition."""

import re
from typing import Annotated, Any, NamedTuple

from pydantic import PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from tigc_mail.content.scope import SomeAudiences, scope_of
from tigc_mail.content.text import FixedLine
from tigc_mail.ground.documents import Frozen
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.reading import UnreadableError, content_of, unreadable
from tigc_mail.people.audience import Audience

MAX_BYTES = 5_000_000
"""No attached file is larger: many mail servers refuse messages of 10 MB, once it is encoded."""

CALENDAR = "event.ics"
"""The name of the calendar that a message about an event brings along."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
"""What may be attached, by the end of its name: what every mail server lets through."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(?P<suffix>[A-Za-z]+)")


class AttachedFile(NamedTuple):
    """A file and what is in it."""

    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """The type of its content (RFC 2046)."""
        return MEDIA_TYPES[self.name.rpartition(".")[2].lower()]


def _read(value: Any, info: ValidationInfo) -> AttachedFile:
    """Return the file of this name in the edition's folder."""
    if isinstance(value, AttachedFile):
        return value
    name = _NAME.fullmatch(value) if isinstance(value, str) else None
    if name is None:
        cause = "is not the name of a file in the edition's folder"
        raise ValueError(f"{cause}: letters A to Z, digits, - and _, with one dot: agenda.pdf")
    if name["suffix"].lower() not in MEDIA_TYPES:
        raise ValueError(f"is none of what may be attached: {', '.join(MEDIA_TYPES)}")
    folder = scope_of(info).folder
    if folder is None:
        return AttachedFile(value, b"")
    path = folder / value
    try:
        if path.is_symlink():
            raise FileNotFoundError  # noqa: TRY301 (what it leads to is not the edition's)
        content = content_of(path, MAX_BYTES + 1)
    except FileNotFoundError:
        cause = f"there is no file {value} beside edition.yaml"
        raise ValueError(f"{cause}; put it into that folder, or correct the name") from None
    except OSError as error:
        told = error if isinstance(error, UnreadableError) else unreadable(error)
        details = {"cause": told.cause, "cure": told.cure}
        raise PydanticCustomError("content", "{cause}", details) from None
    if not 0 < len(content) <= MAX_BYTES:
        raise ValueError(f"is empty, or larger than {MAX_BYTES // 1_000_000} MB")
    return AttachedFile(value, content)


class Attachment(Frozen):
    """A file that some readers get with the message."""

    file: Annotated[AttachedFile, PlainValidator(_read)]
    title: FixedLine
    """What readers are told it is."""
    marking: Marking
    """How far it may travel; no audience with a lower ceiling gets it."""
    audiences: SomeAudiences | None = None
    """The ids of the audiences that get it; None for all of the edition's."""

    def is_for(self, audience: Audience) -> bool:
        """Return whether an audience gets it: it is meant to, and may."""
        meant = self.audiences is None or audience.id in self.audiences
        return meant and audience.ceiling.allows(self.marking)
