"""Random editions in pairs: alike in all that one reader may read, different in all else."""

import atexit
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple, get_args

from hypothesis import strategies as st
from tests.conftest import SHIPPED
from tests.readers import HIDDEN, KEY_MESSAGES, LEVELS, RULES, World, worlds

from tigc_mail.content.attachment import AttachedFile
from tigc_mail.content.block import BlockType
from tigc_mail.content.edition import Edition
from tigc_mail.content.event import Stage
from tigc_mail.content.scope import Scope
from tigc_mail.ground.language import Locale
from tigc_mail.people.audience import Audience
from tigc_mail.render.templates import Templates

Written = dict[str, Any]


class Words(Written):
    """A text, by languages and audiences."""


HIDDEN_NUMBER = "7777000"
"""Is part of every number that the reader must not read."""

STAGES: tuple[Stage, ...] = get_args(Stage)
ZONES = ("America/Costa_Rica", "Europe/Paris", "America/New_York", "Asia/Riyadh", "Asia/Kolkata")
MOMENTS = (
    ("2027-08-26", "2027-08-26"),
    ("2027-08-26", "2027-08-28"),
    ("2027-03-28T09:00:00", "2027-03-28T17:30:00"),
    ("2027-08-26T09:00:00+02:00", "2027-08-26T12:00:00+02:00"),
    ("2027-12-31T22:00:00", "2028-01-01T01:30:00"),
)
"""When events begin and end: on days, and at times local to the zone or with an offset."""

EARLIER = (
    ("2027-06-01", "2027-06-01"),
    ("2027-06-01", "2027-06-02"),
    ("2027-06-01T09:00:00", "2027-06-01T17:30:00"),
    ("2027-05-31T22:00:00+02:00", "2027-06-01T01:30:00+02:00"),
)
"""The dates of events before they were rescheduled: at none of their `MOMENTS`."""

PROSE = {"en": "so they say", "fr": "dit-on, là-bas", "es": "según dicen", "ar": "كما يقال"}
"""Stands in every text, in its language."""

LINES = ("Alpha", "Beta & <co>", "Gamma: é")
SUBJECTS = ("News", "Postponed: the meeting", "For {{ recipient.given_name }}")
BODIES = (
    "Plain words.",
    "One **strong** [link](https://example.org/page) & more.\n\n- first\n- second",
    "{{ recipient.salutation }}\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
)


class Pair(NamedTuple):
    """Two editions between which one audience must not be able to tell."""

    one: Edition
    other: Edition
    audience: Audience
    locale: Locale
    shown: frozenset[str]
    """The conditional blocks to show, among those that the audience may see."""
    audiences: Mapping[str, Audience]
    """All of the editions', by id."""


