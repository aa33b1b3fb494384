"""A mail server on this machine that takes messages as RFC 5321 says, or fails where it is told to.

In tests::

    with FakeSmtp() as fake:
        fake.url, fake.arrived()

As a process of its own, which outlives the sender and keeps the ids of what it accepted on disk::

    python -m tigc_mail.testing.smtp --accepted FILE
"""

import argparse
import json
import os
import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from typing import Any, ClassVar, Literal

Point = Literal[
    "accept",
    "drop at the greeting",
    "421 at the greeting",
    "554 at the greeting",
    "drop at EHLO",
    "drop at MAIL",
    "sender refused",
    "drop at RCPT",
    "silence at RCPT",
    "later",
    "never",
    "no such user",
    "drop at DATA",
    "421 at DATA",
    "refused at DATA",
    "drop within",
    "drop after the dot",
    "drop after accepting",
    "half an answer",
    "silence",
    "nonsense",
    "later after the dot",
    "never after the dot",
]
"""What the server does with one message; those of the greeting and EHLO, with one connection.

- `later`, `never`, `no such user`: 450, 550 5.7.1 and 550 5.1.1 to RCPT.
- `drop after the dot`: it has read the message and forgets it; `drop after accepting`: it keeps it.
- `half an answer`, `nonsense`: it keeps the message, and answers so that nobody can read it.
- `silence at RCPT`, `silence`: it never answers to RCPT, or to a message that it keeps: the
  connection lasts until the sender ends it.
"""

POINTS: tuple[Point, ...] = Point.__args__  # type: ignore[attr-defined]

_AT_CONNECTION = frozenset(POINTS[1:5])
_AT_RCPT = {
    "later": "450 4.2.1 <{to}>: mailbox busy",
    "never": "550 5.7.1 <{to}>: rejected by policy",
    "no such user": "550 5.1.1 <{to}>: no such user here",
}
_AFTER_DOT = {"later after the dot": "451 4.3.0 try again", "never after the dot": "554 5.6.0 no"}
_MESSAGE_ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE | re.IGNORECASE)


class _Over(Exception):  # noqa: N818 (it is an end)
    """The connection ends here."""


