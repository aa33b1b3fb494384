"""All the checks of an edition, run over its variants; equal findings are told once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from lxml.html import HtmlElement

from tigc_mail.content.edition import Edition
from tigc_mail.errors import ConfidentialityError, DocumentError, TigcMailError
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint import (
    access,
    attributes,
    clients,
    contrast,
    envelope,
    follow,
    labels,
    life,
    links,
    literal,
    moments,
    reach,
    styles,
    weight,
    wording,
)
from tigc_mail.render.lint.added import added_by
from tigc_mail.render.lint.finding import (
    Check,
    Finding,
    Findings,
    Remark,
    Spot,
    Variant,
    error,
    note,
    warning,
)
from tigc_mail.render.lint.page import Page, template_of
from tigc_mail.render.lint.sources import Sources

PAGE_CHECKS: tuple[Callable[[Page], Iterator[Remark]], ...] = (
    envelope.check,
    labels.check,
    weight.check,
    access.check,
    contrast.check,
    links.check,
    literal.check,
    clients.check,
)

Rules = Sequence[Sequence[int]]
"""The blocks that each rule decides on: their places among those of the edition."""

WRONG_FILE = error("wrong-file", "Nothing can be sent while a file is wrong.")
WRONG_TEMPLATE = error("cannot-render", "These readers cannot be sent anything.")
NOTHING = warning("nothing-to-show", "These readers are left out when the edition is sent.")
SAMPLED = note("variants-sampled", "A fault may hide in a choice of blocks that was not looked at.")
TOO_MANY = warning("variants-bound", "A campaign with more variants is refused.")

CHECKS = (
    *envelope.CHECKS,
    *labels.CHECKS,
    *weight.CHECKS,
    *access.CHECKS,
    *contrast.CHECKS,
    *links.CHECKS,
    *literal.CHECKS,
    *wording.CHECKS,
    *clients.CHECKS,
    *styles.CHECKS,
    *follow.CHECKS,
    *life.CHECKS,
    *moments.CHECKS,
    *attributes.CHECKS,
    *reach.CHECKS,
    *(WRONG_FILE, WRONG_TEMPLATE, NOTHING, SAMPLED, TOO_MANY),
)
"""Every check there is."""


class Lint:
    """The checks of one edition.

    Args:
        sources: the files of the edition.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._found = Findings()
        self._variants: list[Variant] = []
        self._links: dict[str, tuple[Page, HtmlElement, list[Variant]]] = {}
        self._attributes: dict[tuple[str, str], list[Variant]] = {}
        self._kinds: set[str] = set()
        self._blocks: set[str] = set()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, the worst first."""
        return self._found.all()

    def look(self, page: Page) -> None:
        """Run the checks of one variant."""
        self._variants.append(page.variant)
        self._kinds.add(page.edition.kind)
        self._blocks.update(template_of(block) for block in page.edition.blocks)
        for check in PAGE_CHECKS:
            for remark in check(page):
                place = self._sources.place(remark, page)
                told = self._sources.with_element(remark, place, page)
                self._found.add(told, place, (page.variant,))
        for remark in wording.check(page, self._sources):
            self._found.add(remark, remark.place, (page.variant,))
        for name in attributes.printed(page.message.slots):
            place = self._sources.place_of_clues(attributes.clues(name), page)
            self._attributes.setdefault((name, place), []).append(page.variant)
        for link in _followable(page):
            _, _, variants = self._links.setdefault(link.get("href") or "", (page, link, []))
            variants.append(page.variant)

    def look_at_files(self) -> None:
        """Run the checks of what all variants share, once they have been looked at."""
        everyone = tuple(self._variants)
        for told in wording.check_files(self._sources, everyone):
            self._found.add(told.remark, told.place, told.variants)
        for remark, place in clients.check_files(
            added_by(self._sources.templates, sorted(self._kinds), frozenset(self._blocks))
        ):
            self._found.add(remark, place, everyone)
        for remark, place in styles.check(self._sources.css):
            self._found.add(remark, place, everyone)

    def compare(self, edition: Edition, others: Iterable[Edition]) -> None:
        """Check what the edition tells of events against what other editions tell of them."""
        for remark, path in life.check(edition, others):
            place = self._sources.at(*path)
            self._found.add(remark, place, self._variants)

    def look_for_readers(self, edition: Edition, audiences: Mapping[str, Audience]) -> None:
        """Check that all of the edition is for somebody; what is found concerns no readers.

        Args:
            edition: the edition.
            audiences: those of the workspace by id.
        """
        for remark, path in reach.check(edition, audiences):
            self._found.add(remark, self._sources.edition.fault(path, "").place, ())

    def look_at_attributes(
        self,
        edition: Edition,
        audiences: Mapping[str, Audience],
        known: Callable[[], tuple[str, ...] | None],
    ) -> None:
        """Check the attributes that rules compare, and that the variants looked at print.

        Args:
            edition: the edition.
            audiences: those of the workspace by id; looked at are the edition's.
            known: returns the attributes of contacts, or None where there is no contact; called
                only where any attribute is named.
        """
        used = dict(self._attributes)
        for name, path in attributes.compared(edition):
            used[name, self._sources.at(*path)] = self._variants
        for audience, document in self._sources.audiences.items():
            readers = [one for one in self._variants if one.audience == audience]
            for name, path in attributes.selecting(audiences[audience]):
                used[name, document.fault(path, "").place] = readers
        there = known() if used else None
        if there is None:
            return
        for (name, place), variants in used.items():
            if name not in there:
                self._found.add(attributes.remark(name, there), place, variants)

    def look_at_moments(self, edition: Edition, now: datetime) -> None:
        """Check the moments that the edition names against the present one."""
        for remark, path in moments.check(edition, now):
            self._found.add(remark, self._sources.at(*path), self._variants)

    def follow(self, policy: follow.Policy) -> None:
        """Follow the links of the variants that were looked at; those of each recipient are not."""
        outcomes = follow.follow_all(self._links, policy)
        for link, outcome in outcomes.items():
            if outcome is not None:
                cause = f"{link} {outcome.cause}"
                self._add_links(outcome.check, [link], cause, "Correct it.")
        left = [link for link in self._links if link not in outcomes]
        if left:
            cause = f"{len(left)} of {len(self._links)} links were not followed"
            self._add_links(follow.UNFOLLOWED, left, cause, "Try them by hand.")

    def _add_links(self, check: Check, links: list[str], cause: str, cure: str) -> None:
        """Note what became of some links, where the first of them stands first."""
        page, element, _ = self._links[links[0]]
        remark = Remark(check, cause, cure, spots=(Spot(element, ("href",)),))
        readers = [variant for link in links for variant in self._links[link][2]]
        self._found.add(remark, self._sources.place(remark, page), readers)

    def failed(self, problem: TigcMailError, variant: Variant) -> None:
        """Note that a variant cannot be rendered."""
        if variant not in self._variants:
            self._variants.append(variant)
        for place, cause, cure in _told(problem):
            self._found.add(Remark(WRONG_TEMPLATE, cause, cure), place, (variant,))

    def withheld(self, problem: ConfidentialityError, variant: Variant) -> None:
        """Note that a variant must not be sent as it is."""
        remark = Remark(WRONG_TEMPLATE, f"the message {problem.cause}", problem.cure)
        self._found.add(remark, self._sources.edition.name, (variant,))

    def lacks_label(self, variant: Variant) -> bool:
        """Return whether it was noted already that a variant does not show its label."""
        return any(
            finding.check in labels.CHECKS and variant in finding.variants
            for finding in self._found.all()
        )

    def nothing_for(self, variant: Variant) -> None:
        """Note that the readers of a variant would be shown no block at all."""
        cause = f"no block is for {variant.audience}, or within its ceiling"
        remark = Remark(NOTHING, cause, "Write one, or take the audience out.")
        place = self._sources.at("audiences")
        self._found.add(remark, place, (variant,))

    def sampled(
        self, readers: tuple[Variant, ...], chosen: int, possible: int, rules: Rules
    ) -> None:
        """Note that not every choice of an audience's conditional blocks was looked at.

        Args:
            readers: the audience, in each of its languages.
            chosen: how many choices were looked at.
            possible: how many there are.
            rules: every rule doubles the choices.
        """
        cause = (
            f"{chosen} of {possible:,} choices of conditional blocks for {readers[0].audience} "
            f"were checked; {self._named(rules)} double them one by one"
        )
        remark = Remark(SAMPLED, cause, "Give blocks the same rule where that will do.")
        self._found.add(remark, self._place_of_rules(rules), readers)

    def too_many(self, possible: int, most: int, rules: Rules, cure: str) -> None:
        """Note that there may be more variants than one campaign has.

        Args:
            possible: how many there may be.
            most: how many a campaign has.
            rules: those that multiply them.
            cure: what to do about it.
        """
        by = self._named(rules) if rules else "so many audiences and languages"
        cause = f"up to {possible:,} variants may be sent, and {most} is the most: {by} make them"
        self._found.add(Remark(TOO_MANY, cause, cure), self._place_of_rules(rules), self._variants)

    def _named(self, rules: Rules) -> str:
        """Return the blocks of each rule, with their places in the edition's file."""
        blocks = self._sources.edition.content["blocks"]
        file = f"{self._sources.edition.name}: "
        named = [
            " with ".join(
                f"{blocks[at]['id']} at {self._sources.at(*_rule(at)).removeprefix(file)}"
                for at in together
            )
            for together in rules
        ]
        return f"the rule{'s' if len(rules) > 1 else ''} of {', '.join(named)}"

    def _place_of_rules(self, rules: Rules) -> str:
        return self._sources.at(*(_rule(rules[0][0]) if rules else ("audiences",)))


def _rule(block: int) -> tuple[str, int, str]:
    return "blocks", block, "show_when"


def wrong_files(problem: DocumentError) -> tuple[Finding, ...]:
    """Return a finding for every fault of authors' files that cannot even be read."""
    found = Findings()
    for place, cause, cure in _told(problem):
        found.add(Remark(WRONG_FILE, cause, cure), place, ())
    return found.all()


def _told(problem: TigcMailError) -> Iterator[tuple[str, str, str]]:
    if isinstance(problem, DocumentError):
        yield from problem.faults
    else:
        yield problem.place, problem.cause, problem.cure


def _followable(page: Page) -> Iterator[HtmlElement]:
    """Yield the links of a page that everyone of the variant gets."""
    for link in page.links:
        target = link.get("href") or ""
        if target.startswith("https://") and not page.is_personal(target):
            yield link