@dataclass(frozen=True)
class Pen:
    """Writes parts of editions that one reader may read, or must not.

    Args:
        draw: hypothesis's.
        world: the reader, the other audiences, and the languages.
        secret: whether what is written is hidden from the reader.
    """

    draw: st.DrawFn
    world: World
    secret: bool

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    @property
    def start(self) -> str:
        """The word that tells what is hidden from what is not."""
        return HIDDEN if self.secret else "open"

    def words(self, *texts: str) -> Words:
        """Return a text in one or more languages, for all, or for the reader as well."""
        what = f"{self.start} {self.one_of(*texts or LINES)}"
        default, *others = self.world.locales
        known = self.one_of([], others[:1], others)
        found: Written = {locale: f"{what} {PROSE[locale]}" for locale in (default, *known)}
        own = self.one_of(None, None, (default,), self.world.locales)
        if own:
            found[self.world.reader.id] = {each: f"{what} own {PROSE[each]}" for each in own}
        return Words(found)

    def marking(self, least: str = LEVELS[0]) -> str:
        """Return a marking that hides from the reader, or one that does not."""
        above = LEVELS.index(self.world.reader.ceiling.value) + 1
        return self.one_of(
            *(LEVELS[above:] if self.secret else LEVELS[LEVELS.index(least) : above])
        )

    def reach(self) -> Written:
        """Return marking and audiences of a block or a file that is hidden, or is not."""
        others = list(self.world.others)
        if not self.secret:
            among = {"audiences": [*others[:1], self.world.reader.id]}
            return {"marking": self.marking()} | self.one_of({}, {}, among)
        if others and self.draw(st.booleans()):  # meant for others, whatever its marking
            return {"marking": self.one_of(*LEVELS), "audiences": others}
        return {"marking": self.marking()}

    def url(self) -> str:
        return f"https://{self.start}.example.org/{self.draw(st.integers(0, 9))}"

    def some(self, make: Callable[[], Written], least: int = 0) -> list[Written]:
        return [make() for _ in range(self.draw(st.integers(least, 2)))]

    def block(self, name: str) -> Written:
        """Return a block of any type."""
        kind: BlockType = self.one_of(*DEEP, *sorted(BLOCKS), *DEEP)
        block = {"id": name, "type": kind, **self.reach(), **BLOCKS[kind](self)}
        if kind == "event":
            block["event"]["uid"] = f"{self.start}-{name}@example.org"
            details = partial(self.detail, block["marking"])
            block["event"]["details"] = self.some(details) if not self.secret else []
        return block | self.one_of({}, {"show_when": self.one_of(*RULES)})

    def key_message(self) -> Written:
        own = {"title": self.words(), "body": self.words(*BODIES)}
        if self.secret:
            return own
        key = self.one_of(*(key for key in KEY_MESSAGES if key in self.world.reader.key_messages))
        standing = {"key_message": key, "audiences": self.world.with_key_message(key)}
        return self.one_of(own, standing, standing | {"title": own["title"]})

    def partner(self) -> Written:
        return {"name": self.words(), "marking": self.marking(), "url": self.url()}

    def group(self) -> Written:
        partners = self.some(self.partner, self.secret)
        if self.one_of("theirs", "the group's") == "the group's":
            partners = [partner | {"marking": None} for partner in partners]
        return {"name": self.words(), "marking": self.marking(), "partners": partners}

    def course(self) -> Written:
        return {"title": self.words(), "body": self.words(*BODIES), "url": self.url()}

    def statistic(self) -> Written:
        number = self.draw(st.integers(0, 9)) + (int(HIDDEN_NUMBER) if self.secret else 0)
        unit = self.one_of(None, "percent")
        return {"number": number, "unit": unit, "label": self.words(), "marking": self.marking()}

    def custom(self) -> Written:
        return {
            "template": "poll",
            "lines": {"question": self.words()},
            "texts": {"advice": self.words(*BODIES)},
            "links": {"page": self.url()},
        }

    def detail(self, least: str = LEVELS[0]) -> Written:
        """Return a detail of an event whose block is marked `least`."""
        own = {"marking": self.marking(least)}
        marking = own if self.secret else self.one_of({}, own)
        return {"label": self.words(), "text": self.words(), **marking}

    def attachment(self, name: str) -> Written:
        file = f"{self.start}-{name}.{self.one_of('pdf', 'png')}"
        content = f"{self.start} {self.draw(st.integers(0, 9))}".encode()
        return {"file": AttachedFile(file, content), "title": self.words(), **self.reach()}

    def event(self) -> Written:
        """Return an event at any stage of its life, but for its uid and details."""
        stage, (start, end) = self.one_of(*STAGES), self.one_of(*MOMENTS)
        known = {
            "name": self.words(),
            "time_zone": self.one_of(*ZONES),
            "start": start,
            "end": end,
            "issued": self.one_of("2026-06-15T09:00:00Z", "2027-02-01T00:00:00+02:00"),
            "sequence": self.draw(st.integers(0, 3)),
            "stage": stage,
        }
        place = {"place": self.words(), "country": "CR", "hashtag": f"#{self.start}"}
        more = self.one_of({}, place, {"url": self.url()}, place | {"url": self.url()})
        return known | more | self.registration(stage) | self.of_stage(stage)

    def registration(self, stage: Stage) -> Written:
        until = self.one_of({}, {"registration_until": "2027-02-26"})
        open_ = {"registration_url": self.url(), **until}
        return open_ if stage == "registration-open" else self.one_of({}, open_)

    def of_stage(self, stage: Stage) -> Written:
        """Return what an event has at one stage and at no other."""
        if stage == "moved-online":
            return {"online_url": self.url()}
        if stage == "rescheduled":
            before = self.one_of(*EARLIER)
            return dict(zip(("previous_start", "previous_end"), before, strict=True))
        return {}