@dataclass
class FakeSmtp:
    """The server; a context manager that serves while it is open.

    Args:
        act: what to do with the message to a recipient, by its address.
        connections: what to do with each connection in turn; after its end they are greeted.
        extensions: what it offers.
        keep: a file to which the id of each accepted message is appended, durably.
        context: with it, connections begin with TLS.
        port: where to listen; any free port by default.
    """

    act: Callable[[str], Point] = lambda _: "accept"
    connections: Iterator[Point] = field(default_factory=lambda: repeat("accept"))
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000")
    keep: Path | None = None
    context: ssl.SSLContext | None = None
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    """The addresses of those whose messages it has, in the order they came."""
    greeted: int = 0
    faults: list[str] = field(default_factory=list)
    """What clients did that they must not."""

    def __post_init__(self) -> None:
        self._turn = Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "FakeSmtp":
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"smtp://127.0.0.1:{self.address[1]}"

    def arrived(self) -> list[bytes]:
        """Return the messages that it has."""
        return list(self.mails)

    def take(self, recipient: str, content: bytes) -> None:
        """Accept a message."""
        found = _MESSAGE_ID.search(content)
        name = found[1].decode() if found else recipient
        with self._turn:
            if self.keep is not None:
                with self.keep.open("a", encoding="utf-8") as file:
                    file.write(f"{name}\n")
                    file.flush()
                    os.fsync(file.fileno())
            else:
                self.mails.append(content)
            self.accepted.append(recipient)

    def connected(self) -> Point:
        """Return what to do with the next connection."""
        with self._turn:
            self.greeted += 1
            return next(self.connections, "accept")


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that break, which tests mean to do."""


class _Handler(StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True
    fake: FakeSmtp

    def handle(self) -> None:
        """Converse until one of both has enough."""
        if self.fake.context is not None:
            self.request = self.fake.context.wrap_socket(self.request, server_side=True)
            self.connection = self.request
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        with suppress(_Over, OSError):
            self._converse(self.fake.connected())
        if self.fake.context is not None:
            for each in (self.rfile, self.wfile, self.request):
                with suppress(OSError):
                    each.close()

    def _converse(self, point: Point) -> None:
        greetings = {"421 at the greeting": "421 4.3.2 full", "554 at the greeting": "554 5.7.1 no"}
        if point == "drop at the greeting":
            self._break()
        self._say(greetings.get(point, "220 fake.example.org ESMTP"))
        if point in greetings:
            raise _Over
        self._point, self._sender, self._recipient = point, "", ""
        while line := self.rfile.readline():
            verb, _, rest = line.strip().decode().partition(" ")
            answer = self._VERBS.get(verb.upper())
            if answer is None:
                self.fake.faults.append(f"unknown: {verb[:20]}")
                self._say("500 5.5.2 what?")
            else:
                answer(self, rest)

    def _ehlo(self, _: str) -> None:
        if self._point == "drop at EHLO":
            self._break()
        *first, last = ["fake.example.org", *self.fake.extensions]
        for line in first:
            self._say(f"250-{line}")
        self._say(f"250 {last}")

    def _noop(self, _: str) -> None:
        self._say("250 2.0.0 fine")

    def _rset(self, _: str) -> None:
        self._sender, self._recipient = "", ""
        self._say("250 2.0.0 fine")

    def _quit(self, _: str) -> None:
        self._say("221 2.0.0 bye")
        raise _Over

    def _mail(self, rest: str) -> None:
        if self._sender:
            self.fake.faults.append("a second MAIL")
        # what is to happen depends on the recipient, whom a pipelining client names at once
        point = self._ahead()
        if point == "drop at MAIL":
            self._break()
        if point == "sender refused":
            self._say("550 5.7.1 sender not allowed")
            return
        self._say("250 2.1.0 fine")
        self._sender = rest

    def _ahead(self) -> Point:
        """Return what is to be done with the recipient named next, if the client pipelines."""
        if "PIPELINING" not in self.fake.extensions:
            return "accept"
        peeked = self.rfile.peek() if hasattr(self.rfile, "peek") else b""
        found = re.search(rb"RCPT TO:<([^>]*)>", peeked)
        return self.fake.act(found[1].decode()) if found else "accept"

    def _rcpt(self, rest: str) -> None:
        if not self._sender:
            self._say("503 5.5.1 MAIL first")
            return
        found = re.match(r"TO:<([^>]*)>", rest)
        recipient = found[1] if found else ""
        point = self.fake.act(recipient)
        if point == "drop at RCPT":
            self._break()
        if point == "silence at RCPT":
            self._say_nothing()
        if point in _AT_RCPT:
            self._say(_AT_RCPT[point].format(to=recipient))
            return
        self._say("250 2.1.5 fine")
        self._recipient = recipient

    def _data(self, _: str) -> None:
        recipient, self._sender, self._recipient = self._recipient, "", ""
        if not recipient:
            self._say("554 5.5.1 no valid recipients")
            return
        point = self.fake.act(recipient)
        if point == "drop at DATA":
            self._break()
        if point == "421 at DATA":
            self._say("421 4.3.2 closing")
            raise _Over
        if point == "refused at DATA":
            self._say("554 5.7.1 no message from you")
            return
        self._say("354 go on")
        content = self._content(half=point == "drop within")
        if point == "drop after the dot":
            self._break()
        if point in _AFTER_DOT:
            self._say(_AFTER_DOT[point])
            return
        self.fake.take(recipient, content)
        if point == "drop after accepting":
            self._break()
        if point == "half an answer":
            self.wfile.write(b"25")
            self._break()
        if point == "silence":
            self._say_nothing()
        self._say("hello?" if point == "nonsense" else f"250 2.0.0 queued as {id(content):X}")

    def _content(self, *, half: bool) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line or (half and lines):
                self._break()
            if len(line) > 1_000 or not line.endswith(b"\r\n"):
                self.fake.faults.append("a line that is too long, or has no end")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    _VERBS: ClassVar[dict[str, Callable[[Any, str], None]]] = {
        "EHLO": _ehlo,
        "HELO": _noop,
        "NOOP": _noop,
        "RSET": _rset,
        "MAIL": _mail,
        "RCPT": _rcpt,
        "DATA": _data,
        "QUIT": _quit,
    }

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _say_nothing(self) -> None:
        """Let the other side wait until it has enough."""
        while self.rfile.readline():
            pass
        raise _Over

    def _break(self) -> None:
        """Break the connection, without an orderly end."""
        with suppress(OSError):
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.request.close()
        raise _Over


def main() -> None:
    """Serve until standard input ends; print the address first, and the count last."""
    parser = argparse.ArgumentParser(
        description="A mail server on this machine, for tests. It prints its address, and serves "
        "until its standard input ends: at once where that is closed or empty, as behind "
        "</dev/null. Without a terminal, keep it open: sleep 3600 | python -m ..."
    )
    parser.add_argument("--accepted", type=Path, help="a file for the ids of what it accepted")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", default="", help="what to do in turn, a comma between; repeats")
    options = parser.parse_args()
    points: list[Any] = [each.strip() for each in options.script.split(",") if each.strip()]
    turns = chain.from_iterable(repeat(points)) if points else repeat("accept")
    turn = Lock()

    def act(_: str) -> Any:
        with turn:
            return next(turns)

    with FakeSmtp(act=act, keep=options.accepted, port=options.port) as fake:
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        if sys.stdin is not None:  # none at all where it was closed
            sys.stdin.read()
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{json.dumps({'accepted': len(fake.accepted)})}\n")


if __name__ == "__main__":
    main()
