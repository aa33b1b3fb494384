"""Following links, to find out whether they still lead somewhere; only where that is asked for.

A link in an author's file may point anywhere, at the machines of this network too. So only https
on its own port is followed, and only to public addresses: a host's addresses are looked up once,
all of them checked, and the connection is made to one of those that were checked. Each redirect is
a new link to which the same applies. Of an answer, the head is read and nothing more. Each link has
its time, and so have all of them together.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from math import inf
from threading import Event, Thread, Timer
from time import monotonic
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from tigc_mail.render.lint.addresses import is_public
from tigc_mail.render.lint.finding import Check, error, note, warning

DEAD = error("link-dead", "Readers who follow the link find nothing.")
PRIVATE = error("link-private", "The link leads into a private network, where readers are not.")
ASTRAY = warning("link-astray", "The link leads on to where browsers warn, or round in a circle.")
UNANSWERED = warning("link-unanswered", "Nobody knows whether readers would find anything.")
UNFOLLOWED = note("link-unfollowed", "Some links were not followed, to keep the check short.")

CHECKS = (DEAD, PRIVATE, ASTRAY, UNANSWERED, UNFOLLOWED)
"""The checks of this family."""

PORT = 443
AGENT = "tigc-mail (checks the links of a message before it is sent)"

_SAFE = "/%:@!$&'()*+,;=~?[]"
_GONE = (404, 410)
_ONWARD = (301, 302, 303, 307, 308)


def lookup(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, by the machine's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads all certificates of authorities


class _Pinned(HTTPSConnection):
    """A connection to one address of a host, whatever its name leads to by now."""

    def __init__(self, host: str, address: str, port: int, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout, context=_tls())
        self._address = address

    def connect(self) -> None:
        """Connect to the address, and ask there for the host's certificate."""
        bare = socket.create_connection((self._address, self.port), self.timeout)
        try:
            wrapped = _tls().wrap_socket(
                bare, server_hostname=self.host, do_handshake_on_connect=False
            )
        except OSError:
            bare.close()
            raise
        self.sock = wrapped
        wrapped.do_handshake()


@dataclass(frozen=True)
class Policy:
    """How far links are followed."""

    resolve: Callable[[str, int], Sequence[str]] = lookup
    allows: Callable[[str], bool] = is_public
    """Whether an address may be connected to."""
    connect: Callable[[str, str, int, float], HTTPConnection] = _Pinned
    """Makes a connection of host, address, port and timeout."""
    timeout: float = 5.0
    """Seconds that a connection may be silent."""
    patience: float = 15.0
    """Seconds that one request, or one look for a host, may take in all."""
    each: float = 40.0
    """Seconds that one link may take, its redirects and all its addresses counted."""
    whole: float = 300.0
    """Seconds after which no more links are followed."""
    clock: Callable[[], float] = monotonic
    """Tells the seconds that have passed since some moment."""
    links: int = 200
    redirects: int = 5
    at_once: int = 8


class Outcome(NamedTuple):
    """What is wrong with a link."""

    check: Check
    cause: str


class _Stopped(Exception):  # noqa: N818 (it carries an outcome, which need not be an error)
    """The end of following one link."""

    def __init__(self, check: Check, cause: str) -> None:
        super().__init__(cause)
        self.outcome = Outcome(check, cause)


def follow_all(links: Iterable[str], policy: Policy) -> dict[str, Outcome | None]:
    """Follow links, several at once.

    Args:
        links: https links, each once.
        policy: how.

    Returns:
        What is wrong with each link; None where nothing is. Those beyond `policy.links`, and those
        whose turn would have come after `policy.whole` seconds, are left out.
    """
    chosen = [*links][: policy.links]
    end = policy.clock() + policy.whole

    def followed(link: str) -> tuple[Outcome | None, ...]:
        return (follow(link, policy, end),) if policy.clock() < end else ()

    with ThreadPoolExecutor(max_workers=policy.at_once) as pool:
        outcomes = zip(chosen, pool.map(followed, chosen), strict=True)
        return {link: outcome for link, told in outcomes for outcome in told}


def follow(link: str, policy: Policy, end: float = inf) -> Outcome | None:
    """Return what is wrong with a link; None where it leads to a page.

    Args:
        link: the link.
        policy: how it is followed.
        end: the time on the policy's clock at which it is given up, if it has not been before.
    """
    asking = _Asking(policy, min(end, policy.clock() + policy.each))
    try:
        for _ in range(policy.redirects + 1):
            onward = _step(link, asking)
            if onward is None:
                return None
            link = _joined(link, onward)
    except _Stopped as stopped:
        return stopped.outcome
    return Outcome(ASTRAY, f"leads on more than {policy.redirects} times")


