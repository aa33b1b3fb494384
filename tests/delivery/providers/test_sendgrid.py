"""SendGrid, against a stand-in that is as strict as its documents: nothing here was run against it."""

import json
import logging
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import repeat
from pathlib import Path
from subprocess import run
from threading import Thread
from typing import Any

import jsonschema
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import SHIPPED

from tigc_mail import ConfigurationError, Provider, ProviderError, Receipt, Shipment
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.delivery.providers.sendgrid import SendGrid
from tigc_mail.delivery.providers.sendgrid.answers import (
    BadRecipientsError,
    accepted_or_not,
)
from tigc_mail.delivery.providers.sendgrid.options import SendGridOptions
from tigc_mail.delivery.providers.sendgrid.request import Request, _escaped, requests_of
from tigc_mail.errors import UnavailableError
from tigc_mail.render.message import filled
from tigc_mail.render.substitutions import substitutions
from tigc_mail.testing import (
    Arrived,
    Failing,
    Failure,
    FailureConformance,
    ProviderConformance,
    address,
    shipment,
)
from tigc_mail.testing.conformance import ids_of, readable
from tigc_mail.testing.sendgrid import KEY, FakeSendGrid, Point
from tigc_mail.testing.sendgrid_rules import Refusal, check, composed

DESCRIPTION = SHIPPED.parent / "shared" / "data" / "sendgrid_mail_v3.json"
"""SendGrid's own description of its interface, where there is a copy beside the project."""


