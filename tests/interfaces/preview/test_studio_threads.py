"""Where two threads ask at the same time, what is told and what is wrong belong together."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, RLock, Thread
from typing import Any

import pytest
from starlette.requests import Request
from tests.interfaces.small import Small

from tigc_mail import Workspace
from tigc_mail.errors import Fault
from tigc_mail.interfaces.preview import people, studio
from tigc_mail.interfaces.preview.studio import Studio, Wanted
from tigc_mail.render.lint.finding import Variant

WANTED = Wanted("news", Variant("readers", "en", ()))
RIGHT, WRONG = "ceiling: TLP:CLEAR", "ceiling: TLP:PINK"


class Seen:
    """A lock that tells when somebody has to wait for it."""

    def __init__(self, waited: Event) -> None:
        self._lock, self._waited = RLock(), waited

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._waited.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Other:
    """Another thread, which saves a file and asks, as soon as an answer was made.

    It is let go on until it has its answer, or has to wait for its turn.
    """

    def __init__(self, small: Small) -> None:
        self.small, self.going = small, Event()
        self.studio = Studio(small.folder, _lock=Seen(self.going))  # type: ignore[arg-type]
        self.threads: list[Thread] = []

    def comes(self, old: str, new: str) -> None:
        """Save, and ask in a thread; only the first call does."""
        if not self.threads:
            self.small.change(old, new, self.small.audience)
            self.threads.append(Thread(target=self._asks))
            self.threads[0].start()
            self.going.wait()

    def _asks(self) -> None:
        self.studio.audiences()
        self.going.set()

    def gone(self) -> None:
        for thread in self.threads:
            thread.join()


@pytest.fixture
def other(small: Small) -> Other:
    return Other(small)


@pytest.fixture
def between(other: Other, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Have the other thread come after an answer was made, and before its faults are told."""
    kept = studio._kept

    def set_up(old: str, new: str) -> None:
        def kept_and_then(*asked: Any) -> Any:
            try:
                return kept(*asked)
            finally:
                other.comes(old, new)

        monkeypatch.setattr(studio, "_kept", kept_and_then)

    return set_up


ASKED: list[Callable[[Studio], tuple[Fault, ...]]] = [
    lambda asked: asked.edition("news").faults,
    lambda asked: asked.proof(WANTED).faults,
]


@pytest.mark.parametrize("ask", ASKED, ids=["edition", "message"])
def test_what_was_made_from_right_files_is_not_called_wrong(
    ask: Callable[[Studio], tuple[Fault, ...]], other: Other, between: Callable[[str, str], None]
) -> None:
    between(RIGHT, WRONG)
    assert ask(other.studio) == ()
    other.gone()
    assert "ceiling" in ask(other.studio)[0].place


@pytest.mark.parametrize("ask", ASKED, ids=["edition", "message"])
def test_what_was_made_from_a_wrong_file_is_not_called_right(
    ask: Callable[[Studio], tuple[Fault, ...]],
    other: Other,
    between: Callable[[str, str], None],
    small: Small,
) -> None:
    assert ask(other.studio) == ()
    small.change(RIGHT, WRONG, small.audience)
    between(WRONG, RIGHT)
    assert "ceiling" in ask(other.studio)[0].place
    other.gone()
    assert ask(other.studio) == ()


def test_the_message_that_is_made_last_is_the_one_that_is_remembered(
    other: Other, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that made an older one before does not put it in the place of the newer."""
    kept = studio._kept

    def kept_later(make: Callable[[], Any], *where: Any) -> Any:
        def made() -> Any:
            found = make()
            if not other.threads:
                small.change("three things", "four things")
                other.threads.append(Thread(target=newer))
                other.threads[0].start()
                other.going.wait()
            return found

        return kept(made, *where)

    def newer() -> None:
        other.studio.proof(WANTED)
        other.going.set()

    monkeypatch.setattr(studio, "_kept", kept_later)
    before = other.studio.proof(WANTED).last
    other.gone()
    assert before
    remembered = other.studio._proofs[WANTED]
    assert "four things" in remembered.message.text
    assert "three things" in before.message.text


def test_nobody_waits_for_what_is_read_of_a_revision(other: Other) -> None:
    """Git may take seconds for it."""
    before = WANTED._replace(revision="a" * 40)
    for wanted, free in ((before, True), (WANTED, False)):
        lock = RLock()
        with (
            Studio(other.small.folder, _lock=lock).alone(wanted),
            ThreadPoolExecutor(1) as elsewhere,
        ):
            assert elsewhere.submit(lock.acquire, blocking=False).result() is free


def test_a_person_is_told_with_what_is_wrong_with_the_audiences_they_were_looked_for_in(
    other: Other, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, workspace = {"audiences": ["as it last was right"]}, Studio.workspace
    told_of: list[object] = []

    def tell(case: object) -> Any:
        told_of.append(case)
        return known

    @contextmanager
    def lent(lender: Studio) -> Iterator[Workspace]:
        with workspace(lender) as found:
            yield found
        if told_of:
            other.comes(WRONG, RIGHT)

    other.studio.audiences()
    small.change(RIGHT, WRONG, small.audience)
    monkeypatch.setattr(people._Case, "of", lambda found, _: found.audiences())
    monkeypatch.setattr(people, "_known", tell)
    monkeypatch.setattr(Studio, "workspace", lent)
    query = b"edition=news&audience=readers&locale=en&contact=4711"
    told = people._person(other.studio, Request({"type": "http", "query_string": query}))
    other.gone()
    assert told["audiences"] == known["audiences"]
    assert [fault["place"] for fault in told["faults"] if "ceiling" in fault["place"]]
