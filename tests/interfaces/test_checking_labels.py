"""The check of an edition above TLP:CLEAR: what lacks a label is told once, at a file."""

import re
from pathlib import Path

import pytest
from tests.interfaces.small import Small

from tigc_mail.delivery.guard import Guard
from tigc_mail.errors import ConfidentialityError

MARKING = re.compile(r"\{\{ (label\()?(block\.)?marking\)? \}\}")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace with a block of TLP:GREEN."""
    small = Small(tmp_path / "small")
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:GREEN", small.audience)
    small.change("marking: TLP:CLEAR", "marking: TLP:GREEN")
    return small


def drop(small: Small, *names: str) -> None:
    """Take the labels out of templates."""
    for name in names:
        file = small.folder / "templates" / name
        text = file.read_text("utf-8")
        assert MARKING.search(text)
        file.write_text(MARKING.sub("", text), "utf-8")


def told(small: Small) -> list[tuple[str, str, str]]:
    """Return check, place and cause of each finding that is no note."""
    return [
        (one.check.id, one.place, one.cause)
        for one in small.check().findings
        if one.severity != "note"
    ]


def test_an_edition_with_its_labels_is_clean(small: Small) -> None:
    assert told(small) == []


def test_a_message_without_a_label_is_told_once_at_its_layout(small: Small) -> None:
    drop(small, "marking.mjml.j2", "footer.mjml.j2", "blocks/label.mjml.j2")
    assert told(small) == [("tlp-body", "templates/newsletter.mjml.j2", "the HTML lacks TLP:GREEN")]


def test_a_label_in_the_foot_alone_comes_too_late(small: Small) -> None:
    drop(small, "marking.mjml.j2", "blocks/label.mjml.j2")
    cause = "the HTML shows TLP:GREEN only after what it covers"
    assert told(small) == [("tlp-body", "templates/newsletter.mjml.j2", cause)]


def test_a_block_without_its_label_is_told_once_at_its_template(small: Small) -> None:
    drop(small, "blocks/label.mjml.j2")
    cause = "the HTML lacks TLP:GREEN before the block `welcome`"
    assert told(small) == [("tlp-body", "templates/blocks/text.mjml.j2", cause)]


def test_a_label_in_a_colour_of_its_own_is_told_at_the_theme(small: Small) -> None:
    small.change("#33ff00", "#33ff33", small.folder / "templates" / "theme.yaml")
    ((check, place, cause),) = told(small)
    assert (check, place.partition(" (")[0]) == ("tlp-colour", "templates/theme.yaml")
    assert cause.startswith("TLP:GREEN is #33ff33 on #000000 in light mode")


def test_what_the_guard_holds_back_is_told_at_the_edition(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_guard: Guard, _message: object, _shown: object) -> None:
        raise ConfidentialityError("holds words", "edition news for readers in en", "Stop.")

    monkeypatch.setattr(Guard, "require", refuses)
    place = "editions/news/edition.yaml"
    assert told(small) == [("cannot-render", place, "the message holds words")]
