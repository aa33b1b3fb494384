"""Subject, preheader, labels, and the ways out."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.render.lint.conftest import PREHEADER, TEXT, with_, without

from tigc_mail.ground.marking import Marking
from tigc_mail.render.contexts import Context
from tigc_mail.render.lint.envelope import check
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import Occurrence

Ids = Callable[..., list[str]]

ROLE = Occurrence("recipient.role", Context.WORD)


def labelled(label: str) -> str:
    """Return the good page with a label in it."""
    return with_(f"<p>{label}</p>")


def test_a_good_page_has_nothing_to_be_said_of(ids: Ids) -> None:
    assert ids(check) == []


def test_a_subject_says_something_beside_its_slots(ids: Ids) -> None:
    assert ids(check, subject=(ROLE, " -")) == ["subject-empty"]
    assert ids(check, subject=("News for ", ROLE)) == []


def test_a_label_alone_is_no_subject(ids: Ids) -> None:
    page, text = labelled("TLP:GREEN"), f"TLP:GREEN {TEXT}"
    assert ids(check, page, text, "TLP:GREEN ", marking=Marking.GREEN) == ["subject-empty"]


def test_a_subject_has_at_most_60_characters(ids: Ids) -> None:
    assert ids(check, subject="s" * 60) == []
    assert ids(check, subject="s" * 61) == ["subject-long"]


def test_the_label_counts_in_the_length_of_a_subject(ids: Ids) -> None:
    page, text = labelled("TLP:GREEN"), f"TLP:GREEN {TEXT}"
    assert ids(check, page, text, f"TLP:GREEN {'s' * 50}", marking=Marking.GREEN) == []
    long = f"TLP:GREEN {'s' * 51}"
    assert ids(check, page, text, long, marking=Marking.GREEN) == ["subject-long"]


@pytest.mark.parametrize("length", [40, 130])
def test_a_preheader_has_from_40_to_130_characters(ids: Ids, length: int) -> None:
    assert ids(check, without(PREHEADER, "p" * length)) == []
    one_off = length - 1 if length == 40 else length + 1
    assert ids(check, without(PREHEADER, "p" * one_off)) == ["preheader-length"]


def test_signs_without_a_shape_do_not_make_a_preheader_longer(ids: Ids) -> None:
    padded = "Short. " + "&#847;&zwnj;&nbsp;" * 60
    assert ids(check, without(PREHEADER, padded)) == ["preheader-length"]


def test_a_layout_without_a_preheader_is_told(ids: Ids) -> None:
    hidden = f'<div style="display:none">{PREHEADER}</div>'
    assert ids(check, without(hidden)) == ["preheader-missing"]


def test_the_link_to_unsubscribe_is_seen_in_both_parts(ids: Ids) -> None:
    assert ids(check, without(">Unsubscribe<", "><")) == ["unsubscribe-link"]
    assert ids(check, text="No way out of this.") == ["unsubscribe-link"]


@pytest.mark.parametrize(
    ("style", "seen"),
    [
        ("display:none", False),
        ("visibility:hidden", False),
        ("font-size:0", False),
        ("font-size:0px", False),
        ("opacity:0", False),
        ("visibility:visible;font-size:1em;opacity:1", True),
    ],
)
def test_the_link_to_unsubscribe_is_not_hidden(ids: Ids, style: str, seen: bool) -> None:  # noqa: FBT001
    found = [] if seen else ["unsubscribe-link"]
    for page in (
        without('<p style="color:#102030"><a', f'<p style="{style}"><a'),
        without('<a style="', f'<a style="{style};'),
        without("</style>", f".page a {{ {style} }}</style>"),
    ):
        assert ids(check, page) == found


def test_what_is_hidden_may_show_a_part_of_itself(ids: Ids) -> None:
    outer = '<p style="visibility:hidden;font-size:0"><a'
    page = without('<p style="color:#102030"><a', outer)
    assert (
        ids(check, page.replace('<a style="', '<a style="visibility:visible;font-size:16px;')) == []
    )


def test_one_click_unsubscription_needs_https(page_of: Callable[..., Page]) -> None:
    page = page_of()
    wire = tuple(
        part.replace(b"List-Unsubscribe: <https:", b"List-Unsubscribe: <http:")
        if isinstance(part, bytes)
        else part
        for part in page.message.wire
    )
    plain = replace(page, message=replace(page.message, wire=wire))
    assert [remark.check.id for remark in check(plain)] == ["one-click"]
