"""Where in the author's files something stands that was met in a message."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from tigc_mail.errors import DocumentError, TigcMailError
from tigc_mail.ground.documents import Document, Step, read_document
from tigc_mail.ground.reading import read_text
from tigc_mail.ground.spot import spot
from tigc_mail.render.authored import AuthorTexts
from tigc_mail.render.lint.finding import TEXT, TEXT_END, Remark, Spot
from tigc_mail.render.lint.page import Page, text_of
from tigc_mail.render.lint.trace import Trace
from tigc_mail.render.templates import Templates

LEAST_CLUE = 6
"""Letters of a clue: a shorter one stands anywhere."""

_TEMPLATES = ("*.mjml.j2", "theme.yaml", "theme.css", "*.txt.j2")
_THEME = "theme."
_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
_NO_WORDS = frozenset({"id", "type", "template", "key_message", "standing", "uid", "stage"})
"""What authors write for us, and not for readers."""


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
            self._at_path(remark.path, page, remark.offset)
            or self._at_spots(remark, page)
            or self._at_tags(remark.tags, page)
            or self._in_texts(remark.clues, page)
            or self._in_files(remark.clues)
            or remark.place
            or _layout(page)
        )

    def with_element(self, remark: Remark, place: str, page: Page) -> Remark:
        """Return a remark about a value of the theme with the place of what it was met in."""
        if not place.startswith("templates/theme.yaml"):
            return remark
        places = (self._whole(one, page) for one in remark.spots if one.theme)
        element = next(filter(None, places), "")
        cure = f"{remark.cure} It was met in {element}." if element else remark.cure
        return remark._replace(cure=cure)

    def text(self, path: str, page: Page) -> str:
        """Return the place of a whole text, all its wordings together."""
        return self._texts(page).place_of_all(path)

    def place_of_clues(self, clues: tuple[str, ...], page: Page) -> str:
        """Return where one of some words stands, in a text or a template; else the layout."""
        found = self._in_texts(clues, page) or self._in_files(clues)
        return found or _layout(page)

    def at(self, *path: Step) -> str:
        """Return the place of a value of the edition."""
        return self.edition.fault(path, "").place

    def _texts(self, page: Page) -> AuthorTexts:
        own = self.audiences.get(page.variant.audience)
        return AuthorTexts.of(page.edition, self.edition, own)

    def _at_path(self, path: str, page: Page, offset: int | None = None) -> str:
        block = _BLOCK.fullmatch(path)
        if block is None:
            return self.at(path) if path == "blocks" else self._texts(page).place(path, offset)
        blocks = self.edition.content["blocks"]
        return self.at("blocks", [one.get("id") for one in blocks].index(block[1]))

    def _at_spots(self, remark: Remark, page: Page) -> str:
        """Return where an element was written, or what of it is meant.

        What the element holds itself goes before what the theme or a rule gives it.
        """
        if remark.in_text:
            return self._twin(remark.spots[0], page)
        own = (self._own(one, page) for one in remark.spots)
        given = (self._given(one, page) for one in remark.spots)
        whole = (self._whole(one, page) for one in remark.spots)
        return next((place for places in (own, given, whole) for place in places if place), "")

    def _own(self, one: Spot, page: Page) -> str:
        """Return where a part of an element stands in a template, or in an author's text."""
        trace = self._trace(page)
        for name in one.parts:
            place = trace.part(one.element, name)
            if place.startswith("templates/"):
                return (name == TEXT and self._in_catalogue(one, page)) or place
            if place and not place.startswith(_THEME):
                return self._within(place, one, page)
        return ""

    def _given(self, one: Spot, page: Page) -> str:
        """Return where the theme, or a rule, gives a part to an element."""
        parts = (self._trace(page).part(one.element, name) for name in one.parts)
        path = one.theme or next((part for part in parts if part.startswith(_THEME)), "")
        if path and self._theme is not None:
            return self._theme.fault(_steps(path), "").place
        return self._in_files(one.values)

    def _whole(self, one: Spot, page: Page) -> str:
        """Return where an element itself was written."""
        place = self._trace(page).element(one.element)
        return place if place.startswith("templates/") else self._within(place, one, page)

    def _within(self, path: str, one: Spot, page: Page) -> str:
        """Return where in an author's text an element stands: its address, or its words."""
        texts = self._texts(page)
        text = texts.texts.get(path, "")
        address = one.element.get("href") or one.element.get("src") or ""
        said = text_of(one.element)
        words = (f"[{said}](", said)
        clues = (*words, address) if TEXT in one.parts else (address, *words)
        found = (text.find(clue) for clue in clues if clue and text.count(clue) == 1)
        return texts.place(path, next(found, None))

    def _at_tags(self, tags: tuple[str, ...], page: Page) -> str:
        for tag in tags:
            trace = self._trace(page)
            place = trace.end_of_text() if tag == TEXT_END else trace.tag(tag)
            if place:
                return place if place.startswith("templates/") else self._at_path(place, page)
        return ""

    def _in_catalogue(self, one: Spot, page: Page) -> str:
        """Return where a phrase of the templates is translated that is the text of an element."""
        name = f"templates/phrases/{page.variant.locale}.po"
        catalogue = _text(self.templates.parent / name)
        at = f"\n{catalogue}\n".find(f'\nmsgstr "{text_of(one.element)}"\n')
        return f"{name} ({spot(catalogue, at)})" if at >= 0 else ""

    def _twin(self, one: Spot, page: Page) -> str:
        """Return the plain text template that shows what an element of the page does."""
        trace = self._trace(page)
        block = trace.block(one.element)
        names = [
            f"templates/blocks/{getattr(each, 'template', each.type)}.txt.j2"
            for each in page.edition.blocks
            if each.id == block
        ]
        names.append(trace.element(one.element).partition(" ")[0].replace(".mjml.j2", ".txt.j2"))
        found = next((name for name in names if name in self.files), "")
        return f"{found} (line 1, column 1)" if found else trace.end_of_text()

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
        texts = self._texts(page)
        for clue in clues:
            for path, text in texts.texts.items():
                at = -1 if path.rpartition(".")[2] in _NO_WORDS else _found(text, clue)
                if at >= 0 and (place := texts.place(path, at)):
                    return place
        return ""

    def _in_files(self, clues: tuple[str, ...]) -> str:
        for clue in clues:
            for name, text in self.files.items():
                if len(clue) >= LEAST_CLUE and (at := text.lower().find(clue.lower())) >= 0:
                    return f"{name} ({spot(text, at)})"
        return ""


def _layout(page: Page) -> str:
    return f"templates/{page.edition.kind}.mjml.j2 (line 1, column 1)"


def _steps(path: str) -> Iterator[Step]:
    """Yield "social", 0, "url" for `theme.social[0].url`."""
    for step in re.findall(r"[^.\[\]]+", path.removeprefix(_THEME)):
        yield int(step) if step.isdigit() else step


def _found(text: str, clue: str) -> int:
    """Return where a clue stands in a text, else -1; a link has to end where the clue does."""
    if len(clue) < LEAST_CLUE:
        return -1
    if "://" not in clue:
        return text.find(clue)
    found = re.search(rf"{re.escape(clue)}(?![\w/?#&=%~-])", text)
    return found.start() if found else -1


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError):
        return ""
