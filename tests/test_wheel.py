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
    venv.create(environment, with_pip=True)
    wheels = os.environ["TIGC_MAIL_TEST_WHEELHOUSE"]
    install = [environment / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--no-index", "--find-links", wheels, wheel], check=True)
    told = subprocess.run(
        [environment / "bin/tigc-mail", "demo", "--out", "made", "--json"],
        check=True,
        capture_output=True,
        cwd=folder,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
    )
    return json.loads(told.stdout), folder / "made"


def test_the_wheel_carries_the_workspace_and_all_that_is_read_at_run_time(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    for folder in ("audiences", "templates", "editions"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert files
        wanted = {f"tigc_mail/shipped/{path.relative_to(ROOT).as_posix()}" for path in files}
        assert wanted <= held
    assert {
        "tigc_mail/py.typed",
        "tigc_mail/migrations/env.py",
        "tigc_mail/migrations/versions/r0001_first_schema.py",
        "tigc_mail/interfaces/pages/gallery.html.j2",
    } <= held


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
