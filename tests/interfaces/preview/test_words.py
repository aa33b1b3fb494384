"""Two texts are told as one, in which everything of both stands."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.interfaces.preview.words import MAX_PAIRS, Piece, pieces

LINES = st.lists(st.text(alphabet="ab .é\t", max_size=12), max_size=5)


@given(left=LINES, right=LINES)
def test_both_texts_can_be_read_off(left: list[str], right: list[str]) -> None:
    found = pieces(left, right)
    for kind, lines in (("left", left), ("right", right)):
        said = "".join(piece.text for piece in found if piece.kind in ("same", kind))
        assert said == "".join(f"{line}\n" for line in lines)
    assert all(piece.text for piece in found)
    assert all(one.kind != other.kind for one, other in pairwise(found))


@given(lines=LINES)
def test_nothing_differs_from_itself(lines: list[str]) -> None:
    assert {piece.kind for piece in pieces(lines, lines)} <= {"same"}


def test_a_word_that_differs_is_told_alone() -> None:
    found = pieces(["One.", "The driver talked at last."], ["One.", "The driver walked at last."])
    assert found == (
        Piece("same", "One.\nThe driver "),
        Piece("left", "talked "),
        Piece("right", "walked "),
        Piece("same", "at last.\n"),
    )


def test_one_short_word_in_common_is_told_with_the_changes_around_it() -> None:
    found = pieces(["Police stopped the red lorry at dawn."], ["Police sold the old boat at dawn."])
    assert found[1:3] == (
        Piece("left", "stopped the red lorry "),
        Piece("right", "sold the old boat "),
    )


def test_lines_with_little_in_common_are_told_as_a_whole() -> None:
    found = pieces(["Nothing of this is kept."], ["Everything else stays, as it was before."])
    assert [piece.kind for piece in found] == ["left", "right"]


def test_a_very_long_line_is_not_compared_word_by_word() -> None:
    words = "word " * int(MAX_PAIRS**0.5 + 1)
    assert [piece.kind for piece in pieces([f"{words}a"], [f"{words}b"])] == ["left", "right"]
