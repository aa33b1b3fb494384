"""Which variants of an edition there may be, and which of them a check looks at."""

from collections.abc import Iterator, Mapping
from itertools import product

from tigc_mail.content.block import AnyBlock
from tigc_mail.content.edition import Edition
from tigc_mail.delivery.bound import CURE, MAX_VARIANTS, by_rule, condition_of
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.lint.lint import Lint, Rules


def variants_of(
    edition: Edition, audiences: Mapping[str, Audience], lint: Lint
) -> Iterator[Variant]:
    """Yield the variants to look at: all, where there are no more than may be sent.

    Args:
        edition: the edition.
        audiences: those of the workspace by id.
        lint: is told where not every choice is looked at, where there may be more variants than
            one campaign has, and who is shown nothing.
    """
    total = 0
    for name in edition.audiences:
        conditional = edition.conditional_blocks(audiences[name])
        choices, possible = choices_of(conditional)
        if possible > len(choices):
            readers = tuple(Variant(name, locale) for locale in edition.languages)
            lint.sampled(readers, len(choices), possible, _rules(edition, conditional))
        for locale in edition.languages:
            if not edition.for_audience(audiences[name], locale).blocks:
                lint.nothing_for(Variant(name, locale))
                continue
            total += possible
            for choice in choices:
                if edition.for_audience(audiences[name], locale, frozenset(choice)).blocks:
                    yield Variant(name, locale, choice)
                else:
                    total -= 1
    if total > MAX_VARIANTS:
        shown = {
            block.id: block
            for name in edition.audiences
            for block in edition.conditional_blocks(audiences[name])
        }
        lint.too_many(total, MAX_VARIANTS, _rules(edition, tuple(shown.values())), CURE)


def choices_of(conditional: tuple[AnyBlock, ...]) -> tuple[list[tuple[str, ...]], int]:
    """Return which conditional blocks are shown together, and how many choices there are.

    Blocks of the same rule are shown together, and those of a rule and of its `not` never are.
    Where there are more choices than variants that may be sent, these are returned: all rules hold,
    none does, only one does, all but one do.
    """
    conditions = {
        block.id: condition_of(block.show_when) for block in conditional if block.show_when
    }
    rules = list(by_rule(conditional))
    possible: int = 2 ** len(rules)
    held = list(product((True, False), repeat=len(rules))) if possible <= MAX_VARIANTS else []
    if not held:
        held = [(True,) * len(rules), (False,) * len(rules)]
        for one in range(len(rules)):
            held += [
                tuple((at == one) is only for at in range(len(rules))) for only in (True, False)
            ]
    choices = [
        tuple(
            name
            for name, condition in conditions.items()
            if verdicts[rules.index(condition.rule)] is condition.holds
        )
        for verdicts in held
    ]
    return list(dict.fromkeys(choices)), possible


def _rules(edition: Edition, conditional: tuple[AnyBlock, ...]) -> Rules:
    """Return the blocks that each rule, or its `not`, decides on: their places in the edition."""
    numbers = {block.id: at for at, block in enumerate(edition.blocks)}
    return [[numbers[block.id] for block in blocks] for blocks in by_rule(conditional).values()]
