"""What a message's page would load, taken out of it: a browser complains of what it may not load.

The policy of the frame forbids all of it in any case; this only keeps the console clean. Every
pattern here matches wherever it begins, if need be up to the end of the page, as a browser reads
it: so no page, however it is written, takes longer than its length.
"""

import re
from collections.abc import Callable
from html import unescape
from types import MappingProxyType

_VALUE = r"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s\"'>][^\s>]*+)"
_ATTRIBUTE = rf"[^\s/>][^\s/>=]*+(?:\s*+=\s*+{_VALUE}?+)?+"
_INSIDE = rf"(?:[\s/]++|{_ATTRIBUTE})*+(?:>|\Z)"
"""The rest of a tag after its name (HTML, section 13.2.5.32 and those that follow)."""

_RAW = "style|script|title|textarea|xmp|iframe|noembed|noframes"
"""Elements that hold text and no tags."""

_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|(?P<head><(?P<raw>{_RAW})(?=[\s/>]){_INSIDE})(?P<text>.*?(?=</(?P=raw)[\s/>]|\Z))"
    rf"|<(?P<name>[a-z][^\s/>]*+){_INSIDE}",
    re.IGNORECASE | re.DOTALL,
)
_GIVEN = re.compile(
    rf"(?P<name>[^\s/>][^\s/>=]*+)(?P<sign>\s*+=\s*+)(?P<value>{_VALUE})|{_ATTRIBUTE}", re.DOTALL
)

_STRING = r"(?:\"(?:[^\"\\\n]|\\.)*+(?:\"|(?=\n)|\Z)|'(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\Z))"
_URL = rf"url\(\s*+(?:{_STRING}|[^)\"']*+)[^)]*+(?:\)|\Z)"
_IN_STYLE = re.compile(
    r"(?P<comment>/\*.*?(?:\*/|\Z))"
    rf"|(?P<sheet>@import\b(?:{_STRING}|\([^)]*+(?:\)|\Z)|[^;\"'(}}])*+;?)"
    rf"|(?P<font>@font-face\b(?:{_STRING}|\([^)]*+(?:\)|\Z)|[^\"'(}}])*+}}?)"
    rf"|(?P<set>image-set\((?:{_STRING}|\([^)]*+(?:\)|\Z)|[^()\"'])*+(?:\)|\Z))"
    rf"|(?P<url>{_URL})"
    rf"|(?P<string>{_STRING})",
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(rf"{_URL}|{_STRING}", re.IGNORECASE | re.DOTALL)
"""What names a picture in `image-set`."""

_NOTHING = "data:,"
"""An address of nothing, which is loaded without asking anybody."""

_GONE = frozenset({"link", "base"})
"""Elements that a frame never obeys: to style sheets, fonts and hosts, and to where links begin."""

_MEDIA = frozenset({"src", "srcdoc", "data", "codebase", "classid", "code", "archive"})
_LINKS = frozenset({"href", "xlink:href"})
_NEVER = MappingProxyType(
    dict.fromkeys(
        ("video", "audio", "source", "track", "iframe", "frame", "embed", "object", "applet"),
        _MEDIA,
    )
    | {"use": _LINKS}
)
"""Attributes, by element, that load what is no image."""

_IMAGES = MappingProxyType(
    {"img": frozenset({"src"}), "input": frozenset({"src"}), "video": frozenset({"poster"})}
    | {"image": _LINKS | {"src"}, "feimage": _LINKS}
)
"""Attributes, by element, that load one image; `background` does so everywhere."""

_STYLED = frozenset(
    "style filter mask clip-path fill stroke cursor marker-start marker-mid marker-end".split()
)
"""Attributes that hold style, those of drawings (SVG) with it."""

_SETS = frozenset({"srcset", "imagesrcset"})
"""Attributes that name several images."""


def spared(html: str, *, images: bool, style: Callable[[str], str] = str) -> str:
    """Return a page without what it would load of itself.

    Text, links and comments stay as they are, and so do scripts, which never run.

    Args:
        html: the page.
        images: whether images of the web stay in it.
        style: what is made of each element `style`, with its tags, after that.
    """

    def token(found: re.Match[str]) -> str:
        if name := found["name"]:
            return _tag(found[0], name.lower(), images=images)
        if not (raw := found["raw"]):
            return found[0]
        if raw.lower() == "style":
            return style(found["head"] + _style(found["text"], images=images))
        return _tag(found["head"], raw.lower(), images=images) + found["text"]

    return _TOKEN.sub(token, html)


def _tag(tag: str, name: str, *, images: bool) -> str:
    lower = tag.lower()
    if name in _GONE or (name == "meta" and "refresh" in lower):
        return ""
    never, pictures = _NEVER.get(name, frozenset()), _IMAGES.get(name, frozenset())
    if not (never or pictures or "url(" in lower or "image-set(" in lower or "background" in lower):
        return tag

    def attribute(found: re.Match[str]) -> str:
        if not found["value"]:
            return found[0]
        named, (quote, value) = found["name"].lower(), _unquoted(found["value"])
        plain = unescape(value).strip()
        if named in never and not plain.startswith("#"):
            return ""
        if named in _SETS:
            return found[0] if images else ""
        if named in pictures or named == "background":
            value = value if not plain or _kept(plain, images=images) else _NOTHING
        elif named in _STYLED:
            value = _style(value, images=images)
        return f"{found['name']}{found['sign']}{quote}{value}{quote}"

    head = len(name) + 1
    return tag[:head] + _GIVEN.sub(attribute, tag[head:])


def _unquoted(value: str) -> tuple[str, str]:
    """Return the quotation mark that a value stands in, or none, and the value."""
    quote = value[0] if value[0] in "\"'" else ""
    return quote, value.removeprefix(quote).removesuffix(quote)


def _kept(address: str, *, images: bool) -> bool:
    """Tell whether an image stays: one that is in the page itself, or of the web where wanted."""
    start = address.lower()
    return start.startswith("data:") or (images and start.startswith(("http:", "https:", "//")))


def _style(text: str, *, images: bool) -> str:
    """Return style sheets, or a declaration, without what they would load."""

    def picture(found: re.Match[str]) -> str:
        named = found[0]
        if named[0] not in "\"'":
            named = named.removesuffix(")").partition("(")[2].strip()
        address = unescape(named).strip(" \t\r\n\f\"'")
        drawn = "#" in address  # a part of a drawing elsewhere, which is no image
        if not address or address.startswith("#") or _kept(address, images=images and not drawn):
            return found[0]
        quote, _ = _unquoted(named)
        return f"url({quote}{_NOTHING}{quote})"

    def part(found: re.Match[str]) -> str:
        match found.lastgroup:
            case "sheet":
                return " "
            case "font":
                return " " if "url(" in found[0].lower() else found[0]
            case "set":
                return _NAMED.sub(picture, found[0])
            case "url":
                return picture(found)
        return found[0]

    return _IN_STYLE.sub(part, text) if "@" in text or "(" in text else text
