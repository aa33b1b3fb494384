"""The contexts of values: what is shown, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.contexts import Context, UnfitValueError, all_visible, encode, escape, visible


@given(st.text())
def test_what_is_shown_has_no_control_characters_but_line_breaks_and_tabs(value: str) -> None:
    shown = visible(value)
    assert not set(shown) & {chr(code) for code in (*range(32), *range(127, 160))} - {"\n", "\t"}
    shown.encode()


@given(st.text())
def test_what_is_shown_is_shown_again_unchanged(value: str) -> None:
    assert visible(visible(value)) == visible(value)


@given(st.text() | st.text(st.characters(max_codepoint=0xFF)))
def test_a_text_that_is_all_visible_is_shown_as_it_is(value: str) -> None:
    assert not all_visible(value) or visible(value) == value
    assert all_visible(value) or not value.isprintable()


def test_line_breaks_of_all_systems_become_lf() -> None:
    assert visible("a\r\nb\rc\nd\n\r") == "a\nb\nc\nd\n\n"


def test_a_part_of_a_link_is_percent_encoded_slashes_included() -> None:
    assert escape("a/b c?é&", Context.URL_COMPONENT) == "a%2Fb%20c%3F%C3%A9%26"


@pytest.mark.parametrize(
    "link", ["https://example.org/?a=1&b=2", "HTTPS://example.org/", "mailto:a@b.org"]
)
def test_a_whole_link_may_be_https_or_mailto(link: str) -> None:
    assert escape(link, Context.URL) == link.replace("&", "&amp;")


@pytest.mark.parametrize(
    "link",
    ["", "javascript:alert(1)", " https://example.org", "java\nscript:x", "/path", "ftp://x"],
)
def test_no_other_link_is_taken(link: str) -> None:
    with pytest.raises(UnfitValueError, match="https"):
        escape(link, Context.URL)


def test_blanks_within_a_whole_link_are_dropped() -> None:
    assert escape("https://example.org/a\nb c", Context.URL) == "https://example.org/abc"


@pytest.mark.parametrize("context", [Context.WORD, Context.FIRST_WORD])
def test_a_header_of_text_has_one_line(context: Context) -> None:
    assert escape("a\r\nBcc: b\tc", context) == "a Bcc: b c"


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", "a\r\nBcc: b", "a\r\n", "a\n b", "\x00", "a\x7f", "\ud800"]
)
def test_a_header_value_of_our_own_never_ends_its_header(value: str) -> None:
    with pytest.raises(UnfitValueError, match="header"):
        encode(value, Context.RAW)


def test_a_header_value_of_our_own_may_be_folded() -> None:
    folded = "=?utf-8?b?w6k=?=\r\n <josé@example.org>"
    assert encode(folded, Context.RAW) == folded.encode()
