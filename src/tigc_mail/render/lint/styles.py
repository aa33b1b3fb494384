"""What the team's style sheet asks for that no program knows."""

from collections.abc import Iterator
from difflib import get_close_matches

from tigc_mail.render.css import Declaration, declarations
from tigc_mail.render.lint.finding import Remark, warning

STYLE = warning("style-unknown", "Mail programs pass over what they do not know, without a word.")

CHECKS = (STYLE,)
"""The checks of this family."""

_NEWER = frozenset(
    """accent-color align-content align-items align-self appearance aspect-ratio
    background-blend-mode block-size break-after break-before break-inside caret-color
    color-adjust color-scheme column-count column-gap column-rule column-width columns
    filter flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap
    font-feature-settings font-kerning font-variant-caps font-variant-numeric gap grid
    grid-area grid-column grid-row grid-template grid-template-columns grid-template-rows
    hyphens inline-size inset isolation justify-content justify-items line-break
    margin-block margin-block-end margin-block-start margin-inline margin-inline-end
    margin-inline-start object-fit object-position order overflow-wrap padding-block
    padding-block-end padding-block-start padding-inline padding-inline-end
    padding-inline-start place-items pointer-events print-color-adjust row-gap
    supported-color-schemes tab-size text-align-last text-decoration-color
    text-decoration-line text-decoration-skip-ink text-decoration-style
    text-decoration-thickness text-emphasis text-orientation text-rendering
    text-size-adjust text-underline-offset text-underline-position text-wrap transform
    transform-origin transition user-select will-change word-break word-wrap writing-mode
    zoom""".split()
)
"""Properties that came after the list of cssutils was made."""

_WORDS = frozenset(
    """start end isolate isolate-override plaintext flex inline-flex grid inline-grid contents
    flow-root sticky clip unset revert initial inherit currentcolor fit-content min-content
    max-content break-spaces match-parent medium thin thick""".split()
)
"""Values that came after it."""


def check(css: str) -> Iterator[tuple[Remark, str]]:
    """Check a style sheet, the theme printed in it.

    Yields:
        A remark and its place, for each property or value that is not known.
    """
    for declared in declarations(css):
        if (remark := _remark(declared)) is not None:
            yield remark, f"templates/theme.css (line {declared.line})"


def _remark(declared: Declaration) -> Remark | None:
    name, value, _ = declared
    if name.startswith(("-", "mso-")):
        return None
    from cssutils import profile  # noqa: PLC0415 (heavy, and only a check wants it)

    known = frozenset(profile.knownNames)
    if name not in known | _NEWER:
        near = get_close_matches(name, known | _NEWER, n=1, cutoff=0.7)
        cure = f"Did you mean `{near[0]}`?" if near else "Remove it."
        return Remark(STYLE, f"`{name}` is no property of CSS", cure)
    words = value.lower().split()
    if name not in known or "(" in value or not _WORDS.isdisjoint(words):
        return None
    if profile.validate(name, value):
        return None
    return Remark(STYLE, f"`{value[:60]}` is no value of `{name}`", "Correct it.")
