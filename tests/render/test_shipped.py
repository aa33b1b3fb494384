"""What holds for every shipped edition, for all its audiences and in all its languages."""

import re
from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest
from lxml import html as lxml_html

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render.message import CompiledMessage

CLIPPED_BY_GMAIL = 100_000
"""Octets of decoded HTML."""

_ADDRESS = re.compile(r"\S+@\S+|https://\S+")


@pytest.fixture(scope="module")
def pages(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> dict[tuple[str, str, str], str]:
    """The HTML of every variant, with a plain value in every slot."""
    filled = {}
    for edition in shipped_variants:
        message = compile_shipped(edition)
        rendered = message.fill(dict.fromkeys(message.slots, "plain"))
        filled[edition.id, edition.audience.id, edition.locale] = rendered.html
    return filled


def test_nothing_is_fetched_when_a_message_is_opened(
    pages: dict[tuple[str, str, str], str],
) -> None:
    for page in pages.values():
        assert "<link" not in page
        assert "@import" not in page
        assert "@font-face" not in page
        assert "url(" not in page
        assert not re.search(r'\ssrc="', page)


def test_every_page_begins_with_its_doctype_and_says_its_language(
    pages: dict[tuple[str, str, str], str],
) -> None:
    for (_, _, locale), page in pages.items():
        assert page.startswith("<!DOCTYPE html>")
        tree = lxml_html.document_fromstring(page)
        for element in (tree, tree.body):
            assert element.get("lang") == locale
            assert element.get("dir") == ("rtl" if locale == "ar" else "ltr")


def test_dark_mode_and_narrow_screens_keep_their_rules(
    pages: dict[tuple[str, str, str], str],
) -> None:
    for page in pages.values():
        styles = "".join(re.findall(r"<style[^>]*>.*?</style>", page, re.DOTALL))
        dark = styles[styles.index("@media (prefers-color-scheme: dark)") :]
        assert dark.count("!important") > 10
        assert "h1 { font-size: 27px !important; }" in styles
        assert '<meta name="color-scheme" content="light dark">' in page


def test_the_theme_is_inlined(pages: dict[tuple[str, str, str], str]) -> None:
    for page in pages.values():
        tree = lxml_html.document_fromstring(page)
        assert all("font-size:32px" in h1.get("style", "") for h1 in tree.iter("h1"))
        assert all(p.get("style") for p in tree.xpath("//div[@class='prose']//p"))


def test_no_letter_is_shown_as_programmers_write_it(
    pages: dict[tuple[str, str, str], str],
) -> None:
    for page in pages.values():
        assert "\\u" not in page


def test_no_page_is_clipped(pages: dict[tuple[str, str, str], str]) -> None:
    for page in pages.values():
        assert len(page.encode()) < CLIPPED_BY_GMAIL


def test_no_line_is_broken_within_a_short_compound_or_a_name_of_two_words(
    pages: dict[tuple[str, str, str], str],
) -> None:
    """Such as `COVID-19`, `co-hosts`, `ci-dessous`: a browser breaks a line behind a plain hyphen."""
    short = re.compile(r"\w-\w{1,4}\b|\b\w{1,4}-\w")
    for name, page in pages.items():
        body = lxml_html.document_fromstring(page).body
        shown = body.xpath(".//*[not(self::style or contains(@style, 'display:none'))]/text()")
        assert [text for text in shown if short.search(_ADDRESS.sub("", text))] == [], name
        texts = body.xpath(".//*[contains(@class, 'prose')] | .//h1 | .//h2")
        assert len(texts) > 3, name
        assert not any(re.search("San José|سان خوسيه", one.text_content()) for one in texts), name


def test_every_link_is_encrypted_or_mail(pages: dict[tuple[str, str, str], str]) -> None:
    for page in pages.values():
        links = lxml_html.document_fromstring(page).xpath("//a/@href")
        assert links
        assert all(link.startswith(("https://", "mailto:")) for link in links)


def test_the_text_part_holds_every_link_of_the_html_part(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    for edition in shipped_variants:
        message = compile_shipped(edition)
        rendered = message.fill(dict.fromkeys(message.slots, "plain"))
        for link in lxml_html.document_fromstring(rendered.html).xpath("//a/@href"):
            assert link.removeprefix("mailto:") in rendered.text


def test_every_message_parses_without_a_defect(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
    fill: Callable[..., EmailMessage],
) -> None:
    for edition in shipped_variants:
        message = fill(compile_shipped(edition))
        assert not any(part.defects for part in message.walk())
        for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe"):
            assert message[name]
            assert not message[name].defects
        assert sender_name(message) == edition.audience.sender_name
        assert message["Subject"].endswith(edition.subject)


def sender_name(message: EmailMessage) -> str:
    """Return who writes, as RFC 2047 joins the parts of a name that fills more than one.

    `EmailMessage` leaves the blank between two parts in the name of an address.
    """
    raw = dict(message.raw_items())["From"]
    return str(make_header(decode_header(parseaddr(raw)[0])))


def test_attributes_in_the_templates_are_in_double_quotes(shipped: Workspace) -> None:
    single = re.compile(r"""<[a-z][^<>"']*(?:"[^"]*"[^<>"']*)*\s[\w:-]+\s*='""", re.IGNORECASE)
    for path in Path(shipped.folder / "templates").rglob("*.mjml.j2"):
        source = re.sub(r"\{[#%{].*?[#%}]\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not single.search(source), path.name
