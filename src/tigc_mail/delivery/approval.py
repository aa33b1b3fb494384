"""Approval: who may not give it, and what it is bound to (messages, rules, recipients)."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias
from unicodedata import normalize

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.planning import Variant
from tigc_mail.people.audience import Audience
from tigc_mail.render.message import CompiledMessage

Messages: TypeAlias = Mapping[Variant, CompiledMessage]
"""The messages of a campaign by variant."""

Digests: TypeAlias = Mapping[str, str]
"""A digest of each thing that an approval is bound to, by what a person calls it."""

RULES = "the rules of audiences and blocks"
RECIPIENTS = "the list of recipients"


MIN_DIGEST = 8
"""How many characters of a digest name it; with fewer, another one may begin the same by chance."""


def same_name(one: str, other: str) -> bool:
    """Return whether two names differ in nothing but case and how their letters are encoded."""
    return normalize("NFKC", one).casefold() == normalize("NFKC", other).casefold()


def rules_of(edition: Edition, audiences: Sequence[Audience]) -> Mapping[str, Any]:
    """Return all that decides who is planned for which variant, and until when, as plain values.

    Rules of blocks that none of the audiences may see are not among it.

    Args:
        edition: what is sent.
        audiences: to whom, in the order that decides for a contact in several.
    """
    return {
        "audiences": [[a.id, a.segment.model_dump_json(), a.ceiling.value] for a in audiences],
        "languages": [edition.language, *edition.languages],
        "show_when": [
            [a.id, block.id, block.show_when and block.show_when.model_dump_json()]
            for a in audiences
            for block in edition.conditional_blocks(a)
        ],
        "not_after": str(edition.not_after),
    }


def rules_digest(edition: Edition, audiences: Sequence[Audience]) -> str:
    """Return a digest of `rules_of` them."""
    return _digest_of(rules_of(edition, audiences))


def recipients_digest(recipients: Iterable[Sequence[Sequence[int]]]) -> str:
    """Return a digest of who gets which variant.

    Args:
        recipients: delivery ids, contact ids and variants, in order, in parts of any size.
    """
    digests = [sha256(), sha256(), sha256()]
    for part in recipients:
        for digest, column in zip(digests, part, strict=True):
            digest.update(array("q", column).tobytes())
    return _digest_of([digest.hexdigest() for digest in digests])


def digests_of(messages: Messages, rules: str, recipients: str) -> Digests:
    """Return a digest of each thing that an approval given now would be bound to.

    Args:
        messages: every variant, compiled.
        rules: the digest of the rules.
        recipients: the digest of the recipients.
    """
    return {
        **{message_name(variant): message.digest for variant, message in messages.items()},
        RULES: rules,
        RECIPIENTS: recipients,
    }


def changes(before: Digests, now: Digests) -> list[str]:
    """Return the things that are not the same in both."""
    parts = dict.fromkeys([*before, *now])
    return [part for part in parts if before.get(part) != now.get(part)]


def combined(digests: Digests) -> str:
    """Return one digest of them all."""
    return _digest_of(dict(digests))


def message_name(variant: Variant) -> str:
    """Return what a person calls the message of a variant."""
    shown = f" with {', '.join(sorted(variant.shown))}" if variant.shown else ""
    return f"the message for {variant.audience} in {variant.locale}{shown}"


def _digest_of(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
