"""A guard that is broken is noticed: the law fails, and the second guard stops what leaks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel
from tests.editions import Pair, pairs, templates
from tests.interfaces.test_non_interference import (
    PUBLIC_URL,
    hold_the_law,
)
from tests.readers import AUDIENCES, HIDDEN

from tigc_mail import ConfidentialityError
from tigc_mail.content import edition as edition_module
from tigc_mail.content import tailoring
from tigc_mail.content.attachment import Attachment
from tigc_mail.content.block import BlockBase, Partner, PartnerGroup, Statistic
from tigc_mail.content.edition import Edition
from tigc_mail.content.event import EventDetail
from tigc_mail.content.scope import Scope
from tigc_mail.content.text import Text, Wording
from tigc_mail.delivery.guard import Guard
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience
from tigc_mail.render import html
from tigc_mail.render.compile import compile_message

Break = Callable[[pytest.MonkeyPatch], None]


def ceilings_allow_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Marking, "allows", lambda _ceiling, _marking: True)


def ceilings_are_one_too_high(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Marking, "allows", lambda ceiling, marking: marking.level <= ceiling.level + 1)


def every_block_is_visible(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(edition_module, "visible", lambda block, _audience: block)


def every_block_is_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BlockBase, "is_for", lambda _block, _audience: True)


def markings_of_blocks_are_ignored(patch: pytest.MonkeyPatch) -> None:
    right = tailoring.visible

    def visible(block: BlockBase, *of: Any) -> BlockBase | None:
        shown = right(block.model_copy(update={"marking": Marking.CLEAR}), *of)
        return shown and shown.model_copy(update={"marking": block.marking})

    patch.setattr(edition_module, "visible", visible)


def unmarked(kind: type[BaseModel], part: Any) -> Any:
    """Return a part of an edition in which nothing of a kind has a marking of its own."""
    if isinstance(part, tuple):
        return tuple(unmarked(kind, one) for one in part)
    if not isinstance(part, BaseModel):
        return part
    found = {name: unmarked(kind, getattr(part, name)) for name in type(part).model_fields}
    return part.model_copy(update=found | ({"marking": None} if isinstance(part, kind) else {}))


def ignored(kind: type[BaseModel], patch: pytest.MonkeyPatch) -> None:
    right = tailoring.visible
    patch.setattr(edition_module, "visible", lambda block, *of: right(unmarked(kind, block), *of))


def markings_of_groups_are_ignored(patch: pytest.MonkeyPatch) -> None:
    ignored(PartnerGroup, patch)


def markings_of_partners_are_ignored(patch: pytest.MonkeyPatch) -> None:
    ignored(Partner, patch)


def markings_of_statistics_are_ignored(patch: pytest.MonkeyPatch) -> None:
    ignored(Statistic, patch)


def markings_of_details_are_ignored(patch: pytest.MonkeyPatch) -> None:
    ignored(EventDetail, patch)


def markings_of_files_are_ignored(patch: pytest.MonkeyPatch) -> None:
    def is_for(file: Attachment, audience: Audience) -> bool:
        return file.audiences is None or audience.id in file.audiences

    patch.setattr(Attachment, "is_for", is_for)


def every_file_is_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Attachment, "is_for", lambda file, audience: audience.ceiling.allows(file.marking)
    )


def markings_within_blocks_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tailoring, "_allowed", lambda _marking, _ceiling: True)


def the_words_of_others_are_said(patch: pytest.MonkeyPatch) -> None:
    def resolve(text: Text, *_: object) -> Wording:
        return list(text.wordings())[-1]

    patch.setattr(Text, "resolve", resolve)


def the_marking_counts_what_is_hidden(patch: pytest.MonkeyPatch) -> None:
    right = Edition.for_audience

    def for_audience(edition: Edition, *of: object) -> object:
        marking = max(block.marking for block in edition.blocks)
        return replace(right(edition, *of), marking=marking)

    patch.setattr(Edition, "for_audience", for_audience)


def hidden_conditions_are_planned(patch: pytest.MonkeyPatch) -> None:
    def conditional(edition: Edition, _audience: object) -> object:
        return tuple(block for block in edition.blocks if block.show_when)

    patch.setattr(Edition, "conditional_blocks", conditional)


@contextmanager
def without_mjml() -> Iterator[None]:
    """Leave MJML and the styles out: the HTML of a message is then what the templates gave.

    They are the one slow step, and know nothing but that text, the theme and the language.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "finish", lambda mjml, **_: mjml)
        yield


LEAKING: list[Break] = [
    ceilings_allow_all,
    ceilings_are_one_too_high,
    every_block_is_visible,
    every_block_is_for_all,
    every_file_is_for_all,
    markings_of_blocks_are_ignored,
    markings_of_groups_are_ignored,
    markings_of_partners_are_ignored,
    markings_of_statistics_are_ignored,
    markings_of_details_are_ignored,
    markings_of_files_are_ignored,
    markings_within_blocks_are_ignored,
    the_words_of_others_are_said,
    the_marking_counts_what_is_hidden,
]
SPLITTING: list[Break] = [hidden_conditions_are_planned]
"""It shows nobody what is hidden; that there are more variants tells of it."""


