"""A stand-in for SendGrid on this machine, as strict as its documents, that can fail anywhere.

It serves `POST /v3/mail/send` on loopback, refuses what SendGrid documents to refuse, and composes
for each recipient the mail that they would get. In tests::

    with FakeSendGrid() as fake:
        fake.url, fake.key, fake.arrived()

As a process of its own, which outlives the sender and keeps the ids of what it accepted on disk::

    python -m tigc_mail.testing.sendgrid --accepted FILE

It serves until its standard input ends.
"""

import argparse
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from pathlib import Path
from threading import Lock, Thread
from time import sleep, time
from typing import Any, Literal

from tigc_mail.testing.sendgrid_rules import Refusal, checked, composed, is_sandboxed

KEY = "SG.a-key-for-nothing-but-tests"

Point = Literal[
    "accept",
    "before reading",
    "within reading",
    "after reading",
    "after accepting",
    "during the answer",
    "silence",
    "429",
    "429 until",
    "400",
    "500",
    "502",
    "html",
    "200",
    "empty 400",
    "redirect",
]
"""What it does with one request.

- `accept`: what SendGrid does.
- `before reading`, `within reading`, `after reading`: it breaks the connection there.
- `after accepting`, `during the answer`: it has the messages, and the answer is lost or cut short.
- `silence`: it has the messages, and never answers: the connection lasts until the sender ends it.
- `400`, `429`, `500`: SendGrid's own words, with nothing accepted; `502`: a gateway's, after
  accepting. `400` says what `refusal` is.
  `429` says for how long (`Retry-After`), `429 until` until when (`X-RateLimit-Reset`).
- `html`, `200`, `empty 400`, `redirect`: answers of something that is not SendGrid.
"""


