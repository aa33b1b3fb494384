"""Authors' Markdown (CommonMark and tables, no raw HTML) as safe HTML and as plain text."""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from textwrap import indent
from unicodedata import category, east_asian_width

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from tigc_mail.errors import RenderError
from tigc_mail.render.slots import TOKEN

TAGS = frozenset(
    "p br strong em code pre blockquote ul ol li hr a "
    "img h3 h4 h5 h6 table thead tbody tr th td".split()
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "th": {"style"},
    "td": {"style"},
    "ol": {"start"},
}
SCHEMES = frozenset({"https", "mailto"})
LINKS = ("https://", "mailto:")

HEADINGS_BELOW = 2
"""A first-level heading of an author becomes `<h3>`: the layout owns `<h1>` and `<h2>`."""


MAX_NESTING = 50
"""Quotes, lists and emphasis within each other."""


class MarkdownError(RenderError):
    """What is wrong in a text.

    Args:
        cause: what is wrong.
        cure: what to do about it.
        clue: what to look for in the text; empty where the fault is no single place.
    """

    def __init__(self, cause: str, cure: str, clue: str = "") -> None:
        super().__init__(cause, "", cure)
        self.clue = clue


class _Parser(MarkdownIt):
    """CommonMark that takes any address for a link, so that a forbidden one can be told."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 (the name is the parser's)
        """Return whether an address makes a link."""
        return True


@cache
def _parser() -> MarkdownIt:
    # Beyond `maxNesting` the parser drops what it reads, without a word: so it is never reached.
    options = {"html": False, "maxNesting": 2 * MAX_NESTING}
    return _Parser("commonmark", options).enable("table")


def to_html(source: str) -> Markup:
    """Return Markdown as HTML that MJML takes: known tags only, https and mailto links only.

    Raises:
        MarkdownError: if it is nested too deep, holds another kind of link, or an image that
            nothing describes.
    """
    tokens = _parsed(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADINGS_BELOW, 6)}"
    html = _parser().renderer.render(tokens, _parser().options, {})
    clean = nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    return Markup(clean.strip())  # noqa: S704 (sanitised on the line above)


def to_text(source: str) -> str:
    """Return Markdown as plain text: links as `label: URL`, lists and tables readable.

    Raises:
        MarkdownError: if it is nested too deep, or holds a link that is neither https nor mailto.
    """
    return _blocks(SyntaxTreeNode(_parsed(source)).children)


def _parsed(source: str) -> list[Token]:
    tokens: list[Token] = []
    deepest = MAX_NESTING + 1
    with suppress(RecursionError):
        tokens = _parser().parse(source)
        deepest = _deepest(tokens)
    if deepest > MAX_NESTING:
        cause = f"quotes, lists or emphasis are nested more than {MAX_NESTING} deep"
        raise MarkdownError(cause, "Look for a row of `>`, `-`, `*` or `[` that is too long.")
    return tokens


def _deepest(tokens: Iterable[Token], level: int = 0) -> int:
    """Return how deep Markdown is nested; its links and images are looked at on the way."""
    deepest = level
    for token in tokens:
        level += token.nesting
        deepest = max(deepest, level, _deepest(token.children or (), level))
        for name in ("href", "src"):
            if name in token.attrs:
                _check_link(str(token.attrs[name]))
        if token.type == "image" and not token.content.strip():
            source = str(token.attrs["src"])
            cause = f"the image `{source[:60]}` says nothing to those who cannot see it"
            raise MarkdownError(cause, "Describe it: ![what it shows](https://...).", source)
    return deepest


def _check_link(address: str) -> None:
    if not address.lower().startswith(LINKS) and not TOKEN.fullmatch(address):
        cause = f"the link `{address[:60]}` does not begin with https:// or mailto:"
        raise MarkdownError(cause, "Write the whole address.", address)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "\n\n".join(text for node in nodes if (text := _block(node)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            title = _inline(node)
            return f"{title}\n{'-' * _width(title)}"
        case "bullet_list":
            return "\n".join(_item(item, "- ") for item in node.children)
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return "\n".join(
                _item(item, f"{number}. ") for number, item in enumerate(node.children, first)
            )
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).split("\n"))
        case "fence" | "code_block":
            return indent(node.content.rstrip("\n"), "    ")
        case "hr":
            return "* * *"
        case "table":
            rows = [row for part in node.children for row in part.children]
            return "\n".join(" | ".join(_inline(cell) for cell in row.children) for row in rows)
        case _:
            return _inline(node)


def _width(text: str) -> int:
    """Return how many columns a line takes: marks above letters take none, wide letters two."""
    shown = (sign for sign in text if category(sign) not in ("Mn", "Me", "Cf"))
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in shown)


def _item(item: SyntaxTreeNode, mark: str) -> str:
    separator = "\n" if all(child.type != "paragraph" for child in item.children[1:]) else "\n\n"
    text = separator.join(_block(child) for child in item.children)
    margin = " " * len(mark)
    return (mark + indent(text, margin).removeprefix(margin)).rstrip()


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_span(child) for child in node.children)


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "text" | "code_inline":
            return node.content
        case "link":
            return _link(_inline(node), str(node.attrs["href"]).removeprefix("mailto:"))
        case "image":
            label = _inline(node) or node.content
            return f"[{label}]" if label else ""
        case _:
            return _inline(node)


def _link(label: str, url: str) -> str:
    """Return `label: URL`; the URL alone where the label says no more than it."""
    said = label.strip().rstrip("/")
    known = (url.rstrip("/"), url.removeprefix("https://").rstrip("/"))
    return url if not said or said in known else f"{label}: {url}"
