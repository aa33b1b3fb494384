"""The preview runs beside others, in a browser or without one, until it is interrupted."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
import webbrowser
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small

from tigc_mail.interfaces.preview import server

COMMAND = (sys.executable, "-c", "from tigc_mail.interfaces.cli import main; main()")


class _Started:
    """A preview in a process of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "-w", str(folder), "preview", "--no-browser", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        self.told = "".join(iter(self.process.stdout.readline, "}\n")) + "}"
        self.address: str = json.loads(self.told)["address"]

    def get(self, path: str = "") -> int:
        with urllib.request.urlopen(self.address + path) as answer:  # noqa: S310 (of this machine)
            return int(answer.status)

    def interrupt(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out + err


def test_two_previews_run_beside_each_other_and_end_without_a_word(small: Small) -> None:
    one, other = _Started(small.folder, "--json"), _Started(small.folder, "--json")
    assert one.address != other.address
    assert one.get() == other.get("api/overview") == 200
    assert one.address.startswith("http://127.0.0.1:"), "nobody else can ask"
    for each in (one, other):
        assert each.interrupt() == (0, "")


@pytest.mark.parametrize("path", ["events", "campaigns/events"])
def test_it_ends_while_a_page_listens(small: Small, path: str) -> None:
    started = _Started(small.folder, "--json")
    with urllib.request.urlopen(started.address + path) as listening:  # noqa: S310
        assert listening.readline().startswith(b"retry: ")
        assert started.interrupt() == (0, "")


def test_a_port_that_is_taken_is_refused_with_a_cure(run: Run, small: Small) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = run("-w", small.folder, "preview", "--port", port)
    assert told.code == 2
    assert told.err.startswith(f"Error: --port: port {port} cannot be had: ")
    assert "Name another one with --port" in told.err


def test_a_folder_that_is_no_workspace_is_refused(run: Run, tmp_path: Path) -> None:
    told = run("-w", tmp_path, "preview")
    assert told.code == 2
    assert "is not a workspace" in told.err


def test_without_a_browser_the_address_is_all_there_is(
    run: Run, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.uvicorn.Server, "run", lambda *_args, **_named: None)
    monkeypatch.setattr(webbrowser, "get", _none)
    told = run("-w", small.folder, "preview")
    assert told.code == 0
    assert "The preview is at http://127.0.0.1:" in told.out
    assert "No browser was found: open that address in one of this machine." in told.out


def _none() -> None:
    raise webbrowser.Error("none")


def test_a_browser_that_would_take_the_terminal_is_not_opened(
    run: Run, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Lynx(webbrowser.GenericBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: FBT001, FBT002, ARG002
            opened.append(url)
            return True

    monkeypatch.setattr(server.uvicorn.Server, "run", lambda *_args, **_named: None)
    monkeypatch.setattr(webbrowser, "get", lambda: Lynx("lynx"))
    assert "No browser was found" in run("-w", small.folder, "preview").out
    assert opened == []
