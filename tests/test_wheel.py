"""The wheel: what it holds, and that it does the main job in an empty environment."""

import json
import os
import subprocess
import sys
import venv
from email import message_from_bytes, policy
from pathlib import Path
from zipfile import ZipFile

import pytest

from tigc_mail.render.slots import TOKEN

ROOT = Path(__file__).parents[1]
AUDIENCES = {"law-enforcement", "government", "private-sector", "public"}
LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def demo(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], Path]:
    """What `tigc-mail demo --json` says, run from another folder, and the folder it made."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = folder / "environment"
    venv.create(environment)
    wheels = os.environ.get("TIGC_MAIL_TEST_WHEELHOUSE")
    assert wheels, "run this test with `make test`, which prepares what it needs"
    pip = [sys.executable, "-m", "pip", "--python", environment, "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-index", "--find-links", wheels, wheel]
    subprocess.run([*pip, *install], check=True)
    told = subprocess.run(
        [environment / "bin/tigc-mail", "demo", "--out", "made", "--json"],
        check=True,
        capture_output=True,
        cwd=folder,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
    )
    return json.loads(told.stdout), folder / "made"


def test_the_wheel_carries_the_package_and_the_shipped_workspace_and_nothing_else(
    wheel: Path,
) -> None:
    wanted = {
        *(f"tigc_mail/{name}" for name in kept_in(ROOT / "src/tigc_mail")),
        *(
            f"tigc_mail/shipped/{folder}/{name}"
            for folder in ("audiences", "templates", "editions")
            for name in kept_in(ROOT / folder)
        ),
    }
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == wanted
    assert {
        "tigc_mail/py.typed",
        "tigc_mail/migrations/env.py",
        "tigc_mail/interfaces/pages/gallery.html.j2",
        "tigc_mail/shipped/audiences/public.yaml",
        "tigc_mail/shipped/templates/theme.css",
        "tigc_mail/shipped/templates/phrases/fr.po",
        "tigc_mail/shipped/editions/2026-11-newsletter/edition.yaml",
        "tigc_mail/shipped/editions/ip-crime-conference-postponed/edition.yaml",
    } <= held


def kept_in(folder: Path) -> set[str]:
    """Return the files of a folder that belong to the project."""
    paths = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in paths if "__pycache__" not in path.parts}


def test_the_wheel_says_what_it_is_and_under_which_terms(wheel: Path) -> None:
    held = ZipFile(wheel)
    (metadata,) = (name for name in held.namelist() if name.endswith(".dist-info/METADATA"))
    text = held.read(metadata).decode()
    assert "Name: tigc-mail" in text
    assert "License-Expression: MIT" in text
    assert any(name.endswith("/licenses/LICENSE") for name in held.namelist())
    (points,) = (name for name in held.namelist() if name.endswith("entry_points.txt"))
    assert "tigc-mail = tigc_mail.interfaces.cli:main" in held.read(points).decode()


def test_the_demo_of_an_installed_wheel_reaches_four_audiences(
    demo: tuple[dict[str, object], Path],
) -> None:
    told, folder = demo
    accepted = {name: states["accepted"] for name, states in told["audiences"].items()}  # type: ignore[attr-defined]
    assert set(accepted) == AUDIENCES
    assert all(count > 0 for count in accepted.values())
    assert len(list((folder / "outbox").glob("*.eml"))) == sum(accepted.values())


def test_every_message_of_the_demo_is_whole(demo: tuple[dict[str, object], Path]) -> None:
    for path in (demo[1] / "outbox").glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [message, *message.walk()]
        assert [part.defects for part in parts] == [[] for _ in parts], path.name
        assert all(message[header] for header in LIST_HEADERS), path.name
        for kind in ("plain", "html"):
            body = message.get_body((kind,))
            assert body is not None, path.name
            assert not TOKEN.search(body.get_content()), path.name


def test_a_key_message_reads_differently_to_each_audience(
    demo: tuple[dict[str, object], Path],
) -> None:
    rendered = demo[1] / "rendered/2026-11-newsletter"
    texts = {name: (rendered / f"{name}-en/message.txt").read_text() for name in AUDIENCES}
    titles = {
        "law-enforcement": "Behind the fake, follow the money",
        "government": "Gaps in the rules become income for crime",
        "private-sector": "Whatever you make, someone may copy it",
    }
    for audience, title in titles.items():
        assert [name for name, text in texts.items() if title in text] == [audience]
