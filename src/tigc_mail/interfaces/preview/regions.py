"""Where each block stands in the page of a message, and what is read there.

The page is traced to the authors' texts, as for the findings of a check: an element belongs to a
block where all that is written in it is that block's. Where a page cannot be traced, nothing is
told of its blocks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement

from tigc_mail.render.lint.finding import TEXT
from tigc_mail.render.lint.page import Page, is_hidden
from tigc_mail.render.lint.trace import Trace
from tigc_mail.render.templates import Templates

ATTRIBUTE = "data-block"
"""What an element says in a marked page: the id of its block."""

_BLOCK = re.compile(r"blocks\[([^\]]+)\]")
_OF_BLOCKS = "templates/blocks/"
_WRITTEN = (TEXT, "alt", "href", "src")
"""The parts of an element in which authors' texts and links stand."""

_LINES = frozenset(
    "address blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section "
    "table tbody td th tr ul".split()
)
"""The elements that stand on lines of their own."""

_OTHERS = ""
"""Stands for the text of no block."""


@dataclass(frozen=True)
class Region:
    """What is shown of one block."""

    lines: tuple[str, ...]
    """Its text; addresses stand behind their links, and images are told by what they stand for."""
    markup: str
    """Its HTML."""


@dataclass(frozen=True)
class Regions:
    """The blocks of one page."""

    page: str
    """The page, each element of a block marked with `data-block`."""
    blocks: Mapping[str, Region]
    """By id; empty where the page could not be traced."""


def regions_of(page: Page, html: str, templates: Templates) -> Regions:
    """Return where the blocks of a message stand.

    Args:
        page: the message.
        html: its page, as somebody gets it.
        templates: what it was made with.
    """
    trace = Trace(page, templates)
    tree = lxml_html.document_fromstring(html)
    twins = zip(page.tree.iter(), tree.iter(), strict=False)
    owners = {
        own: _owners(trace, element)
        for element, own in twins
        if isinstance(own.tag, str) and element.tag == own.tag
    }
    body = tree.find("body")
    found: dict[str, list[HtmlElement]] = {}
    if body is not None:
        within: dict[HtmlElement, set[str]] = {}
        _gather(body, owners, within)
        for element, block in _outermost(body, within):
            found.setdefault(block, []).append(element)
            element.set(ATTRIBUTE, block)
    blocks = {block: _region(elements) for block, elements in found.items()}
    marked = lxml_html.tostring(tree, doctype="<!doctype html>", encoding="unicode")
    return Regions(marked, blocks)


def _owners(trace: Trace, element: HtmlElement) -> set[str]:
    """Return the blocks whose texts an element was given; `_OTHERS` for texts of no block."""
    found = set()
    for name in _WRITTEN:
        place = trace.part(element, name)
        if block := _BLOCK.match(place):
            found.add(block[1])
        elif name == TEXT and place and not place.startswith(_OF_BLOCKS):
            found.add(_OTHERS)
    return found


def _gather(
    element: HtmlElement,
    owners: Mapping[HtmlElement, set[str]],
    within: dict[HtmlElement, set[str]],
) -> set[str]:
    """Write down whose texts stand in each element."""
    found = set(owners.get(element, ()))
    for child in element:
        if isinstance(child.tag, str):
            found |= _gather(child, owners, within)
    within[element] = found
    return found


def _outermost(
    element: HtmlElement, within: Mapping[HtmlElement, set[str]]
) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the outermost elements that hold texts of one block only, with that block."""
    found = within[element]
    if len(found) == 1 and _OTHERS not in found:
        yield element, next(iter(found))
    elif found - {_OTHERS}:
        for child in element:
            if isinstance(child.tag, str):
                yield from _outermost(child, within)


def _region(elements: list[HtmlElement]) -> Region:
    text = "\n".join("".join(_said(element)) for element in elements)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    markup = "\n".join(
        lxml_html.tostring(element, encoding="unicode", with_tail=False) for element in elements
    )
    return Region(tuple(filter(None, lines)), markup)


def _said(element: HtmlElement) -> Iterator[str]:
    edge = "\n" if element.tag in _LINES else ""
    yield edge
    if element.tag == "img":
        yield f" [{element.get('alt') or ''}] "
    yield re.sub(r"\s+", " ", element.text or "")
    for child in element:
        if isinstance(child.tag, str) and not is_hidden(child):
            yield from _said(child)
        yield re.sub(r"\s+", " ", child.tail or "")
    if element.tag == "a" and (link := element.get("href")):
        yield f" <{link}>"
    yield edge
