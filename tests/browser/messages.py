"""Every message of a workspace: each edition, for each audience, in each language, in each variant."""

from collections.abc import Iterator
from dataclasses import dataclass

from tigc_mail.interfaces.choices import choices_of
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.lint.page import Page


@dataclass(frozen=True)
class Shown:
    """A message as a browser is given it."""

    edition: str
    variant: Variant
    number: int
    """Which choice of conditional blocks it is, of this edition and audience; 0 shows all."""
    html: str

    @property
    def name(self) -> str:
        """A name for messages and files."""
        choice = f"-{self.number}" if self.number else ""
        return f"{self.edition}-{self.variant.audience}-{self.variant.locale}{choice}"


def messages_of(workspace: Workspace) -> Iterator[Shown]:
    """Yield the messages of a workspace, with a sample in every slot."""
    compiler = workspace.compiler()
    for name in workspace.editions():
        edition = workspace.edition(name)
        for audience in map(workspace.audience, edition.audiences):
            choices, _ = choices_of(edition.conditional_blocks(audience))
            for locale in edition.languages:
                for number, choice in enumerate(choices):
                    tailored = edition.for_audience(audience, locale, frozenset(choice))
                    if tailored.blocks:
                        variant = Variant(audience.id, locale, choice)
                        message = compiler.compile(tailored)
                        page = Page(variant, tailored, message, compiler.public_url)
                        yield Shown(name, variant, number, page.rendered.html)
