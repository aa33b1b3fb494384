"""A place leads to its file, and to no file that is not of the workspace."""

import os
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.test_answers import told
from tests.interfaces.small import Small

from tigc_mail.errors import UsageError
from tigc_mail.interfaces.preview.places import spot_at


@pytest.mark.parametrize(
    ("place", "file", "line", "column"),
    [
        (
            "editions/news/edition.yaml: blocks[0].body.en (line 12, column 7)",
            "editions/news/edition.yaml",
            12,
            7,
        ),
        ("templates/base.mjml.j2 (line 3)", "templates/base.mjml.j2", 3, 1),
        ("templates/theme.yaml", "templates/theme.yaml", 0, 0),
        ("audiences/readers.yaml: segment", "audiences/readers.yaml", 0, 0),
    ],
)
def test_a_place_is_a_file_and_a_line(
    small: Small, place: str, file: str, line: int, column: int
) -> None:
    spot = spot_at(small.folder, place)
    assert (spot.file, spot.line, spot.column) == (file, line, column)
    assert spot.text == (small.folder / file).read_text("utf-8")


def test_every_fault_of_a_broken_edition_leads_to_its_line(preview: ASGIApp, small: Small) -> None:
    small.change("type: text", "type: txet")
    (fault,) = told(preview, "message", {"edition": "news", "audience": "readers", "locale": "en"})[
        "faults"
    ]
    file = told(preview, "file", {"place": fault["place"]})
    assert "txet" in file["text"].splitlines()[file["line"] - 1]


@pytest.mark.parametrize(
    "place",
    ["", "/etc/passwd", "../secret.yaml", "editions/../../secret.yaml", "secret.yaml", "tigc-mail.db",
     "editions", "editions/none.yaml", "editions/link.yaml", "editions/\0", "a setting"],
)  # fmt: skip
def test_nothing_else_is_shown(small: Small, tmp_path: Path, place: str) -> None:
    for secret in (tmp_path / "secret.yaml", small.folder / "secret.yaml"):
        secret.write_text("a secret", "utf-8")
    (small.folder / "editions" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(UsageError):
        spot_at(small.folder, place)


def test_what_is_no_text_is_not_shown(small: Small) -> None:
    (small.folder / "editions" / "news" / "picture.png").write_bytes(b"\x89PNG\0")
    with pytest.raises(UsageError, match="no text"):
        spot_at(small.folder, "editions/news/picture.png")


def test_a_pipe_is_not_opened_and_nobody_waits_for_it(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, *_: object) -> None:
        raise AssertionError(f"{path} was opened")

    os.mkfifo(small.folder / "editions" / "news" / "pipe.yaml")
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "read_bytes", opened)
    with pytest.raises(UsageError, match="is not a file to read from"):
        spot_at(small.folder, "editions/news/pipe.yaml")
