"""A rendered message as files, to be opened one by one."""

from pathlib import Path

from tigc_mail.ground.files import write_files, writing_into
from tigc_mail.render.message import RenderedMessage

CALENDAR = "event.ics"
"""The file that not every message has."""


def write_message(message: RenderedMessage, folder: Path) -> list[Path]:
    """Write message.html, message.txt, message.eml and subject.txt; event.ics where there is one.

    The event.ics of another message, written there before, is removed where this one has none.

    Args:
        message: the message of one recipient.
        folder: where the files go; made where it does not exist.

    Returns:
        The files, in that order.

    Raises:
        OutputError: if the folder or the disk does not take them; then none is written.
    """
    contents = {
        "message.html": message.html.encode(),
        "message.txt": message.text.encode(),
        "message.eml": message.as_bytes(),
        "subject.txt": f"{message.subject}\n".encode(),
    }
    if message.calendar is not None:
        contents[CALENDAR] = message.calendar
    written = write_files(folder, contents)
    if message.calendar is None:
        with writing_into(folder):
            (folder / CALENDAR).unlink(missing_ok=True)
    return written
