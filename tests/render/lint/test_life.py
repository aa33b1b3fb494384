"""The notices of one event in several editions: sequence and moment of issue rise together."""

from collections.abc import Mapping
from typing import Any

import pytest

from tigc_mail.content.edition import Edition
from tigc_mail.render.lint import life

Life = Mapping[str, tuple[int, str]]


def edition(name: str, sequence: int, day: str, uid: str = "a@example.org") -> Edition:
    event: dict[str, Any] = {
        "name": "Conference",
        "uid": uid,
        "sequence": sequence,
        "issued": f"2027-{day}T09:00:00Z",
        "stage": "announced",
        "time_zone": "America/Costa_Rica",
        "start": "2027-08-26",
    }
    block = {"id": "event", "type": "event", "marking": "TLP:CLEAR", "title": "T", "event": event}
    head = {"kind": "notice", "language": "en", "languages": ["en"], "audiences": ["public"]}
    texts = {"subject": "News", "preheader": "What is new"}
    return Edition.model_validate({"id": name, **head, **texts, "blocks": [block]})


def test_a_life_in_order_is_clean() -> None:
    notices = [edition(f"n{at}", at, f"0{at + 1}-01") for at in range(4)]
    for at, own in enumerate(notices):
        assert not list(life.check(own, notices[:at] + notices[at + 1 :]))


@pytest.mark.parametrize(
    ("own", "other", "field", "told"),
    [
        ((1, "03-01"), (1, "02-01"), "sequence", "its sequence 1 is not above 1"),
        ((1, "03-01"), (2, "02-01"), "sequence", "its sequence 1 is not above 2"),
        ((2, "02-01"), (1, "03-01"), "sequence", "its sequence 1 is not above 2"),
        ((2, "02-01"), (1, "02-01"), "issued", "both are issued at 2027-02-01T09:00:00Z"),
    ],
)
def test_what_is_out_of_order_names_both_editions(
    own: tuple[int, str], other: tuple[int, str], field: str, told: str
) -> None:
    [found] = life.check(edition("own", *own), [edition("other", *other)])
    assert found.path == ("blocks", 0, "event", field)
    assert "own" in found.remark.cause
    assert "other" in found.remark.cause
    assert told in found.remark.cause
    assert found.remark.check is life.ORDER


def test_other_events_have_lives_of_their_own() -> None:
    own, other = edition("own", 1, "03-01"), edition("other", 1, "02-01", uid="b@example.org")
    assert not list(life.check(own, [other]))
