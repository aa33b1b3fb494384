"""Following links: what is found, and where nobody is asked. All servers are on this machine."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from tigc_mail.render.lint.follow import Policy, follow, follow_all

ANSWERS: dict[str, tuple[int, str]] = {
    "/": (200, ""),
    "/caf%C3%A9?a=b%20c": (200, ""),
    "/moved": (301, "/"),
    "/plain": (302, "http://news.example.org/"),
    "/inside": (302, "https://intranet.example.org/"),
    "/file": (302, "file:///etc/passwd"),
    "/port": (302, "https://news.example.org:8443/"),
    "/round": (302, "/round"),
    "/gone": (410, ""),
    "/locked": (403, ""),
    "/broken": (500, ""),
    "/odd": (302, "https://[odd"),
    "/odd-host": (302, "//["),
    "/nowhere": (302, ""),
    "/unchanged": (304, ""),
}
"""What the server answers: a status, and where it leads on to."""

ADDRESSES = {
    "news.example.org": ["127.0.0.1"],
    "intranet.example.org": ["10.0.0.8"],
    "both.example.org": ["127.0.0.1", "10.0.0.8"],
    "nowhere.example.org": [],
    "xn--caf-dma.example.org": ["127.0.0.1"],
}


class Site(ThreadingHTTPServer):
    """A web site; it remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    server: Site

    def _answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        status, onward = ANSWERS.get(self.path, (404, ""))
        if self.path == "/get" and self.command == "GET":
            status = 200
        self.send_response(405 if self.path == "/get" and status != 200 else status)
        if onward:
            self.send_header("Location", onward)
        self.end_headers()

    do_HEAD = do_GET = _answer  # noqa: N815 (the names that the server looks for)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def _served() -> Iterator[Site]:
    site = Site()
    thread = Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def site(_served: Site) -> Site:
    """A web site that has not been asked anything yet."""
    _served.asked.clear()
    return _served


@pytest.fixture
def policy(site: Site) -> Policy:
    """Everything as it is, but that names lead to this machine, and the site speaks without TLS."""

    def resolve(host: str, port: int) -> list[str]:
        assert port == 443
        if host not in ADDRESSES:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return ADDRESSES[host]

    def connect(host: str, address: str, port: int, timeout: float) -> HTTPConnection:
        assert (host in ADDRESSES, address, port) == (True, "127.0.0.1", 443)
        return HTTPConnection("127.0.0.1", site.server_port, timeout=timeout)

    return Policy(resolve=resolve, allows=lambda address: address == "127.0.0.1", connect=connect)


@pytest.fixture
def found(policy: Policy) -> Callable[[str], str | None]:
    """Return the id of what is wrong with a link."""

    def followed(link: str) -> str | None:
        outcome = follow(link, policy)
        return outcome.check.id if outcome else None

    return followed


def test_a_page_that_is_there_is_asked_for_its_head_once(
    site: Site, found: Callable[[str], str | None]
) -> None:
    assert found("https://news.example.org") is None
    assert site.asked == ["HEAD /"]


@pytest.mark.parametrize(
    "link",
    [
        "https://news.example.org/café?a=b c#part",
        "https://news.example.org/caf%C3%A9?a=b%20c",
        "https://news.example.org:443/",
        "https://NEWS.example.org/",
        "https://café.example.org/",
        "https://news.example.org/moved",
        "https://news.example.org/get",
    ],
)
def test_a_link_may_be_written_and_answered_in_many_ways(
    link: str, found: Callable[[str], str | None]
) -> None:
    assert found(link) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/none", "link-dead"),
        ("/gone", "link-dead"),
        ("/locked", "link-unanswered"),
        ("/broken", "link-unanswered"),
        ("/round", "link-astray"),
        ("/plain", "link-astray"),
        ("/file", "link-astray"),
        ("/port", "link-astray"),
        ("/inside", "link-private"),
        ("/odd", "link-dead"),
        ("/odd-host", "link-dead"),
        ("/nowhere", "link-unanswered"),
        ("/unchanged", "link-unanswered"),
    ],
)
def test_a_link_that_leads_nowhere_good_is_told(
    path: str, expected: str, found: Callable[[str], str | None]
) -> None:
    assert found(f"https://news.example.org{path}") == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://intranet.example.org/", "link-private"),
        ("https://both.example.org/", "link-private"),
        ("https://unknown.example.org/", "link-dead"),
        ("https://nowhere.example.org/", "link-dead"),
        ("https://news.example.org:22/", "link-astray"),
        ("https://user@news.example.org/", "link-astray"),
        ("https://[::1/", "link-dead"),
        ("https:///page", "link-dead"),
        ("https://news.example.org/\udcff", "link-dead"),
        ("https://news.example.org:port/", "link-dead"),
        (f"https://{'a' * 70}.example.org/", "link-dead"),
        ("http://news.example.org/", "link-astray"),
        ("ftp://news.example.org/", "link-astray"),
    ],
)
def test_nobody_is_asked_where_a_link_must_not_be_followed(
    link: str, expected: str, site: Site, found: Callable[[str], str | None]
) -> None:
    assert found(link) == expected
    assert site.asked == []


