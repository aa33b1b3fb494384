"""Slots: they can be printed, and nothing else; damage to them is noticed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.errors import RenderError
from tigc_mail.render.slots import (
    MAX_SLOTS,
    RECIPIENT_FIELDS,
    TOKEN,
    RecipientSlots,
    Slot,
    SlotSheet,
)


def slot() -> Slot:
    return RecipientSlots(SlotSheet()).given_name


def test_a_slot_prints_a_token_of_letters_and_digits() -> None:
    one = slot()
    assert TOKEN.fullmatch(str(one))
    assert str(one).isalnum()
    assert str(one).islower()
    assert one.__html__() == str(one) == repr(one) == f"{one}"


def test_the_same_slot_has_the_same_token_within_a_document_and_another_in_the_next() -> None:
    first, second = RecipientSlots(SlotSheet()), RecipientSlots(SlotSheet())
    assert str(first.role) == str(first.role) != str(first.organisation)
    assert str(first.role) != str(second.role)


@pytest.mark.parametrize(
    "use",
    [
        bool,
        len,
        iter,
        list,
        hash,
        int,
        float,
        lambda s: s == "x",
        lambda s: s != "x",
        lambda s: s == s,  # noqa: PLR0124
        lambda s: s < "x",
        lambda s: s >= "x",
        lambda s: "x" in s,
        lambda s: s in ["x"],
        lambda s: s + "x",
        lambda s: "x" + s,
        lambda s: s * 2,
        lambda s: 2 * s,
        lambda s: s % 2,
        lambda s: s - 1,
        lambda s: -s,
        lambda s: s**2,
        lambda s: s[0],
        lambda s: s[:3],
        lambda s: s(),
        lambda s: {s: 1},
        lambda s: sorted([s, s]),
    ],
)
def test_a_slot_refuses_whatever_would_decide_before_the_recipient_is_known(use: object) -> None:
    with pytest.raises(RenderError, match="can only be printed"):
        use(slot())  # type: ignore[operator]


def test_only_the_fields_of_a_recipient_and_any_attribute_are_slots() -> None:
    recipient = RecipientSlots(SlotSheet())
    for field in RECIPIENT_FIELDS:
        assert isinstance(getattr(recipient, field), Slot)
    assert str(recipient.attributes.region) == str(recipient.attributes["region"])
    with pytest.raises(AttributeError):
        recipient.password  # noqa: B018


def test_a_text_is_cut_at_its_tokens() -> None:
    sheet = SlotSheet()
    recipient = RecipientSlots(sheet)
    text = f"Dear {recipient.role}{recipient.role} {recipient.attributes['a b']}"
    literals, names = sheet.cut(text)
    assert literals == ["Dear ", "", " ", ""]
    assert names == ["recipient.role", "recipient.role", "recipient.attributes.a b"]


@pytest.mark.parametrize(
    "damage",
    [
        str.upper,
        str.title,
        lambda t: t[:4],
        lambda t: t[:9],
        lambda t: t[:-1],
        lambda t: t[1:],
        lambda t: t[4:],
        lambda t: t[::-1],
        lambda t: t.replace("q", "z"),
        lambda t: t.replace("x", ""),
        lambda t: t[:9] + "\n" + t[9:],
        lambda t: t[:12] + "=" + t[12:],
    ],
)
def test_a_changed_or_truncated_token_is_noticed(damage: object) -> None:
    sheet = SlotSheet()
    token = str(RecipientSlots(sheet).role)
    with pytest.raises(RenderError, match="changed after it was printed"):
        sheet.cut(f"Dear {damage(token)}, hello")  # type: ignore[operator]


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=400))
def test_other_text_is_never_taken_for_damage(text: str) -> None:
    assert SlotSheet().cut(text) == ([text], [])


@pytest.mark.parametrize("number", ["000", "999"])
def test_a_text_that_looks_like_a_token_is_refused_and_not_filled(number: str) -> None:
    sheet = SlotSheet()
    sheet.token("recipient.role")
    with pytest.raises(RenderError, match="has the form that slots have"):
        sheet.cut(f"code xqbcdfghjk{number}qx")
    own = str(RecipientSlots(sheet).role)
    if number == "999":
        with pytest.raises(RenderError, match="has the form that slots have"):
            sheet.cut(re.sub(r"\d{3}", number, own))


def test_a_message_has_a_bounded_number_of_slots() -> None:
    sheet = SlotSheet()
    for at in range(MAX_SLOTS):
        sheet.token(f"recipient.attributes.a{at}")
    sheet.token("recipient.attributes.a0")
    with pytest.raises(RenderError, match="at most 1000"):
        sheet.token("one more")


def test_the_letters_of_a_token_are_all_different() -> None:
    """So that no five of them are found in `https` or `#ffffff`, which every page holds."""
    for _ in range(100):
        nonce = SlotSheet().token("recipient.role")[2:-5]
        assert len(set(nonce)) == len(nonce) == 8
