"""What readers see before they open a message, and how they may leave: subject, labels, headers."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from tigc_mail.ground.marking import Marking
from tigc_mail.render.lint.finding import TEXT_END, Remark, Spot, error, warning
from tigc_mail.render.lint.page import Page, even, is_hidden, text_of

LONGEST_SUBJECT = 60
"""Characters, the TLP label counted."""

PREHEADER = (40, 130)
"""The least and the most characters."""

SUBJECT_EMPTY = error("subject-empty", "A message without a subject is taken for spam.")
SUBJECT_LONG = warning(
    "subject-long", "Telephones show about 40 characters of a subject, few programs more than 60."
)
PREHEADER_LENGTH = warning(
    "preheader-length",
    "The line behind the subject decides whether a message is opened; programs fill a short one "
    "with whatever comes next and cut a long one off.",
)
PREHEADER_MISSING = warning(
    "preheader-missing", "Programs show the first words of the page behind the subject instead."
)
ONE_CLICK = error(
    "one-click", "Large mailbox hosts refuse bulk mail without one-click unsubscription (RFC 8058)."
)
UNSUBSCRIBE = error(
    "unsubscribe-link", "The law asks for a visible way out; without one, readers report spam."
)

CHECKS = (
    SUBJECT_EMPTY,
    SUBJECT_LONG,
    PREHEADER_LENGTH,
    PREHEADER_MISSING,
    ONE_CLICK,
    UNSUBSCRIBE,
)
"""The checks of this family."""

_PADDING = re.compile("[\u034f\u00ad\u061c\u200b-\u200f\u2060\ufeff\u00a0\u2007]+")
"""Signs without a shape, which layouts put behind a preheader."""


def check(page: Page) -> Iterator[Remark]:
    """Check what stands around the content of a page."""
    yield from _subject(page)
    yield from _preheader(page)
    yield from _ways_out(page)


def _subject(page: Page) -> Iterator[Remark]:
    said = "".join(piece for piece in page.message.subject if isinstance(piece, str))
    bare = said.removeprefix(page.edition.marking.value).strip()
    if not re.search(r"\w", bare):
        cause = "the subject holds no words beside what differs for each recipient"
        yield Remark(SUBJECT_EMPTY, cause, "Write some.", path="subject")
    length = len(page.rendered.subject)
    if length > LONGEST_SUBJECT:
        counted = "" if page.edition.marking is Marking.CLEAR else ", its TLP label counted"
        cause = f"the subject has {length} characters{counted}"
        cure = f"Shorten it to {LONGEST_SUBJECT}; put what matters first."
        yield Remark(SUBJECT_LONG, cause, cure, path="subject", group="length", weight=length)


def _preheader(page: Page) -> Iterator[Remark]:
    shown = preheader_of(page.tree)
    if not shown:
        cure = "Write <mj-preview>{{ edition.preheader }}</mj-preview> into the layout's <mj-head>."
        tags = ("mj-preview", "mj-head", "mjml")
        yield Remark(PREHEADER_MISSING, "the layout prints no preheader", cure, tags=tags)
        return
    least, most = PREHEADER
    if not least <= len(shown) <= most:
        cause = f"the preheader has {len(shown)} characters"
        cure = f"Write {least} to {most} that go on where the subject ends."
        yield Remark(PREHEADER_LENGTH, cause, cure, path="preheader")


def preheader_of(page: HtmlElement) -> str:
    """Return what a page shows behind its subject; empty where it hides no text for that."""
    body = page.find("body")
    hidden = [] if body is None else [one for one in body.iter("div") if is_hidden(one)]
    return even(_PADDING.sub(" ", text_of(hidden[0]))) if hidden else ""


def _ways_out(page: Page) -> Iterator[Remark]:
    link = page.own_links.unsubscribe
    if not any(a.get("href") == link and page.says(a) for a in page.links):
        cause = "the HTML has no visible link to unsubscribe"
        cure = 'Write <a href="{{ links.unsubscribe }}"> with a text into the foot.'
        spots = tuple(Spot(a) for a in page.tree.iter("a") if a.get("href") == link)
        yield Remark(UNSUBSCRIBE, cause, cure, spots=spots, tags=("/mj-body",))
    if link not in page.rendered.text:
        cure = "Print {{ links.unsubscribe }} in the foot."
        cause = "the plain text has no link to unsubscribe"
        place = f"templates/{page.edition.kind}.txt.j2 (line 1, column 1)"
        yield Remark(UNSUBSCRIBE, cause, cure, place=place, tags=(TEXT_END,))
    header = page.headers.get("List-Unsubscribe") or ""
    post = page.headers.get("List-Unsubscribe-Post") or ""
    if not re.search(r"<https://[^<>\s]+>", header) or post != "List-Unsubscribe=One-Click":
        cause = "the headers List-Unsubscribe and List-Unsubscribe-Post do not offer one click"
        cure = "Set public_url in tigc-mail.toml to the https address of the public pages."
        yield Remark(ONE_CLICK, cause, cure, place="tigc-mail.toml: public_url")