@pytest.fixture(scope="module")
def described() -> Callable[[Any], None]:
    """Return what holds a request against SendGrid's own description, where there is one."""
    if not DESCRIPTION.exists():
        return lambda _: None
    told = json.loads(DESCRIPTION.read_text("utf-8"))
    body = told["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]
    schema = {**body["schema"], "components": told["components"]}
    return jsonschema.Draft202012Validator(schema).validate


@pytest.fixture
def fake(described: Callable[[Any], None]) -> Iterator[FakeSendGrid]:
    with FakeSendGrid(check=described) as fake:
        yield fake
    assert fake.faults == []


PATIENCE = 600.0
"""Seconds, so that no test depends on the speed of the machine."""


def sendgrid(fake: FakeSendGrid, **options: Any) -> SendGrid:
    options = {"timeout": PATIENCE, **options}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
        patch.setenv("TIGC_MAIL_SENDGRID_HOST", fake.url)
        return SendGrid.open(Opening(Path(), options))


FAILING: dict[Failure, Point] = {
    "refuses for good": "400",
    "refuses for now": "429",
    "breaks before reading": "before reading",
    "breaks after reading": "after reading",
    "breaks after accepting": "after accepting",
    "breaks during the answer": "during the answer",
    "is silent after accepting": "silence",
    "answers late": "accept",
}


def nowhere() -> str:
    """Return the address of a port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


class TestSendGrid(ProviderConformance, FailureConformance):
    @pytest.fixture
    def secrets(self) -> Sequence[str]:
        return (KEY,)

    @pytest.fixture
    def failing(self, fake: FakeSendGrid, monkeypatch: pytest.MonkeyPatch) -> Failing:
        fake.refusal = {"message": f"<{address(0)}> may not be written to"}
        fake.latency = 0.01

        def fail(failure: Failure) -> Provider | None:
            if failure == "is not there":
                monkeypatch.setattr(FakeSendGrid, "url", nowhere())
                return sendgrid(fake)
            point = FAILING.get(failure)
            fake.script = repeat(point or "accept")
            return sendgrid(fake, timeout=patience(point)) if point else None

        return fail

    @pytest.fixture
    def provider(self, fake: FakeSendGrid) -> Provider:
        return sendgrid(fake)

    @pytest.fixture
    def arrived(self, fake: FakeSendGrid) -> Arrived | None:
        return fake.arrived


# Requests


def test_a_thousand_recipients_share_a_request(fake: FakeSendGrid) -> None:
    sent, fake.compose = shipment(range(1_001)), False
    receipts = list(sendgrid(fake).send(sent))
    assert fake.requests == 2
    assert {receipt.reference for receipt in receipts} == {"message-1", "message-2"}
    assert fake.accepted == [envelope.delivery_id for envelope in sent.envelopes]


def test_it_asks_for_no_tracking_and_tells_no_address_outside_the_mail() -> None:
    (request,) = requests_of(shipment(range(3)), sandbox=False)
    told = json.loads(request.body())
    assert told["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
    assert told["categories"] == ["news-001", "public", "ar"]
    assert "mail_settings" not in told
    for person in told["personalizations"]:
        assert "@" not in json.dumps(person["custom_args"])
        assert set(person) == {"to", "headers", "substitutions", "custom_args"}


def test_a_calendar_is_an_alternative_and_a_file_that_is_no_text() -> None:
    (request,) = requests_of(shipment(range(1)), sandbox=False)
    told = json.loads(request.body())
    kinds = [part["type"] for part in told["content"]]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    file, *_ = told["attachments"]
    assert (file["filename"], file["type"]) == ("event.ics", "application/ics")


def test_in_the_sandbox_nothing_arrives(fake: FakeSendGrid) -> None:
    provider = sendgrid(fake, sandbox=True)
    receipts = list(provider.send(shipment(range(3))))
    assert {receipt.outcome for receipt in receipts} == {"accepted"}
    assert (fake.arrived(), provider.leaves_machine) == ([], False)


@pytest.mark.parametrize("length", [6_000, 20_000])
def test_values_too_large_for_substitutions_travel_written_out(
    fake: FakeSendGrid, length: int
) -> None:
    sent = with_value(shipment(range(3)), 1, "é" * length)
    assert outcomes(sendgrid(fake).send(sent)) == ["accepted"] * 3
    assert fake.requests == 2
    hold_readable(fake, sent)


def test_a_value_that_looks_like_a_tag_travels_written_out(fake: FakeSendGrid) -> None:
    sent = shipment(range(3))
    tag = next(iter(sent.substitutions.columns))
    sent = with_value(sent, 1, f"so {tag} says")
    assert outcomes(sendgrid(fake).send(sent)) == ["accepted"] * 3
    hold_readable(fake, sent)


def test_a_request_that_is_too_large_is_cut(
    fake: FakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = shipment(range(4))
    (request,) = requests_of(sent, sandbox=False)
    size = len(request.body())
    monkeypatch.setattr("tigc_mail.delivery.providers.sendgrid.request.MAX_BYTES", size - 1)
    assert outcomes(sendgrid(fake).send(sent)) == ["accepted"] * 4
    assert fake.requests == 2


def test_a_message_too_large_for_everybody_is_mended_and_rejects_nobody(
    fake: FakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = []
    body = Request.body
    monkeypatch.setattr(Request, "body", lambda self: (bodies.append(len(self)), body(self))[1])
    monkeypatch.setattr("tigc_mail.delivery.providers.sendgrid.request.MAX_BYTES", 1_000)
    with pytest.raises(ProviderError, match=r"larger than 30 MB. Leave out"):
        list(sendgrid(fake).send(shipment(range(4))))
    assert (fake.requests, bodies) == (0, [4]), "it is not tried in parts"


def test_values_too_large_for_a_message_reject_only_their_recipient(
    fake: FakeSendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = with_value(shipment(range(3)), 1, "x" * 500_000)
    monkeypatch.setattr("tigc_mail.delivery.providers.sendgrid.request.MAX_BYTES", 400_000)
    receipts = {receipt.delivery_id: receipt.outcome for receipt in sendgrid(fake).send(sent)}
    assert list(map(receipts.get, ("news-001-0", "news-001-1", "news-001-2"))) == [
        "accepted", "rejected", "accepted"
    ]  # fmt: skip


def test_no_tag_comes_about_where_a_value_meets_what_stands_beside_it(fake: FakeSendGrid) -> None:
    sent = shipment(range(2))
    text, tags = sent.message.text, sent.substitutions.tagged.tags
    at = next(at for at, p in enumerate(text) if getattr(p, "slot", "") == "recipient.salutation")
    for tag in tags.values():
        for cut in range(1, len(tag)):
            beside = (*text[:at], tag[:cut], text[at], *text[at + 1 :])
            changed = replace(sent, message=replace(sent.message, text=beside))
            changed = with_value(changed, 1, tag[cut:])
            (request,) = requests_of(changed, sandbox=False)
            body = json.loads(request.body())
            mails = [composed(body, person) for person in body["personalizations"]]
            want = [filled(beside, {s: c[n] for s, c in changed.values.items()}) for n in range(2)]
            assert [readable(mail)["plain"] for mail in mails] == [each.strip() for each in want]


@pytest.mark.parametrize("author", ["^", "^`", "^`|~"])
def test_tags_begin_with_what_the_author_has_not_written(author: str) -> None:
    sent = shipment(range(1))
    message = replace(sent.message, text=(author, *sent.message.text))
    told = substitutions(message, sent.values).tagged
    assert told.prefix not in author
    slots = [piece for piece in message.text if not isinstance(piece, str)]
    assert told.text.count(told.prefix) == len(slots)


def test_a_value_travels_once_where_nobodys_is_escaped() -> None:
    """It stands alike in all contexts; one that is escaped in HTML has tags of its own."""
    sent = shipment(range(3))
    alike = substitutions(sent.message, sent.values)
    assert len(alike.columns) == len(sent.message.text_contexts)
    escaped = with_value(sent, 1, "Dear <Ana>").substitutions
    contexts = sent.message.text_contexts["recipient.salutation"]
    assert len(contexts) > 1
    assert len(escaped.columns) == len(alike.columns) + len(contexts) - 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",\\\n'))))
def test_a_column_stands_in_json_as_each_of_its_values_does(column: list[str]) -> None:
    """Whatever marks and commas a value ends in, and the next one begins with."""
    assert list(_escaped(column)) == [json.dumps(v, ensure_ascii=False)[1:-1] for v in column]


values = st.text(st.characters(exclude_categories=["Cs"]), max_size=50) | st.sampled_from(
    ["<script>alert(1)</script>", "{{ x }}", "%tag%", "مرحبا", "a\r\nBcc: x@example.org", '"; ,']
)


@given(told=st.lists(st.tuples(values, values), min_size=1, max_size=3))
def test_whatever_the_values_the_mail_reads_like_the_one_that_we_would_compose(
    told: list[tuple[str, str]],
) -> None:
    sent = shipment(range(len(told)))
    for at, (greeting, email) in enumerate(told):
        sent = with_value(with_value(sent, at, greeting), at, email, "recipient.email")
    by_id = {envelope.delivery_id: readable(content) for envelope, content in sent}
    arrived = 0
    for request in requests_of(sent, sandbox=False):
        body = json.loads(request.body())
        check(body)
        for person in body["personalizations"]:
            mail = composed(body, person)
            assert readable(mail) == by_id[ids_of(mail)]
            arrived += 1
    assert arrived == len(told)


def with_value(sent: Shipment, at: int, value: str, slot: str = "recipient.salutation") -> Shipment:
    """Return a shipment in which a recipient has another value."""
    column = list(sent.values[slot])
    column[at] = value
    return replace(sent, values={**sent.values, slot: column})


def outcomes(receipts: Iterator[Receipt]) -> list[str]:
    return [receipt.outcome for receipt in receipts]


def hold_readable(fake: FakeSendGrid, sent: Shipment) -> None:
    composed_here = {envelope.delivery_id: readable(content) for envelope, content in sent}
    assert {ids_of(mail): readable(mail) for mail in fake.arrived()} == composed_here


# Failures

NOT_SENT: dict[Point, type[ProviderError]] = {
    "429": UnavailableError,
    "429 until": UnavailableError,
    "500": UnavailableError,
    "empty 400": ProviderError,
    "redirect": ProviderError,
}
UNKNOWN: dict[Point, type[ProviderError]] = {
    "before reading": UnavailableError,
    "within reading": UnavailableError,
    "after reading": UnavailableError,
    "after accepting": UnavailableError,
    "during the answer": UnavailableError,
    "silence": UnavailableError,
    "502": UnavailableError,
    "html": ProviderError,
    "200": ProviderError,
}


def patience(point: Point) -> float:
    """Return the timeout of a sender: one that waits for an answer in vain need not wait long."""
    return 0.5 if point == "silence" else PATIENCE


def failing(fake: FakeSendGrid, point: Point) -> tuple[list[Receipt], ProviderError]:
    """Send through a fake that fails, and return the receipts that came, and the error."""
    fake.script = iter([point])
    receipts: list[Receipt] = []
    with pytest.raises(ProviderError) as caught:
        receipts.extend(sendgrid(fake, timeout=patience(point)).send(shipment(range(3))))
    assert "@" not in str(caught.value)
    assert caught.value.place in ("sendgrid", f"sendgrid at {fake.url}")
    return receipts, caught.value


@pytest.mark.parametrize("point", NOT_SENT)
def test_an_answer_that_says_so_means_surely_not_sent(fake: FakeSendGrid, point: Point) -> None:
    receipts, error = failing(fake, point)
    assert (receipts, fake.accepted) == ([], [])
    assert type(error) is NOT_SENT[point]
    assert error.cure or isinstance(error, UnavailableError)


@pytest.mark.parametrize("point", UNKNOWN)
def test_whatever_else_happens_after_the_request_went_out_is_never_taken_for_unsent(
    fake: FakeSendGrid, point: Point
) -> None:
    receipts, error = failing(fake, point)
    if not receipts:  # the request could not even be written out
        assert point in ("before reading", "within reading")
        assert (fake.accepted, type(error)) == ([], UnavailableError)
        return
    assert [receipt.outcome for receipt in receipts] == ["unknown"] * 3
    assert all(receipt.reason for receipt in receipts)
    assert type(error) is UNKNOWN[point]


def test_the_end_of_a_rate_limit_is_told(fake: FakeSendGrid) -> None:
    _, error = failing(fake, "429")
    assert isinstance(error, UnavailableError)
    assert error.retry_after == 7


def test_until_when_a_rate_limit_lasts_is_told_too(fake: FakeSendGrid) -> None:
    fake.reset = 600
    _, error = failing(fake, "429 until")
    assert isinstance(error, UnavailableError)
    assert error.retry_after is not None
    assert 0 < error.retry_after <= 600


def test_an_answer_that_never_comes_leaves_unknown_what_was_accepted(fake: FakeSendGrid) -> None:
    receipts, error = failing(fake, "silence")
    assert {receipt.outcome for receipt in receipts} == {"unknown"}
    told = "no answer came after the request was sent"
    assert {receipt.reason for receipt in receipts} == {told}
    assert told in str(error)


def test_a_wrong_key_is_told_with_its_cure_and_without_the_key(fake: FakeSendGrid) -> None:
    fake.key = "another"
    with pytest.raises(ProviderError, match=r"does not take the key.*API_KEY") as caught:
        list(sendgrid(fake).send(shipment(range(1))))
    assert KEY not in str(caught.value)


def test_recipients_that_it_names_are_rejected_and_the_others_sent(fake: FakeSendGrid) -> None:
    sent = shipment(range(5))
    wrong = [e._replace(recipient="é@example.org") if at in (1, 3) else e
             for at, e in enumerate(sent.envelopes)]  # fmt: skip
    receipts = list(sendgrid(fake).send(replace(sent, envelopes=wrong)))
    by_id = {receipt.delivery_id: receipt.outcome for receipt in receipts}
    assert [by_id[f"news-001-{at}"] for at in range(5)] == [
        "accepted", "rejected", "accepted", "rejected", "accepted"
    ]  # fmt: skip
    assert len(fake.accepted) == 3


@pytest.mark.parametrize("field", ["headers", "custom_args", "substitutions", "", "tone"])
def test_a_fault_in_what_we_write_for_everybody_rejects_nobody(field: str) -> None:
    place = f"personalizations.0.{field}"
    told = {"errors": [{"message": "is reserved", "field": place, "help": None}]}
    with pytest.raises(ProviderError, match="is reserved") as caught:
        accepted_or_not(400, {}, json.dumps(told).encode(), sandbox=False)
    assert type(caught.value) is ProviderError


@pytest.mark.parametrize("field", ["personalizations.3.to.0.email", "personalizations[3].to"])
def test_a_fault_of_an_address_is_its_recipients(field: str) -> None:
    told = {"errors": [{"message": "is no address", "field": field, "help": None}]}
    with pytest.raises(BadRecipientsError) as caught:
        accepted_or_not(400, {}, json.dumps(told).encode(), sandbox=False)
    assert caught.value.reasons == {3: "is no address"}


def test_recipients_that_it_was_not_sent_are_told_in_its_words(fake: FakeSendGrid) -> None:
    told = {"message": "No such person: a@example.org", "field": "personalizations.99.to"}
    fake.script, fake.refusal = iter(["400"]), told
    with pytest.raises(ProviderError, match=r"No such person: \(an address\)\. Mend") as caught:
        list(sendgrid(fake).send(shipment(range(3))))
    assert not isinstance(caught.value, UnavailableError)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"errors":' * 100_000,
        b'{"errors": [{"message": 5, "field": {}}]}',
        b'{"errors": [{"field": "personalizations.%s.to"}]}' % (b"9" * 5_000),
    ],
    ids=["lists", "objects", "no texts", "a number without end"],
)
def test_an_answer_that_cannot_be_read_is_a_refusal_without_words(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        accepted_or_not(400, {}, body, sandbox=False)
    assert type(caught.value) is ProviderError


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, 3_600),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "tomorrow"}, None),
        ({"X-RateLimit-Reset": "1"}, 0),
        ({"X-RateLimit-Reset": "99999999999999"}, 3_600),
        ({"Retry-After": "nan", "X-RateLimit-Reset": "99999999999999"}, 3_600),
        ({}, None),
    ],
)
def test_a_wait_is_a_number_within_bounds_whatever_the_clocks_say(
    headers: dict[str, str], wait: float | None
) -> None:
    with pytest.raises(UnavailableError) as caught:
        accepted_or_not(429, headers, b"", sandbox=False)
    assert caught.value.retry_after == wait


def failing_at(host: str) -> ProviderError:
    """Return what is told when nothing could be handed over at an address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
        patch.setenv("TIGC_MAIL_SENDGRID_HOST", host)
        provider = SendGrid.open(Opening(Path()))
    with pytest.raises(ProviderError) as caught:
        list(provider.send(shipment(range(1))))
    assert KEY not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("host", ["http://127.0.0.1", "https://127.0.0.1", "http://localhost"])
def test_no_proxy_is_asked_for_this_machine(
    host: str, monkeypatch: pytest.MonkeyPatch, fake: FakeSendGrid
) -> None:
    port = nowhere().rpartition(":")[2]
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, fake.url)
    error = failing_at(f"{host}:{port}")
    assert "cannot be reached: Connection refused" in str(error)
    assert fake.requests == 0


