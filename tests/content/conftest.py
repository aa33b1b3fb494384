"""Audiences and editions to write tests with."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tigc_mail.people.audience import Audience

CEILINGS = {"public": "TLP:CLEAR", "private-sector": "TLP:GREEN", "police": "TLP:AMBER"}


def _audience(id_: str, ceiling: str) -> Audience:
    return Audience.model_validate(
        {
            "id": id_,
            "name": {"en": f"The {id_}", "fr": f"Le {id_}"},
            "segment": {"field": "sector", "equals": "public"},
            "ceiling": ceiling,
            "sender": {
                "name": {"en": "The programme", "fr": "Le programme"},
                "address": "news@example.org",
                "reply_to": "desk@example.org",
            },
            "list_id": f"{id_}.example.org",
            "salutation": {
                "named": {"en": "Dear {given_name},", "fr": "Bonjour {given_name},"},
                "unnamed": {"en": "Hello,", "fr": "Bonjour,"},
            },
            "key_messages": {
                "crime": {
                    "title": {"en": f"Crime, for the {id_}", "fr": f"Le crime, pour le {id_}"},
                    "body": {"en": f"It pays for crime: {id_}."},
                }
            },
            "reason": {"en": "You asked for it.", "fr": "Vous l'avez demandé."},
        }
    )


@pytest.fixture(scope="session")
def audiences() -> Mapping[str, Audience]:
    """Three audiences with rising ceilings; their standing message `crime` has no French body."""
    return {id_: _audience(id_, ceiling) for id_, ceiling in CEILINGS.items()}


HEAD: dict[str, Any] = {
    "id": "news",
    "kind": "newsletter",
    "language": "en",
    "languages": ["en", "fr"],
    "audiences": ["police", "private-sector", "public"],
    "subject": {"en": "News", "fr": "Nouvelles"},
    "preheader": {"en": "What is new", "fr": "Du nouveau"},
}


@pytest.fixture(scope="session")
def edition_of() -> Callable[..., dict[str, Any]]:
    """Return what an edition's file holds: a right head, and the blocks given."""

    def build(*blocks: dict[str, Any], **head: Any) -> dict[str, Any]:
        return {**HEAD, "blocks": list(blocks), **head}

    return build


@pytest.fixture
def write_edition(tmp_path: Path) -> Callable[[str], Path]:
    """Write the YAML of an edition named `news` into a workspace; return its folder."""

    def write(yaml: str) -> Path:
        folder = tmp_path / "editions" / "news"
        folder.mkdir(parents=True)
        (folder / "edition.yaml").write_text(yaml, encoding="utf-8")
        return folder

    return write
