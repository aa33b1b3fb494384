"""The house: its front door, its weight, and that it speaks of itself alone."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
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


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[>=<~; \[]", line)[0] for line in lines}
    homes = packages_distributions()
    imported = set()
    for module in foreign_modules():
        home = homes[PARTS.get(module, module)]
        names = {name.lower().replace("_", "-").replace(".", "-") for name in home}
        assert names & declared, f"{module} is imported and not declared"
        imported |= names
    assert declared - imported == READ_NOT_IMPORTED


PARTS = {"pydantic_core": "pydantic"}
"""What comes with another package, which pins it and documents it as its own."""

READ_NOT_IMPORTED = {"tzdata", "psycopg"}
"""The time zones, which zoneinfo reads where the system has none, and a driver for SQLAlchemy."""


def foreign_modules() -> set[str]:
    """Return the top-level names of all that `src` imports and neither it nor Python has."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    return found - sys.stdlib_module_names - {"tigc_mail"}


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    modules = (ROOT / "src").rglob("*.py")
    long = [path.name for path in modules if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert long == []


def test_the_project_names_no_place_outside_itself() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    foreign = re.compile("/wor" + "k/|/roo" + "t/|/op" + "t/|pypi" + r"\.org|pythonhost" + "ed")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file():
            assert not foreign.search(path.read_text("utf-8", "ignore")), name
