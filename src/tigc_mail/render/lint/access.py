"""Whether everyone can read a page: with a screen reader, without images, in any program."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from tigc_mail.ground.language import direction
from tigc_mail.render.lint.finding import TEXT, Remark, Spot, error, warning
from tigc_mail.render.lint.links import NOT_ONLY_SLOTS
from tigc_mail.render.lint.page import HEADINGS, Page, text_of
from tigc_mail.render.view import AUTHORED

LANGUAGE = error("language", "Screen readers pronounce a text in the language that the page names.")
TITLE = error("title", "Screen readers and browser tabs announce a page by its title.")
IMAGE_ALT = error(
    "image-alt",
    "Who cannot see an image, or has images turned off, is told what stands in its `alt`.",
)
IMAGE_ONLY = error(
    "image-only", "Many programs show no images at first, and filters take such mail for spam."
)
HEADING_ORDER = warning(
    "heading-order", "Screen readers jump from heading to heading, and trust their levels."
)
HEADING_EMPTY = error("heading-empty", "Screen readers announce a heading and then say nothing.")
LAYOUT_TABLE = error(
    "layout-table", "Screen readers read a table without a role out cell by cell, as data."
)
COLOR_SCHEME = warning(
    "color-scheme", "In dark mode, programs invert the colours of a page as they see fit."
)

CHECKS = (
    LANGUAGE,
    TITLE,
    IMAGE_ALT,
    IMAGE_ONLY,
    HEADING_ORDER,
    HEADING_EMPTY,
    LAYOUT_TABLE,
    COLOR_SCHEME,
)
"""The checks of this family."""

LEAST_WORDS = 60
"""Letters that the blocks of a message hold at least beside their images."""

_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_NOT_SEEN = "alt"
_OWN_FIELDS = re.compile(r"\.(lines|texts)\.[^.]+$")
_PRINTED = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def check(page: Page) -> Iterator[Remark]:
    """Check how accessible a page is; contrast has a module of its own."""
    yield from _language(page)
    yield from _images(page)
    yield from _headings(page)
    yield from _tables(page)
    yield from _dark_mode(page)


def _language(page: Page) -> Iterator[Remark]:
    locale = page.variant.locale
    cure = 'Write <mjml lang="{{ locale }}" dir="{{ direction }}"> around the layout.'
    for name, element in (("html", page.tree), ("body", page.tree.find("body"))):
        for attribute, wanted in (("lang", locale), ("dir", direction(locale))):
            if element is None or element.get(attribute) != wanted:
                cause = f'<{name}> lacks {attribute}="{wanted}"'
                yield Remark(LANGUAGE, cause, cure, tags=("mjml",))
    title = page.tree.find("head/title")
    if title is None or not text_of(title):
        cure = "Write <mj-title>{{ edition.subject }}</mj-title> into the layout's <mj-head>."
        yield Remark(TITLE, "the page has no title", cure, tags=("mj-title", "mj-head"))


def _images(page: Page) -> Iterator[Remark]:
    authored = "\n".join(page.authored.values())
    for image in page.images:
        source = image.get("src") or ""
        by_author = bool(source) and source in authored
        if image.get("alt") is None or (by_author and not (image.get("alt") or "").strip()):
            cause = f"the image {source} says nothing to those who cannot see it"
            cure = f"Describe it: ![what it shows]({source})." if by_author else (
                'Write alt="what it shows", or alt="" where it only decorates.'
            )  # fmt: skip
            yield Remark(IMAGE_ALT, cause, cure, spots=(Spot(image, ("alt", "src")),))
    for image in page.blank_for_some(page.images, lambda image: image.get("alt") or ""):
        cause = f"the `alt` of the image {image.get('src')} is blank for some recipients"
        yield Remark(IMAGE_ALT, cause, NOT_ONLY_SLOTS, spots=(Spot(image, ("alt", "src")),))
    letters = sum(len(_PRINTED.sub("", _IMAGE.sub("", text))) for text in _said(page))
    if page.images and letters < LEAST_WORDS:
        cause = "the message says next to nothing beside its images"
        cure = "Write as text what the images say."
        yield Remark(IMAGE_ONLY, cause, cure, spots=(Spot(page.images[0], ("src",)),))


def _said(page: Page) -> Iterator[str]:
    """Yield the words of the blocks, without links, ids and the like."""
    for path, text in page.authored.items():
        field = path.rpartition(".")[2]
        said = field == "body" or (field in AUTHORED and field != _NOT_SEEN)
        if path.startswith("blocks") and (said or _OWN_FIELDS.search(path)):
            yield text


def _headings(page: Page) -> Iterator[Remark]:
    headings = [element for element in page.visible if element.tag in HEADINGS]
    for heading in headings:
        if not text_of(heading):
            tag = str(heading.tag)
            cause = f"a heading <{tag}> is empty"
            cure = "Give it a text, or remove it."
            yield Remark(HEADING_EMPTY, cause, cure, spots=(Spot(heading),))
    for heading in page.blank_for_some(headings, text_of):
        cause = f"a heading <{heading.tag!s}> is blank for some recipients"
        yield Remark(HEADING_EMPTY, cause, NOT_ONLY_SLOTS, spots=(Spot(heading, (TEXT,)),))
    levels = [int(str(heading.tag)[1]) for heading in headings]
    if levels.count(1) != 1 or levels[0] != 1:
        cause = "the page does not begin with its one <h1>"
        cure = "Print the subject in one <h1>, before all other headings."
        wrong = [heading for heading in headings if heading.tag == "h1"][1:] or headings[:1]
        spots = tuple(Spot(heading) for heading in wrong[:1])
        yield Remark(HEADING_ORDER, cause, cure, spots=spots, tags=("mj-body",))
    for heading, level, before in zip(headings[1:], levels[1:], levels, strict=False):
        if level > before + 1:
            yield _jump(heading, level, before)


def _jump(heading: HtmlElement, level: int, before: int) -> Remark:
    said = text_of(heading)
    cause = f"the heading `{said[:60]}` (h{level}) follows one of level {before}"
    cure = "Give the block a title, and use `#` for the first headings of its text, then `##`."
    return Remark(HEADING_ORDER, cause, cure, spots=(Spot(heading),))


def _tables(page: Page) -> Iterator[Remark]:
    bare = [
        table
        for table in page.visible
        if table.tag == "table"
        and table.get("role") not in ("presentation", "none")
        and table.find(".//th") is None
    ]
    for table in bare:
        cause = "a table that is there for the layout has no role"
        cure = 'Write role="presentation" on it; for a table of data, head its columns with <th>.'
        yield Remark(LAYOUT_TABLE, cause, cure, spots=(Spot(table),))


def _dark_mode(page: Page) -> Iterator[Remark]:
    metas = {meta.get("name"): meta.get("content") or "" for meta in page.tree.iter("meta")}
    if "dark" not in metas.get("color-scheme", ""):
        cause = "the page does not say that it has colours for dark mode"
        cure = 'Write <meta name="color-scheme" content="light dark"> into an <mj-raw> of the head.'
        yield Remark(COLOR_SCHEME, cause, cure, tags=("mj-head",))
    if not _DARK.search(page.styles):
        cause = "the page has no colours for dark mode"
        cure = "Write an @media (prefers-color-scheme: dark) into an <mj-style>."
        yield Remark(COLOR_SCHEME, cause, cure, tags=("mj-style", "mj-head"))