def test_a_redirect_into_a_private_network_is_not_followed(
    site: Site, found: Callable[[str], str | None]
) -> None:
    found("https://news.example.org/inside")
    assert site.asked == ["HEAD /inside"]


def test_redirects_have_an_end(site: Site, found: Callable[[str], str | None]) -> None:
    found("https://news.example.org/round")
    assert len(site.asked) == Policy().redirects + 1


def test_a_resolver_that_fails_for_now_says_nothing_of_the_link(policy: Policy) -> None:
    def fails(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    outcome = follow("https://news.example.org/", replace(policy, resolve=fails))
    assert outcome is not None
    assert outcome.check.id == "link-unanswered"


def test_without_tls_there_is_no_answer(site: Site, policy: Policy) -> None:
    encrypted = Policy().connect

    def connect(host: str, address: str, _port: int, timeout: float) -> HTTPConnection:
        return encrypted(host, address, site.server_port, timeout)

    outcome = follow("https://news.example.org/", replace(policy, connect=connect))
    assert outcome is not None
    assert outcome.check.id == "link-unanswered"
    assert site.asked == []


def test_a_server_that_sends_a_little_now_and_then_is_given_up(policy: Policy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        end: list[bool] = []

        def drip() -> None:
            while not end:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                    while connection.recv(1024):
                        pass

        thread = Thread(target=drip)
        thread.start()

        def connect(_host: str, _address: str, _port: int, timeout: float) -> HTTPConnection:
            return HTTPConnection("127.0.0.1", port, timeout=timeout)

        slow = replace(policy, connect=connect, timeout=60, patience=0.05)
        outcome = follow("https://news.example.org/", slow)
        end.append(True)
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()
    assert outcome is not None
    assert outcome.check.id == "link-unanswered"


def test_a_resolver_that_does_not_answer_is_given_up(policy: Policy, site: Site) -> None:
    answered = Event()

    def waits(_host: str, _port: int) -> list[str]:
        answered.wait()
        return ["127.0.0.1"]

    outcome = follow("https://news.example.org/", replace(policy, resolve=waits, patience=0.02))
    answered.set()
    assert outcome is not None
    assert outcome.check.id == "link-unanswered"
    assert site.asked == []


class Clock:
    """A clock that goes on by one second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_a_link_has_its_time_whatever_each_of_its_steps_takes(policy: Policy, site: Site) -> None:
    outcome = follow("https://news.example.org/round", replace(policy, clock=Clock(), each=6))
    assert outcome is not None
    assert outcome.check.id == "link-unanswered"
    assert outcome.cause == "takes too long: it was given up"
    assert 0 < len(site.asked) < policy.redirects


def test_all_links_together_have_their_time(policy: Policy, site: Site) -> None:
    links = [f"https://news.example.org/?{number}" for number in range(9)]
    in_turn = replace(policy, clock=Clock(), whole=12, at_once=1)
    outcomes = follow_all(links, in_turn)
    assert 0 < len(outcomes) < len(links)
    assert [*outcomes] == links[: len(outcomes)]


def test_only_so_many_links_are_followed(policy: Policy, site: Site) -> None:
    links = [f"https://news.example.org/?{number}" for number in range(9)]
    outcomes = follow_all(links, replace(policy, links=5))
    assert list(outcomes) == links[:5]
    assert len([asked for asked in site.asked if asked.startswith("HEAD")]) == 5
