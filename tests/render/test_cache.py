"""Compiled messages on disk: what was put comes back, or nothing does."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tigc_mail import CompiledMessage
from tigc_mail.render import cache as cache_module
from tigc_mail.render.cache import FORMAT, CompiledCache
from tigc_mail.render.contexts import Context
from tigc_mail.render.message import Letterhead, Occurrence

NAME = Occurrence("recipient.given_name", Context.MARKUP)

SMALL = CompiledMessage(
    audience="public",
    locale="ar",
    subject=("خبر",),
    html=("<p>", NAME, "</p>"),
    text=("\x00é\u2028", NAME, ""),
    wire=(b"\xff\x00\r\n", NAME, b""),
    salutation=("Dear {given_name},", "Hello,"),
    letterhead=Letterhead("Té", "we@example.org", "", "l.example.org", "https://example.org/u/"),
)

pieces = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.builds(Occurrence, st.text("ab"), st.sampled_from(Context))
).map(tuple)
messages = st.builds(
    CompiledMessage,
    audience=st.text("abc"),
    locale=st.sampled_from(["en", "ar"]),
    subject=pieces,
    html=pieces,
    text=pieces,
    wire=st.lists(st.binary() | st.just(NAME)).map(tuple),
    salutation=st.tuples(st.text("ab"), st.text("ab")),
)


@pytest.fixture
def kept(tmp_path: Path) -> CompiledCache:
    return CompiledCache(tmp_path / ".tigc-mail" / "compiled", "secret")


@given(message=messages)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_field_of_a_message_comes_back_as_it_was(
    kept: CompiledCache, message: CompiledMessage
) -> None:
    kept.put("one", message)
    found = kept.get("one")
    assert found is not None
    for part in fields(CompiledMessage):
        assert repr(getattr(found, part.name)) == repr(getattr(message, part.name))
    assert found.digest == message.digest


def test_a_shipped_message_comes_back_as_it_was(
    kept: CompiledCache, shipped_message: CompiledMessage
) -> None:
    kept.put("one", shipped_message)
    assert kept.get("one") == shipped_message


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_with_any_byte_changed_or_missing_is_as_good_as_not_there(
    kept: CompiledCache, data: st.DataObject
) -> None:
    kept.put("one", SMALL)
    path = kept.path("one")
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    damaged = data.draw(
        st.sampled_from(
            [
                whole[:at],
                whole[:at] + flipped + whole[at + 1 :],
                whole + flipped,
                whole[at:] + whole,
            ]
        )
    )
    path.write_bytes(damaged)
    assert kept.get("one") == (None if damaged != whole else SMALL)
    kept.put("one", SMALL)
    assert path.read_bytes() == whole, "it is replaced"


@given(content=st.binary())
@example(content=FORMAT)
@example(content=FORMAT + b"0" * 64 + b"\n{}")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_foreign_file_is_not_believed(kept: CompiledCache, content: bytes) -> None:
    kept.put("another", SMALL)
    kept.path("one").write_bytes(content)
    assert kept.get("one") is None


def test_a_file_under_the_name_of_another_message_is_not_believed(kept: CompiledCache) -> None:
    kept.put("one", SMALL)
    kept.path("one").rename(kept.path("two"))
    assert kept.get("two") is None


def test_what_was_sealed_with_another_secret_is_not_believed(kept: CompiledCache) -> None:
    forger = CompiledCache(kept.folder, "a guess")
    forger.put("one", SMALL)
    assert kept.get("one") is None
    forger.path("one").rename(kept.path("one"))
    assert kept.get("one") is None


def test_a_sealed_file_of_another_shape_is_not_believed(kept: CompiledCache) -> None:
    kept.put("one", SMALL)
    for body in (b"{}", b"[]", b"\xff", b'{"audience": "public"}'):
        kept.path("one").write_bytes(kept._head("one", body) + body)
        assert kept.get("one") is None
    body = cache_module._as_json().dump_json(SMALL).replace(b"{", b'{"unheard_of": "x", ', 1)
    kept.path("one").write_bytes(kept._head("one", body) + body)
    assert kept.get("one") is None, "a field that is not known is not dropped in silence"


def test_what_is_no_plain_file_is_neither_followed_nor_waited_for(kept: CompiledCache) -> None:
    kept.put("one", SMALL)
    path = kept.path("one")
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")
    assert kept.get("one") is None
    path.unlink()
    os.mkfifo(path)
    assert kept.get("one") is None
    path.unlink()
    path.mkdir()
    assert kept.get("one") is None
    kept.put("one", SMALL)
    assert path.is_dir(), "left alone, and nothing raised"


def test_only_the_owner_may_read_what_is_kept(kept: CompiledCache) -> None:
    before = os.umask(0)
    try:
        kept.put("one", SMALL)
    finally:
        os.umask(before)
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.path("one").stat().st_mode) == 0o600
    assert (kept.folder / ".gitignore").read_text() == "*\n"


def test_the_least_recently_used_gives_way(
    kept: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 3)
    for at, name in enumerate(("one", "two", "three")):
        kept.put(name, SMALL)
        os.utime(kept.path(name), (at, at))
    assert kept.get("one") == SMALL  # used just now
    kept.put("four", SMALL)
    assert [bool(kept.get(name)) for name in ("one", "two", "three", "four")] == [1, 0, 1, 1]


def test_bytes_are_bounded_too_and_what_a_killed_process_left_counts(
    kept: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.put("one", SMALL)
    size = kept.path("one").stat().st_size
    left = kept.folder / ".killed.part"
    left.write_bytes(b"x" * size)
    for at, path in enumerate((left, kept.path("one"))):
        os.utime(path, (at, at))
    monkeypatch.setattr(cache_module, "MAX_BYTES", 2 * size)
    kept.put("two", SMALL)
    assert not left.exists()
    assert kept.get("one") == kept.get("two") == SMALL


def test_a_message_that_is_too_large_is_not_kept(
    kept: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MAX_MESSAGE", 10)
    kept.put("one", SMALL)
    assert kept.get("one") is None


def test_who_may_write_the_workspace_may_write_beside_the_cache_but_not_in_it(
    tmp_path: Path,
) -> None:
    """Locks lie beside it, which a colleague's account takes as well."""
    tmp_path.chmod(0o2770)
    cache = CompiledCache(tmp_path / ".tigc-mail" / "compiled", "secret")
    cache.put("one", SMALL)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (cache.folder.parent, cache.folder)]
    assert modes[0] == 0o2770
    assert modes[1] & 0o777 == 0o700


