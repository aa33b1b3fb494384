"""Connections to SendGrid that are used again, below the standard library's `urllib`.

It opens one for each request, and closes it: on a long way each then waits for two or three round
trips before it begins, and begins slowly. Everything else stays with it: proxies of the
environment, certificates, and which errors come before a request is written out as a whole.
"""

from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from time import monotonic
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, Request
from urllib.response import addinfourl

MAX_IDLE = 16
"""Connections that are kept while nothing is sent over them."""

IDLE_SECONDS = 3.0
"""After so long a connection is not used again: servers hang up after five seconds and more, and of
a request that meets such an end nobody knows whether it was read."""


class Connections:
    """The connections to one host that wait for the next request; several threads may use it."""

    def __init__(self) -> None:
        self._idle: list[tuple[HTTPConnection, float]] = []
        self._turn = Lock()

    def handlers(self) -> tuple[HTTPHandler, HTTPSHandler]:
        """Return what opens requests for `urllib.request.build_opener`, with these connections."""
        return _Plain(self), _Secure(self)

    def take(self) -> HTTPConnection | None:
        """Return the connection used last, if it can be used again."""
        while True:
            with self._turn:
                if not self._idle:
                    return None
                connection, since = self._idle.pop()
            if monotonic() - since < IDLE_SECONDS and not _has_ended(connection):
                return connection
            connection.close()

    def give_back(self, connection: HTTPConnection) -> None:
        """Keep a connection over which nothing is under way."""
        with self._turn:
            if len(self._idle) < MAX_IDLE:
                self._idle.append((connection, monotonic()))
                return
        connection.close()

    def close(self) -> None:
        """Close those that wait."""
        with self._turn:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()


class _Plain(HTTPHandler):
    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    def do_open(self, http_class: Any, req: Request, **options: Any) -> Any:
        return super().do_open(_lender(self._connections, http_class), req, **options)


class _Secure(HTTPSHandler):
    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    def do_open(self, http_class: Any, req: Request, **options: Any) -> Any:
        return super().do_open(_lender(self._connections, http_class), req, **options)


def _lender(connections: Connections, make: Callable[..., HTTPConnection]) -> Any:
    """Return what `urllib` takes for the class of a connection."""
    return lambda host, **options: _Lent(connections, connections.take() or make(host, **options))


class _Lent:
    """A connection for one request: one that waited, or a new one."""

    sock = None
    """Nothing that `urllib` would close."""

    def __init__(self, connections: Connections, connection: HTTPConnection) -> None:
        self._connections = connections
        self._connection = connection

    def set_debuglevel(self, level: int) -> None:
        """Print nothing, whatever the level: it would be the key."""

    def set_tunnel(self, *to: Any, **options: Any) -> None:
        """Go through a proxy, as the environment says."""
        if self._connection.sock is None:
            self._connection.set_tunnel(*to, **options)

    def request(
        self, method: str, url: str, body: Any, headers: dict[str, str], **options: Any
    ) -> None:
        """Write a request out, without asking the other side to hang up after it."""
        kept = {name: value for name, value in headers.items() if name != "Connection"}
        self._connection.request(method, url, body, kept, **options)

    def getresponse(self) -> addinfourl:
        """Return the answer, read to its end; where it breaks off, its status still counts."""
        response = self._connection.getresponse()
        try:
            content, whole = response.read(), not response.will_close
        except (OSError, HTTPException):
            content, whole = b"", False
        if whole:
            self._connections.give_back(self._connection)
        else:
            self._connection.close()
        answer = addinfourl(BytesIO(content), response.headers, "", response.status)
        answer.reason = response.reason  # type: ignore[attr-defined]
        return answer

    def close(self) -> None:
        """Close it: something went wrong on it."""
        self._connection.close()


def _has_ended(connection: HTTPConnection) -> bool:
    """Return whether the other side has hung up: there is something to read, and none was asked."""
    if connection.sock is None:
        return True
    with DefaultSelector() as selector:
        selector.register(connection.sock, EVENT_READ)
        return bool(selector.select(0))
