"""axe-core, run on pages in the browser."""

from importlib.resources import files
from typing import Any, NamedTuple

from lxml import html as lxml_html
from playwright.sync_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours; the others see the same in light and in dark."""

_PLACES = ("region", "landmark-one-main")
"""Rules, moderate ones, for the page around a text; that of a message is the mail program."""

# Text in just the colour of its ground counts as undecided with axe, since it may be hidden on purpose.
_RUN = """([only, never]) => axe.run(document, {
  resultTypes: ["violations", "incomplete"], selectors: false, preload: false,
  ...(only.length ? {runOnly: {type: "rule", values: only}} : {}),
  rules: Object.fromEntries(never.map((rule) => [rule, {enabled: false}])),
}).then((results) => {
  const told = (finding) => (node) =>
    ({rule: finding.id, impact: finding.impact, html: node.html.slice(0, 200)});
  const vanishes = (node) => node.any.some((check) => check.data?.messageKey === "equalRatio");
  return [
    ...results.violations.flatMap((found) => found.nodes.map(told(found))),
    ...results.incomplete.flatMap((found) => found.nodes.filter(vanishes).map(told(found))),
  ];
})"""


class Violation(NamedTuple):
    """What axe found, and where."""

    rule: str
    impact: str
    html: str


def faults_of_structure(page: Page) -> list[Violation]:
    """Return what is serious or critical in the page that is open, whatever its colours."""
    return _grave(page.evaluate(_RUN, [[], [*COLOURS, *_PLACES]]))


def faults_of_colour(page: Page) -> list[Violation]:
    """Return what is hard to see in the page that is open, in the scheme that it is shown in."""
    return _grave(page.evaluate(_RUN, [list(COLOURS), []]))


def _grave(found: list[dict[str, Any]]) -> list[Violation]:
    violations = [Violation(**violation) for violation in found]
    return [violation for violation in violations if violation.impact in ("serious", "critical")]


def colourings(html: str) -> frozenset[tuple[str, ...]]:
    """Return all that decides on the colours of each text: what it stands in, from the outside in.

    Two texts in elements of the same names, classes and styles have the same colour and ground.
    """
    tree = lxml_html.document_fromstring(html)
    styles = "".join(style.text or "" for style in tree.iter("style"))
    return frozenset(
        (styles, *(_look(around) for around in (*reversed(list(element.iterancestors())), element)))
        for element in tree.body.iter()
        if isinstance(element.tag, str) and (element.text or "").strip()
    )


def _look(element: lxml_html.HtmlElement) -> str:
    named = (f"{name}={element.get(name)}" for name in ("class", "style", "bgcolor", "hidden"))
    return " ".join((str(element.tag), *named))
