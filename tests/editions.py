"""Random editions in pairs: alike in all that one reader may read, different in all else."""

import atexit
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from hypothesis import strategies as st
from tests.conftest import SHIPPED

from tigc_mail.content.block import BlockType
from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope
from tigc_mail.ground.language import Locale
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience
from tigc_mail.render.templates import Templates

Written = dict[str, Any]

HIDDEN = "sesame"
"""Stands in every text that the reader must not read."""

READERS = {
    "public": "TLP:CLEAR",
    "traders": "TLP:GREEN",
    "police": "TLP:AMBER",
    "desk": "TLP:AMBER+STRICT",
}
"""The audiences with their ceilings."""

HIDDEN_NUMBER = "7777000"
"""Is part of every number that the reader must not read."""

LEVELS = [marking.value for marking in Marking]
LOCALES: tuple[Locale, ...] = ("en", "fr")
RULE = {"field": "tags", "contains": "liaison"}
BODIES = (
    "Plain words.",
    "One **strong** [link](https://example.org/page) & more.\n\n- first\n- second",
    "{{ recipient.salutation }}\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
)


def audience_of(name: str) -> Audience:
    """Return one of the readers."""
    return Audience.model_validate(
        {
            "id": name,
            "name": {"en": f"The {name}"},
            "segment": {"field": "sector", "equals": "public"},
            "ceiling": READERS[name],
            "sender": {"name": {"en": "We"}, "address": "we@example.org"},
            "list_id": f"{name}.example.org",
            "salutation": {"named": {"en": "Dear {given_name},"}, "unnamed": {"en": "Hello,"}},
            "key_messages": {
                "crime": {"title": {"en": f"To {name}"}, "body": {"en": f"Crime, {name}."}}
            },
            "reason": {"en": "You asked for it."},
        }
    )


AUDIENCES: Mapping[str, Audience] = {name: audience_of(name) for name in READERS}


class Pair(NamedTuple):
    """Two editions between which one audience must not be able to tell."""

    one: Edition
    other: Edition
    audience: Audience
    locale: Locale
    shown: frozenset[str]
    """The conditional blocks to show, among those that the audience may see."""


@dataclass(frozen=True)
class Pen:
    """Writes parts of editions that one reader may read, or must not.

    Args:
        draw: hypothesis's.
        reader: the id of the audience.
        secret: whether what is written is hidden from it.
    """

    draw: st.DrawFn
    reader: str
    secret: bool

    def words(self, *bodies: str) -> Written:
        """Return a text in one or two languages, for some or for all."""
        start = f"{HIDDEN} " if self.secret else ""
        what = self.draw(st.sampled_from(bodies or ("Alpha", "Beta & <co>", "Gamma: é")))
        keys = self.draw(st.sampled_from(([], ["fr"], [self.reader], ["fr", self.reader])))
        return {key: f"{start}{what} {key}" for key in ("en", *keys)}

    def marking(self, least: str = LEVELS[0]) -> str:
        """Return a marking that hides from the reader, or one that does not."""
        above = LEVELS.index(READERS[self.reader]) + 1
        levels = LEVELS[above:] if self.secret else LEVELS[LEVELS.index(least) : above]
        return self.draw(st.sampled_from(levels))

    def url(self) -> str:
        return f"https://{HIDDEN if self.secret else 'open'}.example.org/{self.draw(st.integers(0, 9))}"

    def some(self, make: Callable[[], Written], least: int = 0) -> list[Written]:
        return [make() for _ in range(self.draw(st.integers(least, 2)))]

    def block(self, name: str) -> Written:
        """Return a block of any type."""
        kind: BlockType = self.draw(st.sampled_from(sorted(BLOCKS)))
        block = {"id": name, "type": kind, **BLOCKS[kind](self), "marking": self.marking()}
        if kind == "event":
            own = f"{HIDDEN if self.secret else 'open'}-{name}@example.org"
            block["event"] = block["event"] | {"uid": own}
        if self.secret and self.draw(st.booleans()):  # meant for others, whatever its marking
            others = [each for each in READERS if each != self.reader]
            block |= {"audiences": others, "marking": self.draw(st.sampled_from(LEVELS))}
        return block | ({"show_when": RULE} if self.draw(st.booleans()) else {})

    def partner(self) -> Written:
        return {"name": self.words(), "marking": self.marking(), "url": self.url()}

    def group(self) -> Written:
        return {
            "name": self.words(),
            "marking": self.marking(),
            "partners": self.some(self.partner, self.secret),
        }

    def course(self) -> Written:
        return {"title": self.words(), "body": self.words(*BODIES), "url": self.url()}

    def statistic(self) -> Written:
        number = self.draw(st.integers(0, 9)) + (int(HIDDEN_NUMBER) if self.secret else 0)
        return {"number": number, "label": self.words(), "marking": self.marking()}

    def custom(self) -> Written:
        return {
            "template": "poll",
            "lines": {"question": self.words()},
            "texts": {"advice": self.words(*BODIES)},
            "links": {"page": self.url()},
        }

    def detail(self) -> Written:
        marking = {"marking": self.marking()} if self.secret else {}
        return {"label": self.words(), "text": self.words(), **marking}

    def attachment(self, name: str) -> Written:
        title = f"{HIDDEN} paper" if self.secret else "paper"
        file = f"{HIDDEN if self.secret else 'open'}-{name}.pdf"
        return {"file": file, "title": title, "marking": self.marking()}

    def event(self) -> Written:
        hidden = HIDDEN if self.secret else "open"
        return {
            "name": {"en": f"{hidden} conference"},
            "time_zone": "America/Costa_Rica",
            "start": "2027-08-26",
            "issued": "2020-06-15T09:00:00Z",
            "stage": self.draw(st.sampled_from(["announced", "postponed"])),
            "details": [] if self.secret else self.some(self.detail),
            "uid": f"{hidden}@example.org",
            "url": self.url(),
        }