@dataclass
class FakeSendGrid:
    """The server; a context manager that serves while it is open.

    Args:
        script: what to do with each request in turn; after its end they are accepted.
        compose: whether to compose the mail of each recipient; not needed to count.
        keep: a file to which the id of each accepted delivery is appended, durably.
        check: a further look at each request, which raises where something is wrong with it.
        port: where to listen; any free port by default.
    """

    script: Iterator[Point] = field(default_factory=lambda: repeat("accept"))
    compose: bool = True
    keep: Path | None = None
    check: Callable[[Any], None] | None = None
    light: bool = False
    """Whether only to count what comes, for measuring whoever sends it."""
    latency: float = 0.0
    """Seconds between accepting a request and answering it, as on a long way."""
    reset: int = 60
    """Seconds until the end of the rate limit that `429 until` tells."""
    refusal: Mapping[str, str] = field(default_factory=lambda: {"message": "Bad Request"})
    location: str = "http://127.0.0.1:9/"
    """Where `redirect` leads."""
    port: int = 0
    key: str = KEY
    accepted: list[str] = field(default_factory=list)
    """The ids of the deliveries that it has, in the order they came."""
    mails: list[bytes] = field(default_factory=list)
    requests: int = 0
    octets: int = 0
    """Of all request bodies that were read."""
    count: int = 0
    """Of the deliveries in the requests, where it only counts."""
    faults: list[str] = field(default_factory=list)
    """What `check` found."""

    def __post_init__(self) -> None:
        self._turn = Lock()
        self._server = _Server(
            ("127.0.0.1", self.port), type("Handler", (_Handler,), {"fake": self})
        )
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "FakeSendGrid":
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def arrived(self) -> list[bytes]:
        """Return the mails that recipients got."""
        return list(self.mails)

    def next_point(self) -> Point:
        """Return what to do with the next request."""
        with self._turn:
            self.requests += 1
            return next(self.script, "accept")

    def take(self, request: Mapping[str, Any]) -> None:
        """Accept what a request asks for."""
        people = request["personalizations"]
        ids = [str(person["custom_args"]["delivery_id"]) for person in people]
        mails = [composed(request, person) for person in people] if self.compose else []
        with self._turn:
            if self.keep is not None:
                with self.keep.open("a", encoding="ascii") as file:
                    file.write("".join(f"{each}\n" for each in ids))
                    file.flush()
                    os.fsync(file.fileno())
            self.accepted += ids
            self.mails += mails


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that break, which tests mean to do."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request as the script of its fake says."""

    fake: FakeSendGrid
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer."""
        self.close_connection = True
        point = self.fake.next_point()
        length = int(self.headers.get("Content-Length") or 0)
        if point in ("before reading", "within reading"):
            self.rfile.read(0 if point == "before reading" else length // 2)
            self._break()
            return
        body = self.rfile.read(length)
        self.fake.octets += len(body)
        if point == "after reading":
            self._break()
        elif self.fake.light:
            self.fake.count += body.count(b'"delivery_id"')
            self._say(202, b"", {"X-Message-Id": "counted"})
        elif point in _ANSWERS:
            self._say(*_ANSWERS[point])
        elif point == "400":
            self._say(400, json.dumps({"errors": [self.fake.refusal]}).encode())
        elif point == "redirect":
            self._say(307, b"", {"Location": self.fake.location})
        elif point == "429 until":
            limits = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0"}
            reset = {"X-RateLimit-Reset": str(int(time()) + self.fake.reset)}
            self._say(429, _words("too many requests"), limits | reset)
        else:
            self._accept(body, point)

    def _accept(self, body: bytes, point: Point) -> None:
        try:
            request = checked(self.path, self.headers, body, self.fake.key)
        except Refusal as refusal:
            self._say(refusal.status, json.dumps(refusal.body).encode())
            return
        if self.fake.check is not None:
            try:
                self.fake.check(request)
            except Exception as fault:  # noqa: BLE001 (a test looks at it)
                self.fake.faults.append(str(fault))
        if is_sandboxed(request):
            self._say(200, b"")
            return
        self.fake.take(request)
        sleep(self.fake.latency)
        if point == "after accepting":
            self._break()
        elif point == "silence":
            self.rfile.read(1)  # until the other side hangs up
        elif point == "during the answer":
            self.wfile.write(b"HTTP/1.1 20")
            self.wfile.flush()
            self._break()
        elif point == "502":
            self._say(502, b"<html>Bad gateway</html>")
        else:
            self._say(202, b"", {"X-Message-Id": f"message-{self.fake.requests}"})

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _break(self) -> None:
        """Break the connection, without an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()


def _words(message: str) -> bytes:
    return json.dumps({"errors": [{"message": message, "field": None, "help": None}]}).encode()


_ANSWERS: Mapping[str, tuple[int, bytes, Mapping[str, str]]] = {
    "429": (429, _words("too many requests"), {"X-RateLimit-Remaining": "0", "Retry-After": "7"}),
    "500": (500, _words("an unexpected error"), {}),
    "html": (200, b"<html>Sign in to this network</html>", {}),
    "200": (200, b"", {}),
    "empty 400": (400, b"", {}),
}


def main() -> None:
    """Serve until standard input ends; print the address first, and the counts last."""
    parser = argparse.ArgumentParser(
        description="A stand-in for SendGrid on this machine. It prints its address, and serves "
        "until its standard input ends: at once where that is closed or empty, as behind "
        "</dev/null. Without a terminal, keep it open: sleep 3600 | python -m ..."
    )
    parser.add_argument("--accepted", type=Path, help="a file for the ids of what it accepted")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", default="", help="what to do in turn, a comma between; repeats")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--light", action="store_true", help="only count what comes")
    options = parser.parse_args()
    points = [each.strip() for each in options.script.split(",") if each.strip()]
    script: Iterator[Any] = chain.from_iterable(repeat(points)) if points else repeat("accept")
    fake = FakeSendGrid(
        script,
        compose=False,
        keep=options.accepted,
        light=options.light,
        latency=options.latency,
        port=options.port,
    )
    with fake:
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        if sys.stdin is not None:  # none at all where it was closed
            sys.stdin.read()
    taken = fake.count or len(fake.accepted)
    told = {"requests": fake.requests, "octets": fake.octets, "accepted": taken}
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
