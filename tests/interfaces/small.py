"""A small workspace to be checked."""

import re
import shutil
from pathlib import Path

from tests.conftest import SHIPPED

from tigc_mail import Workspace
from tigc_mail.ground.spot import spot
from tigc_mail.interfaces.checking import Checked, check_edition
from tigc_mail.render.lint.finding import Finding
from tigc_mail.render.lint.follow import Policy

AUDIENCE = """\
name: {en: Readers, fr: Lecteurs}
segment: {field: sector, equals: public}
ceiling: TLP:CLEAR
sender: {name: {en: News, fr: Nouvelles}, address: news@example.org}
list_id: readers.example.org
salutation:
  named: {en: "Hello {given_name},", fr: "Bonjour {given_name},"}
  unnamed: {en: "Hello,", fr: "Bonjour,"}
key_messages:
  crime:
    title: {en: Who earns, fr: Qui gagne}
    body:
      en: A fake earns money for those who make it.
      fr: Un faux rapporte à ceux qui le font.
reason:
  en: You receive this because you asked for it in spring.
  fr: Vous recevez ceci parce que vous l'avez demandé.
"""

EDITION = """\
kind: newsletter
language: en
languages: [en, fr]
audiences: [readers]
subject: {en: What is new in May, fr: Les nouvelles de mai}
preheader:
  en: Three things that changed, and the one that asks for a decision.
  fr: Trois changements, et celui qui demande une décision de votre part.
blocks:
  - id: welcome
    type: text
    marking: TLP:CLEAR
    title: {en: Welcome, fr: Bienvenue}
    body:
      en: |
        The programme changed three things.

        See [the courses](https://example.org/courses) of this spring.
      fr: |
        Le programme a changé trois choses.

        Voyez [les cours](https://example.org/cours) de ce printemps.
  - id: crime
    type: key-message
    marking: TLP:CLEAR
    key_message: crime
"""

COURSES = "[the courses](https://example.org/courses)"


class Small:
    """A small workspace, with the shipped templates, and what its check finds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.edition = folder / "editions" / "news" / "edition.yaml"
        self.audience = folder / "audiences" / "readers.yaml"
        for file, content in ((self.edition, EDITION), (self.audience, AUDIENCE)):
            file.parent.mkdir(parents=True)
            file.write_text(content, "utf-8")
        shutil.copytree(SHIPPED / "templates", folder / "templates")
        theme = folder / "templates" / "theme.yaml"
        theme.write_text(re.sub(r"\n  - \{name: .*", "", theme.read_text("utf-8")), "utf-8")
        self.change("social:", "social: []", theme)  # its links are not what is followed here

    def change(self, old: str, new: str, file: Path | None = None) -> None:
        """Replace a text in the edition, or in another file."""
        path = file or self.edition
        content = path.read_text("utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), "utf-8")

    def add(self, block: str) -> None:
        """Add a block to the edition."""
        self.edition.write_text(f"{self.edition.read_text('utf-8')}{block}\n", "utf-8")

    def check(self, follow: Policy | None = None) -> Checked:
        """Check the edition."""
        return check_edition(Workspace.open(self.folder), "news", follow=follow)

    def found(self, id_: str, follow: Policy | None = None) -> Finding:
        """Return the one finding of a check."""
        (finding,) = [one for one in self.check(follow).findings if one.check.id == id_]
        return finding

    def ids(self) -> set[str]:
        """Return the ids of what is found, but for notes."""
        return {one.check.id for one in self.check().findings if one.severity != "note"}


def spot_of(file: Path, text: str) -> str:
    """Return the line and the column at which a text begins in a file."""
    content = file.read_text("utf-8")
    return spot(content, content.index(text))
