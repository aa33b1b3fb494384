"""Following links, to find out whether they still lead somewhere; only where that is asked for.

A link in an author's file may point anywhere, at the machines of this network too. So only https
on its own port is followed, and only to public addresses: a host's addresses are looked up once,
all of them checked, and the connection is made to one of those that were checked. Each redirect is
a new link to which the same applies. Of an answer, the head is read and nothing more.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

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

_NAT64 = IPv6Network("64:ff9b::/96")
_SAFE = "/%:@!$&'()*+,;=~?[]"
_GONE = (404, 410)


def lookup(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, by the machine's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Return whether an address can be reached by everyone: not private, loopback or link-local."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = _within_ipv6(ip) or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _within_ipv6(ip: IPv6Address) -> IPv4Address | None:
    """Return the address of the old kind that one of the new kind leads to, if it does."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


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
    """Seconds that one request may take in all."""
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
        What is wrong with each of the first `policy.links`; None where nothing is.
    """
    chosen = [*links][: policy.links]
    with ThreadPoolExecutor(max_workers=policy.at_once) as pool:
        return dict(zip(chosen, pool.map(lambda link: follow(link, policy), chosen), strict=True))


def follow(link: str, policy: Policy) -> Outcome | None:
    """Return what is wrong with a link; None where it leads to a page."""
    try:
        for _ in range(policy.redirects + 1):
            onward = _step(link, policy)
            if onward is None:
                return None
            link = urljoin(link, onward)
    except _Stopped as stopped:
        return stopped.outcome
    return Outcome(ASTRAY, f"leads on more than {policy.redirects} times")


def _step(link: str, policy: Policy) -> str | None:
    """Ask for one page; return where it leads on to, if it does.

    Raises:
        _Stopped: where there is nothing, or where we must not ask.
    """
    host, target = _parts(link)
    addresses = _addresses(host, policy)
    status, onward = _asked("HEAD", host, addresses, target, policy)
    if status >= 400:
        status, onward = _asked("GET", host, addresses, target, policy)
    if status in _GONE:
        raise _Stopped(DEAD, f"answers {status}: there is no such page")
    if status >= 400:
        raise _Stopped(UNANSWERED, f"answers {status}")
    return onward if status in (301, 302, 303, 307, 308) else None


def _parts(link: str) -> tuple[str, str]:
    """Return the host of a link, and what to ask it for."""
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or PORT
    except ValueError:
        raise _Stopped(DEAD, "is not a link that can be followed") from None
    if parts.scheme != "https":
        raise _Stopped(ASTRAY, f"leads on to {parts.scheme or 'nothing'}:, which is not encrypted")
    if not host or port != PORT or parts.username is not None:
        raise _Stopped(ASTRAY, f"leads to a port other than {PORT}, or names a user")
    query = f"?{parts.query}" if parts.query else ""
    return host, quote(f"{parts.path or '/'}{query}", safe=_SAFE)


def _addresses(host: str, policy: Policy) -> Sequence[str]:
    try:
        addresses = policy.resolve(host, PORT)
    except socket.gaierror as wrong:
        if wrong.errno == socket.EAI_NONAME:
            raise _Stopped(DEAD, "names a host that does not exist") from None
        raise _Stopped(UNANSWERED, "names a host that could not be looked up") from None
    except (OSError, UnicodeError):
        raise _Stopped(UNANSWERED, "names a host that could not be looked up") from None
    if not addresses:
        raise _Stopped(DEAD, "names a host without an address")
    if not all(policy.allows(address) for address in addresses):
        raise _Stopped(PRIVATE, "leads to an address that is not public")
    return addresses


def _asked(
    method: str, host: str, addresses: Sequence[str], target: str, policy: Policy
) -> tuple[int, str | None]:
    """Return the status of the answer, and where it leads on to."""
    for address in addresses[:2]:
        connection = policy.connect(host, address, PORT, policy.timeout)
        try:
            with _within(policy.patience, connection):
                connection.request(method, target, headers={"User-Agent": AGENT, "Accept": "*/*"})
                answer = connection.getresponse()
                return answer.status, answer.getheader("Location")
        except (OSError, HTTPException, ValueError):
            continue
        finally:
            connection.close()
    raise _Stopped(UNANSWERED, "does not answer as a web page does")


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
