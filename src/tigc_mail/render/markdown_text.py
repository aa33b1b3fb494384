"""Authors' Markdown as plain text: links as `label: URL`; headings, lists and tables readable."""

from collections.abc import Iterable
from textwrap import indent
from unicodedata import category, east_asian_width

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from tigc_mail.render.slots import TOKEN

WIDEST = 78
"""Columns of a table that is set as one; a wider one is set row by row, each cell on a line."""

_RUNNING = ("paragraph", "bullet_list", "ordered_list")
"""What follows each other in an item of a list without a blank line."""


def as_text(tokens: list[Token]) -> str:
    """Return parsed Markdown as plain text."""
    return _blocks(SyntaxTreeNode(tokens).children)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "\n\n".join(text for node in nodes if (text := _block(node)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            title = _inline(node)
            return f"{title}\n{'-' * _width(title)}"
        case "bullet_list":
            return _list(node, ["- "] * len(node.children))
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return _list(node, [f"{first + at}. " for at in range(len(node.children))])
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).split("\n"))
        case "fence" | "code_block":
            return indent(node.content.rstrip("\n"), "    ")
        case "hr":
            return "* * *"
        case "table":
            return _table([row for part in node.children for row in part.children])
        case _:
            return _inline(node)


def _list(node: SyntaxTreeNode, marks: list[str]) -> str:
    """Return a list; its items stand apart if the author set them apart, or one holds a block."""
    parts = [part for item in node.children for part in item.children]
    apart = any(
        part.type not in _RUNNING or (part.type == "paragraph" and not part.hidden)
        for part in parts
    )
    separator = "\n\n" if apart else "\n"
    return separator.join(
        _item(item, mark, separator) for item, mark in zip(node.children, marks, strict=True)
    )


def _item(item: SyntaxTreeNode, mark: str, separator: str) -> str:
    text = separator.join(_block(child) for child in item.children)
    margin = " " * len(mark)
    return (mark + indent(text, margin).removeprefix(margin)).rstrip()


def _table(rows: list[SyntaxTreeNode]) -> str:
    """Return a table with its columns below each other; a wide one row by row.

    How long the values of recipients are is not known: where there are any, nothing is aligned.
    """
    head, *body = [[_inline(cell).strip() for cell in row.children] for row in rows]
    if any(TOKEN.search(cell) for row in (head, *body) for cell in row):
        first, *others = [" │ ".join(row).rstrip() for row in (head, *body)]
        return "\n".join([first, "─┼─".join("───" for _ in head), *others])
    widths = [max(_width(row[at]) for row in (head, *body)) for at in range(len(head))]
    if sum(widths) + 3 * (len(widths) - 1) > WIDEST:
        return "\n\n".join(_record(head, row) for row in body) or " │ ".join(head)
    sides = [str(cell.attrs.get("style", "")).rpartition(":")[2] for cell in rows[0].children]
    lines = [
        " │ ".join(
            _beside(cell, width, side) for cell, width, side in zip(row, widths, sides, strict=True)
        ).rstrip()
        for row in (head, *body)
    ]
    return "\n".join([lines[0], "─┼─".join("─" * width for width in widths), *lines[1:]])


def _record(head: list[str], row: list[str]) -> str:
    """Return a row of a wide table, each of its cells after the head of its column."""
    return "\n".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=True) if cell
    )


def _beside(cell: str, width: int, side: str) -> str:
    free = width - _width(cell)
    before = {"right": free, "center": free // 2}.get(side, 0)
    return " " * before + cell + " " * (free - before)


def _width(text: str) -> int:
    """Return how many columns a line takes: marks above letters take none, wide letters two."""
    shown = (sign for sign in text if category(sign) not in ("Mn", "Me", "Cf"))
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in shown)


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
            return _link(_inline(node), _address(str(node.attrs["href"])))
        case "image":
            label = _inline(node) or node.content
            return f"[{label}]" if label else ""
        case _:
            return _inline(node)


def _address(target: str) -> str:
    """Return a link as it is printed: of a mailbox its address, without subject and the like."""
    if not target.lower().startswith("mailto:"):
        return target
    return target[len("mailto:") :].partition("?")[0] or target


def _link(label: str, url: str) -> str:
    """Return `label: URL`; the URL alone where the label says no more than it."""
    said = label.strip().rstrip("/")
    known = (url.rstrip("/"), url.removeprefix("https://").rstrip("/"))
    return url if not said or said in known else f"{label}: {url}"
