"""The bound on variants, and which rules multiply them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tigc_mail.content.block import AnyBlock
from tigc_mail.content.edition import Edition
from tigc_mail.errors import CampaignError
from tigc_mail.ground.documents import Step
from tigc_mail.people.rule import Not, Rule

MAX_VARIANTS = 64
"""Variants of one campaign: four audiences in four languages with four choices of blocks.

A person answers for each when they approve, and compiling as many takes about two seconds, in which
nobody else writes into the database.
"""


def require_few(
    edition: Edition,
    conditional: Sequence[AnyBlock],
    codes: Collection[int],
    place_of: Callable[[tuple[Step, ...]], str],
) -> None:
    """Refuse a plan with too many variants.

    Args:
        edition: what is planned.
        conditional: its conditional blocks; the lowest bits of a code tell which are shown.
        codes: a number for each variant that occurs among the recipients.
        place_of: tells where a value of the edition's file stands, by its path.

    Raises:
        CampaignError: if there are more than `MAX_VARIANTS`; it names the rules that multiply.
    """
    if len(codes) <= MAX_VARIANTS:
        return
    file = f"editions/{edition.id}/edition.yaml: "
    places = {
        block.id: place_of(("blocks", at, "show_when")).removeprefix(file)
        for at, block in enumerate(edition.blocks)
    }
    told = "; ".join(_told(conditional, codes, places))
    cause = f"{len(codes):,} variants would be sent, and {MAX_VARIANTS} is the most"
    cause += f": {told}" if told else ": so many audiences and languages"
    raise CampaignError(cause, place_of(("blocks",)), CURE)


CURE = "Give blocks the same rule, take one out, or send it to fewer audiences at a time."
"""What to do where there are too many variants."""


def _told(
    conditional: Sequence[AnyBlock], codes: Collection[int], places: Mapping[str, str]
) -> Iterator[str]:
    """Yield each rule that multiplies: where it stands, and how many variants it makes."""
    numbers = {block.id: at for at, block in enumerate(conditional)}
    for blocks in by_rule(conditional).values():
        bits = sum(1 << numbers[block.id] for block in blocks)
        without = len({code & ~bits for code in codes})
        if without < len(codes):
            names = " and ".join(f"{block.id} at {places[block.id]}" for block in blocks)
            made = len(codes) - without
            yield f"the rule of {names} makes {made:,} of them, {without:,} are left without it"


def by_rule(conditional: Iterable[AnyBlock]) -> Mapping[Rule, Sequence[AnyBlock]]:
    """Return the blocks that each rule decides on, with those of its `not`."""
    groups: dict[Rule, list[AnyBlock]] = {}
    for block in conditional:
        if block.show_when is not None:
            groups.setdefault(condition_of(block.show_when).rule, []).append(block)
    return groups


class Condition(NamedTuple):
    """A rule, and whether it has to hold or not to hold."""

    rule: Rule
    holds: bool


def condition_of(rule: Rule) -> Condition:
    """Return a rule without the `not` around it."""
    holds = True
    while isinstance(rule, Not):
        rule, holds = rule.rule, not holds
    return Condition(rule, holds)
