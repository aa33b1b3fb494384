"""The workspace that is measured: the shipped one, the benchmark's edition, and many readers."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.readers import write_readers

from tigc_mail import CompiledMessage, Workspace
from tigc_mail.ground.language import Locale
from tigc_mail.people.audience import Audience
from tigc_mail.render.message import Occurrence

EDITION = "benchmark"
PLACES = 50
"""Occurrences of slots in every variant of the edition, headers and plain text included."""
SMALLEST, LARGEST = 34_000, 39_000
"""Bytes of HTML of a variant; 37 KB is what is meant."""


def lay_down(folder: Path, size: int) -> Path:
    """Make a workspace with `size` readers and return its folder."""
    workspace = Workspace.create(folder)
    target = folder / "editions" / EDITION
    target.mkdir()
    shutil.copy(Path(__file__).with_name("edition.yaml"), target)
    if size:
        write_readers(workspace._engine, size)
    workspace._engine.dispose()
    return folder


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """Yield a copy of a workspace; it is gone afterwards."""
    with TemporaryDirectory(dir=folder.parent) as place:
        yield Path(shutil.copytree(folder, Path(place) / "workspace"))


def variants(workspace: Workspace) -> dict[str, CompiledMessage]:
    """Return every variant of the edition, compiled, by audience and language.

    The sizes that the figures are about are asserted here.
    """
    edition = workspace.edition(EDITION)
    compiled = {
        f"{audience.id} {locale}{' with all' if shown else ''}": workspace.compile(
            edition, audience, locale, shown
        )
        for audience in workspace.audiences().values()
        for locale in edition.languages
        for shown in _choices(workspace, audience, locale)
    }
    for name, message in compiled.items():
        assert SMALLEST <= html_size(message) <= LARGEST, (name, html_size(message))
        assert len(places(message)) == PLACES, (name, len(places(message)))
    return compiled


def places(message: CompiledMessage) -> list[Occurrence]:
    """Return where values go."""
    return [part for part in message.wire if isinstance(part, Occurrence)]


def html_size(message: CompiledMessage) -> int:
    """Return the bytes of the HTML part, decoded, without any values."""
    return sum(len(piece.encode()) for piece in message.html if isinstance(piece, str))


def _choices(
    workspace: Workspace, audience: Audience, _locale: Locale
) -> tuple[frozenset[str], frozenset[str]]:
    conditional = workspace.edition(EDITION).conditional_blocks(audience)
    return frozenset(), frozenset(block.id for block in conditional)
