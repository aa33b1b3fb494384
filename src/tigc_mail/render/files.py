"""A rendered message as files, to be opened one by one."""

from pathlib import Path

from tigc_mail.errors import UsageError
from tigc_mail.render.message import RenderedMessage


def write_message(message: RenderedMessage, folder: Path) -> list[Path]:
    """Write message.html, message.txt, message.eml and subject.txt; event.ics where there is one.

    Args:
        message: the message of one recipient.
        folder: where the files go; made where it does not exist.

    Returns:
        The files, in that order.

    Raises:
        UsageError: if the folder cannot be written to.
    """
    contents = {
        "message.html": message.html.encode(),
        "message.txt": message.text.encode(),
        "message.eml": message.as_bytes(),
        "subject.txt": f"{message.subject}\n".encode(),
    }
    if message.calendar is not None:
        contents["event.ics"] = message.calendar
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        cause = f"cannot be written to: {error.strerror}"
        raise UsageError(cause, str(folder), "Name a folder that you may write to.") from None
    return [folder / name for name in contents]
