"""Where in the author's files a text stands that was met in a message."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from tigc_mail.ground.documents import Document
from tigc_mail.ground.language import Locale
from tigc_mail.ground.spot import spot
from tigc_mail.render.authored import AuthorTexts
from tigc_mail.render.lint.finding import Remark
from tigc_mail.render.lint.page import Page

_TEMPLATES = ("*.mjml.j2", "theme.yaml", "theme.css", "*.txt.j2")


class Sources:
    """The files that an edition is made of.

    Args:
        edition: its `edition.yaml`.
        audiences: the files of its audiences, by id.
        templates: the folder of the templates.
    """

    def __init__(
        self, edition: Document, audiences: Mapping[str, Document], templates: Path
    ) -> None:
        self.edition = edition
        self.audiences = audiences
        self.templates = templates

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The text of templates and theme by name, such as `templates/base.mjml.j2`."""
        paths = [path for kind in _TEMPLATES for path in sorted(self.templates.rglob(kind))]
        return {
            f"templates/{path.relative_to(self.templates).as_posix()}": _text(path)
            for path in paths
        }

    def place(self, remark: Remark, page: Page) -> str:
        """Return where what is remarked on a page stands, as far as that can be found out."""
        texts = self._texts(page)
        return (
            texts.place(remark.path)
            or self._in_texts(remark.clues, texts)
            or self._in_files(remark.clues, page.variant.locale)
            or remark.place
            or f"templates/{page.edition.kind}.mjml.j2"
        )

    def text(self, path: str, page: Page) -> str:
        """Return the place of a whole text, all its wordings together."""
        return self._texts(page).place_of_all(path)

    def _texts(self, page: Page) -> AuthorTexts:
        own = self.audiences.get(page.variant.audience)
        return AuthorTexts.of(page.edition, self.edition, own)

    def _in_texts(self, clues: tuple[str, ...], texts: AuthorTexts) -> str:
        for clue in filter(None, clues):
            for path, text in texts.texts.items():
                at = _found(text, clue)
                if at >= 0 and (place := texts.place(path, at)):
                    return place
        return ""

    def _in_files(self, clues: tuple[str, ...], locale: Locale) -> str:
        catalogue = f"phrases/{locale}.po"
        files = {**self.files, f"templates/{catalogue}": _text(self.templates / catalogue)}
        for clue in filter(None, clues):
            for name, text in files.items():
                at = text.lower().find(clue.lower())
                if at >= 0:
                    return f"{name} ({spot(text, at)})"
        return ""


def _found(text: str, clue: str) -> int:
    """Return where a clue stands in a text, else -1; a link has to end where the clue does."""
    if "://" not in clue:
        return text.find(clue)
    found = re.search(rf"{re.escape(clue)}(?![\w/?#&=%~-])", text)
    return found.start() if found else -1


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
