"""What is checked of the HTML within a text, a button, a table or raw markup of filled MJML.

Mail programs, and the compiler, take what is wrong there without a word: they move a `div` out of a
table and end a `p` where a table begins. To let an element or an attribute pass, add it to a table.
"""

from collections.abc import Iterable

from tigc_mail.render.advice import known, listed, nearest
from tigc_mail.render.markup import Attribute, MarkupError, Tag, Words

OF_ALL = frozenset("class dir id lang role style title translate".split())
"""Attributes that every element takes, beside `aria-*` and `data-*`."""

_CELL = "abbr align background bgcolor colspan headers height nowrap rowspan scope valign width"
ATTRIBUTES = {
    name: frozenset(attributes.split())
    for names, attributes in {
        "a": "href hreflang name rel target type",
        "blockquote q": "cite",
        "br": "clear",
        "caption div h1 h2 h3 h4 h5 h6 p": "align",
        "col colgroup": "align span valign width",
        "del ins": "cite datetime",
        "font": "color face size",
        "hr": "align color noshade size width",
        "img": "align alt border height hspace loading sizes src srcset usemap vspace width",
        "li": "type value",
        "ol": "reversed start type",
        "source": "height media sizes src srcset type width",
        "table": "align background bgcolor border cellpadding cellspacing height summary width",
        "tbody tfoot thead": "align valign",
        "td th": _CELL,
        "time": "datetime",
        "tr": "align bgcolor height valign",
        "ul": "type",
    }.items()
    for name in names.split()
}
"""Attributes of an element beside those of all."""

_IN_TABLE = "caption col colgroup tbody tfoot thead tr"
HOLDS = {
    "colgroup": frozenset({"col"}),
    "dl": frozenset({"dd", "div", "dt"}),
    "mj-table": frozenset(_IN_TABLE.split()),
    "ol": frozenset({"li"}),
    "picture": frozenset({"img", "source"}),
    "table": frozenset(_IN_TABLE.split()),
    "tbody": frozenset({"tr"}),
    "tfoot": frozenset({"tr"}),
    "thead": frozenset({"tr"}),
    "tr": frozenset({"td", "th"}),
    "ul": frozenset({"li"}),
}
"""Elements that hold nothing but some others, and no words."""

BELONGS = {
    "caption": ("table",),
    "col": ("colgroup", "table"),
    "colgroup": ("table",),
    "dd": ("dl", "div"),
    "dt": ("dl", "div"),
    "figcaption": ("figure",),
    "li": ("ol", "ul"),
    "source": ("picture",),
    "tbody": ("table",),
    "td": ("tr",),
    "tfoot": ("table",),
    "th": ("tr",),
    "thead": ("table",),
    "tr": ("table", "tbody", "tfoot", "thead"),
}
"""Elements that stand in nothing but some others; in `mj-raw`, and as a part of it, they may."""

BLOCKS = frozenset(
    """address article aside blockquote center div dl figure footer h1 h2 h3 h4 h5 h6 header hr main
    nav ol p pre section table ul""".split()
)
"""Elements that begin a line of their own."""

LINES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "mj-button", "mj-navbar-link", "p", "pre"})
"""Elements that hold words, and no block."""

LINKS = frozenset({"a", "mj-button", "mj-navbar-link"})
"""Elements that are links, and so hold none."""


def check_html(tag: Tag, within: tuple[Tag, ...]) -> None:
    """Check where an element of HTML stands, and its attributes.

    Args:
        tag: the element.
        within: the elements that it stands in, from that of MJML inwards.

    Raises:
        MarkupError: at the element, or at its attribute.
    """
    name, parent = tag.name.lower(), within[-1].name.lower()
    holds = HOLDS.get(parent)
    if holds is not None and name not in holds:
        cause = f"<{name}> stands in <{parent}>"
        raise MarkupError(tag.position, cause, f"It holds {listed(_elements(holds))} only.")
    homes = BELONGS.get(name)
    if homes is not None and holds is None and parent != "mj-raw" and parent not in homes:
        cause = f"<{name}> stands in <{parent}>"
        raise MarkupError(tag.position, cause, f"It belongs into {listed(_elements(homes))}.")
    _check_line(tag, name, within)
    for attribute in tag.attributes:
        _check_attribute(name, attribute)


def _check_line(tag: Tag, name: str, within: tuple[Tag, ...]) -> None:
    """Refuse a block within a line of words, and a link within a link."""
    for around in (one.name.lower() for one in within):
        if name in BLOCKS and around in LINES:
            cause = f"<{name}> stands in <{around}>, which holds words only"
            raise MarkupError(tag.position, cause, f"Close <{around}> before it.")
        if name == "a" and around in LINKS:
            cause = f"a link stands in <{around}>, which is one itself"
            raise MarkupError(tag.position, cause, "Remove one of them.")


def _check_attribute(name: str, attribute: Attribute) -> None:
    written = attribute.name.lower()
    taken = OF_ALL | ATTRIBUTES.get(name, frozenset())
    if written in taken or written.startswith(("aria-", "data-")):
        return
    cause = f"`{attribute.name}` is no attribute of <{name}>"
    raise MarkupError(attribute.position, cause, nearest(written, taken) or known(taken))


def check_words(words: Words, parent: Tag) -> None:
    """Refuse words in an element that holds none.

    Raises:
        MarkupError: at the first of them.
    """
    holds = HOLDS.get(parent.name.lower())
    if holds is not None and words.text.strip():
        position = words.position + len(words.text) - len(words.text.lstrip())
        cause = f"a text stands in <{parent.name}>, where no words are shown"
        raise MarkupError(position, cause, f"It holds {listed(_elements(holds))} only.")


def _elements(names: Iterable[str]) -> list[str]:
    return [f"<{name}>" for name in sorted(names)]
