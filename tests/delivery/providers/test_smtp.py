"""SMTP, against real servers on this machine: nobody is lost, and nobody gets a message twice."""

import asyncio
import logging
import os
import resource
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from hypothesis import given, settings
from hypothesis import strategies as st

from tigc_mail import ConfigurationError, Provider, ProviderError, Receipt, Shipment
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.delivery.providers.smtp import Smtp
from tigc_mail.errors import UnavailableError
from tigc_mail.testing import (
    Arrived,
    Failing,
    Failure,
    FailureConformance,
    ProviderConformance,
    address,
    shipment,
)
from tigc_mail.testing.smtp import POINTS, FakeSmtp, Point

PASSWORD = "a/pass@word"
IN_VAIN = 0.2
"""Seconds that a provider waits for what never comes."""


class Server(Controller):
    """A server of aiosmtpd on any free port."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Inbox:
    """Keeps what an aiosmtpd server takes, or has it fail."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.failure: Failure | None = None

    async def handle_RCPT(  # noqa: N802 (aiosmtpd calls it so)
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        match self.failure:
            case "refuses for good":
                return f"550 5.7.1 <{address}>: not from you"
            case "refuses for now":
                return f"450 4.2.1 <{address}>: mailbox busy"
            case "breaks before reading":
                await break_off(server)
            case "is silent before reading":
                await say_nothing()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(  # noqa: N802
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        if self.failure == "breaks after reading":
            await break_off(server)
        self.mails.append(bytes(envelope.content or b""))
        match self.failure:
            case "breaks after accepting":
                await break_off(server)
            case "breaks during the answer":
                await break_off(server, said=b"250 2.0")
            case "is silent after accepting":
                await say_nothing()
            case "answers late":
                await asyncio.sleep(0.01)
        return "250 2.0.0 queued as 12ab"


async def break_off(server: SMTP, said: bytes = b"") -> None:
    """End a connection with half an answer; its end cancels whoever waits here."""
    assert server.transport is not None
    server.transport.write(said)
    server.transport.close()
    await say_nothing()


async def say_nothing() -> None:
    """Wait until the connection ends."""
    await asyncio.Event().wait()


def smtp(url: str, **options: Any) -> Smtp:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIGC_MAIL_SMTP_URL", url)
        return Smtp.open(Opening(Path(), options))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def server_context(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def opened() -> Iterator[Callable[..., Smtp]]:
    """Yield what opens a provider, which is closed afterwards."""
    with ExitStack() as open_ones:

        def make(url: str, **options: Any) -> Smtp:
            provider = smtp(url, **options)
            open_ones.callback(provider.close)
            return provider

        yield make


def patience(failure: Failure) -> dict[str, float]:
    """Return timeouts that are short for what never comes, and long for all else."""
    return {
        "is silent before reading": {"timeout": IN_VAIN},
        "is silent after accepting": {"answer_timeout": IN_VAIN},
    }.get(failure, {})


def nowhere() -> str:
    """Return the URL of a port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"smtp://127.0.0.1:{closed.getsockname()[1]}"


class TestSmtpPlain(ProviderConformance):
    """Against aiosmtpd, without TLS."""

    @pytest.fixture
    def provider(self, inbox: Inbox) -> Iterator[Provider]:
        controller = Server(inbox, "127.0.0.1", 0, enable_SMTPUTF8=True)
        controller.start()
        provider = smtp(f"smtp://127.0.0.1:{controller.port}")
        yield provider
        provider.close()
        controller.stop()

    @pytest.fixture
    def arrived(self, inbox: Inbox) -> Arrived | None:
        return lambda: inbox.mails


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
class TestSmtpFailures(FailureConformance):
    """Against an aiosmtpd that fails, and that lets in only who has the password."""

    @pytest.fixture
    def secrets(self) -> Sequence[str]:
        return (PASSWORD, "a%2Fpass%40word")

    @pytest.fixture
    def failing(
        self, inbox: Inbox, opened: Callable[..., Smtp], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Failing]:
        monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)  # the server's own
        controller = guarded(inbox, None)
        controller.start()
        there = f"smtp://ana:a%2Fpass%40word@127.0.0.1:{controller.port}"

        def fail(failure: Failure) -> Provider:
            inbox.failure = failure
            url = nowhere() if failure == "is not there" else there
            return opened(url, **patience(failure))

        yield fail
        controller.stop()

    @pytest.fixture
    def arrived(self, inbox: Inbox) -> Arrived | None:
        return lambda: inbox.mails


_FAILING: dict[Failure, Point] = {
    "refuses for good": "never",
    "refuses for now": "later after the dot",
    "breaks before reading": "drop at RCPT",
    "is silent before reading": "silence at RCPT",
    "breaks after reading": "drop after the dot",
    "breaks after accepting": "drop after accepting",
    "breaks during the answer": "half an answer",
    "is silent after accepting": "silence",
}


class TestSmtpPipelining(ProviderConformance, FailureConformance):
    """Against a server that offers PIPELINING."""

    @pytest.fixture
    def failing(self, fake: FakeSmtp, opened: Callable[..., Smtp]) -> Failing:
        def fail(failure: Failure) -> Provider | None:
            if failure == "is not there":
                return opened(nowhere())
            point = _FAILING.get(failure)
            fake.act = lambda _: point or "accept"
            return opened(fake.url, **patience(failure)) if point else None

        return fail

    @pytest.fixture
    def fake(self) -> Iterator[FakeSmtp]:
        with FakeSmtp() as fake:
            yield fake
        assert fake.faults == []

    @pytest.fixture
    def provider(self, fake: FakeSmtp) -> Iterator[Provider]:
        provider = smtp(fake.url)
        yield provider
        provider.close()

    @pytest.fixture
    def arrived(self, fake: FakeSmtp) -> Arrived | None:
        return fake.arrived


# TLS and authentication


def let_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = (data.login, data.password) == (b"ana", PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def guarded(inbox: Inbox, context: ssl.SSLContext | None) -> Server:
    return Server(
        inbox,
        "127.0.0.1",
        0,
        tls_context=context,
        require_starttls=context is not None,
        authenticator=let_in,
        auth_required=True,
        auth_require_tls=context is not None,
    )


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", [True, False], ids=["STARTTLS", "plain on loopback"])
def test_it_turns_to_tls_and_authenticates(
    inbox: Inbox,
    authority: trustme.CA,
    trusted: str,
    tls: bool,  # noqa: FBT001
) -> None:
    controller = guarded(inbox, server_context(authority) if tls else None)
    controller.start()
    url = f"smtp://ana:a%2Fpass%40word@localhost:{controller.port}"
    provider = smtp(url, ca_file=trusted, starttls="required" if tls else "offered")
    assert outcomes(provider, 3) == {"accepted": 3}
    provider.close()
    assert len(inbox.mails) == 3
    wrong = smtp(url.replace("word", "wort"), ca_file=trusted)
    with pytest.raises(
        ProviderError, match=r"credentials are refused: 535.*TIGC_MAIL_SMTP_URL"
    ) as e:
        list(wrong.send(shipment(range(1))))
    assert not isinstance(e.value, UnavailableError)
    assert "wort" not in str(e.value)
    wrong.close()
    controller.stop()


def test_a_server_that_wants_credentials_is_told_with_the_setting_that_lacks_them(
    inbox: Inbox, authority: trustme.CA, trusted: str
) -> None:
    controller = guarded(inbox, server_context(authority))
    controller.start()
    provider = smtp(f"smtp://localhost:{controller.port}", ca_file=trusted, starttls="required")
    receipts, error = sent(provider, shipment(range(2)))
    provider.close()
    controller.stop()
    assert (receipts, type(error)) == ({}, ProviderError)
    assert "the server wants credentials: 530 5.7.0" in str(error)
    assert "Set TIGC_MAIL_SMTP_URL with user and password" in str(error)


def test_tls_from_the_first_byte(authority: trustme.CA, trusted: str) -> None:
    with FakeSmtp(context=server_context(authority)) as fake:
        provider = smtp(f"smtps://localhost:{fake.address[1]}", ca_file=trusted)
        assert outcomes(provider, 20) == {"accepted": 20}
        provider.close()
        assert len(fake.accepted) == 20


@pytest.mark.parametrize(
    ("name", "trusts", "told"),
    [
        ("elsewhere.example.org", True, "certificate is not trusted: .*Hostname mismatch"),
        ("localhost", False, "certificate is not trusted: unable to get local issuer"),
    ],
)
def test_a_certificate_that_is_wrong_is_told_and_nothing_sent(
    authority: trustme.CA,
    trusted: str,
    name: str,
    trusts: bool,  # noqa: FBT001
    told: str,
) -> None:
    with FakeSmtp(context=server_context(authority, name)) as fake:
        options = {"ca_file": trusted} if trusts else {}
        provider = smtp(f"smtps://localhost:{fake.address[1]}", **options)
        with pytest.raises(ProviderError, match=told) as caught:
            list(provider.send(shipment(range(3))))
        assert not isinstance(caught.value, UnavailableError)
        assert fake.accepted == []
        provider.close()


def test_tls_that_is_required_and_not_offered_is_told() -> None:
    with FakeSmtp() as fake:
        provider = smtp(fake.url, starttls="required")
        with pytest.raises(ProviderError, match="does not offer STARTTLS, and it is required"):
            list(provider.send(shipment(range(1))))
        provider.close()


def test_beyond_this_machine_nothing_goes_out_in_clear_text_unless_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tigc_mail.delivery.providers.smtp.session._on_loopback", lambda _: False)
    with FakeSmtp() as fake:
        provider = smtp(fake.url)
        with pytest.raises(ProviderError, match="does not offer STARTTLS, and it is required"):
            list(provider.send(shipment(range(1))))
        provider.close()
        provider = smtp(fake.url, starttls="offered")
        assert outcomes(provider, 1) == {"accepted": 1}
        provider.close()


# Answers

FATES: dict[Point, str] = {
    "accept": "accepted",
    "later": "postponed",
    "never": "rejected",
    "no such user": "rejected",
    "421 at DATA": "postponed",
    "refused at DATA": "rejected",
    "drop within": "unknown",  # it is small: all of it was written before the server hung up
    "drop after the dot": "unknown",
    "drop after accepting": "unknown",
    "half an answer": "unknown",
    "nonsense": "unknown",
    "later after the dot": "postponed",
    "never after the dot": "rejected",
    "drop at MAIL": "postponed",
    "drop at RCPT": "postponed",
    "drop at DATA": "postponed",
}
"""What becomes of a message that the server treats so, among many that it takes."""

_KEPT = {"accept", "drop after accepting", "half an answer", "nonsense"}


def sent(provider: Provider, parcel: Shipment) -> tuple[dict[str, Receipt], ProviderError | None]:
    """Send, and return the receipts by address, and the error that ended it."""
    by_id = {envelope.delivery_id: envelope.recipient for envelope in parcel.envelopes}
    receipts: dict[str, Receipt] = {}
    try:
        for receipt in provider.send(parcel):
            assert by_id[receipt.delivery_id] not in receipts
            receipts[by_id[receipt.delivery_id]] = receipt
    except ProviderError as error:
        return receipts, error
    return receipts, None


def outcomes(provider: Provider, size: int) -> Counter[str]:
    return Counter(receipt.outcome for receipt in provider.send(shipment(range(size))))


@pytest.mark.parametrize("extensions", [("PIPELINING", "8BITMIME"), ("8BITMIME",)], ids=len)
@pytest.mark.parametrize("point", FATES)
def test_one_message_among_many_has_its_fate_and_the_others_theirs(
    point: Point, extensions: tuple[str, ...]
) -> None:
    if point == "drop at MAIL" and "PIPELINING" not in extensions:
        pytest.skip("the server cannot know then who a MAIL is for")
    unlucky = address(7)
    with FakeSmtp(
        act=lambda to: point if to == unlucky else "accept", extensions=extensions
    ) as fake:
        provider = smtp(fake.url, connections=2)
        receipts, error = sent(provider, shipment(range(20)))
        provider.close()
        assert error is None
        assert receipts.pop(unlucky).outcome == FATES[point]
        assert {receipt.outcome for receipt in receipts.values()} == {"accepted"}
        assert Counter(fake.accepted) == Counter(
            [*receipts, *([unlucky] if point in _KEPT else [])]
        )
        assert fake.faults == []


@settings(max_examples=max(20, settings().max_examples // 4))
@given(
    acts=st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=12),
    pipelining=st.booleans(),
)
def test_whatever_the_server_does_receipts_and_what_it_has_agree(
    acts: list[Point],
    pipelining: bool,  # noqa: FBT001
) -> None:
    by_address = {address(at): act for at, act in enumerate(acts)}
    extensions = ("8BITMIME", "PIPELINING") if pipelining else ("8BITMIME",)
    with FakeSmtp(act=lambda to: by_address[to], extensions=extensions) as fake:
        provider = smtp(fake.url, connections=2, messages_per_connection=3)
        receipts, error = sent(provider, shipment(range(len(acts))))
        provider.close()
        has = Counter(fake.accepted)
    assert not has or max(has.values()) == 1
    for to, receipt in receipts.items():
        if receipt.outcome == "accepted":
            assert has[to] == 1
        elif receipt.outcome != "unknown":
            assert has[to] == 0
    left = by_address.keys() - receipts.keys()
    assert bool(left) <= (error is not None)
    assert all(has[to] == 0 for to in left)
    assert fake.faults == []


def test_a_refusal_tells_codes_and_words_without_the_address() -> None:
    with FakeSmtp(act=lambda to: "no such user" if to == address(0) else "never") as fake:
        provider = smtp(fake.url)
        receipts, _ = sent(provider, shipment(range(2)))
        provider.close()
    gone, refused = receipts[address(0)], receipts[address(1)]
    assert (gone.reason, gone.undeliverable) == ("550 5.1.1 [address] no such user here", True)
    assert (refused.reason, refused.undeliverable) == (
        "550 5.7.1 [address] rejected by policy",
        False,
    )


def test_a_reference_is_the_queue_id() -> None:
    with FakeSmtp() as fake:
        provider = smtp(fake.url)
        ((_, receipt),) = sent(provider, shipment(range(1)))[0].items()
        provider.close()
    assert receipt.reference


# Servers that cannot be used


@pytest.mark.parametrize("point", ["drop at the greeting", "421 at the greeting", "drop at EHLO"])
def test_a_server_that_ends_at_once_may_be_tried_later(point: Point) -> None:
    with FakeSmtp(connections=iter([point] * 50)) as fake:
        provider = smtp(fake.url)
        receipts, error = sent(provider, shipment(range(5)))
        provider.close()
        assert (receipts, type(error), fake.accepted) == ({}, UnavailableError, [])


def test_a_server_that_does_not_serve_us_is_told() -> None:
    with FakeSmtp(connections=iter(["554 at the greeting"] * 50)) as fake:
        provider = smtp(fake.url)
        receipts, error = sent(provider, shipment(range(5)))
        provider.close()
    assert (receipts, type(error)) == ({}, ProviderError)
    assert "refuses to serve: 554 5.7.1" in str(error)


def test_a_sender_that_is_refused_is_everybodys_and_rejects_nobody() -> None:
    with FakeSmtp(act=lambda _: "sender refused") as fake:
        provider = smtp(fake.url)
        receipts, error = sent(provider, shipment(range(5)))
        provider.close()
        assert (receipts, type(error), fake.accepted) == ({}, ProviderError, [])
    assert "the server refuses the sender: 550 5.7.1" in str(error)


def test_a_server_that_is_not_there_may_be_tried_later() -> None:
    with FakeSmtp() as fake:
        url = fake.url
    provider = smtp(url)
    receipts, error = sent(provider, shipment(range(5)))
    provider.close()
    assert (receipts, type(error)) == ({}, UnavailableError)
    assert "cannot be reached: Connection refused" in str(error)


def test_a_connection_that_went_stale_is_replaced() -> None:
    with FakeSmtp() as fake:
        provider = smtp(fake.url, connections=1)
        assert outcomes(provider, 2) == {"accepted": 2}
        (connection,) = provider._idle
        connection._socket.shutdown(2)
        assert outcomes(provider, 2) == {"accepted": 2}
        assert fake.greeted == 2
        provider.close()


def test_connections_are_kept_and_worn_ones_replaced() -> None:
    with FakeSmtp() as fake:
        provider = smtp(fake.url, connections=1, messages_per_connection=4)
        for _ in range(3):
            outcomes(provider, 4)
        assert fake.greeted == 3
        provider.close()
        provider = smtp(fake.url, connections=1)
        for _ in range(3):
            outcomes(provider, 4)
        assert fake.greeted == 4
        provider.close()


@pytest.mark.parametrize("connections", [1, 3])
def test_a_server_that_hangs_up_after_each_message_postpones_nobody(connections: int) -> None:
    with FakeSmtp() as fake:
        handler = fake._server.RequestHandlerClass
        mail = handler._VERBS["MAIL"]  # type: ignore[attr-defined]

        def once(one: Any, rest: str) -> None:
            if getattr(one, "served", False):
                one._break()
            one.served = True
            mail(one, rest)

        handler._VERBS = {**handler._VERBS, "MAIL": once}  # type: ignore[attr-defined]
        provider = smtp(fake.url, connections=connections)
        assert outcomes(provider, 12) == {"accepted": 12}
        provider.close()
    assert sorted(fake.accepted) == sorted(address(number) for number in range(12))


def test_a_connection_is_looked_at_however_many_files_are_open() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2048, limits[1]), limits[1]))
    try:
        with ExitStack() as files, FakeSmtp() as fake:
            for _ in range(1100):
                files.enter_context(Path("/dev/null").open("rb"))
            provider = smtp(fake.url, connections=1)
            assert outcomes(provider, 1) == outcomes(provider, 1) == {"accepted": 1}
            provider.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_the_end_of_a_message_does_not_wait_for_its_beginning() -> None:
    with FakeSmtp() as fake:
        provider = smtp(fake.url, connections=1)
        outcomes(provider, 1)
        (connection,) = provider._idle
        assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        provider.close()


# Messages


def test_a_message_larger_than_the_server_takes_is_rejected_before_it_travels() -> None:
    with FakeSmtp(extensions=("PIPELINING", "SIZE 1000", "8BITMIME")) as fake:
        provider = smtp(fake.url)
        receipts, _ = sent(provider, shipment(range(2)))
        provider.close()
    assert {r.outcome for r in receipts.values()} == {"rejected"}
    assert all("the server takes 1000 at most" in str(r.reason) for r in receipts.values())


@pytest.mark.parametrize(
    "recipient",
    ["a@b.org>\r\nRCPT TO:<x@example.org", "a b@example.org", "<a@b.org", "a@b.org\n", "@", "é@b"],
)
def test_what_would_leave_its_command_is_rejected_and_never_written(recipient: str) -> None:
    parcel = shipment(range(2))
    first = parcel.envelopes[0]._replace(recipient=recipient)
    parcel = replace(parcel, envelopes=[first, parcel.envelopes[1]])
    with FakeSmtp(extensions=("PIPELINING", "8BITMIME")) as fake:
        provider = smtp(fake.url)
        receipts = {r.delivery_id: r for r in provider.send(parcel)}
        provider.close()
        assert fake.accepted == [address(1)]
        assert fake.faults == []
    assert receipts[first.delivery_id].outcome == "rejected"


def test_an_international_address_needs_a_server_that_knows_them() -> None:
    parcel = shipment(range(1))
    parcel = replace(parcel, envelopes=[parcel.envelopes[0]._replace(recipient="é@example.org")])
    with FakeSmtp() as fake:
        provider = smtp(fake.url)
        assert [r.outcome for r in provider.send(parcel)] == ["accepted"]
        provider.close()


# Options


@pytest.mark.parametrize(
    ("url", "options", "told"),
    [
        ("", {}, "TIGC_MAIL_SMTP_URL: no server is named. Write one such as smtp://"),
        ("http://x.org", {}, "TIGC_MAIL_SMTP_URL: is neither smtp:// nor smtps://"),
        ("smtp://ana:a/b@x.org", {}, "TIGC_MAIL_SMTP_URL: "),
        ("smtp://ana@x.org", {}, "has a user without a password"),
        ("smtp://x.org:0", {}, "names no host, or port 0"),
        ("", {"url": "smtp://ana:secret@x.org"}, "providers.smtp.url: holds a password"),
        ("smtp://x.org", {"tls": True}, "providers.smtp.tls: is not an option. There are url"),
        ("smtp://x.org", {"connections": 0}, "providers.smtp.connections: input should be"),
        ("smtp://x.org", {"ca_file": "none.pem"}, "providers.smtp.ca_file: cannot be read"),
    ],
)
def test_wrong_options_are_told_with_place_and_without_the_password(
    url: str, options: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SMTP_URL", url)
    with pytest.raises(ConfigurationError) as caught:
        Smtp.open(Opening(Path(), options))
    assert told in str(caught.value)
    assert caught.value.cure
    assert "secret" not in str(caught.value).replace("secrets", "")
    assert "a/b" not in str(caught.value)


def test_every_point_of_the_server_is_tried_somewhere() -> None:
    source = Path(__file__).read_text("utf-8")
    assert [point for point in POINTS if source.count(f'"{point}"') == 0] == []
    assert os.environ.get("TIGC_MAIL_SMTP_URL") is None
