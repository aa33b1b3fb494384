"""What cannot be read has a cause and a cure, and a pipe is never waited for."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tigc_mail.ground.reading import (
    NotAFileError,
    UnreadableError,
    content_of,
    is_there,
    names_in,
    open_file,
    read_text,
)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a socket": make_socket,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_neither_opened_nor_waited_for(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, *_: object) -> None:
        raise AssertionError(f"{path} was opened")

    path = Path("x")
    NO_FILES[kind](path)
    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(NotAFileError) as caught:
        open_file(path)
    assert caught.value.cause == "is not a file to read from"
    assert caught.value.cure


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_short_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket's path must not be long."""
    monkeypatch.chdir(tmp_path)


def test_no_more_is_read_than_was_asked_for() -> None:
    Path("x").write_bytes(b"12345")
    assert content_of(Path("x"), 3) == b"123"
    assert content_of(Path("x")) == b"12345"


def test_a_break_of_lines_is_one_character_of_a_text() -> None:
    Path("x").write_bytes("é\r\nb\rc\n".encode())
    assert read_text(Path("x")) == "é\nb\nc\n"


def test_names_stand_in_their_order_and_where_no_folder_is_there_are_none() -> None:
    for name in ("b", "a", "c"):
        Path(name).touch()
    assert names_in(Path()) == ("a", "b", "c")
    assert names_in(Path("nowhere")) == ()
    with pytest.raises(UnreadableError, match="is not a folder"):
        names_in(Path("a"))


def test_what_is_not_there_is_told_from_what_cannot_be_looked_at() -> None:
    Path("a").touch()
    assert is_there(Path("a"))
    assert not is_there(Path("b"))
    assert not is_there(Path("a/b"))
    for path in (Path("x" * 400), Path("x\0")):
        for look in (is_there, open_file, names_in):
            with pytest.raises(UnreadableError) as caught:
                look(path)
            assert "name" in caught.value.cure


def test_a_file_that_may_not_be_read_asks_for_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("x")
    path.touch()
    assert stat.S_ISREG(path.stat().st_mode)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(UnreadableError) as caught:
        content_of(path)
    assert caught.value.cause == "cannot be read: Permission denied"
    assert caught.value.cure == "Give this account the right to read it."
