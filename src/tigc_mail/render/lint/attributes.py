"""Whether the attributes that are printed, or compared in a rule, are those of anybody."""

from collections.abc import Iterable, Iterator

from tigc_mail.content.edition import Edition
from tigc_mail.ground.documents import Step
from tigc_mail.ground.wording import did_you_mean
from tigc_mail.people.audience import Audience
from tigc_mail.people.rule import ATTRIBUTE, AllOf, AnyOf, Comparison, Not, Rule
from tigc_mail.render.lint.finding import Remark, note

UNKNOWN = note(
    "attribute-unknown",
    "It is printed as a blank, and a rule with it chooses nobody, or everybody.",
)

CHECKS = (UNKNOWN,)
"""The checks of this family."""

SLOT = f"recipient.{ATTRIBUTE}"
"""What the name of an attribute's slot begins with."""

_TOLD = 12
"""Names of attributes that a message tells."""


def printed(slots: Iterable[str]) -> Iterator[str]:
    """Yield the names of the attributes among some slots, in the order of their names."""
    for slot in sorted(slots):
        if slot.startswith(SLOT):
            yield slot.removeprefix(SLOT)


def clues(name: str) -> tuple[str, ...]:
    """Return how texts and templates may write the slot of an attribute."""
    head = SLOT.removesuffix(".")
    return f"{SLOT}{name}", f'{head}["{name}"]', f"{head}['{name}']"


def compared(edition: Edition) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Yield each attribute that a rule of the edition compares, and where its name stands."""
    for at, block in enumerate(edition.blocks):
        if block.show_when is not None:
            yield from _compared(block.show_when, ("blocks", at, "show_when"))


def selecting(audience: Audience) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Yield each attribute that an audience's segment compares, and where its name stands."""
    return _compared(audience.segment, ("segment",))


def _compared(rule: Rule, path: tuple[Step, ...]) -> Iterator[tuple[str, tuple[Step, ...]]]:
    match rule:
        case Comparison():
            if rule.attribute is not None:
                yield rule.attribute, (*path, "field")
        case Not():
            yield from _compared(rule.rule, (*path, "not"))
        case AllOf() | AnyOf():
            key = "all" if isinstance(rule, AllOf) else "any"
            for at, part in enumerate(rule.rules):
                yield from _compared(part, (*path, key, at))


def remark(name: str, known: tuple[str, ...]) -> Remark:
    """Return what there is to say of an attribute that no contact has.

    Args:
        name: the attribute.
        known: those that contacts have.
    """
    cause = f"no contact has the attribute {name!r}; {_told(known)}"
    cure = did_you_mean(name, known) or "Correct the name, or import contacts that have it."
    return Remark(UNKNOWN, cause, cure)


def _told(known: tuple[str, ...]) -> str:
    """Return which attributes contacts have, in words."""
    if not known:
        return "contacts have no attributes"
    names = ", ".join(map(repr, known[:_TOLD])) + (", ..." if len(known) > _TOLD else "")
    which = "the only attribute of contacts is" if len(known) == 1 else "those of contacts are"
    return f"{which} {names}"
