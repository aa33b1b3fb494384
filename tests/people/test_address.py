"""Addresses have a form for machines and one for people, and reasons never give them away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.people.address import Address, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@example.org", Address("ana@example.org", "ana@example.org")),
        ("Ana.B@EXAMPLE.org", Address("Ana.B@example.org", "Ana.B@example.org")),
        ("ana@bücher.example", Address("ana@xn--bcher-kva.example", "ana@bücher.example")),
        ("ana@xn--bcher-kva.example", Address("ana@xn--bcher-kva.example", "ana@bücher.example")),
        ("é@example.org", Address("é@example.org", "é@example.org")),
    ],
)
def test_an_address_is_kept_in_two_forms(text: str, address: Address) -> None:
    assert read_address(text) == address


def test_addresses_that_differ_only_in_case_have_one_key() -> None:
    assert read_address("Ana@example.org").key == read_address("aNA@Example.ORG").key


@pytest.mark.parametrize(
    "text",
    [
        "ana.example.org",
        "ana@@example.org",
        "ana@example",
        "ana smith@example.org",
        "Ana Smith <ana@example.org>",
        "ana@exam\nple.org",
        "ana@-example.org",
        "ana@exam_ple.org",
        "ana@example.invalid",
        "ana@ex\u0661\u0627.org",
        "ana@a\u200db.org",
        "@b.example",
        "",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"name@example\.org") as caught:
        read_address(text)
    assert text == "" or text not in str(caught.value)
    assert "smith" not in str(caught.value).lower()


@pytest.mark.parametrize("text", ["a@b.org\r\nBcc: c@d.org", "a@b.org\n", "a\u2028b@c.org"])
def test_a_line_break_is_told_before_anything_else_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an e-mail address: it holds a line break;"):
        read_address(text)


LETTERS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(LETTERS, LETTERS)
def test_no_reason_gives_a_part_of_the_address_away(local: str, domain: str) -> None:
    reason = ""
    try:
        read_address(f"zorro{local}@zorro{domain}.org")
    except ValueError as error:
        reason = str(error)
    assert "zorro" not in reason.lower()