def test_a_proxy_that_lets_nobody_through_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSendGrid
) -> None:
    proxy = fake.url.replace("//", "//ana:secret@")
    monkeypatch.setenv("https_proxy", proxy)
    error = failing_at("https://sendgrid.invalid")
    assert type(error) is UnavailableError
    assert "cannot be reached: Tunnel connection failed: 501" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "proxy",
    ["http://..:3128", f"http://{'a' * 70}:3128", "http://a:secret", "http:/ana:secret@a:3128"],
)
def test_a_proxy_that_is_no_host_leaves_nobody_unknown(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    error = failing_at("https://sendgrid.invalid")
    assert "sendgrid: that is no name of a host. Check the host" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 fine\r\n" * 500])
def test_a_proxy_that_talks_nonsense_leaves_nobody_unknown(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(answer)

        thread = Thread(target=talk)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.getsockname()[1]}")
        error = failing_at("https://sendgrid.invalid")
        thread.join()
    assert type(error) is UnavailableError
    assert "cannot be reached: " in str(error)


def test_where_a_redirect_leads_is_not_even_read(fake: FakeSendGrid) -> None:
    fake.location = "http://[not-an-address"
    receipts, error = failing(fake, "redirect")
    assert (receipts, type(error)) == ([], ProviderError)


def test_a_certificate_that_nobody_vouches_for_is_told_and_gets_no_key(tmp_path: Path) -> None:
    came: list[bytes] = []
    with securely_served(tmp_path, came) as port:
        error = failing_at(f"https://127.0.0.1:{port}")
    assert type(error) is ProviderError
    assert "its certificate is not valid: self-signed certificate. Check" in str(error)
    assert came == []


def test_a_host_whose_certificate_is_trusted_gets_what_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeSendGrid
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").configure_cert(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    fake._server.socket = context.wrap_socket(fake._server.socket, server_side=True)
    address = f"https://localhost:{fake._server.server_address[1]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeSendGrid, "url", address)
        provider = sendgrid(fake)
    assert outcomes(provider.send(shipment(range(3)))) == ["accepted"] * 3


def test_a_host_that_speaks_no_tls_is_told(fake: FakeSendGrid) -> None:
    error = failing_at(fake.url.replace("http:", "https:"))
    assert type(error) is ProviderError
    assert "no secure connection" in str(error)


def test_a_connection_that_ends_while_it_is_being_secured_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(1_000)
            connection.close()

        thread = Thread(target=hang_up)
        thread.start()
        error = failing_at(f"https://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert type(error) is UnavailableError


@contextmanager
def securely_served(folder: Path, came: list[bytes]) -> Iterator[int]:
    """Yield the port of a server with a certificate of its own making."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=True)
        .sign(key, SHA256())
    )
    pem = folder / "server.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(plain + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            came.append(secure.recv(1_000))
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve, args=(server,))
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("name", ["; ,", "\x00", " ; "])
def test_a_name_of_which_nothing_is_left_is_left_out(name: str) -> None:
    sent = shipment(range(1))
    sent = replace(sent, envelopes=[sent.envelopes[0]._replace(name=name)])
    (request,) = requests_of(sent, sandbox=False)
    (person,) = json.loads(request.body())["personalizations"]
    assert person["to"] == [{"email": "reader0@example.org"}]


def test_a_server_that_is_not_there_took_nothing(fake: FakeSendGrid) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeSendGrid, "url", nowhere())
        provider = sendgrid(fake)
    with pytest.raises(UnavailableError, match=r"cannot be reached: Connection refused"):
        list(provider.send(shipment(range(1))))


def test_nothing_is_logged_that_holds_the_key_or_an_address(
    fake: FakeSendGrid, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    list(sendgrid(fake).send(shipment(range(2))))
    assert KEY not in caplog.text
    assert "reader" not in caplog.text


def test_the_body_of_a_request_is_never_written_out_whatever_is_logged(
    fake: FakeSendGrid, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = sendgrid(fake)
    monkeypatch.setattr(logging.getLogger("python_http_client.client"), "filters", [])
    caplog.set_level(logging.DEBUG)
    list(provider.send(shipment(range(2))))
    assert " octets" in caplog.text
    assert "reader" not in caplog.text


# Options


@pytest.mark.parametrize(
    ("options", "environment", "told"),
    [
        ({}, {"TIGC_MAIL_SENDGRID_API_KEY": ""}, "TIGC_MAIL_SENDGRID_API_KEY: no key is set. Set"),
        ({}, {"TIGC_MAIL_SENDGRID_API_KEY": "a b"}, "TIGC_MAIL_SENDGRID_API_KEY: is no key"),
        ({"residence": "eu"}, {}, "providers.sendgrid.residence: is not an option. There are res"),
        ({"residency": "us"}, {}, "tigc-mail.toml: providers.sendgrid.residency: input should be"),
        ({"timeout": 0}, {}, "providers.sendgrid.timeout: input should be greater than 0. Corr"),
        ({"host": "http://x.org"}, {}, "providers.sendgrid.host: is no https address of a host"),
        ({}, {"TIGC_MAIL_SENDGRID_HOST": "http://x.org"}, "TIGC_MAIL_SENDGRID_HOST: is no https"),
        ({"host": "https://a b.org"}, {}, "providers.sendgrid.host: is no https address of a host"),
    ],
)  # fmt: skip
def test_wrong_options_are_told_with_place_and_cure(
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    environment: dict[str, str],
    told: str,
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        SendGrid.open(Opening(Path(), options))
    assert told in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "https://api.sendgrid.com:443x",
        "https://127.0.0.1:99999",
        "https://127.0.0.1:0",
        "https://exa mple.com",
        "https://example.com\t",
        f"https://{'a' * 70}.com",
        "https://..",
        "https://[::1",
        "https://ana:secret@example.com",
        "https://@example.com",
        "https://example.com?",
        "https://example.com#",
        "https://example.com/v3",
        "https://",
    ],
)
def test_what_is_no_host_is_told_before_anything_is_handed_over(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_HOST", host)
    with pytest.raises(ConfigurationError, match=r"is no https address.*Write one") as caught:
        SendGrid.open(Opening(Path()))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("https://api.sendgrid.com/", "https://api.sendgrid.com"),
        ("HTTPS://API.example.org:8443", "https://api.example.org:8443"),
        ("https://bücher.example.org", "https://xn--bcher-kva.example.org"),
        ("http://[::1]:8025", "http://[::1]:8025"),
    ],
)
def test_a_host_is_taken_as_it_is_asked_for(host: str, url: str) -> None:
    assert SendGridOptions(host=host).url == url


def test_data_stay_in_the_european_union_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SENDGRID_API_KEY", KEY)
    provider = SendGrid.open(Opening(Path(), {"residency": "eu"}))
    assert provider._client._http.host == "https://api.eu.sendgrid.com"


@pytest.mark.parametrize("name", ["sendgrid", "smtp"])
def test_a_stand_in_without_standard_input_ends_at_once_and_its_help_says_so(name: str) -> None:
    command = f"exec '{sys.executable}' -m tigc_mail.testing.{name}"
    closed = run(
        ["sh", "-c", f"{command} <&-"],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    address, counts = closed.stdout.splitlines()
    assert (closed.returncode, closed.stderr) == (0, "")
    assert address.startswith(("http://127.0.0.1:", "smtp://127.0.0.1:"))
    assert '"accepted": 0' in counts
    told = run(
        ["sh", "-c", f"{command} --help"],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "until its standard input ends: at once where that is" in " ".join(told.stdout.split())


def test_the_stand_in_refuses_what_the_documents_forbid() -> None:
    (request,) = requests_of(shipment(range(2)), sandbox=False)

    def spoilt(change: Callable[[Any], None]) -> str:
        body = json.loads(request.body())
        change(body)
        with pytest.raises(Refusal) as caught:
            check(body)
        return str(caught.value)

    def first(body: Any) -> Any:
        return body["personalizations"][0]

    assert "at most 1000" in spoilt(lambda b: b.update(personalizations=[first(b)] * 1_001))
    assert "reserved" in spoilt(lambda b: first(b)["headers"].update({"Reply-To": "a@b.org"}))
    assert "texts" in spoilt(lambda b: first(b)["custom_args"].update(number=1))
    assert "10000" in spoilt(lambda b: first(b)["substitutions"].update(x="y" * 10_000))
    assert "; or ," in spoilt(lambda b: first(b)["to"][0].update(name="a; b"))
    assert "first" in spoilt(lambda b: b["content"].reverse())
    assert "garbled" in spoilt(lambda b: b["attachments"][0].update(filename="é.ics"))
    assert os.environ.get("TIGC_MAIL_SENDGRID_API_KEY") is None
