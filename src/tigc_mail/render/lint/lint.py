"""All the checks of an edition, run over its variants; equal findings are told once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tigc_mail.content.edition import Edition
from tigc_mail.errors import ConfidentialityError, DocumentError, TigcMailError
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint import (
    access,
    clients,
    contrast,
    envelope,
    follow,
    labels,
    life,
    links,
    literal,
    reach,
    styles,
    weight,
    wording,
)
from tigc_mail.render.lint.added import added_by
from tigc_mail.render.lint.finding import Finding, Findings, Remark, Variant, error, note, warning
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

WRONG_FILE = error("wrong-file", "Nothing can be sent while a file is wrong.")
WRONG_TEMPLATE = error("cannot-render", "These readers cannot be sent anything.")
NOTHING = warning("nothing-to-show", "These readers are left out when the edition is sent.")
SAMPLED = note("variants-sampled", "A fault may hide in a choice of blocks that was not looked at.")

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
    *reach.CHECKS,
    *(WRONG_FILE, WRONG_TEMPLATE, NOTHING, SAMPLED),
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
        self._links: dict[str, tuple[str, list[Variant]]] = {}
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
                self._found.add(remark, self._sources.place(remark, page), (page.variant,))
        for remark in wording.check(page, self._sources):
            self._found.add(remark, remark.place, (page.variant,))
        for link in _followable(page):
            if link not in self._links:
                clue = Remark(follow.UNFOLLOWED, "", "", clues=(link,))
                self._links[link] = (self._sources.place(clue, page), [])
            self._links[link][1].append(page.variant)

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
            place = self._sources.edition.fault(path, "").place
            self._found.add(remark, place, self._variants)

    def look_for_readers(self, edition: Edition, audiences: Mapping[str, Audience]) -> None:
        """Check that all of the edition is for somebody; what is found concerns no readers.

        Args:
            edition: the edition.
            audiences: those of the workspace by id.
        """
        for remark, path in reach.check(edition, audiences):
            self._found.add(remark, self._sources.edition.fault(path, "").place, ())

    def follow(self, policy: follow.Policy) -> None:
        """Follow the links of the variants that were looked at; those of each recipient are not."""
        outcomes = follow.follow_all(self._links, policy)
        for link, outcome in outcomes.items():
            if outcome is not None:
                place, variants = self._links[link]
                cause = f"{link} {outcome.cause}"
                self._found.add(Remark(outcome.check, cause, "Correct it."), place, variants)
        if left := len(self._links) - len(outcomes):
            cause = f"{left} of {len(self._links)} links were not followed"
            remark = Remark(follow.UNFOLLOWED, cause, "Try them by hand.")
            self._found.add(remark, self._sources.edition.name, ())

    def failed(self, problem: TigcMailError, variant: Variant) -> None:
        """Note that a variant cannot be rendered."""
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
        place = self._sources.edition.fault(("audiences",), "").place
        self._found.add(remark, place, (variant,))

    def sampled(self, audience: str, chosen: int, possible: int, rules: Sequence[str]) -> None:
        """Note that not every choice of an audience's conditional blocks was looked at.

        Args:
            audience: its id.
            chosen: how many choices were looked at.
            possible: how many there are.
            rules: the blocks of each rule, named; every rule doubles the choices.
        """
        cause = (
            f"{chosen} of {possible:,} choices of conditional blocks for {audience} were checked; "
            f"the rules of {', '.join(rules)} double them one by one"
        )
        remark = Remark(SAMPLED, cause, "Give blocks the same rule where that will do.")
        self._found.add(remark, self._sources.edition.fault(("blocks",), "").place, ())


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


def _followable(page: Page) -> Iterator[str]:
    """Yield the links of a page that everyone of the variant gets."""
    for link in page.links:
        target = link.get("href") or ""
        if target.startswith("https://") and not page.is_personal(target):
            yield target
