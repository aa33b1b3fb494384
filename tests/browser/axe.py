"""axe-core, run on pages in the browser."""

from importlib.resources import files
from typing import Any, NamedTuple

from playwright.sync_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

_RUN = """(rules) => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
}).then((results) => results.violations.flatMap((violation) => violation.nodes.map((node) =>
  ({rule: violation.id, impact: violation.impact, html: node.html.slice(0, 200)}))))"""


class Violation(NamedTuple):
    """What axe found, and where."""

    rule: str
    impact: str
    html: str


def violations(page: Page, *rules: str) -> list[Violation]:
    """Return what axe finds in the page that is open; of some rules alone, if they are named."""
    found: list[dict[str, Any]] = page.evaluate(_RUN, list(rules))
    return [Violation(**violation) for violation in found]


def grave(found: list[Violation]) -> list[Violation]:
    """Return the violations that are serious or critical."""
    return [violation for violation in found if violation.impact in ("serious", "critical")]