class _Asking(NamedTuple):
    """How one link is followed, and until when."""

    policy: Policy
    end: float

    def seconds(self, most: float) -> float:
        """Return how long the next thing may take.

        Raises:
            _Stopped: if there is no time left.
        """
        left = self.end - self.policy.clock()
        if left <= 0:
            raise _Stopped(UNANSWERED, "takes too long: it was given up")
        return min(left, most)


def _step(link: str, asking: _Asking) -> str | None:
    """Ask for one page; return where it leads on to, if it does.

    Raises:
        _Stopped: where there is nothing, or where we must not ask.
    """
    host, target = _parts(link)
    addresses = _addresses(host, asking)
    status, onward = _asked("HEAD", host, addresses, target, asking)
    if status >= 400:
        status, onward = _asked("GET", host, addresses, target, asking)
    if status in _GONE:
        raise _Stopped(DEAD, f"answers {status}: there is no such page")
    if status in _ONWARD and onward:
        return onward
    if status in _ONWARD:
        raise _Stopped(UNANSWERED, f"answers {status}, and does not say where it leads on to")
    if not 200 <= status < 300:
        raise _Stopped(UNANSWERED, f"answers {status}")
    return None


def _joined(link: str, onward: str) -> str:
    try:
        return urljoin(link, onward)
    except ValueError:
        raise _Stopped(DEAD, "leads on to what is not a link that can be followed") from None


def _parts(link: str) -> tuple[str, str]:
    """Return the host of a link, and what to ask it for."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or PORT
        query = f"?{parts.query}" if parts.query else ""
        target = quote(f"{parts.path or '/'}{query}", safe=_SAFE)
    except ValueError:
        raise _Stopped(DEAD, "is not a link that can be followed") from None
    if parts.scheme != "https":
        raise _Stopped(ASTRAY, f"leads on to {parts.scheme or 'nothing'}:, which is not encrypted")
    if not host:
        raise _Stopped(DEAD, "names no host")
    if port != PORT or parts.username is not None:
        raise _Stopped(ASTRAY, f"leads to a port other than {PORT}, or names a user")
    return host, target


def _addresses(host: str, asking: _Asking) -> Sequence[str]:
    policy = asking.policy
    try:
        addresses = _in_time(asking.seconds(policy.patience), lambda: policy.resolve(host, PORT))
    except socket.gaierror as wrong:
        if wrong.errno == socket.EAI_NONAME:
            raise _Stopped(DEAD, "names a host that does not exist") from None
        raise _Stopped(UNANSWERED, "names a host that could not be looked up") from None
    except (OSError, ValueError):
        raise _Stopped(UNANSWERED, "names a host that could not be looked up") from None
    if not addresses:
        raise _Stopped(DEAD, "names a host without an address")
    if not all(policy.allows(address) for address in addresses):
        raise _Stopped(PRIVATE, "leads to an address that is not public")
    return addresses


def _asked(
    method: str, host: str, addresses: Sequence[str], target: str, asking: _Asking
) -> tuple[int, str | None]:
    """Return the status of the answer, and where it leads on to."""
    policy = asking.policy
    for address in addresses[:2]:
        seconds = asking.seconds(policy.patience)
        connection = policy.connect(host, address, PORT, min(seconds, policy.timeout))
        try:
            with _within(seconds, connection):
                connection.request(method, target, headers={"User-Agent": AGENT, "Accept": "*/*"})
                answer = connection.getresponse()
                return answer.status, answer.getheader("Location")
        except (OSError, HTTPException, ValueError):
            continue
        finally:
            connection.close()
    raise _Stopped(UNANSWERED, "does not answer as a web page does")


def _in_time(seconds: float, look: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Return what a look-up finds; a resolver has no limit of its own.

    Raises:
        TimeoutError: if it takes too long; it is left to itself then.
        OSError: if it fails.
        ValueError: if it cannot be asked for.
    """
    found: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            found.set_result(look())
        except (OSError, ValueError) as wrong:
            found.set_exception(wrong)

    Thread(target=run, daemon=True).start()
    return found.result(seconds)


@contextmanager
def _within(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """End a connection that takes too long, however often it sends a little.

    Raises:
        TimeoutError: if it did.
    """
    late = Event()

    def end() -> None:
        late.set()
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError  # what was read until then looks like a whole answer
