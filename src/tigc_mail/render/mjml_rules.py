"""What is checked of filled MJML before it is compiled: elements, nesting, attributes, values.

The compiler takes an element, an attribute or a value that it does not know without a word, and
the reader sees nothing of it. What it knows stands in `mjml_table`.
"""

import re
from collections.abc import Iterable
from html import unescape

from tigc_mail.render.advice import known, listed, nearest
from tigc_mail.render.html_rules import check_html, check_words
from tigc_mail.render.markup import Attribute, MarkupError, Tag, Words, balanced
from tigc_mail.render.mjml_table import (
    BODY,
    ELEMENTS,
    HTML,
    NEED_ALT,
    OF_ALL,
    REFUSED,
    REFUSED_ATTRIBUTES,
    SHARES,
)
from tigc_mail.render.slots import TOKEN

_LENGTH = r"(?:0|-?[\d.]+(?:px|%))"
_KINDS = {
    "colour": (
        re.compile(r"#[0-9a-f]{6}|[a-z]+|(?:rgb|hsl)a?\([^()]+\)", re.IGNORECASE),
        "a colour such as `#1b2b36`, in six digits",
    ),
    "pixels": (re.compile(r"0|[\d.]+px"), "a length in pixels such as `20px`"),
    "length": (re.compile(_LENGTH), "a length such as `20px` or `50%`"),
    "lengths": (
        re.compile(rf"{_LENGTH}(?:\s+{_LENGTH}){{0,3}}"),
        "one to four lengths such as `20px 0`",
    ),
    "leading": (re.compile(r"[\d.]+(?:px|%|em)?|normal"), "a height such as `1.5` or `24px`"),
    "spacing": (re.compile(r"0|-?[\d.]+(?:px|em)|normal"), "a length such as `2px` or `0.1em`"),
    "number": (re.compile(r"\d+"), "a number"),
    "weight": (re.compile(r"normal|bold|bolder|lighter|[1-9]00"), "`bold`, or one of 100 to 900"),
}
_LINKS = frozenset({"href", "src", "background", "action", "cite", "background-url"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})  # the lint says what is wrong with http
_BLANKS = re.compile(r"[\x00-\x20]+")


def check_mjml(mjml: str) -> None:
    """Refuse what the compiler cannot read, or takes without a word and gets wrong.

    Raises:
        MarkupError: at the first fault.
    """
    classes: dict[str, int] = {}
    used: list[Attribute] = []
    roots = 0
    for part, within in balanced(mjml):
        if isinstance(part, Words):
            _check_words(part, within)
        elif part.kind != "end":
            roots += not within
            _check_element(part, within)
            _note_classes(part, classes, used)
    if roots != 1:
        cause = "there is no <mjml>" if not roots else "there is more than one <mjml>"
        raise MarkupError(0, cause, "Write one <mjml> around the layout.")
    _check_classes(classes, used)


def _note_classes(tag: Tag, classes: dict[str, int], used: list[Attribute]) -> None:
    for attribute in tag.attributes:
        if tag.name == "mj-class" and attribute.name == "name":
            classes[attribute.value or ""] = attribute.position
        if attribute.name == "mj-class":
            used.append(attribute)


def _check_classes(classes: Iterable[str], used: Iterable[Attribute]) -> None:
    names = set(classes)
    for attribute in used:
        for name in (attribute.value or "").split():
            if name not in names:
                cause = f"there is no <mj-class> of the name `{name}`"
                cure = nearest(name, names) or "Write it into <mj-attributes>."
                raise MarkupError(attribute.position, cause, cure)


def _check_words(words: Words, within: tuple[Tag, ...]) -> None:
    text = words.text.strip()
    if not text or (within and _content(within) in ("html", "text")):
        if within:
            check_words(words, within[-1])
        return
    position = words.position + words.text.index(text[0])
    if not within:
        raise MarkupError(position, "a text stands outside of <mjml>", "Move it into an <mj-text>.")
    cause = f"a text stands in <{within[-1].name}>, where no words are shown"
    raise MarkupError(position, cause, "Move it into an <mj-text>.")


def _content(within: tuple[Tag, ...]) -> str:
    """Return what else than elements of MJML may stand within some elements."""
    return next((ELEMENTS[tag.name].content for tag in within if ELEMENTS[tag.name].content), "")


def _leaf(within: tuple[Tag, ...]) -> Tag | None:
    """Return the element of MJML that holds HTML or words, and stands around this."""
    return next(
        (tag for tag in within if tag.name in ELEMENTS and ELEMENTS[tag.name].content), None
    )


def _check_element(tag: Tag, within: tuple[Tag, ...]) -> None:
    leaf = _leaf(within)
    if TOKEN.search(tag.name) or any(TOKEN.search(each.name) for each in tag.attributes):
        cause = "a recipient's value stands in the name of an element or attribute"
        raise MarkupError(tag.position, f"{cause}, where no value may go", _PRINT)
    if leaf is not None:
        _check_html(tag, leaf, within[within.index(leaf) :])
    else:
        _check_place(tag, within)
        for attribute in tag.attributes:
            _check_attribute(tag, attribute, within)
    _check_links(tag)
    defines = any(each.name == "mj-attributes" for each in within)
    if tag.name in NEED_ALT and not defines and "alt" not in {each.name for each in tag.attributes}:
        cause = f"<{tag.name}> has no `alt`, and says nothing to those who cannot see it"
        cure = 'Write alt="what it shows", or alt="" where it only decorates.'
        raise MarkupError(tag.position, cause, cure)


_PRINT = "Print it in a text, or as a link."