BLOCKS: dict[BlockType, Callable[[Pen], Written]] = {
    "text": lambda pen: {"title": pen.words(), "body": pen.words(*BODIES)},
    "key-message": lambda pen: (
        {"title": pen.words(), "body": pen.words(*BODIES)}
        if pen.secret or pen.draw(st.booleans())
        else {"key_message": "crime"}
    ),
    "quote": lambda pen: {
        "body": pen.words(*BODIES),
        "speaker": pen.words(),
        "role": pen.words(),
    },
    "event": lambda pen: {"title": pen.words(), "event": pen.event()},
    "course-list": lambda pen: {"title": pen.words(), "courses": pen.some(pen.course, 1)},
    "partner-list": lambda pen: {"title": pen.words(), "groups": pen.some(pen.group, 1)},
    "statistics": lambda pen: {"title": pen.words(), "statistics": pen.some(pen.statistic, 1)},
    "figure": lambda pen: {
        "image": pen.url(),
        "alt": pen.words(),
        "caption": pen.words(),
        "url": pen.url(),
    },
    "custom": lambda pen: pen.custom(),
    "call-to-action": lambda pen: {"label": pen.words(), "url": pen.url()},
}
"""How a block of each type is written."""


POLL = {
    "poll.mjml.j2": """<mj-section><mj-column>
<mj-text>{{ block.lines.question }}</mj-text><mj-text>{{ block.texts.advice }}</mj-text>
<mj-button href="{{ block.links.page }}">{{ block.lines.question }}</mj-button>
</mj-column></mj-section>""",
    "poll.txt.j2": "{{ block.lines.question }}\n{{ block.texts.advice }}\n{{ block.links.page }}",
}
"""The templates of a team's own block."""


@cache
def templates() -> Templates:
    """Return the shipped templates, with those of the block of a team, for all editions drawn here."""
    above = Path(mkdtemp())
    atexit.register(shutil.rmtree, above)
    folder = above / "templates"
    shutil.copytree(SHIPPED / "templates", folder)
    for name, text in POLL.items():
        (folder / "blocks" / name).write_text(text, encoding="utf-8")
    return Templates(folder)


def furnished(pen: Pen, part: Any) -> Any:
    """Return a part of an edition with things put in that the reader must not read."""
    if isinstance(part, list):
        return [furnished(pen, one) for one in part]
    if not isinstance(part, dict):
        return part
    if "en" in part:
        return part | _words_of_others(pen)
    found = {key: furnished(pen, value) for key, value in part.items()}
    for name, make in _LISTS.items():
        if name in found:
            found[name] = mixed(
                pen, found[name], pen.some(partial(make, pen), least=not found[name])
            )
    if "details" in found:
        found["details"] = mixed(pen, found["details"], pen.some(pen.detail))
    return found


_LISTS: Mapping[str, Callable[[Pen], Written]] = {
    "partners": Pen.partner,
    "groups": Pen.group,
    "statistics": Pen.statistic,
}
"""The lists in which some may have a higher marking than the block."""


def _words_of_others(pen: Pen) -> Written:
    others = [each for each in READERS if each != pen.reader]
    chosen = pen.draw(st.sampled_from([[], others[:1], others]))
    return {name: f"{HIDDEN} for {name}" for name in chosen}


def mixed(pen: Pen, items: list[Written], secret: Iterable[Written]) -> list[Written]:
    """Return `items` in their order, with all of `secret` in between somewhere."""
    found = list(items)
    for one in secret:
        found.insert(pen.draw(st.integers(0, len(found))), one)
    return found


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw what a reader may read, and twice what it must not."""
    reader = draw(st.sampled_from(sorted(READERS)))
    open_, secret = Pen(draw, reader, secret=False), Pen(draw, reader, secret=True)
    blocks = [open_.block(f"block-{at}") for at in range(draw(st.integers(0, 2)))]
    base = {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello"}
    files = [open_.attachment(str(at)) for at in range(draw(st.integers(0, 1)))]
    head = {"subject": open_.words(), "preheader": open_.words()}
    editions = [
        Edition.model_validate(
            {
                "id": "news",
                "kind": "newsletter",
                "language": "en",
                "languages": LOCALES,
                "audiences": [*READERS],
                **furnished(secret, head),
                "blocks": mixed(
                    secret,
                    furnished(secret, [base, *blocks]),
                    [secret.block(f"hidden-{at}") for at in range(draw(st.integers(0, 2)))],
                ),
                "attachments": mixed(
                    secret,
                    files,
                    [secret.attachment(str(at)) for at in range(draw(st.integers(0, 1)))],
                ),
            },
            context=Scope(workspace=AUDIENCES),
        )
        for _ in range(2)
    ]
    conditional = [block["id"] for block in blocks if "show_when" in block]
    shown = frozenset(conditional) if draw(st.booleans()) else frozenset[str]()
    locale = draw(st.sampled_from(LOCALES))
    return Pair(editions[0], editions[1], AUDIENCES[reader], locale, shown)
