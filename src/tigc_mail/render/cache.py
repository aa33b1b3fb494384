"""Compiled messages kept on disk, so that another run, or another process, need not compile."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, TypeAdapter, with_config

from tigc_mail.ground.files import make_shared, write_private
from tigc_mail.render.message import CompiledMessage

FORMAT = b"tigc_mail compiled message 2\n"
"""How a file begins; a line with the seal follows, then the message as JSON."""

MAX_ENTRIES = 2_000
MAX_BYTES = 256_000_000
MAX_MESSAGE = 32_000_000
"""A larger one is compiled each time."""

_SEAL = 64
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class CompiledCache:
    """A folder of compiled messages by identity; the least recently used give way.

    A message is plain data under a seal: a digest, keyed with the workspace's secret, over its
    identity and all its bytes. What is damaged, cut short, foreign or written without the secret is
    as good as not there. Nothing that happens to the folder or the disk stops a message from being
    compiled. There are no values of recipients in it.

    Args:
        folder: where it is; made when the first message is kept.
        secret: the secret of the workspace.
    """

    def __init__(self, folder: Path, secret: str) -> None:
        self.folder = folder
        self._key = blake2b(secret.encode(), digest_size=32, person=b"compiled").digest()

    def path(self, identity: str) -> Path:
        """Return the file of a message; another secret has another file."""
        return self.folder / f"{self._digest(identity.encode())}.json"

    def get(self, identity: str) -> CompiledMessage | None:
        """Return the message of that identity; None where it is not there, or not as it was put."""
        path = self.path(identity)
        try:
            content = _read(path)
        except OSError:
            return None
        head = len(FORMAT) + _SEAL + 1
        if not compare_digest(content[:head], self._head(identity, content[head:])):
            return None
        with suppress(ValueError):
            message = _as_json().validate_json(content[head:])
            with suppress(OSError):
                os.utime(path)  # used just now
            return message
        return None

    def put(self, identity: str, message: CompiledMessage) -> None:
        """Keep a message, where folder and disk allow it."""
        with suppress(OSError, ValueError):  # ValueError: half a surrogate, which JSON cannot hold
            body = _as_json().dump_json(message)
            if len(body) <= MAX_MESSAGE:
                self._make_folder()
                write_private(self.path(identity), self._head(identity, body) + body)
                self._make_room()

    def _head(self, identity: str, body: bytes) -> bytes:
        return FORMAT + self._digest(identity.encode() + b"\n" + body).encode() + b"\n"

    def _digest(self, content: bytes) -> str:
        return blake2b(content, key=self._key, digest_size=_SEAL // 2).hexdigest()

    def _make_folder(self) -> None:
        if not self.folder.is_dir():
            make_shared(self.folder.parent)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write_private(self.folder / ".gitignore", b"*\n")

    def _make_room(self) -> None:
        entries = sorted(_entries(self.folder), key=lambda entry: entry.used)
        count, size = len(entries), sum(entry.size for entry in entries)
        for entry in entries:
            if count <= MAX_ENTRIES and size <= MAX_BYTES:
                break
            entry.path.unlink(missing_ok=True)
            count, size = count - 1, size - entry.size


class _Entry(NamedTuple):
    path: Path
    size: int
    used: int


def _entries(folder: Path) -> Iterator[_Entry]:
    """Yield the messages, and what a process left that was killed while it wrote one."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.name.endswith((".json", ".part")) and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # another process made room just now
                    known = entry.stat(follow_symlinks=False)
                    yield _Entry(Path(entry.path), known.st_size, known.st_mtime_ns)


def _read(path: Path) -> bytes:
    """Return the bytes of a plain file; empty where it is something else, or far too large."""
    with open(os.open(path, _OPEN), "rb") as file:  # noqa: PTH123 (a pipe must not be waited for)
        known = os.fstat(file.fileno())
        plain = stat.S_ISREG(known.st_mode) and known.st_size <= 2 * MAX_MESSAGE
        return file.read() if plain else b""


@cache
def _as_json() -> TypeAdapter[CompiledMessage]:
    """Return what writes and reads every field of a message, and refuses any other."""
    config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", extra="forbid")
    return TypeAdapter(with_config(config)(CompiledMessage))
