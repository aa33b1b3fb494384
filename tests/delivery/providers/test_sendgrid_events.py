"""SendGrid's events: what is not signed by it is refused, and no event is lost through another."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from tigc_mail import ConfigurationError
from tigc_mail.delivery.providers.protocol import EventKind, ProviderEvent
from tigc_mail.delivery.providers.sendgrid.events import (
    AHEAD,
    MAX_BYTES,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WINDOW,
    MalformedError,
    SignatureError,
    Verifier,
    read_events,
)
from tigc_mail.testing.sendgrid_events import EventSource

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SOURCE = EventSource()
SIGNED = SOURCE.signed(SOURCE.events(["news-001-7"], "delivered"), NOW)


def verify(body: bytes, headers: Any, now: datetime = NOW, key: str = SOURCE.public_key) -> None:
    Verifier(key).verify(body, headers[SIGNATURE_HEADER], headers[TIMESTAMP_HEADER], now)


def read(*events: Any) -> Any:
    return read_events(json.dumps(events).encode())


def one(event: str, **more: Any) -> ProviderEvent:
    """Return what is read of one event."""
    told = read(*SOURCE.events(["news-001-7"], event, **more))
    assert (told.bad, told.foreign, told.passed_over) == ((), 0, 0)
    return told.taken[0]  # type: ignore[no-any-return]


def test_every_kind_that_the_ledger_takes_comes_of_some_event() -> None:
    told = {one(name).kind for name in ("processed", "deferred", "delivered", "dropped")}
    told |= {one("bounce", type=kind).kind for kind in ("bounce", "blocked")}
    told |= {one(name).kind for name in ("spamreport", "unsubscribe")}
    assert told == set(get_args(EventKind))


# The signature


@given(events=st.lists(st.text(), max_size=3))
def test_what_is_signed_is_verified_here_and_by_the_official_package(events: list[str]) -> None:
    body, headers = SOURCE.signed(events, NOW)
    verify(body, headers)
    official = EventWebhook(SOURCE.public_key)
    signature, timestamp = headers[SIGNATURE_HEADER], headers[TIMESTAMP_HEADER]
    assert official.verify_signature(body.decode(), signature, timestamp)


@given(data=st.data())
def test_one_other_bit_anywhere_in_the_body_is_refused(data: st.DataObject) -> None:
    body, headers = SIGNED
    at, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
    with pytest.raises(SignatureError):
        verify(changed, headers)


def test_another_time_than_the_signed_one_is_refused() -> None:
    body, headers = SOURCE.signed([], NOW - 2 * WINDOW)
    with pytest.raises(SignatureError, match="not SendGrid's"):
        verify(body, {**headers, TIMESTAMP_HEADER: str(int(NOW.timestamp()))})


def test_the_key_of_another_account_is_refused() -> None:
    with pytest.raises(SignatureError, match="not SendGrid's"):
        verify(*EventSource().signed([], NOW))


@pytest.mark.parametrize(
    ("limit", "beyond"), [(NOW - WINDOW, -SECOND), (NOW + AHEAD, SECOND)], ids=["old", "ahead"]
)
def test_a_signature_is_good_for_as_long_as_sendgrid_tries_again(
    limit: datetime, beyond: timedelta
) -> None:
    verify(*SOURCE.signed([], limit))
    with pytest.raises(SignatureError, match="too long ago"):
        verify(*SOURCE.signed([], limit + beyond))


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "٣", "9" * 12, "9" * 5_000])
def test_a_time_that_is_none_is_refused_though_it_is_signed(timestamp: str) -> None:
    signature = SOURCE._key.sign(timestamp.encode() + b"[]", ec.ECDSA(SHA256()))
    headers = {SIGNATURE_HEADER: b64encode(signature).decode(), TIMESTAMP_HEADER: timestamp}
    with pytest.raises(SignatureError):
        verify(b"[]", headers)


@pytest.mark.parametrize("signature", [None, "", "%%%", "é", "AAAA", "A"])
def test_a_signature_that_is_none_is_refused(signature: str | None) -> None:
    _, headers = SOURCE.signed([], NOW)
    with pytest.raises(SignatureError):
        verify(b"[]", {**headers, SIGNATURE_HEADER: signature})


def foreign_key() -> str:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(
    "key",
    ["", "no key", "AAAA", "é", foreign_key()],
    ids=["none", "words", "short", "letter", "foreign"],
)
def test_a_wrong_verification_key_is_told_with_its_cure_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no verification key.*Copy") as caught:
        Verifier(key)
    assert len(key) < 10 or key not in str(caught.value)


# What is read


def test_an_event_is_read_with_its_ids_its_time_and_its_reason() -> None:
    told = one("dropped", timestamp=1_795_600_001, reason="Bounced Address", sg_event_id="e1")
    at = datetime.fromtimestamp(1_795_600_001, UTC)
    assert told == ProviderEvent("e1", "news-001-7", "dropped", at, "Bounced Address")


@pytest.mark.parametrize(
    ("event", "more", "kind"),
    [
        ("processed", {}, "processed"),
        ("deferred", {}, "deferred"),
        ("delivered", {}, "delivered"),
        ("bounce", {"type": "bounce"}, "bounced"),
        ("bounce", {"type": "blocked"}, "blocked"),
        ("bounce", {"type": "new one"}, "blocked"),
        ("bounce", {}, "blocked"),
        ("dropped", {}, "dropped"),
        ("spamreport", {}, "spam-report"),
        ("unsubscribe", {}, "unsubscribed"),
        ("group_unsubscribe", {}, "unsubscribed"),
    ],
)
def test_every_kind_is_known_and_only_a_bounce_that_says_so_is_for_good(
    event: str, more: dict[str, str], kind: str
) -> None:
    assert one(event, **more).kind == kind


@pytest.mark.parametrize("event", ["open", "click", "group_resubscribe", "of next year"])
def test_events_that_change_no_delivery_are_counted_and_passed_over(event: str) -> None:
    told = read(*SOURCE.events(["news-001-7"], event))
    assert (told.taken, told.bad, told.passed_over) == ((), (), 1)


def test_events_of_other_mail_of_the_account_are_counted_as_foreign() -> None:
    event = SOURCE.events(["?"], "delivered")[0]
    del event["delivery_id"]
    told = read(event)
    assert (told.taken, told.bad, told.foreign) == ((), (), 1)


def test_a_reason_tells_no_address_and_breaks_no_line() -> None:
    reason = "550 5.1.1\r\n<reader@example.org>: no\x1b[31m such\ud800 user\u202e"
    told = one("bounce", type="bounce", reason=reason).reason
    assert told == "550 5.1.1 (an address) no[31m such user"
    assert one("deferred", response="421 busy").reason == "421 busy"
    assert len(one("dropped", reason="x" * 5_000).reason or "") == 200


BAD = [
    3,
    None,
    [],
    {},
    {"event": 3},
    {"timestamp": "1795600000"},
    {"timestamp": True},
    {"timestamp": 1.5},
    {"timestamp": 10**30},
    {"timestamp": None},
    {"sg_event_id": ""},
    {"sg_event_id": 5},
    {"delivery_id": 7},
    {"delivery_id": "x" * 201},
    {"delivery_id": "news-1\n"},
    {"delivery_id": "reader@example.org"},
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_event_is_told_with_its_place_and_takes_no_other_with_it(bad: Any) -> None:
    before, wrong, after = SOURCE.events(["news-001-1", "news-001-2", "news-001-3"], "delivered")
    told = read(before, {**wrong, **bad} if isinstance(bad, dict) and bad else bad, after)
    assert [event.delivery_id for event in told.taken] == ["news-001-1", "news-001-3"]
    assert [event.position for event in told.bad] == [1]
    assert "@" not in told.bad[0].reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["event", "timestamp", "sg_event_id", "delivery_id", "type", "reason"]),
            inner | st.sampled_from(["bounce", "delivered", "open"]),
        )
    ),
    max_leaves=20,
)


@given(events=st.lists(json_values, max_size=5))
def test_whatever_stands_in_a_list_every_event_is_counted_once(events: list[Any]) -> None:
    told = read(*events)
    assert len(told.taken) + len(told.bad) + told.foreign + told.passed_over == len(events)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"3", b"null", b"[", b"\xff\xfe", b"<html>", b"[" * 500_000, b"[" + b"9" * 5_000],
)
def test_a_body_that_is_no_list_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_events(body)


def test_a_body_that_is_too_large_is_not_read() -> None:
    assert read_events(b"[]" + b" " * (MAX_BYTES - 2)).taken == ()
    with pytest.raises(MalformedError, match="larger"):
        read_events(b"[]" + b" " * (MAX_BYTES - 1))


# The source of tests


def test_events_are_posted_as_they_are_signed_and_on_this_machine_only() -> None:
    came: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            verify(body, self.headers)
            came.extend(read_events(body).taken)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        assert SOURCE.post(url, SOURCE.events(["news-001-7"], "delivered"), NOW) == 204
    assert [event.delivery_id for event in came] == ["news-001-7"]
    with pytest.raises(ValueError, match="this machine only"):
        SOURCE.post("https://example.org/", [], NOW)
