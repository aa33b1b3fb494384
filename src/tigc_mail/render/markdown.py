"""Authors' Markdown (CommonMark and tables, no raw HTML) as safe HTML and as plain text."""

from collections.abc import Iterable, Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from tigc_mail.errors import RenderError
from tigc_mail.render.markdown_text import as_text
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
        line: the line that it stands in, from 0; None where that is not known.
    """

    def __init__(self, cause: str, cure: str, clue: str = "", line: int | None = None) -> None:
        super().__init__(cause, "", cure)
        self._clue = clue
        self._line = line

    def offset_in(self, text: str) -> int | None:
        """Return where in the text it stands; None where nobody knows."""
        if self._line is not None:
            lines = text.split("\n")
            indent = len(lines[self._line]) - len(lines[self._line].lstrip())
            return sum(len(line) + 1 for line in lines[: self._line]) + indent
        at = text.find(self._clue) if self._clue else -1
        return None if at < 0 else at


MAX_TRIALS = 200_000
"""How often the parser may look for the end of a link; twenty times what a long text needs."""


class _Inline(ParserInline):
    """The parser of lines, which gives up where brackets that nobody closes make it too slow."""

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 (the name is the parser's)
        """Step over a sign on the way to the end of a link."""
        state.env["trials"] = state.env.get("trials", 0) + 1
        if state.env["trials"] > MAX_TRIALS:
            cause = "there are too many square brackets that are not closed"
            cure = r"Close them, or write `\[` for one that begins no link."
            raise MarkdownError(cause, cure, state.src.partition("\n")[0])
        super().skipToken(state)


class _Parser(MarkdownIt):
    """CommonMark that takes any address for a link, so that a forbidden one can be told."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 (the name is the parser's)
        """Return whether an address makes a link."""
        return True


@cache
def _parser() -> MarkdownIt:
    # Beyond `maxNesting` the parser drops what it reads, without a word: so it is never reached.
    options = {"html": False, "maxNesting": 2 * MAX_NESTING}
    parser = _Parser("commonmark")
    parser.inline = _Inline()
    return parser.configure("commonmark", options).enable("table")


def to_html(source: str) -> Markup:
    """Return Markdown as HTML that MJML takes: known tags only, https and mailto links only.

    Raises:
        MarkdownError: if it is nested too deep, holds another kind of link, an image that nothing
            describes, a reference to no character, or too many open brackets.
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
        MarkdownError: as `to_html` does.
    """
    return as_text(_parsed(source))


def _parsed(source: str) -> list[Token]:
    try:
        tokens = _parser().parse(source)
    except RecursionError:
        raise _too_deep() from None
    _check_tokens(tokens)
    if _LOST not in source and any(_LOST in told for token in tokens for told in _told(token)):
        cause = "a reference such as `&#xD800;` or `&#7;` stands for no character"
        raise MarkdownError(cause, "Remove it, or write the character itself.", "&#")
    return tokens


_LOST = "\ufffd"
"""What the parser writes for a reference to no character."""


def _told(token: Token) -> Iterator[str]:
    """Yield what a token says, and all that stands in it."""
    yield token.content if not token.children else ""
    yield from (str(value) for value in token.attrs.values())
    for child in token.children or ():
        yield from _told(child)


def _check_tokens(tokens: Iterable[Token], level: int = 0, line: int | None = None) -> None:
    """See that nothing is nested too deep, and that links and images are allowed."""
    for token in tokens:
        level += token.nesting
        line = token.map[0] if token.map else line
        if level > MAX_NESTING:
            raise _too_deep(line)
        _check_tokens(token.children or (), level, line)
        for name in ("href", "src"):
            if name in token.attrs:
                _check_link(str(token.attrs[name]))
        if token.type == "image" and not token.content.strip():
            source = str(token.attrs["src"])
            cause = f"the image `{source[:60]}` says nothing to those who cannot see it"
            raise MarkdownError(cause, "Describe it: ![what it shows](https://...).", source)


def _too_deep(line: int | None = None) -> MarkdownError:
    cause = f"quotes, lists or emphasis are nested more than {MAX_NESTING} deep"
    cure = "Look for a row of `>`, `-`, `*` or `[` that is too long."
    return MarkdownError(cause, cure, line=line)


def _check_link(address: str) -> None:
    if not address.lower().startswith(LINKS) and not TOKEN.fullmatch(address):
        cause = f"the link `{address[:60]}` does not begin with https:// or mailto:"
        raise MarkdownError(cause, "Write the whole address.", address)
