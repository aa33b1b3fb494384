"""Whether links lead somewhere, say where, and stand in the plain text too."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from tigc_mail.render.lint.finding import TEXT, Remark, Spot, error, warning
from tigc_mail.render.lint.page import Page, text_of
from tigc_mail.render.lint.vague import is_vague

TARGET = error(
    "link-target",
    "Mail programs and filters distrust links that are not encrypted, and drop those that run "
    "code or lead nowhere.",
)
TEXT_EMPTY = error("link-text-empty", "Nobody can see or hear a link without a text.")
TEXT_VAGUE = warning(
    "link-text-vague", "Screen readers list links by their text alone, which has to say where."
)
TEXT_URL = warning(
    "link-text-url", "An address is read out letter by letter, and filters take it for phishing."
)
TEXT_TWICE = warning(
    "link-text-twice", "Who hears a list of links cannot tell those of the same text apart."
)
IMAGE_SOURCE = error(
    "image-source", "Mail programs fetch an image from a whole https address, or not at all."
)
TEXT_PART = error(
    "text-part", "Watches, some telephones and those who prefer it show the plain text alone."
)
TEXT_PART_LINK = error(
    "text-part-link", "Who reads the plain text cannot follow a link that only the HTML has."
)

CHECKS = (
    TARGET,
    TEXT_EMPTY,
    TEXT_VAGUE,
    TEXT_URL,
    TEXT_TWICE,
    IMAGE_SOURCE,
    TEXT_PART,
    TEXT_PART_LINK,
)
"""The checks of this family."""

WHOLE = "Write the whole address, with https://."
NOT_ONLY_SLOTS = "Write words beside the slot: it is blank where nothing is known."

NOWHERE = "leads nowhere"
NO_HOST = "names no host"
NO_MAILBOX = "names no mailbox"
NO_NUMBER = "names no number"
USER = "names a user before the host"
_CURES = {
    NO_MAILBOX: "Write mailto: and a whole address, such as desk@example.org.",
    NO_NUMBER: "Write tel: and a number, such as tel:+33123456789.",
    USER: "Remove it, and any password: every reader sees them.",
}

LEAST_TEXT = 20
"""Characters of a plain text that is one."""

SCHEMES = ("https://", "mailto:", "tel:")

_HOST = re.compile(
    r"(?=.{1,253}\.?$)([^\W_]([\w-]{0,61}[^\W_])?)(\.[^\W_]([\w-]{0,61}[^\W_])?)+\.?"
)
_MAILBOX = re.compile(r"[^@\s,?]+@[^@\s,?]+(,[^@\s,?]+@[^@\s,?]+)*", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)+(/\S*)?", re.IGNORECASE)


def check(page: Page) -> Iterator[Remark]:
    """Check the links of a page, and its plain text."""
    for link in page.links:
        yield from _target(link, page)
        yield from _text(link, page)
    for link in page.blank_for_some(page.links, text_of):
        target = link.get("href") or ""
        cause = f"the link to {_short(target)} has no text for some recipients"
        yield Remark(TEXT_EMPTY, cause, NOT_ONLY_SLOTS, spots=(Spot(link, (TEXT,)),))
    yield from buttons(page.tree)
    yield from _images(page)
    yield from _twice(page)
    yield from _plain_text(page)


def _target(link: HtmlElement, page: Page) -> Iterator[Remark]:
    target = (link.get("href") or "").strip()
    said = page.says(link)
    wrong = _wrong(target)
    if wrong:
        named = f"the link `{said[:60]}`" if target in ("", "#") else f"the link `{target[:60]}`"
        cure = _CURES.get(wrong, WHOLE)
        yield Remark(TARGET, f"{named} {wrong}", cure, spots=(Spot(link, ("href",)),))


def _wrong(target: str) -> str:
    """Return what is wrong with the target of a link; nothing where it may lead somewhere."""
    scheme, _, rest = target.partition(":")
    if not target or target.startswith("#"):
        return NOWHERE
    if not target.lower().startswith(SCHEMES):
        return f"begins with none of {', '.join(SCHEMES)}"
    if scheme.lower() == "https":
        return _wrong_host(target)
    if scheme.lower() == "mailto":
        return "" if _MAILBOX.fullmatch(unquote(rest).partition("?")[0]) else NO_MAILBOX
    return "" if re.search(r"\d", rest) else NO_NUMBER


def _wrong_host(target: str) -> str:
    try:
        parts = urlsplit(target)
        host, named = parts.hostname or "", parts.username is not None
        _ = parts.port
    except ValueError:
        return NO_HOST
    if named:
        return USER
    return "" if _HOST.fullmatch(host) or re.fullmatch(r"[\d.]+|[\da-f:]+", host) else NO_HOST


def _text(link: HtmlElement, page: Page) -> Iterator[Remark]:
    target = link.get("href") or ""
    said = page.says(link) or (link.get("aria-label") or "").strip()
    if not said:
        cause = f"the link to {_short(target)} has no text"
        cure = "Write what the reader finds there; describe an image in its alt."
        yield Remark(TEXT_EMPTY, cause, cure, spots=(Spot(link),))
    elif is_vague(said):
        cause = f"the link text `{said}` does not say where it leads"
        cure = "Write what the reader finds there."
        yield Remark(TEXT_VAGUE, cause, cure, spots=(Spot(link, (TEXT,)),))
    elif _ADDRESS.fullmatch(said) and not target.lower().startswith("mailto:"):
        cause = f"the link text `{said[:60]}` is an address"
        cure = "Write what the reader finds there; the plain text shows the address by itself."
        yield Remark(TEXT_URL, cause, cure, spots=(Spot(link, (TEXT,)),))


def buttons(tree: HtmlElement) -> Iterator[Remark]:
    """Find the buttons of MJML that were given no link: they are drawn, and cannot be pressed."""
    for element in tree.iter("p"):
        above = element.getparent()
        if above is not None and above.tag == "td" and _is_button(above):
            said = text_of(element)
            cause = f"the button `{said[:60]}` {NOWHERE}"
            yield Remark(TARGET, cause, WHOLE, spots=(Spot(element),))


def _is_button(cell: HtmlElement) -> bool:
    """Return whether MJML has made a cell for a button."""
    drawn = "cursor:auto" in (cell.get("style") or "").replace(" ", "")
    return drawn and cell.get("role") == "presentation" and cell.get("bgcolor") is not None


def _images(page: Page) -> Iterator[Remark]:
    for image in page.images:
        source = (image.get("src") or "").strip()
        if not source.startswith("https://") or _wrong_host(source):
            cause = f"the image `{source[:60]}` has no whole address that begins with https://"
            yield Remark(IMAGE_SOURCE, cause, WHOLE, spots=(Spot(image, ("src",)),))


def _twice(page: Page) -> Iterator[Remark]:
    targets: dict[str, dict[str, HtmlElement]] = defaultdict(dict)
    for link in page.links:
        if said := page.says(link):
            target = (link.get("href") or "").rstrip("/")
            targets[said.casefold()].setdefault(target, link)
    for folded, found in targets.items():
        if len(found) > 1:
            first, second, *others = found
            said, shown = page.says(found[first]), f"{_short(first)} and {_short(second)}"
            more = f" and {len(others)} more" if others else ""
            cause = f"`{said[:60]}` leads to {shown}{more}"
            cure = "Give each of the links a text of its own."
            spots = (Spot(found[second], (TEXT,)),)
            weight = len(found)
            yield Remark(
                TEXT_TWICE, cause, cure, group=folded, weight=weight, spots=spots, once=True
            )


def _plain_text(page: Page) -> Iterator[Remark]:
    text = page.rendered.text
    place = f"templates/{page.edition.kind}.txt.j2 (line 1, column 1)"
    if len(text.strip()) < LEAST_TEXT:
        cure = "Print the texts of the blocks there as well."
        yield Remark(TEXT_PART, "the plain text is empty", cure, place=place)
        return
    said = unquote(text)
    links = {link.get("href") or "": link for link in reversed(page.links)}
    for target, link in reversed(links.items()):
        bare = target
        if target.startswith(("mailto:", "tel:")):
            bare = target.partition(":")[2].partition("?")[0] or target
        if target.lower().startswith(SCHEMES) and unquote(bare) not in said:
            cause = f"the plain text lacks {_short(target)}, which the HTML links to"
            cure = "Print it there as well, as `label: URL`."
            spots = (Spot(link, ("href",)),)
            yield Remark(TEXT_PART_LINK, cause, cure, place=place, spots=spots, in_text=True)


def _short(target: str) -> str:
    return target if len(target) <= 60 else f"{target[:59]}…"
