"""Whether links lead somewhere, say where, and stand in the plain text too."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import unquote

from lxml.html import HtmlElement

from tigc_mail.render.lint.finding import TEXT, Remark, Spot, error, warning
from tigc_mail.render.lint.page import Page, text_of

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
TEXT_PART = error(
    "text-part", "Watches, some telephones and those who prefer it show the plain text alone."
)
TEXT_PART_LINK = error(
    "text-part-link", "Who reads the plain text cannot follow a link that only the HTML has."
)

CHECKS = (TARGET, TEXT_EMPTY, TEXT_VAGUE, TEXT_URL, TEXT_TWICE, TEXT_PART, TEXT_PART_LINK)
"""The checks of this family."""

LEAST_TEXT = 20
"""Characters of a plain text that is one."""

SCHEMES = ("https://", "mailto:", "tel:")

_VAGUE = frozenset(
    words.strip()
    for words in """
    click here|here|this|this link|link|more|read more|learn more|find out more|more information
    click|tap here|see more|details|go
    cliquez ici|cliquer ici|ici|ce lien|lien|lire la suite|en savoir plus|plus|plus d'informations
    suite|voir plus|détails
    haga clic aquí|haz clic aquí|clic aquí|pulse aquí|aquí|este enlace|enlace|más|leer más
    más información|saber más|ver más|detalles
    هنا|انقر هنا|اضغط هنا|من هنا|الرابط|هذا الرابط|رابط|المزيد|اقرأ المزيد|للمزيد|التفاصيل
    """.replace("\n", "|").split("|")
    if words.strip()
)
"""What says nothing of where a link leads, in all the working languages."""

_ADDRESS = re.compile(r"(https?://|www\.)\S+|[\w-]+(\.[\w-]+)+(/\S*)?", re.IGNORECASE)
_AROUND = " \t\u00a0.,:;!?…>»«→←()[]\u2039\u203a"


def check(page: Page) -> Iterator[Remark]:
    """Check the links of a page, and its plain text."""
    for link in page.links:
        yield from _target(link)
        yield from _text(link)
    yield from _twice(page)
    yield from _plain_text(page)


def _target(link: HtmlElement) -> Iterator[Remark]:
    target = (link.get("href") or "").strip()
    said = text_of(link)
    if target.lower().startswith(SCHEMES):
        return
    if not target or target.startswith("#"):
        cause = f"the link `{said[:60]}` leads nowhere"
    else:
        cause = f"the link `{target[:60]}` begins with none of {', '.join(SCHEMES)}"
    cure = "Write the whole address, with https://."
    yield Remark(TARGET, cause, cure, spots=(Spot(link, ("href",)),))


def _text(link: HtmlElement) -> Iterator[Remark]:
    target = link.get("href") or ""
    said = text_of(link) or (link.get("aria-label") or "").strip()
    bare = said.strip(_AROUND).casefold().replace("\u2019", "'")
    if not said:
        cause = f"the link to {_short(target)} has no text"
        cure = "Write what the reader finds there; describe an image in its alt."
        yield Remark(TEXT_EMPTY, cause, cure, spots=(Spot(link),))
    elif bare in _VAGUE:
        cause = f"the link text `{said}` does not say where it leads"
        cure = "Write what the reader finds there."
        yield Remark(TEXT_VAGUE, cause, cure, spots=(Spot(link, (TEXT,)),))
    elif _ADDRESS.fullmatch(said) and not target.lower().startswith("mailto:"):
        cause = f"the link text `{said[:60]}` is an address"
        cure = "Write what the reader finds there; the plain text shows the address by itself."
        yield Remark(TEXT_URL, cause, cure, spots=(Spot(link, (TEXT,)),))


def _twice(page: Page) -> Iterator[Remark]:
    targets: dict[str, dict[str, HtmlElement]] = defaultdict(dict)
    for link in page.links:
        if said := text_of(link):
            target = (link.get("href") or "").rstrip("/")
            targets[said.casefold()].setdefault(target, link)
    for found in targets.values():
        if len(found) > 1:
            first, second, *_ = found
            said, shown = text_of(found[first]), f"{_short(first)} and {_short(second)}"
            cause = f"`{said[:60]}` leads to {shown}"
            cure = "Give each of the links a text of its own."
            yield Remark(TEXT_TWICE, cause, cure, spots=(Spot(found[second], (TEXT,)),))


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
        bare = target.partition(":")[2] if target.startswith(("mailto:", "tel:")) else target
        if target.lower().startswith(SCHEMES) and unquote(bare) not in said:
            cause = f"the plain text lacks {_short(target)}, which the HTML links to"
            cure = "Print it there as well, as `label: URL`."
            spots = (Spot(link, ("href",)),)
            yield Remark(TEXT_PART_LINK, cause, cure, place=place, spots=spots, in_text=True)


def _short(target: str) -> str:
    return target if len(target) <= 60 else f"{target[:59]}…"