BLOCKS: dict[BlockType, Callable[[Pen], Written]] = {
    "text": lambda pen: {"title": pen.words(), "body": pen.words(*BODIES)},
    "key-message": Pen.key_message,
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
    "custom": Pen.custom,
    "call-to-action": lambda pen: {"label": pen.words(), "url": pen.url()},
}
"""How a block of each type is written."""

DEEP: tuple[BlockType, ...] = ("event", "partner-list", "statistics")
"""The types with markings within; they are drawn more often."""


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
    if isinstance(part, Words):
        return part | _words_of_others(pen)
    if isinstance(part, list):
        return [furnished(pen, one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: furnished(pen, value) for key, value in part.items()}
    for name, make in _LISTS.items():
        if name in found:
            secret = pen.some(partial(make, pen), least=not found[name] and name != "details")
            found[name] = mixed(pen, found[name], secret)
    return found


_LISTS: Mapping[str, Callable[[Pen], Written]] = {
    "partners": Pen.partner,
    "groups": Pen.group,
    "statistics": Pen.statistic,
    "details": Pen.detail,
}
"""The lists in which some may have a higher marking than the block."""


def _words_of_others(pen: Pen) -> Written:
    others = pen.world.others
    default = pen.world.locales[0]
    chosen = pen.one_of((), others[:1], others)
    return {name: pen.one_of(f"{HIDDEN} for {name}", {default: HIDDEN}) for name in chosen}


def mixed(pen: Pen, items: Sequence[Written], secret: Iterable[Written]) -> list[Written]:
    """Return `items` in their order, with all of `secret` in between somewhere."""
    found = list(items)
    for one in secret:
        found.insert(pen.draw(st.integers(0, len(found))), one)
    return found


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw a reader, what it may read, and twice what it must not."""
    world = draw(worlds())
    open_, secret = Pen(draw, world, secret=False), Pen(draw, world, secret=True)
    blocks = [open_.block(f"block-{at}") for at in range(draw(st.integers(0, 2)))]
    base = {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": open_.words(*BODIES)}
    written = {
        "id": "news",
        "kind": open_.one_of("newsletter", "notice"),
        "language": world.locales[0],
        "languages": world.locales,
        "audiences": [*world.audiences],
        "not_after": open_.one_of(None, "2027-06-01T12:00:00Z"),
        "subject": open_.words(*SUBJECTS),
        "preheader": open_.words(),
        "blocks": [base, *blocks],
        "attachments": [open_.attachment(str(at)) for at in range(draw(st.integers(0, 1)))],
    }
    one, other = (_edition(secret, written) for _ in range(2))
    conditional = [block["id"] for block in blocks if "show_when" in block]
    shown = frozenset(conditional[draw(st.integers(0, len(conditional))) :])
    return Pair(one, other, world.reader, open_.one_of(*world.locales), shown, world.audiences)


def _edition(secret: Pen, written: Written) -> Edition:
    """Return an edition as the reader may read it, with things that it must not read put in."""
    found = furnished(secret, written)
    for name, make in (("blocks", secret.block), ("attachments", secret.attachment)):
        more = [make(f"hidden-{at}") for at in range(secret.draw(st.integers(0, 2)))]
        found[name] = mixed(secret, found[name], more)
    return Edition.model_validate(found, context=Scope(workspace=secret.world.audiences))
