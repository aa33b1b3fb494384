"""Revisions of a workspace that is kept in git: which there are, and each as a workspace to read.

Git is only asked: it is given no option from outside, no terminal, and no more than a few seconds.
What a commit holds is written into a folder of our own, which goes with the preview.
"""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from threading import RLock
from typing import NamedTuple
from weakref import finalize

from tigc_mail.errors import TigcMailError, UsageError
from tigc_mail.interfaces.workspace import Workspace

MAX_REVISIONS = 30
"""How many commits are told of an edition."""

MAX_KEPT = 12
"""How many of them are kept as folders; the least recently asked for gives way."""

MAX_OCTETS = 200_000_000
"""A commit that holds more in the folders of an edition is not looked at."""

_TIMEOUT = 10.0
"""Seconds that git is given for one answer."""

_NONE = re.compile("not a git repository|does not have any commits")

_OPTIONS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
"""So that git starts no other program."""

_LEADING_ELSEWHERE = frozenset(
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_PREFIX "
    "GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE".split()
)
"""Variables that a hook of git sets, and that show it another repository than ours."""


class Revision(NamedTuple):
    """A commit that touched what an edition is made of."""

    commit: str
    """Its full name."""
    at: str
    """When it was made (ISO 8601)."""
    subject: str
    """The first line of its message."""


class GitError(TigcMailError):
    """Git does not tell what it is asked for."""


@dataclass
class Revisions:
    """The revisions of one workspace. Several threads may ask at the same time.

    Args:
        folder: that of the workspace, which may lie within a bigger repository.
    """

    folder: Path
    _lock: RLock = field(default_factory=RLock)
    _kept: "OrderedDict[tuple[str, str], Workspace]" = field(default_factory=OrderedDict)
    _place: Path | None = None

    def of(self, edition: str) -> tuple[Revision, ...]:
        """Return the latest commits that touched an edition, the audiences or the templates.

        There are none where the workspace is in no repository, or there is no git.

        Raises:
            GitError: if git does not answer.
        """
        most, form = f"--max-count={MAX_REVISIONS}", "--format=%H%x00%cI%x00%s"
        try:
            told = self._git("log", most, "--encoding=UTF-8", form, "--", *_parts(edition))
        except GitError as error:
            if _NONE.search(error.cause):
                return ()
            raise
        except FileNotFoundError:
            return ()
        lines = (line.split("\0", 2) for line in told.decode("utf-8", "replace").split("\n"))
        return tuple(Revision(*line) for line in lines if len(line) == len(Revision._fields))

    @contextmanager
    def lent(self, now: Workspace, commit: str, edition: str) -> Iterator[Workspace]:
        """Lend the workspace as it was at a commit, with the settings of now, to one at a time.

        Only the files that the edition is made of are there; links are left out.

        Args:
            now: the workspace.
            commit: the full name of the commit.
            edition: the id of the edition.

        Raises:
            UsageError: if the commit has no such edition, or far too much.
            GitError: if git does not answer.
        """
        key = (commit, edition)
        with self._lock:
            known = self._kept.pop(key, None)
            if known is None or known.settings != now.settings:
                folder = self._unpacked(commit, edition) if known is None else known.folder
                known = Workspace(folder, now.settings)
            self._kept[key] = known  # as the one asked for last
            while len(self._kept) > MAX_KEPT:
                _, oldest = self._kept.popitem(last=False)
                shutil.rmtree(oldest.folder, ignore_errors=True)
            yield known

    def _unpacked(self, commit: str, edition: str) -> Path:
        """Write what an edition is made of at a commit into a folder of its own."""
        parts = self._there(commit, edition)
        packed = self._git("archive", "--format=tar", commit, "--", *parts)
        if self._place is None:
            self._place = Path(tempfile.mkdtemp(prefix="tigc-mail-revisions-"))
            finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=self._place))
        _unpack(packed, folder)
        return folder

    def _there(self, commit: str, edition: str) -> list[str]:
        """Return which of the parts of an edition a commit has."""
        listed = self._git("ls-tree", "-r", "-l", "-z", commit, "--", *_parts(edition))
        octets, there = 0, set()
        for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
            told, _, name = entry.partition("\t")
            size = told.split()[-1]
            octets += int(size) if size.isdigit() else 0
            there |= {part for part in _parts(edition) if name.startswith(f"{part}/")}
        own, *_ = _parts(edition)
        place = f"revision {commit[:10]}"
        if own not in there:
            raise UsageError(f"has no edition {edition}", place, "Choose a later one.")
        if octets > MAX_OCTETS:
            raise UsageError(f"holds more than {MAX_OCTETS:,} octets", place)
        return sorted(there)

    def _git(self, *words: str) -> bytes:
        """Return what git answers.

        Raises:
            FileNotFoundError: if there is no git.
            GitError: if it does not answer.
        """
        program = shutil.which("git")
        if program is None:
            raise FileNotFoundError("git")
        cure = "Look at it with `git log` in the workspace."
        try:
            answered = subprocess.run(  # noqa: S603 (no shell; what varies stands behind `--`)
                [program, *_OPTIONS, *words],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            cause = f"does not answer within {_TIMEOUT:.0f} seconds"
            raise GitError(cause, "git", cure) from None
        if answered.returncode != 0:
            said = answered.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise GitError(said or "does not answer", "git", cure)
        return answered.stdout


def _parts(edition: str) -> tuple[str, ...]:
    """Return what an edition is made of, its own folder first."""
    return f"editions/{edition}", "audiences", "templates"


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in _LEADING_ELSEWHERE}
    return own | {
        "LC_ALL": "C",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _unpack(packed: bytes, folder: Path) -> None:
    """Write the plain files of an archive; nothing else of it, and nothing outside the folder."""
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None and not name.is_absolute() and ".." not in name.parts:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
