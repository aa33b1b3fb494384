"""What differs between audiences, block by block."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tigc_mail.content.edition import Edition
from tigc_mail.content.matrix import Cell, Row, matrix_of
from tigc_mail.content.scope import Scope
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.people.audience import Audience

Audiences = Mapping[str, Audience]

LIAISON = {"field": "tags", "contains": "liaison"}


def text(id_: str, body: Any, marking: str = "TLP:CLEAR", **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": "text", "marking": marking, "body": body} | more


@pytest.fixture
def cells(
    audiences: Audiences, edition_of: Callable[..., dict[str, Any]]
) -> Callable[..., dict[tuple[str, str], Cell]]:
    """Return the cells of the one block given, by audience and language."""

    def build(block: dict[str, Any]) -> dict[tuple[str, str], Cell]:
        edition = Edition.model_validate(edition_of(block), context=Scope(workspace=audiences))
        row = matrix_of(edition, audiences)[-1]
        assert (row.id, row.marking) == (block["id"], block["marking"])
        return {(cell.audience, cell.locale): cell for cell in row.cells}

    return build


def test_the_subject_and_the_preheader_come_before_the_blocks(
    audiences: Audiences, edition_of: Callable[..., dict[str, Any]]
) -> None:
    edition = Edition.model_validate(
        edition_of(text("one", "Hello."), text("two", "Hello.")), context=Scope()
    )
    rows = matrix_of(edition, audiences)
    assert [row.id for row in rows] == ["subject", "preheader", "one", "two"]
    assert [row.marking for row in rows[:2]] == [None, None]
    order = [(audience, locale) for audience in edition.audiences for locale in edition.languages]
    assert all([(cell.audience, cell.locale) for cell in row.cells] == order for row in rows)


def test_words_are_everyones_or_those_of_an_audience(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    body = {"en": "All", "fr": "Tous", "police": {"en": "You", "fr": "Vous"}}
    found = cells(text("one", body))
    assert found["police", "fr"].wording == "audience"
    assert found["public", "fr"].wording == "default"
    assert not any(cell.fallback for cell in found.values())


def test_another_language_that_stands_in_is_told(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    found = cells(text("one", {"en": "All"}, title={"en": "A", "fr": "B"}))
    assert found["public", "fr"].languages == ("fr", "en")
    assert found["public", "fr"].fallback
    assert not found["public", "en"].fallback


def test_words_of_an_audience_in_another_language_do_not_count(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    found = cells(text("one", {"en": "All", "fr": "Tous", "police": {"en": "You"}}))
    assert found["police", "en"].wording == "audience"
    assert found["police", "fr"].wording == "default"


def test_a_standing_key_message_is_told_with_its_languages(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    block = {"id": "k", "type": "key-message", "marking": "TLP:CLEAR", "key_message": "crime"}
    found = cells(block)["public", "fr"]
    assert (found.wording, found.languages) == ("standing", ("fr", "en"))


def test_who_is_not_shown_a_block_is_told_why(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    found = cells(text("one", "Secret", "TLP:GREEN", audiences=["police", "public"]))
    showing = {name: cell.showing.value for (name, locale), cell in found.items() if locale == "en"}
    assert showing == {"police": "shown", "private-sector": "hidden", "public": "above-ceiling"}
    above = found["public", "en"]
    assert (above.wording, above.languages) == (None, ())


def test_a_conditional_block_is_told_as_one(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    found = cells(text("one", "Hello.", show_when=LIAISON))
    assert {cell.showing.value for cell in found.values()} == {"conditional"}
    assert {cell.to_json()["show_when"]["contains"] for cell in found.values()} == {"liaison"}


def block_with_parts(type_: str, **fields: Any) -> dict[str, Any]:
    return {"id": "one", "type": type_, "marking": "TLP:CLEAR", "title": "Parts"} | fields


SECRET = {"marking": "TLP:AMBER"}


@pytest.mark.parametrize(
    ("block", "left_out"),
    [
        (
            block_with_parts(
                "statistics",
                statistics=[{"number": 1, "label": "One"}, {"number": 2, "label": "Two"} | SECRET],
            ),
            ("statistics[1]",),
        ),
        (
            block_with_parts(
                "partner-list",
                groups=[
                    {"name": "A", "partners": [{"name": "Known"}, {"name": "Secret"} | SECRET]},
                    {"name": "B", "partners": [{"name": "Secret"}]} | SECRET,
                ],
            ),
            ("groups[0].partners[1]", "groups[1]"),
        ),
        (
            block_with_parts(
                "event",
                event={
                    "name": {"en": "Meeting", "fr": "Réunion"},
                    "uid": "meeting@example.org",
                    "issued": "2027-01-01T09:00:00Z",
                    "stage": "announced",
                    "time_zone": "Europe/Paris",
                    "start": "2027-06-01",
                    "details": [{"label": "Door", "text": "The back one"} | SECRET],
                },
            ),
            ("event.details[0]",),
        ),
    ],
)
def test_parts_above_the_ceiling_are_told_by_their_place_alone(
    cells: Callable[..., dict[tuple[str, str], Cell]],
    block: dict[str, Any],
    left_out: tuple[str, ...],
) -> None:
    found = cells(block)
    assert found["public", "en"].left_out == left_out
    assert found["police", "en"].left_out == ()
    assert found["public", "en"].showing == found["police", "en"].showing == "shown"
    told = found["public", "en"].to_json()
    assert told["left_out"] == list(left_out)
    assert "Secret" not in str(told)


def test_nothing_of_what_is_above_the_ceiling_decides_on_a_cell(
    cells: Callable[..., dict[tuple[str, str], Cell]],
) -> None:
    def partners(title: dict[str, str]) -> dict[str, Any]:
        hidden = {"name": title, "marking": "TLP:AMBER", "partners": [{"name": "Secret"}]}
        open_ = {"name": {"en": "Open", "fr": "Ouvert"}, "partners": [{"name": "Known"}]}
        return {
            "id": "partners",
            "type": "partner-list",
            "marking": "TLP:CLEAR",
            "title": {"en": "Partners", "fr": "Partenaires"},
            "groups": [hidden, open_],
        }

    some, more = cells(partners({"en": "A"})), cells(partners({"en": "A", "fr": "B"}))
    assert some["public", "fr"] == more["public", "fr"]
    assert some["police", "fr"].fallback
    assert not more["police", "fr"].fallback


def test_the_matrix_says_what_the_editions_do(shipped: Workspace) -> None:
    for name in shipped.editions():
        edition = shipped.edition(name)
        rows = matrix_of(edition, shipped.audiences())
        for at in range(len(rows[0].cells)):
            _agrees(edition, shipped, rows, at)


def _agrees(edition: Edition, shipped: Workspace, rows: tuple[Row, ...], at: int) -> None:
    audience, locale = rows[0].cells[at].audience, rows[0].cells[at].locale
    tailored = edition.for_audience(shipped.audience(audience), locale)
    shown = [row.id for row in rows[2:] if row.cells[at].showing in ("shown", "conditional")]
    files = [file.file for file in tailored.attachments]
    assert shown == [block.id for block in tailored.blocks] + files
    paths = {fallback.path for fallback in tailored.fallbacks if " for " not in fallback.wanted}
    for row in rows[2:]:
        fell_back = any(path.startswith(f"blocks[{row.id}].") for path in paths)
        assert row.cells[at].fallback is fell_back


def test_a_row_tells_programs_everything(
    audiences: Audiences, edition_of: Callable[..., dict[str, Any]]
) -> None:
    head = {"audiences": ["public"], "languages": ["en"], "subject": "A", "preheader": "B"}
    source = edition_of(text("one", "Hello."), **head)
    told = matrix_of(Edition.model_validate(source, context=Scope()), audiences)[-1].to_json()
    assert told == {
        "id": "one",
        "marking": "TLP:CLEAR",
        "cells": [
            {
                "audience": "public",
                "locale": "en",
                "showing": "shown",
                "wording": "default",
                "languages": ["en"],
                "fallback": False,
                "show_when": None,
                "left_out": [],
            }
        ],
    }


def test_attached_files_come_last_each_with_who_gets_it(
    audiences: Audiences, edition_of: Callable[..., dict[str, Any]]
) -> None:
    agenda = {"file": "agenda.pdf", "title": {"en": "Agenda"}, "marking": "TLP:GREEN"}
    files = [agenda | {"audiences": ["police", "public"]}]
    edition = Edition.model_validate(edition_of(text("one", "Hello."), attachments=files))
    row = matrix_of(edition, audiences)[-1]
    assert (row.id, row.marking) == ("agenda.pdf", "TLP:GREEN")
    showing = {(cell.audience, cell.locale): cell.showing for cell in row.cells}
    assert showing["police", "en"] == "shown"
    assert showing["private-sector", "en"] == "hidden"
    assert showing["public", "en"] == "above-ceiling"
    assert [cell.fallback for cell in row.cells if cell.audience == "police"] == [False, True]
