"""What no audience of an edition may read is told to its author, and to nobody's disadvantage."""

from typing import Any

import pytest
from hypothesis import given
from tests.editions import Pair, pairs
from tests.readers import AUDIENCES, HIDDEN

from tigc_mail.content.edition import Edition
from tigc_mail.render.lint import reach

PUBLIC, TRADERS = "public", "traders"
"""Their ceilings are TLP:CLEAR and TLP:GREEN."""


def edition(*blocks: dict[str, Any], **fields: Any) -> Edition:
    base = {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello."}
    written = {
        "id": "news",
        "kind": "newsletter",
        "language": "en",
        "languages": ["en"],
        "audiences": [PUBLIC, TRADERS],
        "subject": "News",
        "preheader": "What is new",
        "blocks": [base, *blocks],
        **fields,
    }
    return Edition.model_validate(written)


def text(marking: str, **fields: Any) -> dict[str, Any]:
    return {"id": "more", "type": "text", "marking": marking, "body": "Words.", **fields}


def found(*blocks: dict[str, Any], **fields: Any) -> list[tuple[Any, ...]]:
    """Return where the markings stand that keep something from everybody."""
    return [path for _, path in reach.check(edition(*blocks, **fields), AUDIENCES)]


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN"])
def test_what_one_audience_may_read_is_no_finding(marking: str) -> None:
    assert found(text(marking)) == []


@pytest.mark.parametrize(
    ("block", "cause"),
    [
        (text("TLP:RED"), "TLP:RED is never mailed, so no audience is shown this"),
        (
            text("TLP:AMBER"),
            "no audience may read TLP:AMBER here: public up to TLP:CLEAR, traders up to TLP:GREEN",
        ),
        (
            text("TLP:GREEN", audiences=[PUBLIC]),
            "no audience may read TLP:GREEN here: public up to TLP:CLEAR",
        ),
    ],
)
def test_a_block_that_no_audience_may_read_is_told_at_its_marking(
    block: dict[str, Any], cause: str
) -> None:
    [(remark, path)] = reach.check(edition(block), AUDIENCES)
    assert path == ("blocks", 1, "marking")
    assert remark.cause == cause
    assert remark.check.severity == "warning"


def test_an_audience_of_the_workspace_that_the_edition_is_not_for_does_not_count() -> None:
    assert AUDIENCES["police"].ceiling.value == "TLP:AMBER"
    assert found(text("TLP:AMBER")) == [("blocks", 1, "marking")]
    assert found(text("TLP:AMBER"), audiences=[PUBLIC, "police"]) == []


PARTNER = {"name": "Shut Ltd", "marking": "TLP:AMBER"}


@pytest.mark.parametrize(
    ("part", "path"),
    [
        (
            {"type": "partner-list", "groups": [{"name": "All", "partners": [{"name": "Open"}, PARTNER]}]},
            ("groups", 0, "partners", 1),
        ),
        (
            {"type": "partner-list", "groups": [{"name": "Few", "partners": [PARTNER], "marking": "TLP:RED"}]},
            ("groups", 0),  # and what is in it is not told once more
        ),
        (
            {"type": "statistics", "statistics": [{"number": 7, "label": "l", "marking": "TLP:AMBER"}]},
            ("statistics", 0),
        ),
        (
            {
                "type": "event",
                "event": {
                    "name": "Conference",
                    "uid": "conference@example.org",
                    "issued": "2027-03-01T09:00:00Z",
                    "stage": "announced",
                    "time_zone": "Europe/Paris",
                    "start": "2027-08-26",
                    "details": [{"label": "Door", "text": "Two", "marking": "TLP:AMBER"}],
                },
            },
            ("event", "details", 0),
        ),
    ],
    ids=["partner", "group", "statistic", "detail"],
)  # fmt: skip
def test_a_part_of_a_block_that_no_audience_may_read_is_told(
    part: dict[str, Any], path: tuple[Any, ...]
) -> None:
    block = {"id": "more", "title": "Title", "marking": "TLP:CLEAR", **part}
    assert found(block) == [("blocks", 1, *path, "marking")]


def test_a_part_counts_those_only_who_may_read_its_block() -> None:
    groups = [
        {"name": "All", "partners": [{"name": "Open"}, {"name": "A", "marking": "TLP:GREEN"}]}
    ]
    block = {"id": "more", "type": "partner-list", "title": "T", "groups": groups}
    assert found({**block, "marking": "TLP:CLEAR"}) == []
    narrow = {**block, "marking": "TLP:CLEAR", "audiences": [PUBLIC]}
    assert found(narrow) == [("blocks", 1, "groups", 0, "partners", 1, "marking")]


def test_a_file_that_no_audience_may_read_is_told() -> None:
    file = {"file": "plan.pdf", "title": "Plan", "marking": "TLP:GREEN"}
    assert found(attachments=[file]) == []
    assert found(attachments=[{**file, "audiences": [PUBLIC]}]) == [("attachments", 0, "marking")]


@given(pair=pairs())
def test_what_is_told_is_what_no_audience_is_shown_and_none_of_its_words(pair: Pair) -> None:
    told = list(reach.check(pair.one, pair.audiences))
    tailored = [
        pair.one.for_audience(audience, pair.one.language) for audience in pair.audiences.values()
    ]
    shown = {block.id for one in tailored for block in one.blocks}
    sent = {file.file for one in tailored for file in one.attachments}
    places = {path[:2] for _, path in told}
    for at, block in enumerate(pair.one.blocks):
        if block.id not in shown:
            assert ("blocks", at) in places
        assert (
            ("blocks", at, "marking") not in {path for _, path in told}
        ) or block.id not in shown
    for at, file in enumerate(pair.one.attachments):
        assert (("attachments", at) in places) == (file.file.name not in sent)
    assert HIDDEN not in repr([remark for remark, _ in told])
