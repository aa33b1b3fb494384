"""What authors add that large mail programs do not know; what MJML makes is left alone."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tigc_mail.render.lint.added import Added, Element, Sheet
from tigc_mail.render.lint.css import Declaration, Rule, each
from tigc_mail.render.lint.finding import Remark, Spot, warning
from tigc_mail.render.lint.page import Page
from tigc_mail.render.lint.support import FAMILIES, Feature, features

SUPPORT = warning(
    "client-support", "Readers in these programs see a broken layout, or nothing at all."
)

CHECKS = (SUPPORT,)
"""The checks of this family."""

TESTED = frozenset(
    """
    a abbr acronym address area article aside b bdi bdo big blockquote body br caption center
    cite code col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5
    h6 head header hr html i img ins kbd li main map mark meta nav ol p pre q rp rt ruby s samp
    section small span strike strong style sub sup table tbody td tfoot th thead time title tr
    tt u ul var wbr option optgroup label fieldset legend source track param summary path circle
    rect line g
    """.split()
)
"""Elements that are known, or that stand in others of which is told."""

_REMOVED = frozenset({"script", "iframe", "frame", "frameset", "applet", "noscript"})
_UNSEEN = frozenset({"print", "speech", "aural"})
_FUNCTION = re.compile(r"(?<![\w-])([a-z-]+)\(", re.IGNORECASE)
_UNIT = re.compile(r"(?<![\w.#-])[-+]?(?:\d+\.?\d*|\.\d+)([a-z]+)\b", re.IGNORECASE)
_QUOTED = re.compile(r"""url\([^)]*\)|"[^"]*"|'[^']*'""", re.IGNORECASE)
_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)""", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(\w+)(?:[?#].*)?$", re.DOTALL)
_SOURCES = ("background-url", "background")


class _Use(NamedTuple):
    """A feature that is met, and where."""

    feature: Feature
    line: int
    without: frozenset[str] = frozenset()
    """Families that never see it."""


def check(page: Page) -> Iterator[Remark]:
    """Check the formats of a page's images."""
    for element in page.visible:
        name = "src" if element.tag == "img" else "background"
        for feature in _formats(element.get(name) or ""):
            yield _remark(feature, spots=(Spot(element, (name, "background-url")),))


def check_files(files: Iterable[Added]) -> Iterator[tuple[Remark, str]]:
    """Check the templates.

    Yields:
        A remark and its place, for each feature once a file.
    """
    for file in files:
        for remark, line in (*_told(file), *_untested(file)):
            yield remark, f"templates/{file.name} (line {line})"


def _told(file: Added) -> Iterator[tuple[Remark, int]]:
    """Yield each feature of a file, where most programs see it."""
    worst: dict[str, _Use] = {}
    for use in sorted(_uses(file), key=lambda use: (len(use.without), use.line)):
        worst.setdefault(use.feature.id, use)
    for use in sorted(worst.values(), key=lambda use: use.line):
        if use.feature.told(use.without):
            yield _remark(use.feature, use.without), use.line


def _remark(
    feature: Feature, without: frozenset[str] = frozenset(), spots: tuple[Spot, ...] = ()
) -> Remark:
    cause = f"{feature.title}: {feature.told(without)} ({feature.source})"
    return Remark(SUPPORT, cause, feature.cure, spots=spots)


def _untested(file: Added) -> Iterator[tuple[Remark, int]]:
    """Yield elements that no program shows, and those of which nothing is known."""
    tested = TESTED | {name for feature in features("element") for name in feature.names}
    told = set()
    for element in file.elements:
        name = element.name
        if name in tested or name in told or name.startswith(("mj-", "mjml", "x")):
            continue
        told.add(name)
        if name in _REMOVED:
            cause = f"<{name}>: removed by every mail program"
        else:
            cause = f"<{name}>: caniemail.com has no facts on it"
        yield Remark(SUPPORT, cause, "Do without."), element.line


def _uses(file: Added) -> Iterator[_Use]:
    for element in file.elements:
        for feature in _of_element(element):
            yield _Use(feature, element.line)
    for sheet in file.sheets:
        for declaration in sheet.declarations:
            for feature in _of_declaration(declaration):
                yield _Use(feature, sheet.line)
        yield from _of_rules(sheet)


def _of_element(element: Element) -> Iterator[Feature]:
    yield from (feature for feature in features("element") if element.name in feature.names)
    if not element.name.startswith("mj"):
        for feature in features("attribute"):
            if set(feature.names) & element.attributes.keys():
                yield feature
    for name in _SOURCES:
        yield from _formats(element.attributes.get(name, ""))


def _of_rules(sheet: Sheet) -> Iterator[_Use]:
    for rule, within in each(sheet.rules):
        media = [one.prelude[6:] for one in (*within, rule) if one.keyword == "media"]
        if any(set(re.findall(r"[\w-]+", queries.lower())) & _UNSEEN for queries in media):
            continue
        if any(outer.keyword.endswith("keyframes") for outer in within):
            continue
        without = _without(media)
        met = [*_of_prelude(rule, within)] if not sheet.inlined else []
        for feature in met:
            yield _Use(feature, sheet.line_of(rule.at), without)
        if rule.keyword != "font-face":
            for declaration in rule.declarations:
                for feature in _of_declaration(declaration):
                    yield _Use(feature, sheet.line_of(declaration.at), without)


def _without(media: list[str]) -> frozenset[str]:
    """Return who does not read rules for such media at all."""
    unread = set()
    for queries in media:
        for feature in features("media"):
            if feature.names == ("media",) or feature.names[0] in queries:
                unread |= {name for name in FAMILIES if feature.known[name] == "no"}
    return frozenset(unread)


def _of_prelude(rule: Rule, within: tuple[Rule, ...]) -> Iterator[Feature]:
    if rule.keyword:
        yield from (one for one in features("at-rule") if rule.keyword in one.names)
        return
    if any(not outer.keyword for outer in within):
        yield from features("nesting")
    for feature in features("selector"):
        bare = _QUOTED.sub("", rule.prelude) if feature.names[0] != r"\[" else rule.prelude
        bare = re.sub(r"\([^)]*\)", "(", bare) if feature.names[0][0] == "\\" else bare
        if re.search(feature.names[0], bare, re.IGNORECASE):
            yield feature


def _of_declaration(declaration: Declaration) -> Iterator[Feature]:
    value = declaration.value
    for feature in features("property"):
        meant = feature.value is None or feature.value.fullmatch(value)
        if declaration.name in feature.names and meant:
            yield feature
    bare = _QUOTED.sub("", value)
    met = {
        "function": {name.lower() for name in _FUNCTION.findall(bare)},
        "unit": {unit.lower() for unit in _UNIT.findall(bare)},
        "keyword": set(bare.lower().split()),
    }
    for kind, names in met.items():
        yield from (feature for feature in features(kind) if names & set(feature.names))
    for address in _ADDRESS.findall(value):
        yield from _formats(address)


def _formats(source: str) -> Iterator[Feature]:
    """Yield the formats of an image that are not known everywhere, by its address."""
    found = _EXTENSION.search(source)
    kind = "data" if source.lower().startswith("data:") else found[1].lower() if found else ""
    yield from (feature for feature in features("image") if kind in feature.names)
