"""Roles and directions of tables, for screen readers and for Outlook.

Mail is laid out with tables. The compiler of MJML gives most of them `role="presentation"`, so that
screen readers do not announce rows and columns; the others get it here, also those in Outlook's
conditional comments (*ghost tables*), which begin in one comment and end in another. A table with
heads (`th`) or a caption of its own is data, and gets none.

Ghost tables put columns side by side in Outlook, and know nothing of the direction that a style
gives to what they stand in. They get it as an attribute.
"""

import re
from collections.abc import Iterator
from typing import Literal

from tigc_mail.render.markup import VOID

TAG = re.compile(
    r"""<!--\[if\ [^\]]*\]>(?!<!--)(?P<hidden>.*?)<!\[endif\]-->
    | <!--.*?-->
    | <(?P<raw>style|script)\b.*?</(?P=raw)>
    | </(?P<end>[a-z][\w:.-]*)\s*>
    | <(?P<start>[a-z][\w:.-]*)(?P<attributes>(?:"[^"]*"|'[^']*'|[^<>"'])*?)(?P<closed>/?)>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
"""An element's beginning or end, a comment, or a style or script as a whole, in finished HTML."""

_ATTRIBUTE = re.compile(r"""([^\s"'=/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?""")
_DIRECTION = re.compile(r"(?<![\w-])direction\s*:\s*(ltr|rtl)")
_DATA = frozenset({"th", "caption"})

Direction = Literal["ltr", "rtl"]


def with_roles(html: str, direction: Direction) -> str:
    """Return a page whose layout tables say that they are, and whose ghost tables have a direction.

    Args:
        html: the page, as the inliner of styles writes it: elements are closed, `<` is escaped.
        direction: that of its text.
    """
    added = [(at, ' role="presentation"') for at in _without_role(html, 0)]
    added += _ghosts(html, direction)
    for at, attribute in sorted(added, reverse=True):
        html = f"{html[:at]}{attribute}{html[at:]}"
    return html


def _without_role(markup: str, offset: int) -> Iterator[int]:
    """Yield where the names of layout tables without a role end."""
    still_open: list[int | None] = []
    for tag in TAG.finditer(markup):
        name = (tag["start"] or "").lower()
        if tag["hidden"]:
            yield from _without_role(tag["hidden"], offset + tag.start("hidden"))
        elif name == "table":
            has_role = "role" in attributes_of(tag)
            still_open.append(None if has_role else offset + tag.end("start"))
        elif name in _DATA and still_open:
            still_open[-1] = None
        elif (tag["end"] or "").lower() == "table" and still_open:
            yield from _known(still_open.pop())
    for table in still_open:
        yield from _known(table)


def _known(position: int | None) -> tuple[int, ...]:
    return () if position is None else (position,)


def _ghosts(html: str, own: Direction) -> Iterator[tuple[int, str]]:
    """Yield the directions that ghost tables lack, each with its place."""
    still_open: list[tuple[str, str]] = []
    for tag in TAG.finditer(html):
        if tag["hidden"]:
            around = next((style for _, style in reversed(still_open) if style), "")
            if around and (around, own) != ("ltr", "ltr"):
                yield from _directed(tag, around, own)
        elif tag["start"] and tag["start"] not in VOID and not tag["closed"]:
            style = _DIRECTION.search(attributes_of(tag).get("style", ""))
            still_open.append((tag["start"], style[1] if style else ""))
        elif tag["end"]:
            while still_open and still_open.pop()[0] != tag["end"]:
                pass


def _directed(comment: re.Match[str], around: str, own: Direction) -> Iterator[tuple[int, str]]:
    """Yield what a comment's tables lack; their cells turn back to the direction of the text."""
    wanted = {"table": around} if around == own else {"table": around, "td": own}
    for tag in TAG.finditer(comment["hidden"]):
        name = (tag["start"] or "").lower()
        if name in wanted and "dir" not in attributes_of(tag):
            yield comment.start("hidden") + tag.end("start"), f' dir="{wanted[name]}"'


def attributes_of(tag: re.Match[str]) -> dict[str, str]:
    """Return the attributes of an element that `TAG` found."""
    found = _ATTRIBUTE.findall(tag["attributes"])
    return {name.lower(): value.strip("\"'") for name, value in found}
