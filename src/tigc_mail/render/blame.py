"""From whatever goes wrong in a template to one error at the author's file and line."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.render.syntax import name_cure, syntax_cure

_OURS = re.compile(r"'(?:tigc_mail\.[\w.]*\.)?(?:\w+Slots|Links|TailoredAudience) object'")


@contextmanager
def faults_at(place: str, folder: Path) -> Iterator[None]:
    """Turn what is raised within into a `TemplateError`.

    Args:
        place: what is rendered: the name of a template, or where in an edition a text stands.
        folder: the folder of the templates.

    Raises:
        TemplateError: at the innermost line of a template on the way to the error.
    """
    try:
        yield
    except TemplateSyntaxError as error:
        name = f"templates/{error.name}" if (error.name or "").endswith(".j2") else place
        cure = syntax_cure(error)
        raise TemplateError(str(error.message), _with_line(name, error.lineno), cure) from None
    except RecursionError as error:
        cure = "Look for templates that include each other."
        lines = Counter(
            _lines(error.__traceback__, place, folder)
        )  # a cycle is met again and again
        where = max(lines, key=lines.__getitem__, default=place)
        raise TemplateError("is nested, or includes itself, without end", where, cure) from None
    except RenderError as error:
        where = error.place or _last_line(error.__traceback__, place, folder)
        raise TemplateError(error.cause, where, error.cure) from None
    except Exception as error:  # noqa: BLE001 (an author's template may raise anything)
        where = _last_line(error.__traceback__, place, folder)
        raise TemplateError(_cause(error), where, _cure(error)) from None


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
        case _:
            return _OURS.sub("it", str(error)) or type(error).__name__


def _cure(error: Exception) -> str:
    match error:
        case UndefinedError():
            return "Check the spelling against the names in docs/templates.md."
        case SecurityError():
            return "Use only what docs/templates.md names."
        case TemplateNotFound():
            return "Write it, or correct the name."
        case MemoryError():
            return "Look for a text or a number that grows."
        case _:
            told = name_cure(str(error))
            return told or "Look at the values there, and at what is done with them."


def _last_line(trace: TracebackType | None, place: str, folder: Path) -> str:
    """Return the innermost line of a template on the way to an error."""
    return [place, *_lines(trace, place, folder)][-1]


def _lines(trace: TracebackType | None, place: str, folder: Path) -> Iterator[str]:
    """Yield the lines of templates on the way to an error, outermost first."""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == place:
            yield _with_line(place, trace.tb_lineno)
        elif file.endswith(".j2") and Path(file).is_relative_to(folder):
            name = Path(file).relative_to(folder).as_posix()
            yield _with_line(f"templates/{name}", trace.tb_lineno)
        trace = trace.tb_next


def _with_line(place: str, line: int) -> str:
    kind = "line" if place.endswith(".j2") else "line of the text"
    return f"{place} ({kind} {line})"
