"""Where in the author's files a text stands that was met in a message."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tigc_mail.errors import TigcMailError
from tigc_mail.ground.documents import Document, Step
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.render.lint.finding import Remark
from tigc_mail.render.lint.page import Page
from tigc_mail.render.templates import Templates

Path_ = tuple[Step, ...]

_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
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

    @cached_property
    def css(self) -> str:
        """The style sheet as it is inlined; empty where it is wrong, which every variant tells."""
        try:
            return Templates(self.templates).css
        except TigcMailError:
            return ""

    def place(self, remark: Remark, page: Page) -> str:
        """Return where what is remarked on a page stands, as far as that can be found out."""
        return (
            self._at_path(remark.path, page)
            or self._in_texts(remark.clues, page)
            or self._in_files(remark.clues, page.variant.locale)
            or remark.place
            or f"templates/{page.edition.kind}.mjml.j2"
        )

    def text(self, path: str, page: Page) -> str:
        """Return the place of a whole text, all its wordings together."""
        found = self._leaf(path, page)
        if found is None:
            return self.edition.name
        document, at = found
        while len(at) > 1 and (at[-1] in LOCALES or at[-1] in self.audiences):
            at = at[:-1]
        return document.fault(at, "").place

    def _at_path(self, path: str, page: Page) -> str:
        found = self._leaf(path, page) if path else None
        return found[0].fault(found[1], "").place if found else ""

    def _in_texts(self, clues: tuple[str, ...], page: Page) -> str:
        for clue in filter(None, clues):
            for path, text in page.authored.items():
                if _holds(text, clue) and (place := self._at_path(path, page)):
                    return place
        return ""

    def _in_files(self, clues: tuple[str, ...], locale: Locale) -> str:
        catalogue = f"phrases/{locale}.po"
        files = {**self.files, f"templates/{catalogue}": _text(self.templates / catalogue)}
        for clue in filter(None, clues):
            for name, text in files.items():
                at = text.lower().find(clue.lower())
                if at >= 0:
                    return f"{name} (line {text.count(chr(10), 0, at) + 1})"
        return ""

    def _leaf(self, path: str, page: Page) -> tuple[Document, Path_] | None:
        """Return where in a file the text stands that a page shows for `path`."""
        wanted = page.authored.get(path)
        if wanted is None:
            return None
        audience, locale = page.variant.audience, page.variant.locale
        field = path.rpartition(".")[2].partition("[")[0]
        for document, root in self._roots(path, audience):
            leaves = [
                at for at, text in _leaves(_at(document.content, root), root) if text == wanted
            ]
            if leaves:
                return document, max(
                    leaves, key=lambda at: (field in at, audience in at, locale in at)
                )
        return None

    def _roots(self, path: str, audience: str) -> Iterator[tuple[Document, Path_]]:
        """Yield in which parts of which files a text may stand, the likeliest first."""
        own = self.audiences.get(audience)
        if path.startswith("audience."):
            if own is not None:
                yield own, ()
            return
        block = _BLOCK.match(path)
        if block is None:
            yield self.edition, (path.partition("[")[0],)
            return
        for at, content in enumerate(self.edition.content.get("blocks") or ()):
            if content.get("id") == block[1]:
                yield self.edition, ("blocks", at)
                if own is not None and "key_message" in content:
                    yield own, ("key_messages", content["key_message"])


def _holds(text: str, clue: str) -> bool:
    """Return whether a clue stands in a text; a link has to end where the clue does."""
    if "://" not in clue:
        return clue in text
    return re.search(rf"{re.escape(clue)}(?![\w/?#&=%~-])", text) is not None


def _at(content: Any, path: Path_) -> Any:
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _leaves(content: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(content, Mapping):
        for key, inner in content.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(content, list):
        for at, inner in enumerate(content):
            yield from _leaves(inner, (*path, at))
    elif isinstance(content, str):
        yield path, content.strip()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
