"""A rendered message as files, to be opened one by one."""

from pathlib import Path

from tigc_mail.ground.files import write_files
from tigc_mail.render.message import RenderedMessage


def write_message(message: RenderedMessage, folder: Path) -> list[Path]:
    """Write message.html, message.txt, message.eml and subject.txt; event.ics where there is one.

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
        contents["event.ics"] = message.calendar
    return write_files(folder, contents)
