"""Where in the author's files a text stands that was met in a message."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tigc_mail.errors import DocumentError
from tigc_mail.ground.documents import Document, Step, read_document
from tigc_mail.ground.language import LOCALES
from tigc_mail.render.lint.finding import TEXT, TEXT_END, Remark, Spot
from tigc_mail.render.lint.page import Page, text_of
from tigc_mail.render.lint.trace import Trace
from tigc_mail.render.templates import Templates

Path_ = tuple[Step, ...]

_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
_THEME = "theme."

LEAST_CLUE = 6
"""Letters of a clue: a shorter one stands anywhere."""

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
        self._traced: tuple[Page, Trace] | None = None

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
        return (
            self._at_path(remark.path, page)
            or self._at_spots(remark, page)
            or self._at_tags(remark.tags, page)
            or self._in_texts(remark.clues, page)
            or self._in_files(remark.clues)
            or remark.place
            or f"templates/{page.edition.kind}.mjml.j2 (line 1)"
        )

    def at(self, *path: Step) -> str:
        """Return the place of a value of the edition."""
        return self.edition.fault(path, "").place

    def text(self, path: str, page: Page) -> str:
        """Return the place of a whole text, all its wordings together."""
        found = self._leaf(path, page)
        if found is None:
            return self.at()
        document, at = found
        while len(at) > 1 and (at[-1] in LOCALES or at[-1] in self.audiences):
            at = at[:-1]
        return document.fault(at, "").place

    def _at_path(self, path: str, page: Page) -> str:
        if path == "blocks":
            return self.at("blocks")
        if _BLOCK.fullmatch(path):
            return next(document.fault(at, "").place for document, at in self._roots(path, ""))
        found = self._leaf(path, page) if path else None
        return found[0].fault(found[1], "").place if found else ""

    def _at_spots(self, remark: Remark, page: Page) -> str:
        """Return where an element was written, or what of it is meant.

        What the element holds itself goes before what it was given by the theme, or by a rule.
        """
        if not remark.spots:
            return ""
        trace = self._trace(page)
        if remark.in_text:
            return self._twin(remark.spots[0], page)
        parts = [trace.part(spot.element, name) for spot in remark.spots for name in spot.parts]
        own = [part for part in parts if part and not part.startswith(_THEME)]
        places = (self._told(part, page) for part in (*own, *filter(None, parts)))
        return (
            self._in_catalogue(remark.spots[0], page)
            or next(filter(None, places), "")
            or self._in_files(remark.values)
            or self._told(trace.element(remark.spots[0].element), page)
        )

    def _at_tags(self, tags: tuple[str, ...], page: Page) -> str:
        for tag in tags:
            trace = self._trace(page)
            place = trace.end_of_text() if tag == TEXT_END else trace.tag(tag)
            if told := self._told(place, page):
                return told
        return ""

    def _told(self, place: str, page: Page) -> str:
        """Return a place of the trace as it is told."""
        if place.startswith(_THEME) and self._theme is not None:
            return self._theme.fault(_steps(place)[1:], "").place
        return place if place.startswith("templates/") else self._at_path(place, page)

    def _in_catalogue(self, spot: Spot, page: Page) -> str:
        """Return where a phrase of the templates is translated that is the text of an element."""
        if TEXT not in spot.parts or not self._trace(page).part(spot.element, TEXT).endswith(")"):
            return ""
        name = f"phrases/{page.variant.locale}.po"
        lines = _text(self.templates / name).split("\n")
        wanted = f'msgstr "{text_of(spot.element)}"'
        return f"templates/{name} (line {lines.index(wanted) + 1})" if wanted in lines else ""

    def _twin(self, spot: Spot, page: Page) -> str:
        """Return the plain text template that shows what an element of the page does."""
        trace = self._trace(page)
        block = trace.block(spot.element)
        names = [
            f"templates/blocks/{getattr(one, 'template', one.type)}.txt.j2"
            for one in page.edition.blocks
            if one.id == block
        ]
        names.append(trace.element(spot.element).partition(" ")[0].replace(".mjml.j2", ".txt.j2"))
        found = next((name for name in names if name in self.files), "")
        return f"{found} (line 1)" if found else trace.end_of_text()

    def _trace(self, page: Page) -> Trace:
        """Return the trace of a page; remarks come page by page, so the last one is kept."""
        if self._traced is None or self._traced[0] is not page:
            self._traced = (page, Trace(page, self._made_with))
        return self._traced[1]

    @cached_property
    def _made_with(self) -> Templates:
        return Templates(self.templates)

    @cached_property
    def _theme(self) -> Document | None:
        try:
            return read_document(self.templates / "theme.yaml", "templates/theme.yaml")
        except DocumentError:
            return None

    def _in_texts(self, clues: tuple[str, ...], page: Page) -> str:
        for clue in clues:
            for path, text in page.authored.items():
                if _holds(text, clue) and (place := self._at_path(path, page)):
                    return place
        return ""

    def _in_files(self, clues: tuple[str, ...]) -> str:
        for clue in clues:
            for name, text in self.files.items():
                if len(clue) >= LEAST_CLUE and (at := text.lower().find(clue.lower())) >= 0:
                    return f"{name} (line {text.count(chr(10), 0, at) + 1})"
        return ""

    def _leaf(self, path: str, page: Page) -> tuple[Document, Path_] | None:
        """Return where in a file the text stands that a page shows for `path`."""
        wanted = page.authored.get(path)
        if wanted is None:
            return None
        audience, locale = page.variant.audience, page.variant.locale
        field = path.rpartition(".")[2].partition("[")[0]
        numbers = _counted(_steps(path)[1:])
        for document, root in self._roots(path, audience):
            leaves = [
                at for at, text in _leaves(_at(document.content, root), root) if text == wanted
            ]
            if leaves:
                return document, max(
                    leaves,
                    key=lambda at: (
                        field in at,
                        audience in at,
                        locale in at,
                        _counted(at) == numbers,
                    ),
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


def _steps(path: str) -> Path_:
    """Return ("theme", "social", 0, "url") for `theme.social[0].url`."""
    found = re.findall(r"[^.\[\]]+", path)
    return tuple(int(step) if step.isdigit() else step for step in found)


def _counted(path: Path_) -> list[Step]:
    """Return which items of lists a path goes through, those of the blocks left aside."""
    return [step for step in path[2:] if isinstance(step, int)]


def _holds(text: str, clue: str) -> bool:
    """Return whether a clue stands in a text; a link has to end where the clue does."""
    if len(clue) < LEAST_CLUE:
        return False
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
