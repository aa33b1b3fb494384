"""`tigc-mail preview --contact-sheet`: what it refuses, before any browser is started."""

from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small

from tigc_mail.errors import ConfigurationError
from tigc_mail.interfaces.preview.sheet import require_place


def test_one_file_holds_one_edition(small: Small, run: Run, tmp_path: Path) -> None:
    copy = small.folder / "editions" / "again"
    copy.mkdir()
    (copy / "edition.yaml").write_text(small.edition.read_text("utf-8"), "utf-8")
    told = run("-w", small.folder, "preview", "--contact-sheet", tmp_path / "sheet.pdf")
    assert (told.code, told.out) == (2, "")
    assert "names one file, and there are 2 editions. Choose one with --edition" in told.err
    assert not (tmp_path / "sheet.pdf").exists()


@pytest.mark.parametrize("name", ["sheet.jpg", "sheet.PDFX", "sheet.html"])
def test_what_is_neither_a_folder_nor_a_png_nor_a_pdf_is_refused(
    name: str, small: Small, run: Run, tmp_path: Path
) -> None:
    told = run("-w", small.folder, "preview", "--contact-sheet", tmp_path / name)
    assert (told.code, told.out) == (2, "")
    ending = Path(name).suffix
    assert f"ends in {ending}, which no contact sheet is made as. Name a file that" in told.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["sheets-2026.11", "there.already"])
def test_a_folder_may_have_a_dot_in_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "there.already").mkdir()
    require_place(tmp_path / name)


def test_without_a_chromium_it_says_what_to_do(
    small: Small, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    told = run("-w", small.folder, "preview", "--contact-sheet", tmp_path / "sheets", "--json")
    assert (told.code, told.out) == (ConfigurationError.exit_code, "")
    assert "CHROMIUM: names /nowhere/chromium, which is no program." in told.err
    assert not (tmp_path / "sheets").exists()


def test_an_edition_that_there_is_not_is_told(small: Small, run: Run, tmp_path: Path) -> None:
    words = ("preview", "--contact-sheet", tmp_path / "sheets", "--edition", "nothing")
    told = run("-w", small.folder, *words)
    assert told.code == 2
    assert "there is no edition 'nothing'" in told.err


def test_a_wrong_edition_is_told_with_its_place(small: Small, run: Run, tmp_path: Path) -> None:
    small.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    told = run("-w", small.folder, "preview", "--contact-sheet", tmp_path / "sheets")
    assert told.code == 1
    assert "editions/news/edition.yaml: blocks[0].marking (line" in told.err


def test_an_edition_alone_chooses_nothing(small: Small, run: Run) -> None:
    told = run("-w", small.folder, "preview", "--edition", "news")
    assert told.code == 2
    assert "--edition: chooses what --contact-sheet shows" in told.err