def _check_html(tag: Tag, leaf: Tag, within: tuple[Tag, ...]) -> None:
    """Check an element of HTML, and what it stands in."""
    if ELEMENTS[leaf.name].content == "text":
        cause = f"<{tag.name}> stands in <{leaf.name}>, which holds words only"
        raise MarkupError(tag.position, cause, "Remove it.")
    if tag.name.startswith("mj-") or tag.name == "mjml":
        cause = f"<{tag.name}> stands in <{leaf.name}>, which holds HTML only"
        raise MarkupError(tag.position, cause, f"Close <{leaf.name}> before it.")
    if leaf.name != "mj-raw" and tag.name.lower() not in HTML:
        cause = f"<{tag.name}> is no element that a message may hold"
        cure = nearest(tag.name, HTML) or "Write it into an <mj-raw> if it has to be."
        raise MarkupError(tag.position, cause, cure)
    for attribute in tag.attributes:
        if attribute.name.lower().startswith("on"):
            cause = f"`{attribute.name}` is a script, which no mail program runs"
            raise MarkupError(attribute.position, cause, "Remove it.")
    if tag.name.lower() in HTML:
        check_html(tag, within)


def _check_place(tag: Tag, within: tuple[Tag, ...]) -> None:
    """Check that an element of MJML is known, and stands where it may."""
    if tag.name in REFUSED:
        cause, cure = REFUSED[tag.name]
        raise MarkupError(tag.position, f"<{tag.name}> {cause}", cure)
    if tag.name not in ELEMENTS:
        cause = f"<{tag.name}> is no element of MJML"
        html = tag.name.lower() in HTML
        cure = "Write it into an <mj-text>." if html else nearest(tag.name, ELEMENTS)
        raise MarkupError(tag.position, cause, cure or f"There are {', '.join(sorted(ELEMENTS))}.")
    if not within:
        if tag.name != "mjml":
            cause = f"<{tag.name}> stands outside of <mjml>"
            raise MarkupError(tag.position, cause, "Write one <mjml> around the layout.")
    elif tag.name not in ELEMENTS[within[-1].name].holds:
        homes = [name for name, element in ELEMENTS.items() if tag.name in element.holds]
        homes = [name for name in homes if name != "mj-attributes"] or homes
        cause = f"<{tag.name}> stands in <{within[-1].name}>"
        raise MarkupError(tag.position, cause, f"It belongs into {listed(homes)}.")


def _check_attribute(tag: Tag, attribute: Attribute, within: tuple[Tag, ...]) -> None:
    """Check that an attribute is known, and its value of the right kind."""
    if found := REFUSED_ATTRIBUTES.get((tag.name, attribute.name)):
        cause, cure = found
        written = f'<{tag.name} {attribute.name}="{attribute.value}">'
        raise MarkupError(attribute.position, f"{written} {cause}", cure)
    kinds = _kinds(tag.name, attribute.name)
    if not kinds:
        cause = f"`{attribute.name}` is no attribute of <{tag.name}>"
        taken = _attributes(tag.name)
        raise MarkupError(attribute.position, cause, nearest(attribute.name, taken) or known(taken))
    if attribute.value is None:
        cause = f"`{attribute.name}` has no value"
        raise MarkupError(attribute.position, cause, f'Write {attribute.name}="...".')
    _check_value(attribute, kinds)
    if (tag.name, attribute.name) == ("mj-social-element", "name") and attribute.value in SHARES:
        _check_share(tag, attribute, within)


def _check_share(tag: Tag, attribute: Attribute, within: tuple[Tag, ...]) -> None:
    """Refuse a link for sharing, whose address the compiler leaves unencoded."""
    if any(each.name == "mj-attributes" for each in within):
        return
    if any(each.name == "href" for each in tag.attributes):
        cause = f"`{attribute.value}` makes a link for sharing, and does not encode it"
        cure = f'Write name="{attribute.value}-noshare".'
        raise MarkupError(attribute.position, cause, cure)


def _kinds(element: str, attribute: str) -> set[str]:
    """Return the kinds that an attribute may be of; more than one where it stands for many."""
    own = ELEMENTS[element].attributes.get(attribute)
    if own is not None:
        return {own}
    if element not in OF_ALL:
        return set()
    return {each.attributes[attribute] for each in BODY.values() if attribute in each.attributes}


def _attributes(element: str) -> set[str]:
    own = set(ELEMENTS[element].attributes)
    return own.union(*(each.attributes for each in BODY.values())) if element in OF_ALL else own


def _check_value(attribute: Attribute, kinds: set[str]) -> None:
    value = unescape(attribute.value or "").strip()
    if kinds & {"text", "link"}:
        return
    if TOKEN.search(value):
        cause = f"a recipient's value stands in the attribute `{attribute.name}`"
        raise MarkupError(attribute.position, f"{cause}, where no value may go", _PRINT)
    if value and not any(_is(kind, value) for kind in kinds):
        told = " or ".join(sorted(_told(kind) for kind in kinds))
        cause = f"`{attribute.name}` is `{value[:60]}`"
        raise MarkupError(attribute.position, cause, f"Write {told}.")


def _is(kind: str, value: str) -> bool:
    if kind == "any":
        return True
    if kind in _KINDS:
        return _KINDS[kind][0].fullmatch(value) is not None
    return value in kind.split("|")


def _told(kind: str) -> str:
    return _KINDS[kind][1] if kind in _KINDS else listed(f"`{word}`" for word in kind.split("|"))


def _check_links(tag: Tag) -> None:
    for attribute in tag.attributes:
        if attribute.name.lower() in _LINKS:
            address = _BLANKS.sub("", unescape(attribute.value or ""))
            scheme = _SCHEME.match(address)
            if scheme and scheme[1].lower() not in _SCHEMES:
                cause = f"the link `{address[:60]}` does not begin with https:// or mailto:"
                raise MarkupError(attribute.position, cause, "Write the whole address.")
