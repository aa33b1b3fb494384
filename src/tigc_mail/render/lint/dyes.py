"""Which colours of the theme are seen at a place of a page.

Two colours of a theme may be equal, and a rule may give one to what another template writes. So the
page is made once more, with a theme in which each colour is one of its own, a dye: where a dye is
seen, its colour of the theme is what is seen. This second page is used for nothing else, and
believed only where it has the same elements.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml import html as lxml_html
from lxml.html import HtmlElement

from tigc_mail.errors import TigcMailError
from tigc_mail.render.colour import Colour
from tigc_mail.render.layout import Layout, finished
from tigc_mail.render.lint.cascade import Cascade, Screen
from tigc_mail.render.lint.looks import Look, looks_of
from tigc_mail.render.lint.page import Page
from tigc_mail.render.slots import SlotSheet
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import View

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Seen(NamedTuple):
    """The colours of the theme at one place, such as `theme.light.ink`; empty for another one."""

    text: str = ""
    ground: str = ""


class Dyes:
    """The colours of the theme on a page.

    Args:
        page: the page; nothing is known of one that does not say what it was made with.
    """

    def __init__(self, page: Page) -> None:
        self._twins: dict[HtmlElement, HtmlElement] = {}
        self._keys: dict[Colour, str] = {}
        self._on: dict[Screen, Mapping[HtmlElement, Look]] = {}
        self._body: HtmlElement | None = None
        if page.templates is not None:
            try:
                self._look(page, Templates(page.templates.folder))
            except TigcMailError:  # rendering tells that
                self._twins = {}

    def at(self, element: HtmlElement, screen: Screen) -> Seen:
        """Return what an element of the page shows of the theme on a screen."""
        if element not in self._twins or self._body is None:
            return Seen()
        if screen not in self._on:
            self._on[screen] = dict(looks_of(self._body, self._cascade.on(screen)))
        look = self._on[screen].get(self._twins[element], Look(paint=None, own_ground=None))
        text = look.paint and self._keys.get(look.paint.colour)
        ground = look.own_ground and self._keys.get(look.own_ground)
        return Seen(text or "", ground or "")

    def _look(self, page: Page, templates: Templates) -> None:
        dyes = (dye for dye in _dyes() if str(dye) not in page.rendered.html)
        templates.theme = self._dyed(templates.theme, "theme", dyes)
        edition, sheet = page.edition, SlotSheet()
        view = View(edition, templates, sheet, page.public_url)
        layout = Layout(f"{edition.kind}.mjml.j2", edition.locale, templates, view, sheet)
        mjml = templates.render(layout.name, layout.locale, view.html_context())
        tree = lxml_html.document_fromstring(finished(mjml, layout, sheet))
        own, twins = (list(one.iter()) for one in (page.tree, tree))
        if [one.tag for one in own] != [one.tag for one in twins]:
            return
        self._twins = dict(zip(own, twins, strict=True))
        self._body = tree.find("body")
        self._cascade = Cascade(tree, "\n".join(style.text or "" for style in tree.iter("style")))

    def _dyed(self, value: Any, path: str, dyes: Iterator[Colour]) -> Any:
        """Return a part of the theme with a dye in the place of each colour."""
        if isinstance(value, Mapping):
            return {key: self._dyed(one, f"{path}.{key}", dyes) for key, one in value.items()}
        if isinstance(value, list):
            return [self._dyed(one, f"{path}[{at}]", dyes) for at, one in enumerate(value)]
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            return value
        dye = next(dyes)
        self._keys[dye] = path
        return str(dye)


def _dyes() -> Iterator[Colour]:
    """Yield colours that differ, and that nobody chooses."""
    for green in range(256):
        for blue in range(256):
            yield Colour(1, green, blue)
