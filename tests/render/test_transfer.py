"""Transfer encodings: they decode to what was encoded, also where encodings are joined."""

import quopri
from email.header import decode_header, make_header

from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.transfer import SOFT_BREAK, WORD_BREAK, encoded_words, quoted_printable

WRITABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
TEXTS = st.one_of(
    st.text(WRITABLE, max_size=300),
    st.text(alphabet=". \t\n=é-😀", max_size=200),
    st.text(alphabet=".", min_size=60, max_size=400),
)


@given(TEXTS)
def test_quoted_printable_decodes_to_utf8_with_crlf(text: str) -> None:
    decoded = quopri.decodestring(quoted_printable(text))
    assert decoded == text.replace("\n", "\r\n").encode()


@given(TEXTS)
def test_quoted_printable_keeps_the_rules_of_lines(text: str) -> None:
    encoded = quoted_printable(text)
    assert b"\r" not in encoded.replace(b"\r\n", b"")
    assert b"\n" not in encoded.replace(b"\r\n", b"")
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b".")
        assert not line.endswith((b" ", b"\t"))


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_pieces_encoded_on_their_own_and_joined_decode_to_the_joined_text(texts: list[str]) -> None:
    joined = SOFT_BREAK.join(map(quoted_printable, texts))
    assert quopri.decodestring(joined) == "".join(texts).replace("\n", "\r\n").encode()
    assert max(map(len, joined.split(b"\r\n"))) <= 76


def test_a_half_of_a_character_becomes_a_question_mark() -> None:
    assert quoted_printable("a\ud800b") == b"a?b"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_encoded_words_decode_to_the_text(text: str) -> None:
    words = encoded_words(text).decode("ascii")
    assert str(make_header(decode_header(words))) == text


@given(st.lists(st.text(WRITABLE, min_size=1, max_size=80), min_size=1, max_size=4))
def test_joined_encoded_words_decode_to_the_joined_text(texts: list[str]) -> None:
    words = WORD_BREAK.join(map(encoded_words, texts)).decode("ascii")
    assert str(make_header(decode_header(words))) == "".join(texts)


@given(st.text(max_size=300))
def test_every_encoded_word_fits_a_line_with_the_name_of_its_header(text: str) -> None:
    for word in encoded_words(text).split(b"\r\n "):
        assert len(b"Subject: " + word) <= 76
