"""Writes `docs/cli.md` from the commands themselves: `python -m tests.docs_cli`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from tigc_mail.interfaces.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"

HEAD = """\
# The command line

This page is made from the commands themselves by `python -m tests.docs_cli`; a test keeps it current.
`tigc-mail COMMAND --help` says the same in the terminal. Options of `tigc-mail` itself, such as `-w`,
stand before the command: `tigc-mail -w news audiences count`.
"""

TAIL = """\
## How commands end

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | the work failed or found problems: rejected rows, an unbalanced account, deliveries without an \
outcome, a wrong file |
| 2 | wrong usage: an unknown option, edition, audience, campaign or contact, a file that is not there; \
settings that are wrong |

A failure is one message on standard error: the place, the cause, the cure. `--json` prints the answer \
on standard output, and nothing else there.
"""


def page() -> str:
    """Return the text of `docs/cli.md`."""
    root: Any = typer.main.get_command(app)
    parts = [HEAD, f"{root.help}\n", *_options(root), *_commands(root, "tigc-mail"), TAIL]
    return "\n".join(parts)


def _commands(group: Any, name: str) -> Iterator[str]:
    """Yield the sections of the commands of a group, those of its groups included."""
    for word in sorted(group.commands):
        command = group.commands[word]
        called = f"{name} {word}"
        yield f"## {called}\n"
        yield f"{command.help}\n"
        if hasattr(command, "commands"):
            yield from _commands(command, called)
        else:
            yield f"```text\n{' '.join([called, *_synopsis(command)])}\n```\n"
            yield from _options(command)


def _synopsis(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name == "argument" or parameter.required:
            yield _written(parameter)
    yield "[OPTIONS]"


def _options(command: Any) -> Iterator[str]:
    """Yield a table of the arguments and options; nothing where there are none."""
    rows = [_row(parameter) for parameter in command.params]
    if rows:
        yield "\n".join(["| argument or option | |", "| --- | --- |", *rows, ""])


def _row(parameter: Any) -> str:
    default = parameter.default
    told = f" Default: `{default}`." if _is_told(default) else ""
    needed = " Required." if parameter.required and parameter.param_type_name == "option" else ""
    return f"| `{_written(parameter)}` | {parameter.help}{told}{needed} |"


def _is_told(default: object) -> bool:
    return isinstance(default, str | Path) and default != Path()


def _written(parameter: Any) -> str:
    """Return a parameter as it is typed: `EDITION`, `--author TEXT`, `-w, --workspace DIR`."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(parameter.opts)
    value = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or 'TEXT'}"
    return f"{names}{value}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
