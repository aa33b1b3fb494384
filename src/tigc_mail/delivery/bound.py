"""The bound on variants, and which rules multiply them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from tigc_mail.content.block import AnyBlock
from tigc_mail.content.edition import Edition
from tigc_mail.errors import CampaignError
from tigc_mail.people.rule import Not, Rule

MAX_VARIANTS = 64
"""Variants of one campaign: four audiences in four languages with four choices of blocks.

A person answers for each when they approve, and compiling as many takes about two seconds, in which
nobody else writes into the database.
"""


def require_few(edition: Edition, conditional: Sequence[AnyBlock], codes: Collection[int]) -> None:
    """Refuse a plan with too many variants.

    Args:
        edition: what is planned.
        conditional: its conditional blocks; the lowest bits of a code tell which are shown.
        codes: a number for each variant that occurs among the recipients.

    Raises:
        CampaignError: if there are more than `MAX_VARIANTS`; it names the rules that multiply.
    """
    if len(codes) <= MAX_VARIANTS:
        return
    groups = _of_same_rule(conditional)
    places = {block.id: f"blocks[{at}].show_when" for at, block in enumerate(edition.blocks)}
    told = "; ".join(_told(groups, conditional, codes, places))
    cause = f"{len(codes):,} variants would be sent, and {MAX_VARIANTS} is the most"
    cause += f": {told}" if told else ": so many audiences and languages"
    cure = "Give blocks the same rule, take one out, or send it to fewer audiences at a time."
    raise CampaignError(cause, f"editions/{edition.id}/edition.yaml", cure)


def _told(
    groups: Mapping[Rule, int],
    conditional: Sequence[AnyBlock],
    codes: Collection[int],
    places: Mapping[str, str],
) -> Iterator[str]:
    """Yield each rule that multiplies: where it stands, and how many variants it makes."""
    for bits in groups.values():
        without = len({code & ~bits for code in codes})
        if without < len(codes):
            blocks = [block for at, block in enumerate(conditional) if bits >> at & 1]
            names = " and ".join(f"{places[block.id]} ({block.id})" for block in blocks)
            made = len(codes) - without
            yield f"{names} makes {made:,} of them, {without:,} are left without it"


def _of_same_rule(conditional: Sequence[AnyBlock]) -> Mapping[Rule, int]:
    """Return the bits of the blocks that a rule decides on, with those of its `not`."""
    groups: dict[Rule, int] = {}
    for at, block in enumerate(conditional):
        rule = block.show_when
        while isinstance(rule, Not):
            rule = rule.rule
        if rule is not None:
            groups[rule] = groups.get(rule, 0) | 1 << at
    return groups
