"""The files of a workspace that texts stand in, read once more for the places in them."""

from contextlib import suppress
from pathlib import Path

from tigc_mail.content.load import FILE
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import DocumentError
from tigc_mail.ground.documents import Document, read_document
from tigc_mail.render.authored import AuthorTexts


def edition_document(workspace: Path, name: str) -> Document:
    """Return the file of an edition.

    Raises:
        DocumentError: if it cannot be read.
    """
    file = f"editions/{name}/{FILE}"
    return read_document(workspace / file, file)


def audience_document(workspace: Path, name: str) -> Document:
    """Return the file of an audience.

    Raises:
        DocumentError: if it cannot be read.
    """
    file = f"audiences/{name}.yaml"
    return read_document(workspace / file, file)


def author_texts(workspace: Path, edition: TailoredEdition) -> AuthorTexts | None:
    """Return the texts of an edition, with their files; None where those cannot be read."""
    with suppress(DocumentError):
        own = audience_document(workspace, edition.audience.id)
        return AuthorTexts.of(edition, edition_document(workspace, edition.id), own)
    return None