def test_a_folder_or_disk_that_takes_nothing_stops_nothing(
    kept: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.folder.parent.write_text("a file where a folder should be")
    kept.put("one", SMALL)
    assert kept.get("one") is None
    kept.folder.parent.unlink()
    kept.put("two", SMALL)
    with _full_disk(monkeypatch):
        kept.put("one", SMALL)
    assert kept.get("one") is None
    assert [path.suffix for path in kept.folder.iterdir() if path.suffix == ".part"] == []


def test_half_a_surrogate_is_compiled_each_time(kept: CompiledCache) -> None:
    kept.put("one", replace(SMALL, audience="\ud800"))
    assert kept.get("one") is None


def test_many_writers_of_one_file_leave_it_whole(kept: CompiledCache) -> None:
    threads = [Thread(target=kept.put, args=("one", SMALL)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.get("one") == SMALL
    assert not list(kept.folder.glob(".*.part"))


def test_no_part_of_a_message_can_be_forgotten() -> None:
    """Whatever a message is made of is a field, so it is written and read."""
    names = {name for name in vars(SMALL) if name != "_"}
    derived = {
        name
        for name in dir(CompiledMessage)
        if isinstance(vars(CompiledMessage).get(name), cached_property)
    }
    assert names - derived == {part.name for part in fields(CompiledMessage)}
    assert all(part.init for part in fields(CompiledMessage))


@contextmanager
def _full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("tigc_mail.ground.files.os.replace", refuse)
        yield
