"""The law, on all that is made of an edition: bytes, digests, variants, approvals, checks."""

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import field as dataclass_field
from dataclasses import fields, make_dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from tests.editions import Pair, pairs, templates
from tests.readers import AUDIENCES, HIDDEN

from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope
from tigc_mail.content.tailored import Fallback, TailoredEdition
from tigc_mail.delivery.approval import rules_digest
from tigc_mail.delivery.guard import Guard
from tigc_mail.delivery.planning import Planner
from tigc_mail.delivery.providers import OWN, open_provider, smtp
from tigc_mail.delivery.providers.outbox import Outbox
from tigc_mail.delivery.providers.protocol import Envelope, Opening, Receipt, Shipment
from tigc_mail.delivery.providers.sendgrid.answers import Answer
from tigc_mail.delivery.providers.sendgrid.client import Client
from tigc_mail.delivery.providers.smtp.connection import Letters
from tigc_mail.interfaces.choices import choices_of
from tigc_mail.render.compile import compile_message
from tigc_mail.render.contexts import Context
from tigc_mail.render.message import (
    AttachedPart,
    CompiledMessage,
    EventCalendar,
    Letterhead,
    Occurrence,
    RenderedMessage,
)
from tigc_mail.render.templates import Templates

PUBLIC_URL = "https://mail.example.org"
SAMPLE = "https://sample.example.org"
"""Fits into every slot."""

TAKEN: Mapping[str, Callable[[Path, list[Any]], Any]] = {
    "outbox": lambda folder, _: {
        path.name: path.read_bytes() for path in (folder / "outbox").iterdir()
    },
    "discard": lambda _folder, _sent: None,
    "smtp": lambda _, sent: sent,
    "sendgrid": lambda _, sent: sent,
}
"""What each provider took: it stands in the workspace's folder, or was sent."""


def compiled(edition: Edition, pair: Pair) -> CompiledMessage:
    """Return the message of an edition for the reader of a pair."""
    tailored = edition.for_audience(pair.audience, pair.locale, pair.shown)
    return compile_message(tailored, templates(), PUBLIC_URL)


def artefacts(edition: Edition, pair: Pair) -> Mapping[str, Any]:
    """Return everything that is made of an edition for the reader of a pair.

    Of the messages it is all that they have, whatever it is called, and of each provider what it
    takes. What will be made of editions beside messages one day is added here.
    """
    audience = pair.audience
    message = compiled(edition, pair)
    planner = Planner(edition, [audience])
    return {
        "tailored": edition.for_audience(audience, pair.locale, pair.shown),
        **all_of(message),
        **all_of(message.fill(dict.fromkeys(message.slots, SAMPLE))),
        **taken(message),
        "rules": rules_digest(edition, [audience]),
        "variants": [planner._variant(code) for code in range(planner._visible(audience) + 1)],
        "choices": choices_of(edition.conditional_blocks(audience)),
    }


def all_of(message: CompiledMessage | RenderedMessage) -> Mapping[str, Any]:
    """Return every field and every public property of a message."""
    kind = type(message)
    properties = [
        name
        for name, member in inspect.getmembers(kind)
        if isinstance(member, property | cached_property) and not name.startswith("_")
    ]
    names = [*(field.name for field in fields(message)), *properties]
    return {f"{kind.__name__}.{name}": getattr(message, name) for name in names}


def taken(message: CompiledMessage) -> Mapping[str, Any]:
    """Return what each provider answers to a message, and what it made of it."""
    sent: list[Any] = []

    def posted(_: Client, body: bytes) -> Answer:
        """Keep a request to SendGrid instead of sending it."""
        sent.append(body)
        return Answer("accepted")

    def taken_by(name: str, folder: Path) -> Any:
        sent.clear()
        provider = open_provider(name, Opening(folder))
        receipts = list(provider.send(Shipment(message, envelopes, values)))
        provider.close()
        return receipts, TAKEN[name](folder, [*sent])

    values = {slot: [SAMPLE] for slot in message.slots}
    envelopes = [Envelope("news-1", "we@example.org", "reader@example.org")]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # what is taken matters here, not a power cut
        patch.setenv("TIGC_MAIL_SENDGRID_API_KEY", "SG.key")
        patch.setenv("TIGC_MAIL_SMTP_URL", "smtp://127.0.0.1")
        patch.setattr(smtp.options, "_context", lambda *_: None)  # it reads all certificates
        patch.setattr(smtp, "Connection", lambda _: _Carrier(sent))
        patch.setattr(Client, "post", posted)
        return {f"taken by {name}": taken_by(name, Path(folder)) for name in OWN}


class _Carrier:
    """Keeps what would be handed to a mail server."""

    worn = False

    def __init__(self, sent: list[Any]) -> None:
        self.sent = sent

    def carry(self, letters: Letters) -> None:
        while letter := letters.take():
            self.sent.append(letter.content)
            letters.answer(Receipt(letter.envelope.delivery_id, "accepted"))

    def alive(self) -> bool:
        return True

    def quit(self) -> None:
        pass


