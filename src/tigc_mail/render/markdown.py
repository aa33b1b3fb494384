"""Authors' Markdown (CommonMark and tables, no raw HTML) as safe HTML and as plain text."""

from collections.abc import Iterable
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

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

HEADINGS_BELOW = 2
"""A first-level heading of an author becomes `<h3>`: the layout owns `<h1>` and `<h2>`."""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(source: str) -> Markup:
    """Return Markdown as HTML that MJML takes: known tags only, https and mailto links only."""
    tokens = _parser().parse(source)
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
    """Return Markdown as plain text: links as `label: URL`, lists and tables readable."""
    root = SyntaxTreeNode(_parser().parse(source))
    return _blocks(root.children)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "\n\n".join(text for node in nodes if (text := _block(node)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            title = _inline(node)
            return f"{title}\n{'-' * len(title)}"
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
            return "\n".join(f"    {line}" for line in node.content.rstrip("\n").split("\n"))
        case "hr":
            return "* * *"
        case "table":
            rows = [row for part in node.children for row in part.children]
            return "\n".join(" | ".join(_inline(cell) for cell in row.children) for row in rows)
        case _:
            return _inline(node)


def _item(item: SyntaxTreeNode, mark: str) -> str:
    separator = "\n" if all(child.type != "paragraph" for child in item.children[1:]) else "\n\n"
    text = separator.join(_block(child) for child in item.children)
    return mark + text.replace("\n", "\n" + " " * len(mark))


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
            label, url = _inline(node), str(node.attrs["href"]).removeprefix("mailto:")
            return url if label in url else f"{label}: {url}"
        case "image":
            return f"[{_inline(node) or node.content}]"
        case _:
            return _inline(node)
