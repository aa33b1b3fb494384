"""Files are written whole, and what the system refuses is one message."""

import shutil
from pathlib import Path

import pytest

from tigc_mail.errors import OutputError
from tigc_mail.ground.files import write_files, writing_into


def test_files_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    written = write_files(folder, {"x": b"1", "y": b"2"})
    assert written == [folder / "x", folder / "y"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"x": b"1", "y": b"2"}


def test_files_that_are_there_are_replaced(tmp_path: Path) -> None:
    write_files(tmp_path, {"x": b"a long one"})
    write_files(tmp_path, {"x": b"1"})
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"1"


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / ".y.part").mkdir()
    with pytest.raises(OutputError) as caught:
        write_files(tmp_path, {"x": b"1", "y": b"2"})
    assert str(caught.value).startswith(f"{tmp_path}: cannot be written to: Is a directory. Free")
    assert [path.name for path in tmp_path.iterdir()] == [".y.part"]


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(OutputError, match="a file stands where the folder goes"):
        write_files(tmp_path / "x/y", {"z": b""})


def test_the_reason_of_a_copied_tree_is_that_of_its_first_file(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from/x").touch()
    (tmp_path / "to/x").mkdir(parents=True)
    (tmp_path / "to/x/x").mkdir()
    with (
        pytest.raises(OutputError, match="cannot be written to: Is a directory"),
        writing_into(tmp_path / "to"),
    ):
        shutil.copytree(tmp_path / "from", tmp_path / "to", dirs_exist_ok=True, copy_function=_copy)


def _copy(source: str, target: str) -> None:
    Path(target).write_bytes(Path(source).read_bytes())


def test_what_goes_well_and_what_is_no_fault_of_the_system_pass_through(tmp_path: Path) -> None:
    with writing_into(tmp_path):
        pass
    with pytest.raises(ZeroDivisionError), writing_into(tmp_path):
        _ = 1 // 0
