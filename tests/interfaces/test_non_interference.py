"""The law, on all that is made of an edition: bytes, digests, variants, approvals, checks."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from tests.editions import HIDDEN, Pair, pairs, templates

from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.approval import rules_digest
from tigc_mail.delivery.guard import Guard
from tigc_mail.delivery.planning import Planner
from tigc_mail.interfaces.choices import choices_of
from tigc_mail.render import html
from tigc_mail.render.compile import compile_message
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.templates import Templates

PUBLIC_URL = "https://mail.example.org"


def artefacts(edition: Edition, pair: Pair) -> Mapping[str, Any]:
    """Return everything that is made of an edition for the reader of a pair.

    What will be made of editions one day (a web copy, a provider's payload) is added here.
    """
    audience, locale, shown = pair.audience, pair.locale, pair.shown
    tailored = edition.for_audience(audience, locale, shown)
    message = compile_message(tailored, templates(), PUBLIC_URL)
    rendered = message.fill(dict.fromkeys(message.slots, "https://sample.example.org"))
    planner = Planner(edition, [audience])
    return {
        "subject": rendered.subject,
        "preheader": tailored.preheader,
        "html": rendered.html,
        "text": rendered.text,
        "bytes": rendered.content,
        "calendar": rendered.calendar,
        "digest": message.digest,
        "fallbacks": (*tailored.fallbacks, *message.fallbacks),
        "marking": tailored.marking,
        "rules": rules_digest(edition, [audience]),
        "variants": [planner._variant(code) for code in range(planner._visible(audience) + 1)],
        "choices": choices_of(edition.conditional_blocks(audience)),
    }


def hold_the_law(pair: Pair) -> None:
    """Assert that everything made of the two editions of a pair is the same to their reader."""
    one, other = artefacts(pair.one, pair), artefacts(pair.other, pair)
    for name, artefact in one.items():
        assert artefact == other[name], name
        assert HIDDEN not in repr(artefact).casefold(), name


@contextmanager
def without_mjml() -> Iterator[None]:
    """Leave MJML and the styles out: the HTML of a message is then what the templates gave.

    They are the one slow step, and know nothing but that text, the theme and the language.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "finish", lambda mjml, **_: mjml)
        yield


@settings(max_examples=5 * settings().max_examples)
@given(pair=pairs())
def test_what_an_audience_must_not_read_changes_nothing_made_for_it(pair: Pair) -> None:
    with without_mjml():
        hold_the_law(pair)


@settings(max_examples=max(20, settings().max_examples // 4))
@given(pair=pairs())
def test_what_an_audience_must_not_read_changes_no_byte_with_mjml_and_styles_either(
    pair: Pair,
) -> None:
    hold_the_law(pair)
    hold_no_false_alarm(pair)


def hold_no_false_alarm(pair: Pair) -> None:
    """Assert that the second guard lets through what the first one made."""
    for edition in (pair.one, pair.other):
        tailored = edition.for_audience(pair.audience, pair.locale, pair.shown)
        message = compile_message(tailored, templates(), PUBLIC_URL)
        Guard(edition, pair.audience, lambda: templates().sources).require(message, pair.shown)


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