def hold_the_law(pair: Pair) -> None:
    """Assert that everything made of the two editions of a pair is the same to their reader."""
    one, other = artefacts(pair.one, pair), artefacts(pair.other, pair)
    for name, artefact in one.items():
        assert artefact == other[name], name
        assert HIDDEN not in repr(artefact).casefold(), name


@settings(max_examples=1_000 if settings().max_examples >= 100 else 250)
@given(pair=pairs())
def test_what_an_audience_must_not_read_changes_nothing_made_for_it(pair: Pair) -> None:
    hold_the_law(pair)


@settings(max_examples=max(20, settings().max_examples // 4))
@given(pair=pairs())
def test_the_second_guard_lets_through_what_the_first_made(pair: Pair) -> None:
    for edition in (pair.one, pair.other):
        guard = Guard(edition, pair.audience, lambda: templates().sources)
        guard.require(compiled(edition, pair), pair.shown)


# That nothing is forgotten: whatever a message has is compared, and whatever a provider takes

PLAIN = {
    "id": "news",
    "kind": "newsletter",
    "language": "en",
    "languages": ["en"],
    "audiences": ["public"],
    "subject": "News",
    "preheader": "What is new",
    "blocks": [{"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello."}],
}


def plain_pair() -> Pair:
    """Return an edition and itself."""
    edition = Edition.model_validate(PLAIN, context=Scope(workspace=AUDIENCES))
    return Pair(edition, edition, AUDIENCES["public"], "en", frozenset(), AUDIENCES)


ODD: Mapping[str, Any] = {
    "audience": "others",
    "locale": "fr",
    "subject": ("odd",),
    "html": ("odd",),
    "text": ("odd",),
    "wire": (b"odd", Occurrence("delivery.token", Context.WORD), b"odd"),
    "letterhead": Letterhead("odd", "odd@example.org", "", "odd.example.org", "https://odd/"),
    "salutation": ("odd", "odd"),
    "calendar": EventCalendar("PUBLISH", b"odd"),
    "attachments": (AttachedPart("odd.pdf", "application/pdf", "odd", b"odd"),),
    "event_times": {"odd": None},
    "fallbacks": (Fallback("odd", "fr", "en"),),
}
"""Another value for each field of a compiled message."""


def odd_once(right: Callable[..., Any], **odd: Any) -> Callable[..., Any]:
    """Return a function whose second result has another value in some fields."""
    calls = count()

    def odd_at_last(*of: Any, **named: Any) -> Any:
        result = right(*of, **named)
        return replace(result, **odd) if next(calls) == 1 else result

    return odd_at_last


@pytest.mark.parametrize("field", [field.name for field in fields(CompiledMessage)])
def test_the_law_compares_every_field_of_a_compiled_message(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = odd_once(compile_message, **{field: ODD[field]})
    monkeypatch.setattr(sys.modules[__name__], "compile_message", odd)
    with pytest.raises(AssertionError, match=f"CompiledMessage.{field}"):
        hold_the_law(plain_pair())


@pytest.mark.parametrize("field", [field.name for field in fields(RenderedMessage)])
def test_the_law_compares_every_field_of_a_rendered_message(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompiledMessage, "fill", odd_once(CompiledMessage.fill, **{field: b"odd"}))
    with pytest.raises(AssertionError, match=f"RenderedMessage.{field}"):
        hold_the_law(plain_pair())


def test_the_law_compares_what_a_message_is_given_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    right, copies = CompiledMessage.fill, count()
    web = ("web_copy", int, dataclass_field(default_factory=lambda: next(copies)))
    grown = make_dataclass("Grown", [web], bases=(RenderedMessage,), frozen=True)
    monkeypatch.setattr(CompiledMessage, "fill", lambda *of: grown(**vars(right(*of))))
    with pytest.raises(AssertionError, match=r"Grown\.web_copy"):
        hold_the_law(plain_pair())


def test_the_law_compares_what_every_provider_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(TAKEN) == set(OWN), "say here how to see what the new provider took"
    right, names = Outbox._write, count()
    monkeypatch.setattr(
        Outbox, "_write", lambda box, _, content: right(box, f"{next(names)}.eml", content)
    )
    with pytest.raises(AssertionError, match="taken by outbox"):
        hold_the_law(plain_pair())


# Why the law may be tried on tailored editions: nothing else goes into a message


def test_a_message_is_compiled_from_a_tailored_edition_templates_and_an_address_alone() -> None:
    assert get_type_hints(compile_message) == {
        "edition": TailoredEdition,
        "templates": Templates,
        "public_url": str,
        "return": CompiledMessage,
    }


def test_the_compiler_cannot_name_an_edition_before_it_is_tailored() -> None:
    """`make lint` holds the whole of it, as a contract of imports; this is its shortest form."""
    named = {name for name in vars(inspect.getmodule(compile_message)) if "Edition" in name}
    assert named == {"TailoredEdition"}
