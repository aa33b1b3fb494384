"""How deep elements are nested (too deep a document ends the process), and their attributes."""

import re
from collections.abc import Callable, Iterator

from tigc_mail.render.markup import VOID

_TAG = re.compile(
    r"""<!--.*?-->
    | </(?P<end>[\w:.-]+)\s*>
    | <(?P<start>[a-z][\w:.-]*)(?:"[^"]*"|'[^']*'|[^<>"'])*?(?P<closed>/?)>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_VALUE = re.compile(r""""[^"]*"|'[^']*'""")


def depth(markup: str) -> int:
    """Return how deep the elements of a document are nested, wherever they stand."""
    now = deepest = 0
    for _, step, _ in _steps(markup):
        now = max(0, now + step)
        deepest = max(deepest, now)
    return deepest


def with_attributes(markup: str, change: Callable[[str], str]) -> str:
    """Return a document with `change` applied to the value of every attribute, quotes included."""

    def changed(tag: re.Match[str]) -> str:
        if not tag["start"]:
            return tag.group()
        return _VALUE.sub(lambda value: change(value.group()), tag.group())

    return _TAG.sub(changed, markup)


def _steps(markup: str) -> Iterator[tuple[str, int, int]]:
    """Yield the elements that begin (1) and end (-1), and where they do so."""
    for tag in _TAG.finditer(markup):
        name = (tag["start"] or tag["end"] or "").lower()
        if name and name not in VOID and not tag["closed"]:
            yield name, 1 if tag["start"] else -1, tag.start()
