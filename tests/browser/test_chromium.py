"""A browser is found where one is, and what to do is said where none is."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tigc_mail.interfaces import chromium
from tigc_mail.interfaces.chromium import MissingBrowserError, find

ROOT = Path(__file__).parents[2]
FIND = "from tigc_mail.interfaces.chromium import find; find()"


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_browser_that_is_named_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, _ = program(tmp_path, "mine"), program(tmp_path, "chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CHROMIUM", str(named))
    assert find() == str(named)


def test_well_known_names_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = program(tmp_path, "google-chrome")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert find() == str(known)


def test_a_name_that_is_no_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(MissingBrowserError, match="CHROMIUM: names /nowhere/chromium"):
        find()


def test_where_there_is_none_the_cure_is_told(tmp_path: Path) -> None:
    """In a process of its own: playwright, which is asked last, runs once in each."""
    bare = {name: value for name, value in os.environ.items() if name != "CHROMIUM"}
    bare |= {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    command = [sys.executable, "-c", FIND]
    ended = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "there is no Chromium on this machine. Install one" in ended.stderr


def test_without_playwright_it_is_told_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_spec", lambda _: None)
    with pytest.raises(MissingBrowserError, match=r"pip install 'tigc-mail\[pictures\]'"):
        find()


def test_a_browser_that_does_not_start_is_told(tmp_path: Path) -> None:
    """In a thread of its own: playwright runs once in each, and in this one it may already."""

    def launch() -> None:
        with chromium.launched(str(program(tmp_path, "chromium"))):
            pass

    with (
        ThreadPoolExecutor(1) as thread,
        pytest.raises(MissingBrowserError, match="chromium: does not start"),
    ):
        thread.submit(launch).result()
