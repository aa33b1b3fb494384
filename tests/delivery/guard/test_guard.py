"""What must not be read is found wherever and however it stands in a compiled message."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.editions import Pair, pairs, templates
from tests.readers import AUDIENCES, HIDDEN

from tigc_mail import Audience, CompiledMessage, ConfidentialityError, Workspace
from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope
from tigc_mail.content.tailored import TailoredEdition, TailoredText
from tigc_mail.delivery.guard import Guard
from tigc_mail.ground.marking import Marking
from tigc_mail.render.compile import compile_message

PUBLIC = AUDIENCES["public"]
PUBLIC_URL = "https://mail.example.org"
SECRET = "The warehouse in the old harbour is searched on Friday."


def edition_of(*blocks: dict[str, Any], **head: Any) -> Edition:
    base = {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello to everybody."}
    written = {
        "id": "news",
        "kind": "newsletter",
        "language": "en",
        "languages": ["en", "fr"],
        "audiences": [*AUDIENCES],
        "subject": "News",
        "preheader": "What is new",
        **head,
        "blocks": [base, *blocks],
    }
    return Edition.model_validate(written, context=Scope(workspace=AUDIENCES))


def secretive(**fields: Any) -> Edition:
    """Return an edition with one block that the public must not read."""
    block = {"id": "raid", "type": "text", "marking": "TLP:AMBER", "body": SECRET, **fields}
    return edition_of(block)


def told(edition: Edition, body: str = "", audience: Audience = PUBLIC, **fields: str) -> None:
    """Guard what an audience gets, after something wrote more into it than it should."""
    tailored = edition.for_audience(audience, edition.language)
    more = TailoredText(id="more", marking=Marking.CLEAR, body=body or "Nothing.")
    guard(edition, replace(tailored, blocks=(*tailored.blocks, more), **fields), audience)


def guard(edition: Edition, tailored: TailoredEdition, audience: Audience = PUBLIC) -> None:
    message = compile_message(tailored, templates(), PUBLIC_URL)
    Guard(edition, audience, lambda: templates().sources).require(message, frozenset())


# Where it stands


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"subject": SECRET}, "subject, html, text, header Subject"),
        ({"preheader": SECRET}, "html"),
        ({"body": SECRET}, "html, text"),
        ({"body": f"[Here](https://example.org/?q={SECRET.replace(' ', '%20')})"}, "html, text"),
        ({"body": f'![{SECRET}](https://example.org/a.png "x")'}, "html, text"),
    ],
)
def test_it_is_found_in_every_part_and_told_by_its_block_and_marking(
    fields: dict[str, str], parts: str
) -> None:
    with pytest.raises(ConfidentialityError) as refused:
        told(secretive(), **fields)
    expected = f"block raid (TLP:AMBER, above TLP:CLEAR), in its {parts}. Nothing is sent."
    assert expected in str(refused.value)
    assert "warehouse" not in str(refused.value)


# How it stands


@pytest.mark.parametrize(
    "body",
    [
        SECRET.upper(),
        "The ware**house** in\nthe *old* harbour is",
        "the   old&nbsp;h&#97;rbour is searched, on Fri\u00adday",
        "**The warehouse** in [the old](https://example.org) harbour",
        "- THE WAREHOUSE IN THE OLD",
    ],
)
def test_it_is_found_whatever_became_of_its_letters_blanks_and_markup(body: str) -> None:
    with pytest.raises(ConfidentialityError, match="block raid"):
        told(secretive(), body)


def test_accents_do_not_hide_it() -> None:
    with pytest.raises(ConfidentialityError):
        told(
            secretive(body="Perquisition à l'entrepôt vendredi"),
            "PERQUISITION A L'ENTREPOT VENDREDI",
        )


def test_it_is_found_in_every_language_and_in_the_words_for_any_audience() -> None:
    words = {"en": "Nothing to see", "fr": "La cave du port", "police": "Bring the long ladder"}
    for body in ("La cave du port", "Bring the long ladder"):
        with pytest.raises(ConfidentialityError):
            told(secretive(body=words), body)


@pytest.mark.parametrize(
    "written",
    [
        {"title": "Raid"},  # too short, so its body is what gives it away
        {"type": "call-to-action", "label": "Join the raid", "url": "https://raid.example.org/x"},
        {"type": "partner-list", "title": "Us", "groups": [{"name": "A", "partners": [{"name": "Harbour Guard"}]}]},
    ],
)  # fmt: skip
def test_every_text_of_a_block_is_looked_for_whatever_its_type(written: dict[str, Any]) -> None:
    block = {"id": "raid", "type": "text", "marking": "TLP:AMBER", "body": SECRET, **written}
    edition = edition_of(block)
    for found in ("Join the raid", "https://raid.example.org/x", "Harbour Guard", SECRET):
        if found in str(written) or found == SECRET:
            with pytest.raises(ConfidentialityError, match="block raid"):
                told(edition, found)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if part != value:
            yield from strings(part) if isinstance(part, str | dict | list | tuple) else ()


@settings(max_examples=max(40, settings().max_examples // 2))
@given(pair=pairs(), data=st.data())
def test_any_text_that_a_reader_must_not_read_is_found(pair: Pair, data: st.DataObject) -> None:
    secrets = sorted({one for one in strings(pair.one.model_dump(warnings=False)) if HIDDEN in one})
    assume(secrets)
    body = data.draw(st.sampled_from(secrets))
    with pytest.raises(ConfidentialityError):
        told(pair.one, body, pair.audience)


# What is no leak


@pytest.mark.parametrize(
    "body",
    [
        "On Friday the harbour is closed.",  # words, and no five of them in a row
        "The warehouse in the new harbour",  # four in a row
        "Nothing.",
    ],
)
def test_single_words_of_a_longer_text_are_no_leak(body: str) -> None:
    told(secretive(), body)


def test_what_the_audience_may_read_elsewhere_is_no_leak() -> None:
    open_ = {"id": "open", "type": "text", "marking": "TLP:CLEAR", "body": SECRET}
    hidden = {"id": "raid", "type": "text", "marking": "TLP:AMBER", "body": SECRET}
    told(edition_of(open_, hidden))


@pytest.mark.parametrize(
    "body",
    [
        "Unsubscribe",  # a phrase of the templates
        "August",  # a date is written with it
        "Dear {given_name},",  # the audience is greeted so
        "EU",  # too short to be told from others
        "2026",  # a figure
        "{{ recipient.salutation }}",  # nothing but a slot
    ],
)
def test_what_every_message_holds_is_no_leak(body: str) -> None:
    told(secretive(body=body), f"EU, August 2026, {body}")


@pytest.mark.parametrize("words", ["multipart/alternative", "text/html", "presentation", "Georgia"])
def test_what_machines_tell_each_other_is_no_leak(words: str) -> None:
    told(secretive(body=words))


def test_what_other_audiences_get_of_the_shipped_editions_is_no_false_alarm(
    shipped: Workspace,
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    @cache
    def own(edition: str, audience: str) -> Guard:
        return Guard(shipped.edition(edition), shipped.audience(audience), shipped.fixed_texts)

    for tailored in shipped_variants:
        edition, audience = shipped.edition(tailored.id), shipped.audience(tailored.audience.id)
        shown = frozenset(block.id for block in edition.conditional_blocks(audience))
        own(edition.id, audience.id).require(compile_shipped(tailored), shown)


# The marking


def test_a_message_must_carry_the_marking_of_what_it_holds() -> None:
    edition = edition_of({"id": "more", "type": "text", "marking": "TLP:GREEN", "body": "Words."})
    traders = AUDIENCES["traders"]
    right = edition.for_audience(traders, "en")
    guard(edition, right, traders)
    with pytest.raises(
        ConfidentialityError, match=r"marked TLP:CLEAR in its subject, .* is TLP:GREEN"
    ):
        guard(edition, replace(right, marking=Marking.CLEAR), traders)
    with pytest.raises(ConfidentialityError, match="is marked TLP:AMBER, above TLP:GREEN"):
        guard(edition, replace(right, marking=Marking.AMBER), traders)


def test_red_is_never_sent_whatever_a_ceiling_says() -> None:
    """The file of an audience cannot say so; this is the one who made an audience in Python."""
    edition = edition_of({"id": "red", "type": "text", "marking": "TLP:RED", "body": SECRET})
    boundless = PUBLIC.model_copy(update={"ceiling": Marking.RED})
    told(edition, audience=boundless)
    with pytest.raises(ConfidentialityError, match="TLP:RED"):
        told(edition, SECRET, boundless)
    with pytest.raises(ConfidentialityError, match="is marked TLP:RED"):
        guard(edition, replace(edition.for_audience(PUBLIC, "en"), marking=Marking.RED), boundless)
