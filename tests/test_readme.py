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
ana@example.org,Ana,Solís,law-enforcement,fr,public-task,2024-01-15
ben@example.com,Ben,Carter,public,en,consent,2024-02-15
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


def shown_in(page: Path) -> set[str]:
    """Return the command lines that a page shows, in its blocks and in its sentences."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^```(.*)\n((?s:.*?))^```$", text, re.MULTILINE)
    blocks = "\n".join(block for kind, block in fenced if kind in ("", "sh", "console", "text"))
    sentences = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines = re.findall(r"tigc-mail [^\n#&|<>]*", blocks)
    return {*lines, *re.findall(r"`(tigc-mail [^`]*)`", sentences)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_shown_exist_with_their_options(page: Path) -> None:
    for line in shown_in(page):
        if "COMMAND" in line:
            continue
        words = shlex.split(line.replace("[", " ").replace("]", " "))[1:]
        command: Any = typer.main.get_command(app)
        known = {"-h", "--help"} | options_of(command)
        for word in words:
            if word in getattr(command, "commands", {}):
                command = command.commands[word]
                known |= options_of(command)
        unknown = [word for word in words if word.startswith("-") and word not in known]
        assert not unknown, line
        assert not hasattr(command, "commands") or {"--help", "-h"} & {*words}, line


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


def test_the_readme_shows_every_step_of_the_monthly_send() -> None:
    shown = " ".join(shown_in(PAGES[0]))
    for step in ("init", "contacts import", "campaign create", "approve", "send", "verify"):
        assert step in shown


def test_every_link_of_the_pages_leads_somewhere() -> None:
    for page in [*PAGES, *(ROOT / "docs/decisions").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
