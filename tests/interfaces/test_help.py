"""The help of every command."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.interfaces.conftest import Run

import tigc_mail
from tigc_mail.interfaces.cli.app import app


def commands(group: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command, with the words that call it."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *words, word)
        else:
            yield (*words, word), command


ROOT: Any = typer.main.get_command(app)
COMMANDS = {" ".join(words): command for words, command in commands(ROOT)}


def test_the_promised_commands_are_there() -> None:
    assert set(COMMANDS) >= {
        "demo",
        "init",
        "contacts import",
        "contacts show",
        "audiences list",
        "audiences count",
        "audiences explain",
        "render",
        "campaign create",
        "campaign approve",
        "campaign send",
        "campaign status",
        "campaign verify",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_what_to_put_in_is_written_in_capitals(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            assert re.fullmatch(r"[A-Z]+|\[[A-Z]+\]", parameter.metavar), parameter.name


def test_no_message_sends_to_a_page_that_no_workspace_has() -> None:
    for path in Path(tigc_mail.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        alone = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        for one in ast.walk(tree):
            if isinstance(one, ast.Constant) and id(one) not in alone:
                assert "docs/" not in str(one.value), f"{path.name}:{one.lineno}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    help_ = COMMANDS[name].help
    assert help_.split("\n")[0].endswith(".")
    (example,) = re.findall(r"^Example: `(tigc-mail .+)`$", help_, re.MULTILINE)
    assert example.startswith(f"tigc-mail {name} ") or example == f"tigc-mail {name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_explained(name: str) -> None:
    unexplained = [parameter.name for parameter in COMMANDS[name].params if not parameter.help]
    assert unexplained == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_reports_can_do_so_in_json(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert "--json" in options


@pytest.mark.parametrize("name", ["", "contacts", "audiences", "campaign", *COMMANDS])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_an_answer(run: Run, name: str, flag: str) -> None:
    told = run(*name.split(), flag)
    assert (told.code, told.err) == (0, "")
    assert "Usage: tigc-mail" in told.out


@pytest.mark.parametrize("name", ["", "contacts", "audiences", "campaign"])
def test_a_group_of_commands_alone_shows_its_help(run: Run, name: str) -> None:
    told = run(*name.split())
    assert told.code == 2
    assert "Usage: tigc-mail" in told.out + told.err


@pytest.mark.parametrize(
    "words",
    [
        "frobnicate",
        "campaign frobnicate",
        "init",
        "contacts import",
        "render 2026-11-newsletter --out look",
        "campaign create 2026-11-newsletter",
        "audiences list --colour",
        "demo --out",
    ],
)
def test_wrong_usage_is_told_on_standard_error_with_exit_code_2(run: Run, words: str) -> None:
    told = run(*words.split())
    assert (told.code, told.out) == (2, "")
    assert "Usage: tigc-mail" in told.err or "requires an argument" in told.err
    assert "Traceback" not in told.err
