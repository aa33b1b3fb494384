"""The workspace that ships with the library, and how a copy of it is laid down."""

import shutil
from importlib.resources import files
from pathlib import Path

from tigc_mail.errors import UsageError
from tigc_mail.ground.files import writing_into
from tigc_mail.ground.reading import UnreadableError, is_there
from tigc_mail.interfaces.settings import FILE

FOLDERS = ("audiences", "templates", "editions")

SETTINGS = """\
# The settings of this workspace. A variable TIGC_MAIL_... of the environment wins over this file,
# and secrets never stand here: TIGC_MAIL_SECRET_KEY, TIGC_MAIL_SENDGRID_API_KEY, and
# TIGC_MAIL_SMTP_URL where it holds a password.

# Where contacts and the ledger are kept, from this folder.
database_url = "sqlite:///tigc-mail.db"

# What sends: outbox (files in outbox/, nothing leaves this machine), discard (composed in full and
# thrown away; the campaign counts as sent), smtp (a mail server: TIGC_MAIL_SMTP_URL) or
# sendgrid (an account there: TIGC_MAIL_SENDGRID_API_KEY). What leaves needs TIGC_MAIL_SECRET_KEY.
provider = "outbox"

# Where recipients find the unsubscribe, preference and web copy pages.
public_url = "https://mail.example.org"
"""


def require_workspace(folder: Path) -> None:
    """Do nothing where a folder is a workspace: it has settings, or audiences.

    Raises:
        UsageError: if it has neither, or cannot be looked into.
    """
    try:
        found = any(is_there(folder / name) for name in (FILE, FOLDERS[0]))
    except UnreadableError as error:
        raise UsageError(error.cause, str(folder), error.cure) from None
    if not found:
        cause = f"is not a workspace (it has neither {FILE} nor {FOLDERS[0]}/)"
        cure = "Name its folder with -w, or make one: tigc-mail init DIR."
        raise UsageError(cause, str(folder), cure)


def lay_down(target: Path) -> None:
    """Put a copy of the shipped workspace into `target`: all of it, or nothing.

    Raises:
        UsageError: if there is something of that name already, other than an empty folder.
        OutputError: if the folder or the disk does not take it.
    """
    with writing_into(target):
        if target.exists() and not target.is_dir():
            raise UsageError("is a file", str(target), "Name a folder.")
        if target.exists() and any(target.iterdir()):
            cure = "Name another folder, or empty it."
            raise UsageError("exists already and is not empty", str(target), cure)
        missing = [path for path in (target, *target.parents) if not path.exists()]
        try:
            target.mkdir(parents=True, exist_ok=True)
            for folder in FOLDERS:
                shutil.copytree(_shipped() / folder, target / folder)
            (target / FILE).write_text(SETTINGS, "utf-8")
        except BaseException:  # Ctrl-C, too
            for path in missing[-1:] or target.iterdir():
                shutil.rmtree(path, ignore_errors=True)
            raise


def clear(folder: Path) -> None:
    """Empty a folder that `lay_down` filled."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _shipped() -> Path:
    """Return the folder of the shipped workspace: in the wheel, or at the root of the project."""
    installed = Path(str(files("tigc_mail"))) / "shipped"
    return installed if installed.is_dir() else Path(__file__).parents[3]
