"""What all tests share: how hard hypothesis looks, and messages of the shipped workspace."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.language import Locale
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.message import CompiledMessage

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_MEMORY, _ROOM = Path("/dev/shm"), 2_000_000_000  # noqa: S108 (pytest makes a folder of its own)


def _in_memory() -> None:
    """Keep the files of tests in memory where there is room for them (octets).

    What lies there is as safe from `kill -9` as on a disk, which takes longer to be sure of a
    transaction than most tests do for all the rest.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    there = os.statvfs(_MEMORY)
    if there.f_bavail * there.f_frsize > _ROOM and not there.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


_in_memory()

SHIPPED = Path(__file__).parents[1]

pytest_plugins = ["tests.databases"]


@pytest.fixture(scope="session")
def shipped() -> Workspace:
    """The workspace that ships with the library."""
    return Workspace.open(SHIPPED)


@pytest.fixture(scope="session")
def shipped_variants(shipped: Workspace) -> tuple[TailoredEdition, ...]:
    """Every shipped edition for each of its audiences in each of its languages, all blocks shown."""
    editions = [shipped.edition(name) for name in shipped.editions()]
    return tuple(
        edition.for_audience(shipped.audience(audience), locale)
        for edition in editions
        for audience in edition.audiences
        for locale in edition.languages
    )


@pytest.fixture(scope="session")
def compile_shipped(shipped: Workspace) -> Callable[[TailoredEdition], CompiledMessage]:
    """Compile a variant with the shipped templates; the same one only once, for all workers."""
    compiler, known = shipped.compiler(), dict[tuple[str, str, Locale], CompiledMessage]()

    def compile_(edition: TailoredEdition) -> CompiledMessage:
        at = (edition.id, edition.audience.id, edition.locale)
        return known.get(at) or known.setdefault(at, compiler.compile(edition))

    return compile_


@pytest.fixture(scope="session")
def shipped_message(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> CompiledMessage:
    """One compiled message of the shipped workspace."""
    return compile_shipped(shipped_variants[0])
