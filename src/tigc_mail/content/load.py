"""Editions from the folder in which a team writes them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from os.path import exists
from pathlib import Path

from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope, is_slug
from tigc_mail.errors import DocumentError, Fault, UsageError
from tigc_mail.ground.documents import read_document
from tigc_mail.ground.reading import UnreadableError, is_there, names_in
from tigc_mail.ground.wording import shortened
from tigc_mail.people.audience import Audience, known_audiences

FILE = "edition.yaml"
"""The file in an edition's folder that holds its content."""


def list_editions(folder: Path) -> tuple[str, ...]:
    """Return the ids of the editions in a workspace's folder of editions, in the order of names.

    Raises:
        DocumentError: if the folder cannot be read.
    """
    return tuple(filter(is_slug, _folders(folder)))


def _folders(editions: Path) -> tuple[str, ...]:
    """Return the names of the folders that hold an edition, whether they can be its id or not."""
    with _told_of(editions):
        names = names_in(editions)
    return tuple(name for name in names if exists(editions / name / FILE))  # noqa: PTH110 (it never raises)


@contextmanager
def _told_of(editions: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableError as error:
        raise DocumentError((Fault(editions.name, error.cause, error.cure),)) from None


def edition_folder(editions: Path, name: str) -> Path:
    """Return the folder of the edition of this name.

    Args:
        editions: the workspace's folder of editions.
        name: what a person asked for; whatever is no id of an edition is refused, paths included.

    Raises:
        UsageError: if there is no such edition; it lists those there are.
        DocumentError: if the folder of editions cannot be read.
    """
    with _told_of(editions):
        if is_slug(name) and is_there(editions / name) and (editions / name).is_dir():
            return editions / name
    known = _folders(editions)
    if name in known and not is_slug(name):
        cause = f"the folder {shortened(name)!r} has no name that an edition can have"
        cure = "Rename it: small letters, digits and single hyphens, such as 2026-11-newsletter."
        raise UsageError(cause, "editions", cure)
    there = ", ".join(filter(is_slug, known))
    cure = f"There are {there}." if there else f"There are none in {editions}."
    raise UsageError(f"there is no edition {shortened(name)!r}", "editions", cure)


def load_in_workspace(folder: Path, audiences: Callable[[], Mapping[str, Audience]]) -> Edition:
    """Read the edition in `folder`, for audiences that may be wrong themselves.

    Args:
        folder: a folder within the workspace's `editions/`.
        audiences: returns those of the workspace by id.

    Raises:
        UsageError: if there is no such folder.
        DocumentError: with every fault of the file, and of the files of audiences.
    """
    try:
        known = audiences()
    except DocumentError as wrong:
        try:
            load_edition(folder, known_audiences(folder.parents[1] / "audiences"))
        except DocumentError as error:
            raise DocumentError((*wrong.faults, *error.faults)) from None
        raise
    return load_edition(folder, known)


def load_edition(folder: Path, audiences: Mapping[str, Audience | None] | None) -> Edition:
    """Read the edition in `folder`; the folder's name is its id.

    Args:
        folder: a folder within the workspace's `editions/`.
        audiences: those of the workspace by id, None for one that is wrong; None if not known.

    Raises:
        UsageError: if there is no such folder.
        DocumentError: with every fault of the file.
    """
    folder = edition_folder(folder.parent, folder.name)
    document = read_document(folder / FILE, f"editions/{folder.name}/{FILE}")
    named = document.content.get("audiences")
    right = [name for name in audiences or () if isinstance(named, list) and name in named]
    scope = Scope(workspace=audiences, folder=folder, readers=tuple(right))
    refusal = ("is not known here", "The folder's name is the id.")
    return document.check(Edition, named=folder.name, refusal=refusal, context=scope)