@pytest.mark.parametrize("broken", LEAKING + SPLITTING, ids=lambda one: one.__name__)
def test_the_law_fails_when_the_first_guard_is_broken(
    broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    @settings(
        max_examples=1_000,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(pair=pairs())
    def law(pair: Pair) -> None:
        with without_mjml():
            hold_the_law(pair)

    broken(monkeypatch)
    with pytest.raises(AssertionError):
        law()


SECRETIVE = {
    "id": "news",
    "kind": "newsletter",
    "language": "en",
    "languages": ["en"],
    "audiences": [*AUDIENCES],
    "subject": "News",
    "preheader": "What is new",
    "blocks": [
        {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello."},
        {
            "id": "above",
            "type": "text",
            "marking": "TLP:AMBER",
            "body": f"The {HIDDEN} is opened on Friday at the harbour.",
        },
        {
            "id": "others",
            "type": "text",
            "marking": "TLP:CLEAR",
            "audiences": ["police"],
            "body": f"{HIDDEN} is for the police alone to know.",
        },
        {
            "id": "partners",
            "type": "partner-list",
            "marking": "TLP:CLEAR",
            "title": "Partners",
            "groups": [
                {"name": "All", "partners": [{"name": "Open Ltd"}]},
                {"name": "Abc", "marking": "TLP:GREEN", "partners": [{"name": f"{HIDDEN} One"}]},
                {
                    "name": "Few",
                    "partners": [
                        {"name": "Shut Ltd"},
                        {"name": f"{HIDDEN} Two", "marking": "TLP:AMBER"},
                    ],
                },
            ],
        },
        {
            "id": "numbers",
            "type": "statistics",
            "marking": "TLP:CLEAR",
            "statistics": [
                {"number": 7, "label": "open ports"},
                {"number": 9, "label": f"{HIDDEN} ports", "marking": "TLP:GREEN"},
            ],
        },
        {
            "id": "event",
            "type": "event",
            "marking": "TLP:CLEAR",
            "title": "Conference",
            "event": {
                "name": "Conference",
                "uid": "conference@example.org",
                "issued": "2027-03-01T09:00:00Z",
                "stage": "announced",
                "time_zone": "Europe/Paris",
                "start": "2027-08-26",
                "details": [{"label": "Door", "text": f"{HIDDEN} lane", "marking": "TLP:GREEN"}],
            },
        },
        {
            "id": "wordings",
            "type": "text",
            "marking": "TLP:CLEAR",
            "body": {"en": "For all.", "police": f"{HIDDEN} in words for the police."},
        },
    ],
    "attachments": [
        {"file": "shut.pdf", "title": f"{HIDDEN} plan", "marking": "TLP:GREEN"},
        {
            "file": "theirs.pdf",
            "title": f"{HIDDEN} list",
            "marking": "TLP:CLEAR",
            "audiences": ["police"],
        },
    ],
}


def sent_to_the_public() -> None:
    """Compile an edition with secrets of every kind, as a campaign does, and guard it."""
    edition = Edition.model_validate(SECRETIVE, context=Scope(workspace=AUDIENCES))
    public = AUDIENCES["public"]
    message = compile_message(edition.for_audience(public, "en"), templates(), PUBLIC_URL)
    Guard(edition, public, lambda: templates().sources).require(message, frozenset())


TOLD = {
    ceilings_allow_all: "block above (TLP:AMBER, above TLP:CLEAR), in its html, text",
    every_block_is_visible: "block others (TLP:CLEAR, for other audiences), in its html, text",
    every_block_is_for_all: "block others (TLP:CLEAR, for other audiences), in its html, text",
    ceilings_are_one_too_high: "block partners (TLP:GREEN, above TLP:CLEAR), in its html, text",
    every_file_is_for_all: "file theirs.pdf (TLP:CLEAR, for other audiences), in its ",
    markings_of_blocks_are_ignored: "block above (TLP:AMBER, above TLP:CLEAR), in its html, text",
    markings_of_groups_are_ignored: "block partners (TLP:GREEN, above TLP:CLEAR), in its html, text",
    markings_of_partners_are_ignored: "block partners (TLP:AMBER, above TLP:CLEAR), in its html, text",
    markings_of_statistics_are_ignored: "block numbers (TLP:GREEN, above TLP:CLEAR), in its html, text",
    markings_of_details_are_ignored: "block event (TLP:GREEN, above TLP:CLEAR), in its html, text",
    markings_of_files_are_ignored: "file shut.pdf (TLP:GREEN, above TLP:CLEAR), in its ",
    markings_within_blocks_are_ignored: "block partners (TLP:AMBER, above TLP:CLEAR), in its",
    the_words_of_others_are_said: "block wordings (TLP:CLEAR, for other audiences), in its",
    the_marking_counts_what_is_hidden: "is marked TLP:AMBER, above TLP:CLEAR, the ceiling",
}


@pytest.mark.parametrize("broken", LEAKING, ids=lambda one: one.__name__)
def test_the_second_guard_alone_stops_what_the_first_lets_through(
    broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_to_the_public()
    broken(monkeypatch)
    with pytest.raises(ConfidentialityError, match="edition news for public in en: ") as refused:
        sent_to_the_public()
    assert TOLD[broken] in str(refused.value)
    assert HIDDEN not in str(refused.value)
