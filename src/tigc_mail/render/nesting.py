"""The nesting of elements in MJML that may be wrong: how deep it goes, and where it breaks.

The compiler of MJML says little about what it cannot read, and a document nested too deep ends the
whole process; so both are looked at here.
"""

import re
from collections.abc import Callable, Iterator

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "v:fill",
        "v:stroke",
        "o:p",
    ]
)
"""Elements that have no end tag."""

_TAG = re.compile(
    r"""<!--.*?-->
    | </(?P<end>[\w:.-]+)\s*>
    | <(?P<start>[a-z][\w:.-]*)(?:"[^"]*"|'[^']*'|[^<>"'])*?(?P<closed>/?)>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_STRAY = re.compile(r"<(?![a-z/!?])|[\x00-\x08\x0b\x0c\x0e-\x1f]", re.IGNORECASE)
_VALUE = re.compile(r""""[^"]*"|'[^']*'""")
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'(?P<single>[^']*)')""")


def depth(markup: str) -> int:
    """Return how deep the elements of a document are nested, wherever they stand."""
    now = deepest = 0
    for _, step, _ in _steps(markup):
        now = max(0, now + step)
        deepest = max(deepest, now)
    return deepest


def fault(markup: str) -> tuple[int, str] | None:
    """Return the position of the first thing that is not well-formed, and what is wrong there.

    None where everything is closed in order; the compiler may still refuse the document.
    """
    if stray := _STRAY.search(markup):
        return stray.start(), _told(stray.group())
    still_open: list[tuple[str, int]] = []
    for name, step, position in _steps(markup):
        if step > 0:
            still_open.append((name, position))
        elif step < 0 and (not still_open or still_open.pop()[0] != name):
            return position, f"`</{name}>` closes what is not open, or not what was opened last"
    if still_open:
        name, position = still_open[-1]
        return position, f"`<{name}>` is never closed"
    return None


def quotes_break_out(markup: str) -> int | None:
    """Return the position of a tag with a double quote between single quotes, None without one.

    The compiler writes every attribute in double quotes, without escaping what is in it.
    """
    for tag in _TAG.finditer(markup):
        if any('"' in (value["single"] or "") for value in _QUOTED.finditer(tag.group())):
            return tag.start()
    return None


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


def _told(character: str) -> str:
    if character == "<":
        return "a `<` begins no element"
    return f"there is a control character (U+{ord(character):04X})"
