"""How a shipped message reads from one end to the other, without styles and without sight."""

from collections.abc import Callable, Iterator

import pytest

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.marking import Marking
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.lint.page import Page, even, text_of
from tigc_mail.render.message import CompiledMessage


@pytest.fixture(scope="module")
def pages(
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> tuple[Page, ...]:
    """Every shipped message, with a sample in every slot."""
    return tuple(
        Page(
            Variant(edition.audience.id, edition.locale),
            edition,
            compile_shipped(edition),
            "https://mail.example.org",
        )
        for edition in shipped_variants
    )


def titles(page: Page) -> Iterator[str]:
    """What the blocks are called, in the order of the edition."""
    for block in page.edition.blocks:
        if block.title and "{{" not in block.title:
            yield even(block.title)


def test_the_title_of_a_page_is_its_subject_and_ends_in_its_one_first_heading(
    pages: tuple[Page, ...],
) -> None:
    longer = 0
    for page in pages:
        (title,) = page.tree.iter("title")
        (heading,) = page.tree.iter("h1")
        assert text_of(title) == even(page.rendered.subject)
        assert text_of(title).endswith(text_of(heading))
        longer += text_of(title) != text_of(heading)
    assert longer, "some have a TLP label or the stage of an event before them"


def test_blocks_come_in_the_order_of_the_edition_in_both_parts(pages: tuple[Page, ...]) -> None:
    for page in pages:
        headings = [text_of(found) for found in page.visible if found.tag in ("h2", "h3")]
        expected = list(titles(page))
        assert expected
        assert [text for text in headings if text in expected] == expected


def test_the_label_comes_before_what_it_covers_and_the_ways_out_at_the_end(
    pages: tuple[Page, ...],
) -> None:
    for page in pages:
        heading = page.words.index(text_of(next(page.tree.iter("h1"))))
        if page.edition.marking is not Marking.CLEAR:
            assert page.words.index(page.edition.marking.value) < heading
        hrefs = [link.get("href") for link in page.links]
        last = hrefs.index(page.own_links.unsubscribe)
        assert all(not page.is_personal(href or "") for href in hrefs[1:last])


def test_links_that_are_called_the_same_lead_to_the_same_place(pages: tuple[Page, ...]) -> None:
    for page in pages:
        places: dict[str, set[str]] = {}
        for link in page.links:
            assert text_of(link), link.get("href")
            places.setdefault(text_of(link), set()).add(link.get("href") or "")
        assert {name: to for name, to in places.items() if len(to) > 1} == {}


def test_every_image_says_what_it_shows(pages: tuple[Page, ...]) -> None:
    for page in pages:
        assert [image for image in page.tree.iter("img") if not image.get("alt")] == []
