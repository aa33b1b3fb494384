"""What many recipients share is encoded once, and reads as if each had been encoded alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render import recall
from tigc_mail.render.columns import encode_column
from tigc_mail.render.contexts import Context, UnfitValueError, encode
from tigc_mail.render.recall import Recall

CONTEXTS = [Context.PLAIN, Context.MARKUP]
SHARED = st.sampled_from(["", "Ana", "José", "O'Brien", "محمد", ".", "x" * 80, "a\nb"])
BATCHES = st.lists(st.lists(SHARED | st.text(max_size=3), max_size=12), max_size=6)


def _require_right(remembering: Recall, values: list[str]) -> None:
    encoded = remembering.encode(values)
    for context in CONTEXTS:
        assert list(encoded[context]) == [encode(value, context) for value in values], context


@given(BATCHES)
def test_batch_after_batch_reads_as_its_values_do_one_by_one(batches: list[list[str]]) -> None:
    remembering = Recall(CONTEXTS)
    for values in batches:
        _require_right(remembering, values)


@given(BATCHES)
def test_so_it_does_once_there_are_too_many_to_be_kept(batches: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recall, "MAX_REMEMBERED", 3)
        remembering = Recall(CONTEXTS)
        for values in batches:
            _require_right(remembering, values)


def test_several_threads_may_share_one() -> None:
    remembering = Recall(CONTEXTS)
    batches = [[f"reader {(at * 7 + turn) % 90}'é" for at in range(300)] for turn in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda values: _require_right(remembering, values), batches))


def test_a_value_is_known_only_once_every_context_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = Recall(CONTEXTS)
    names = ["O'Brien", "N'Diaye", "D'Arcy", "O'Hara", "O'Neill", "L'Oréal"]
    asked = list(names)

    class Watched(list[bytes]):
        """A column of which another thread asks for a value whenever one is about to be learnt."""

        def __iter__(self) -> Iterator[bytes]:
            monkeypatch.undo()
            _require_right(remembering, [asked.pop()] * 2)
            return super().__iter__()

    def learning(values: list[str], contexts: tuple[Context, ...]) -> dict[Context, Watched]:
        return {at: Watched(column) for at, column in encode_column(values, contexts).items()}

    monkeypatch.setattr(recall, "encode_column", learning)
    _require_right(remembering, [*names, "Ana", "Ana", *names])
    assert len(asked) < len(names) - 1


def test_a_known_value_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = Recall(CONTEXTS)
    remembering.encode(["Ana", "Ana", "José", "Ana"])
    monkeypatch.setattr(recall, "encode_column", None)
    _require_right(remembering, ["José", "Ana", "Ana"])


def test_a_value_that_must_not_stand_there_is_refused_each_time() -> None:
    remembering = Recall([Context.RAW])
    for _ in range(2):
        with pytest.raises(UnfitValueError):
            remembering.encode(["a", "a", "b\r\nc", "a"])
