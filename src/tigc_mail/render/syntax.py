"""What is wrong with the way a template is written: where it is nested too deep, and the cures."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

_UNKNOWN = re.compile(r"No (filter|test) named '(.*?)'")
_KNOWN = {
    "filter": (*FILTERS, "clock", "day", "listing", "number", "percent"),
    "test": tuple(TESTS),
}
_ENDED = frozenset("autoescape block call filter for if macro trans with".split())
"""The tags that another one ends."""

_DEEP = 15
"""As deep as this, and less is told by what is long."""


class TooDeepError(TemplateSyntaxError):
    """Something stands in each other deeper, or follows each other longer, than can be read."""


def too_deep(
    tokens: Iterable[tuple[int, str, str]], name: str | None, filename: str | None
) -> TooDeepError:
    """Return the error about a template that is nested too deep, at its innermost tag or bracket.

    Args:
        tokens: those of the template, as Jinja's lexer tells them.
        name: the template.
        filename: where it is.
    """
    depth = deepest = length = longest = begun = 0
    inmost = tag = 1
    before = ""
    for number, kind, text in tokens:
        if kind == "whitespace":
            continue
        length = 0 if kind.endswith("_begin") else length + 1
        begun = begun if length else number
        if length > longest:
            longest, tag = length, begun
        opens = text in "([{" if kind == "operator" else before == "block_begin" and text in _ENDED
        closes = kind == "operator" and text in ")]}"
        depth += opens - (closes or (before == "block_begin" and text.startswith("end")))
        if depth > deepest:
            deepest, inmost = depth, number
        before = kind
    if deepest >= _DEEP:
        message = f"tags or brackets stand in each other {deepest} deep, more than can be read"
        return TooDeepError(message, inmost, name, filename)
    return TooDeepError("has more parts than can be read together", tag, name, filename)


def syntax_cure(error: TemplateSyntaxError) -> str:
    """Return what to do about a template that cannot be read."""
    if isinstance(error, TooDeepError):
        return "Use fewer of them, or move a part into a macro or a template of its own."
    return name_cure(str(error.message)) or (
        "Look at the tag there, and at what it ends or is ended by; `{{` is written `{{ '{{' }}`."
    )


def name_cure(said: str) -> str:
    """Return what to do about a filter or test that there is not; empty where it is not that."""
    if not (found := _UNKNOWN.match(said)):
        return ""
    near = get_close_matches(found[2], _KNOWN[found[1]], n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Check the spelling; there are {', '.join(sorted(_KNOWN[found[1]]))}."
