"""Checking an edition of a workspace: every audience, language and choice of blocks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tigc_mail.content.edition import Edition
from tigc_mail.content.life import notices_of
from tigc_mail.content.load import edition_folder
from tigc_mail.content.matrix import Row, matrix_of
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.guard import Guard
from tigc_mail.errors import (
    ConfidentialityError,
    DocumentError,
    LabelError,
    TemplateError,
    TigcMailError,
)
from tigc_mail.interfaces.choices import variants_of
from tigc_mail.interfaces.manuscripts import audience_document, edition_document
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.compiler import Compiler
from tigc_mail.render.lint.finding import Finding, Severity, Variant
from tigc_mail.render.lint.follow import Policy
from tigc_mail.render.lint.lint import Lint, wrong_files
from tigc_mail.render.lint.page import Page
from tigc_mail.render.lint.sources import Sources


@dataclass(frozen=True)
class Checked:
    """What the check of an edition found."""

    edition: str
    variants: tuple[Variant, ...]
    """Those that were looked at."""
    findings: tuple[Finding, ...]
    """The worst first."""
    matrix: tuple[Row, ...]
    """What differs between its audiences; empty where its file is wrong."""

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return Counter(finding.severity for finding in self.findings)[severity]

    @property
    def clean(self) -> bool:
        """Whether there is no error."""
        return self.count(Severity.ERROR) == 0

    def to_json(self) -> dict[str, Any]:
        """Return it for programs, without the matrix."""
        return {
            "edition": self.edition,
            "variants": len(self.variants),
            **{f"{severity}s": self.count(severity) for severity in Severity},
            "findings": [finding.to_json() for finding in self.findings],
        }


def check_edition(
    workspace: Workspace,
    name: str,
    *,
    follow: Policy | None = None,
    advance: Callable[[float], None] = lambda _: None,
) -> Checked:
    """Check an edition for all its readers.

    Args:
        workspace: where it is.
        name: its id.
        follow: how its links are followed; they are not where there is no policy.
        advance: called with 1 for each variant looked at.

    Raises:
        UsageError: if there is no such edition.
        ConfigurationError: if the settings are wrong.
    """
    folder = edition_folder(workspace.folder / "editions", name)
    try:
        edition, audiences = workspace.edition(name), workspace.audiences()
        lint = Lint(_sources(workspace, edition))
    except DocumentError as problem:
        return Checked(folder.name, (), wrong_files(problem), ())
    compiler, looked_at = workspace.compiler(), []
    own = workspace.fixed_texts
    guards = {name: Guard(edition, audiences[name], own) for name in edition.audiences}
    for variant in variants_of(edition, audiences, lint):
        tailored = edition.for_audience(
            audiences[variant.audience], variant.locale, frozenset(variant.shown)
        )
        if _look(compiler, tailored, variant, lint, guards[variant.audience]):
            looked_at.append(variant)
        advance(1)
    lint.look_at_files()
    lint.look_for_readers(edition, audiences)
    lint.look_at_attributes(edition, audiences, workspace.known_attributes)
    lint.look_at_moments(edition, workspace.now())
    events = {notice.uid for notice in notices_of(edition)}
    others = (one for one in workspace.editions_about(events) if one.id != edition.id)
    lint.compare(edition, others)
    if follow is not None:
        lint.follow(follow)
    return Checked(folder.name, tuple(looked_at), lint.findings, matrix_of(edition, audiences))


def _sources(workspace: Workspace, edition: Edition) -> Sources:
    """Read the files of an edition again, for their lines."""
    folder = workspace.folder
    audiences = {name: audience_document(folder, name) for name in edition.audiences}
    return Sources(edition_document(folder, edition.id), audiences, folder / "templates")


def _look(
    compiler: Compiler, tailored: TailoredEdition, variant: Variant, lint: Lint, guard: Guard
) -> bool:
    """Check one variant; return whether there is anything in it to look at."""
    if not tailored.blocks:
        return False
    try:
        message = compiler.compile(tailored)
        page = Page(variant, tailored, message, compiler.public_url, compiler.templates())
        lint.look(page)
        guard.require(message, frozenset(variant.shown))
    except LabelError as problem:
        if not lint.lacks_label(variant):
            lint.withheld(problem, variant)
    except ConfidentialityError as problem:
        lint.withheld(problem, variant)
    except TemplateError as problem:
        for each in (problem, *compiler.faults_of_texts(tailored)):
            lint.failed(each, variant)
    except TigcMailError as problem:
        lint.failed(problem, variant)
    return True
