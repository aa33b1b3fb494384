"""How heavy a message is: what Gmail cuts off."""

from collections.abc import Iterator

from tigc_mail.render.lint.finding import Remark, error, warning
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import Occurrence

LONGEST_VALUE = 200
"""Octets that one value of a recipient may take where it stands: a long name, escaped."""

HEAVY = 80_000
CLIPPED = 100_000
"""Octets of HTML: Gmail shows about 102,400 of them, and hides what follows behind a link."""

LONGEST_STYLE = 16_000
"""Octets: Gmail drops a longer <style>, and with it the rules for telephones and dark mode."""

CLIPPING = error(
    "html-clipped",
    "Gmail cuts longer messages off, and with them the link to unsubscribe.",
)
HEAVINESS = warning(
    "html-heavy",
    "Gmail cuts messages off at about 100 KB, which forwarding and tracking bring nearer.",
)
STYLE = warning(
    "style-size",
    "Gmail drops a longer <style>, and with it all rules for telephones and dark mode.",
)

CHECKS = (CLIPPING, HEAVINESS, STYLE)
"""The checks of this family."""


def check(page: Page) -> Iterator[Remark]:
    """Check the sizes of a page, with the longest values in its slots."""
    size = longest(page)
    if size >= HEAVY:
        kind = CLIPPING if size >= CLIPPED else HEAVINESS
        cause = f"the HTML takes up to {size / 1_000:,.0f} KB"
        cure = "Shorten the texts, or split the edition in two."
        path = _longest_block(page)
        yield Remark(kind, cause, cure, path=path, group=kind.id, weight=size)
    style = len(page.styles.encode())
    if style > LONGEST_STYLE:
        cause = f"the <style> elements take {style / 1_000:,.1f} KB"
        cure = "Shorten <mj-style>; write what needs no @media into theme.css, which is inlined."
        tags = ("mj-style",)
        yield Remark(STYLE, cause, cure, tags=tags, group=STYLE.id, weight=style)


def _longest_block(page: Page) -> str:
    """Return the block whose text is the longest; all blocks, where none is long."""
    path, text = max(page.authored.items(), key=lambda pair: len(pair[1]))
    return path.partition(".")[0] if len(text) * 10 >= HEAVY else "blocks"


def longest(page: Page) -> int:
    """Return the octets of the HTML where every slot holds a value of `LONGEST_VALUE` octets."""
    return sum(
        LONGEST_VALUE if isinstance(piece, Occurrence) else len(piece.encode())
        for piece in page.message.html
    )
