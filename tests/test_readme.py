"""The README: its Python runs, and the commands it and the documents show exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from tigc_mail.interfaces.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONTACTS = """\
email,given_name,family_name,sector,locale,consent_basis,consent_at
ana@example.org,Ana,Solís,law-enforcement,fr,public-task,2026-01-15
ben@example.com,Ben,Carter,public,en,consent,2026-02-15
"""


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGES[0].read_text("utf-8"), re.DOTALL)
    (tmp_path / "contacts.csv").write_text(CONTACTS, "utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert "2 accepted; []" in printed
    assert "{'accepted': 2}" in printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_shown_exist_with_their_options(page: Path) -> None:
    for block in re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for line in re.findall(r"tigc-mail [^\n#&|<>]*", block):
            words = shlex.split(line)[1:]
            command: Any = typer.main.get_command(app)
            known = {"-w", "--help", "-h"}
            for word in words:
                if word in getattr(command, "commands", {}):
                    command = command.commands[word]
                    known |= {name for parameter in command.params for name in parameter.opts}
            unknown = [word for word in words if word.startswith("-") and word not in known]
            assert not unknown, line
            assert not hasattr(command, "commands") or {"--help", "-h"} & {*words}, line


def test_every_link_of_the_pages_leads_somewhere() -> None:
    for page in [*PAGES, *(ROOT / "docs/decisions").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
