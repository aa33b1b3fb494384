"""Labels of the Traffic Light Protocol: in the subject, before what they cover, in their colours."""

from collections.abc import Callable

import pytest
from tests.render.lint.conftest import BODY, TEXT, with_, without

from tigc_mail.content.tailored import TailoredText
from tigc_mail.ground.marking import Marking
from tigc_mail.render.lint.labels import check
from tigc_mail.render.lint.page import Page

Ids = Callable[..., list[str]]

AMBER, SUBJECT = "TLP:AMBER", "TLP:AMBER News of May"
STYLE = "color:#ffc000;background-color:#000000"


def label(said: str, style: str = STYLE) -> str:
    return f'<p><b style="{style}">{said}</b></p>'


def labelled(said: str) -> str:
    """Return the good page with a label before its text."""
    return without('<p style="color:#102030">The', f'{label(said)}<p style="color:#102030">The')


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


def test_a_label_above_clear_stands_in_subject_html_and_plain_text(ids: Ids) -> None:
    page, text, subject = labelled("TLP:AMBER"), f"TLP:AMBER {TEXT}", "TLP:AMBER News of May"
    assert ids(check, page, text, subject, marking=Marking.AMBER) == []
    assert ids(check, page, text, "News of May", marking=Marking.AMBER) == ["tlp-subject"]
    assert ids(check, page, TEXT, subject, marking=Marking.AMBER) == ["tlp-body"]
    assert ids(check, with_(""), text, subject, marking=Marking.AMBER) == ["tlp-body"]


def test_a_stricter_label_is_not_taken_for_a_milder_one(ids: Ids) -> None:
    strict = "TLP:AMBER+STRICT"
    found = ids(
        check, labelled(strict), f"{strict} {TEXT}", f"{strict} News", marking=Marking.AMBER
    )
    assert found == ["tlp-subject", "tlp-body"]


def blocks(*markings: Marking) -> tuple[TailoredText, ...]:
    """Return a block for each marking; the first says what the good page does."""
    return tuple(
        TailoredText(
            id=f"b{at}",
            marking=marking,
            title=f"Part {at}" if at else "",
            body=f"The [words](https://example.org) of part {at} are many." if at else BODY,
        )
        for at, marking in enumerate(markings)
    )


def part(at: int, before: str = "") -> str:
    return f"{before}<h2>Part {at}</h2><p>The words of part {at} are many.</p>"


def causes(page: Page) -> list[str]:
    return [remark.cause for remark in check(page)]


def test_a_label_stands_before_what_it_covers(page_of: Callable[..., Page]) -> None:
    amber = {"marking": Marking.AMBER, "blocks": blocks(Marking.AMBER)}
    late = page_of(with_(label(AMBER)), f"{TEXT}\n{AMBER}\n", SUBJECT, **amber)
    assert causes(late) == [
        "the HTML shows TLP:AMBER only after what it covers",
        "the plain text shows TLP:AMBER only after what it covers",
    ]
    early = page_of(
        without("<p style", f"{label(AMBER)}<p style"), f"{AMBER}\n{TEXT}", SUBJECT, **amber
    )
    assert causes(early) == []


def test_a_clear_block_may_stand_before_the_label(page_of: Callable[..., Page]) -> None:
    mixed = {"marking": Marking.AMBER, "blocks": blocks(Marking.CLEAR, Marking.AMBER)}
    text = f"{TEXT}\n[{AMBER}]\n\nPart 1\n======\n"
    assert causes(page_of(with_(part(1, label(AMBER))), text, SUBJECT, **mixed)) == []


def test_each_marked_block_has_its_own_label(page_of: Callable[..., Page]) -> None:
    both = {"marking": Marking.AMBER, "blocks": blocks(Marking.AMBER, Marking.AMBER)}
    text = f"{AMBER}\n\n{TEXT}\n\n%sPart 1\n======\n"
    bare = [*check(page_of(with_part(), text % "", SUBJECT, **both))]
    assert [remark.cause for remark in bare] == [
        "the HTML lacks TLP:AMBER before the block `b1`",
        "the plain text lacks TLP:AMBER before the block `b1`",
    ]
    assert [remark.place for remark in bare] == [
        "templates/blocks/text.mjml.j2",
        "templates/blocks/text.txt.j2",
    ]


def with_part(before: str = "") -> str:
    """Return the page with a second block in it, and what stands before that."""
    return labelled(AMBER).replace("<!-- here -->", part(1, before))


def test_a_block_with_its_label_has_nothing_to_be_said_of(page_of: Callable[..., Page]) -> None:
    both = {"marking": Marking.AMBER, "blocks": blocks(Marking.AMBER, Marking.AMBER)}
    text = f"{AMBER}\n\n{TEXT}\n\n[{AMBER}]\n\nPart 1\n======\n"
    assert causes(page_of(with_part(label(AMBER)), text, SUBJECT, **both)) == []


def test_a_label_before_the_heading_is_the_label_of_the_message_alone(
    page_of: Callable[..., Page],
) -> None:
    amber = {"marking": Marking.AMBER, "blocks": blocks(Marking.AMBER)}
    page = page_of(without("<h1", f"{label(AMBER)}<h1"), f"{AMBER}\n{TEXT}", SUBJECT, **amber)
    assert causes(page)[0] == "the HTML lacks TLP:AMBER before the block `b0`"


def test_a_block_whose_words_are_not_met_needs_its_label_anywhere(
    page_of: Callable[..., Page],
) -> None:
    odd = TailoredText(id="odd", marking=Marking.AMBER, title="Elsewhere", body="Short.")
    amber = {"marking": Marking.AMBER, "blocks": (odd,)}
    assert causes(page_of(labelled(AMBER), f"{AMBER}\n{TEXT}", SUBJECT, **amber)) == []


def test_signs_for_the_direction_are_no_part_of_a_text(page_of: Callable[..., Page]) -> None:
    amber = {"marking": Marking.AMBER, "blocks": blocks(Marking.AMBER)}
    text = (
        f"\u2066{AMBER}\u2069\n{TEXT.replace('programme', chr(0x2066) + 'programme' + chr(0x2069))}"
    )
    assert causes(page_of(labelled(AMBER), text, SUBJECT, **amber)) == []


@pytest.mark.parametrize(
    ("style", "right"),
    [
        (STYLE, True),
        ("color:#FFC000;background:black", True),
        ("color:#ffbf00;background-color:#000000", False),
        ("color:#ffc000", False),
        ("color:#000000;background-color:#ffc000", False),
        ("color:#ffc000;background:url(x.png)", True),
    ],
)
def test_a_label_has_the_colours_of_the_standard(ids: Ids, style: str, right: bool) -> None:  # noqa: FBT001
    page = without("<h1", f"{label(AMBER, style)}<h1")
    found = ids(check, page, f"{AMBER}\n{TEXT}", SUBJECT, marking=Marking.AMBER)
    assert found == ([] if right else ["tlp-colour"])


def test_a_label_keeps_its_colours_in_dark_mode(page_of: Callable[..., Page]) -> None:
    page = labelled(AMBER).replace(
        ".page h1, .page p, .page a", ".page b, .page h1, .page p, .page a"
    )
    (cause,) = causes(page_of(page, f"{AMBER}\n{TEXT}", SUBJECT, marking=Marking.AMBER))
    assert cause == "TLP:AMBER is #f0f0f0 on #000000 in dark mode, not #ffc000 on #000000"
