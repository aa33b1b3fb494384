"""The studio remembers which message it told of, so that a page gets just that."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from tests.interfaces.small import Small

from tigc_mail.interfaces.preview.studio import Answer, Proof, Studio, Wanted
from tigc_mail.render.lint.finding import Variant

WANTED = Wanted("news", Variant("readers", "en", ()))


@pytest.fixture
def studio(small: Small) -> Studio:
    return Studio(small.folder)


def proof_of(studio: Studio) -> Proof:
    proof = studio.proof(WANTED).last
    assert proof
    return proof


def test_a_message_is_remembered_by_the_beginning_of_its_digest(studio: Studio) -> None:
    proof = proof_of(studio)
    assert studio.remembered(WANTED, proof.digest[:12]) is proof
    assert studio.remembered(WANTED, proof.digest) is proof


@pytest.mark.parametrize("digest", ["", "nothing"])
def test_no_other_message_is_taken_for_it(digest: str, studio: Studio) -> None:
    proof_of(studio)
    assert studio.remembered(WANTED, digest) is None
    other = WANTED._replace(variant=Variant("readers", "fr", ()))
    assert studio.remembered(other, proof_of(studio).digest) is None


def test_after_a_change_it_is_the_new_one(studio: Studio, small: Small) -> None:
    before = proof_of(studio)
    small.change("three things", "four things")
    after = proof_of(studio)
    assert studio.remembered(WANTED, before.digest) is None
    assert studio.remembered(WANTED, after.digest) is after


def test_a_check_begins_anew_where_a_file_was_saved_and_whoever_asked_gets_the_new_one(
    studio: Studio, small: Small
) -> None:
    asked: list[Future[Answer[Any]]] = []

    def save_and_ask_again(step: float) -> None:
        if step and not asked:
            small.change("type: text", "type: txet")
            before = studio._runs["news"]._wanted
            asked.append(pool.submit(studio.check, "news"))
            while studio._runs["news"]._wanted == before:
                pass

    with ThreadPoolExecutor(1) as pool:
        first = studio.check("news", save_and_ask_again).last
        second = asked[0].result().last
    assert first is second
    assert first
    assert not first.clean
