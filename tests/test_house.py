"""The house: its front door, its weight, and that it speaks of itself alone."""

import re
import subprocess
import sys
from pathlib import Path

import tigc_mail

ROOT = Path(__file__).parents[1]
LONGEST_MODULE = 450


def test_every_public_name_can_be_had_from_the_front_door() -> None:
    assert all(getattr(tigc_mail, name).__name__ == name for name in tigc_mail.__all__)
    assert list(tigc_mail.__all__) == sorted(tigc_mail.__all__)


def test_the_public_names_are_those_documented() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/python.md").read_text("utf-8"), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == set(tigc_mail.__all__)


def test_importing_the_package_loads_no_heavy_part() -> None:
    heavy = "{'sqlalchemy', 'lxml', 'jinja2', 'typer', 'pydantic'}"
    code = f"import sys, tigc_mail; print({heavy} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "set()"


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    modules = (ROOT / "src").rglob("*.py")
    long = [path.name for path in modules if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert long == []


def test_the_project_names_no_place_outside_itself() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    foreign = re.compile("/wor" + "k/|/roo" + "t/|pypi" + r"\.org|pythonhost" + "ed")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file():
            assert not foreign.search(path.read_text("utf-8", "ignore")), name
