"""What is made from files is kept as long as they are the same."""

import os
from pathlib import Path

import pytest
from tests.interfaces.world import NEWSLETTER, replace_in

from tigc_mail import DocumentError, TemplateError, Workspace
from tigc_mail.interfaces.kept import Kept


def test_a_value_is_made_once_while_its_files_stay_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_text("1")
    kept: Kept[object] = Kept()
    first = kept.of((tmp_path,), object)
    (tmp_path / "a/x").touch()
    assert kept.of((tmp_path,), object) is first


def test_a_changed_file_is_seen_though_its_size_and_time_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("1")
    before = file.stat()
    kept: Kept[str] = Kept()
    assert kept.of((tmp_path,), file.read_text) == "1"
    file.write_text("2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kept.of((tmp_path,), file.read_text) == "2"


def test_new_removed_and_renamed_files_are_seen(tmp_path: Path) -> None:
    kept: Kept[list[str]] = Kept()

    def names() -> list[str]:
        return sorted(path.name for path in tmp_path.iterdir())

    assert kept.of((tmp_path,), names) == []
    (tmp_path / "x").touch()
    assert kept.of((tmp_path,), names) == ["x"]
    (tmp_path / "x").rename(tmp_path / "y")
    assert kept.of((tmp_path,), names) == ["y"]
    (tmp_path / "y").unlink()
    (tmp_path / "y").mkdir()
    assert kept.of((tmp_path,), names) == ["y"]


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    kept: Kept[int] = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.of((tmp_path,), lambda: 1 // 0)
    assert kept.of((tmp_path,), lambda: 1) == 1


def test_an_open_workspace_sees_every_change_of_its_files(news: Path) -> None:
    workspace = Workspace.open(news)
    before = workspace.render(NEWSLETTER, audience="public", locale="en")
    assert workspace.render(NEWSLETTER, audience="public", locale="en").html == before.html
    replace_in(news / "audiences/public.yaml", "A fake is never", "A fake is hardly ever")
    replace_in(news / f"editions/{NEWSLETTER}/edition.yaml", "shopping season", "cold season")
    replace_in(news / "templates/blocks/text.txt.j2", "{{", "* {{")
    after = workspace.render(NEWSLETTER, audience="public", locale="en")
    assert "A fake is hardly ever" in after.html
    assert "cold season" in after.html
    assert "* " in after.text
    assert "* " not in before.text


def test_a_fault_is_told_as_long_as_it_stands(news: Path) -> None:
    workspace = Workspace.open(news)
    workspace.render(NEWSLETTER, audience="public")
    file = news / "audiences/public.yaml"
    right = file.read_text("utf-8")
    file.write_text("ceiling: [", "utf-8")
    for _ in range(2):
        with pytest.raises(DocumentError):
            workspace.edition(NEWSLETTER)
    file.write_text(right, "utf-8")
    (news / "templates/theme.css").unlink()
    (news / "templates/theme.css").mkdir()
    for _ in range(2):
        with pytest.raises(
            TemplateError, match=r"templates/theme\.css: is not a file to read from"
        ):
            workspace.render(NEWSLETTER, audience="public")
