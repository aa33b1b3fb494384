"""The audiences that random editions are for: four that stand in many tests, and random ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience

HIDDEN = "sesame"
"""Stands in every text that the reader must not read."""

LEVELS = [marking.value for marking in Marking]
CEILINGS = LEVELS[:-1]
"""TLP:RED is none."""

NAMES = ("public", "traders", "police", "desk", "customs-2", "a", "ngo")
RULES: tuple[dict[str, Any], ...] = (
    {"field": "tags", "contains": "liaison"},
    {"field": "country", "equals": "CR"},
    {"not": {"field": "tags", "contains": "liaison"}},
)
GREETINGS = ("Dear {given_name},", "Dear {role} {family_name},", "Good day,")
KEY_MESSAGES = ("crime", "trade")
"""Every audience has the first in its file, and some have the other."""


def audience_of(name: str, ceiling: str) -> Audience:
    """Return an audience that is written in English."""
    return Audience.model_validate(
        {
            "id": name,
            "name": {"en": f"The {name}"},
            "segment": {"field": "sector", "equals": "public"},
            "ceiling": ceiling,
            "sender": {"name": {"en": "We"}, "address": "we@example.org"},
            "list_id": f"{name}.example.org",
            "salutation": {"named": {"en": "Dear {given_name},"}, "unnamed": {"en": "Hello,"}},
            "reason": {"en": "You asked for it."},
        }
    )


AUDIENCES: Mapping[str, Audience] = {
    name: audience_of(name, ceiling) for name, ceiling in zip(NAMES, CEILINGS, strict=False)
}
"""One for each ceiling: the public (TLP:CLEAR), traders, police, desk (TLP:AMBER+STRICT)."""


@dataclass(frozen=True)
class World:
    """Whom an edition is for, and in which languages."""

    audiences: Mapping[str, Audience]
    """By id, in the edition's order."""
    reader: Audience
    """The one of them that must not be able to tell two editions apart."""
    locales: tuple[Locale, ...]
    """The default language first."""

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The ids of the audiences beside the reader."""
        return tuple(name for name in self.audiences if name != self.reader.id)

    def with_key_message(self, key: str) -> list[str]:
        """Return the ids of the audiences that have a standing key message."""
        return [name for name, one in self.audiences.items() if key in one.key_messages]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw one to four audiences and the languages that they are written to in."""
    locales = tuple(draw(st.lists(st.sampled_from(LOCALES), min_size=1, max_size=4, unique=True)))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    reader = draw(st.sampled_from(names))
    audiences = {name: _drawn(draw, name, locales, secret=name != reader) for name in names}
    return World(audiences, audiences[reader], locales)


def _drawn(draw: st.DrawFn, name: str, locales: tuple[Locale, ...], *, secret: bool) -> Audience:
    spoken = draw(st.sampled_from([locales, locales[:1], LOCALES]))
    start = f"{HIDDEN} " if secret else ""

    def said(text: str) -> dict[Locale, str]:
        return {locale: f"{start}{text} {locale}" for locale in spoken}

    keys = KEY_MESSAGES[: draw(st.integers(1, len(KEY_MESSAGES)))]
    return Audience.model_validate(
        {
            "id": name,
            "name": said(f"The {name}"),
            "segment": draw(st.sampled_from(RULES)),
            "ceiling": draw(st.sampled_from(CEILINGS)),
            "sender": {
                "name": said("We"),
                "address": f"{name}@example.org",
                "reply_to": draw(st.sampled_from([None, "answers@example.org"])),
            },
            "list_id": f"{name}.example.org",
            "salutation": {
                "named": said(draw(st.sampled_from(GREETINGS))),
                "unnamed": said("Hello,"),
            },
            "key_messages": {
                key: {"title": said(f"Of {key}"), "body": said(f"About **{key}** alone.")}
                for key in keys
            },
            "reason": said("You asked for it."),
        }
    )
