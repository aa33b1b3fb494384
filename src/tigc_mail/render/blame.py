"""From whatever goes wrong in a template to one error at the author's file, line and column."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.spot import spot
from tigc_mail.render.sandbox import Environment
from tigc_mail.render.syntax import name_cure, syntax_cure
from tigc_mail.render.tokens import naming, offset_of, with_breaks

_OURS = re.compile(r"'(?:tigc_mail\.[\w.]*\.)?(?:\w+Slots|Links|TailoredAudience) object'")
_NUMBERED = re.compile(r" \((?:imported )?on line \d+ in '[^']*'\)| on line \d+ in '[^']*'")
_AT = re.compile(r"^(unexpected char .+) at \d+$")
"""What Jinja says of places in its causes: the place is told before them."""

_QUOTED = re.compile(r"[`']([^`']+)[`']")

_OPERANDS = re.compile(r"unsupported operand|can't multiply|can only concatenate")
"""How Python says that two values do not go together in a calculation."""

TEXT = "<text>"
"""How Jinja knows a text that is no template of the folder."""

PlaceIn = Callable[[int | None], str]
"""Tells the place of a letter of a text; of the whole text where the letter is not known."""


class WrittenText(NamedTuple):
    """A text that is filled like a template, and stands in a file of its own kind."""

    source: str
    place: PlaceIn


def place_in(name: str, source: str) -> PlaceIn:
    """Return what tells the places in a text that is the whole content of a file."""
    return lambda at: name if at is None else f"{name} ({spot(source, at)})"


@contextmanager
def faults_at(
    environment: Environment, name: str, text: WrittenText | None = None
) -> Iterator[None]:
    """Turn what is raised within into a `TemplateError`.

    Args:
        environment: in which something is filled.
        name: the template that is filled.
        text: what is filled in place of a template.

    Raises:
        TemplateError: at the innermost expression or tag of a template on the way to the error.
    """
    blame = _Blame(environment, text)
    whole = text.place(None) if text else f"templates/{name}"
    try:
        yield
    except TemplateSyntaxError as error:
        file = error.filename or error.name or ""  # the lexer has the one for the other
        place = blame.place(file, offset_of(error.lineno)) or whole
        cause = _without_numbers(str(error.message))
        raise TemplateError(cause, place, syntax_cure(error)) from None
    except RecursionError as error:
        cure = "Look for templates that include each other."
        steps = Counter(blame.steps(error.__traceback__))  # a cycle is met again and again
        most = max(steps, key=steps.__getitem__, default=None)
        place = blame.place(*most, ()) if most else whole
        raise TemplateError("is nested, or includes itself, without end", place, cure) from None
    except RenderError as error:
        place = error.place or blame.last(error.__traceback__, error.cause) or whole
        raise TemplateError(error.cause, place, error.cure) from None
    except Exception as error:  # noqa: BLE001 (an author's template may raise anything)
        place = blame.last(error.__traceback__, str(error)) or whole
        raise TemplateError(_cause(error), place, _cure(error)) from None


def _cause(error: Exception) -> str:
    match error:
        case SecurityError():
            return f"the sandbox refuses this: {error}"
        case TemplateNotFound():
            return f"there is no template {error.name}"
        case MemoryError():
            return "needs more memory than there is"
        case SyntaxError():
            return f"cannot be compiled: {error.msg}"
        case KeyError():
            return f"there is no {error}"
        case TypeError() if _OPERANDS.search(str(error)):
            return "this calculates with a text, or with another value that is no number"
        case OverflowError():
            return "this calculation has too large a result"
        case _:
            return _OURS.sub("it", _without_numbers(str(error))) or type(error).__name__


def _without_numbers(cause: str) -> str:
    return _AT.sub(r"\1", _NUMBERED.sub("", cause))


def _cure(error: Exception) -> str:
    match error:
        case UndefinedError():
            return "Check the spelling; what `tigc-mail init` writes shows the names."
        case SecurityError():
            return "Use only names such as those in the templates that `tigc-mail init` writes."
        case TemplateNotFound():
            return "Write it, or correct the name."
        case MemoryError():
            return "Look for a text or a number that grows."
        case TypeError() if _OPERANDS.search(str(error)):
            return (
                "A filter takes only the value before it: "
                "put a calculation in parentheses, as in `{{ (2 * 3) | number }}`."
            )
        case OverflowError():
            return "Write smaller numbers, or the result itself."
        case _:
            told = name_cure(str(error))
            return told or "Look at the values there, and at what is done with them."


class _Blame:
    """Finds the places of what went wrong in one environment."""

    def __init__(self, environment: Environment, text: WrittenText | None) -> None:
        self._environment = environment
        self._text = text

    def steps(self, trace: TracebackType | None) -> Iterator[tuple[str, int]]:
        """Yield file and letter of each step in a template to an error, the outermost first."""
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file == TEXT or self._is_template(file):
                yield file, offset_of(trace.tb_lineno)
            trace = trace.tb_next

    def last(self, trace: TracebackType | None, said: str) -> str:
        """Return the place of the innermost step; empty where there is none.

        Args:
            trace: the way to the error.
            said: what it says: where it quotes a name, the name's place is told.
        """
        *_, last = ("", 0), *self.steps(trace)
        names = [quoted.rpartition(".")[2] for quoted in _QUOTED.findall(said)]
        return self.place(*last, (*_QUOTED.findall(said), *names, said))

    def place(self, file: str, offset: int, names: tuple[str, ...] | None = None) -> str:
        """Return a place in a file as messages tell it; empty where the file is none of ours.

        Args:
            file: the file, as Jinja knows it.
            offset: a letter of it.
            names: of what is wrong there; by default it is just that letter.
        """
        if file == TEXT and self._text is not None:
            source, place = with_breaks(self._text.source), self._text.place
        elif self._is_template(file):
            name = Path(file).relative_to(self._environment.folder).as_posix()
            source = with_breaks(Path(file).read_text("utf-8"))
            place = place_in(f"templates/{name}", source)
        else:
            return ""
        return place(offset if names is None else self._named(source, offset, names))

    def _named(self, source: str, offset: int, names: tuple[str, ...]) -> int:
        """Return where in the tag around a letter a name stands, else where the tag begins."""
        tag = self._environment.lexer.tag_at(source, offset)
        found = naming(tag, names) or (tag[0] if tag else None)
        return found.offset if found else offset

    def _is_template(self, file: str) -> bool:
        return file.endswith(".j2") and Path(file).is_relative_to(self._environment.folder)
