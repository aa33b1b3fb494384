"""The workspace's templates: a sandboxed Jinja, theme, phrases, and errors with their place."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any

from babel.support import NullTranslations
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateNotFound as JinjaNotFound
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.documents import read_document
from tigc_mail.ground.language import Locale
from tigc_mail.render.phrases import load_phrases
from tigc_mail.render.slots import TOKEN, Slot

HARMLESS = frozenset(
    "d default e escape forceescape indent join list safe string trim map select".split()
)
"""The filters that may be given a slot: none of them changes a letter of it."""

MAX_CHARACTERS = 2_000_000
"""No template yields more: a message of that size is a mistake."""


class Templates:
    """The folder `templates/` of a workspace.

    Args:
        folder: where the templates, `theme.yaml`, `theme.css` and `phrases/` are.

    Raises:
        DocumentError: if `theme.yaml` is wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.theme: Mapping[str, Any] = read_document(
            folder / "theme.yaml", "templates/theme.yaml"
        ).content
        self._environments: dict[Locale, Environment] = {}

    @property
    def css(self) -> str:
        """The rules that are inlined into every message (`theme.css`)."""
        path = self.folder / "theme.css"
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise TemplateError("is not UTF-8", "templates/theme.css") from None

    def phrases(self, locale: Locale) -> NullTranslations:
        """Return the fixed phrases of a language.

        Raises:
            TemplateError: if the catalogue is wrong.
        """
        return load_phrases(self.folder / "phrases", locale)

    def render(self, name: str, locale: Locale, context: Mapping[str, Any]) -> str:
        """Return the template `name` filled with `context`.

        Raises:
            TemplateError: with the file and line of the fault.
        """
        environment = self._environment(locale)
        return _guarded(f"templates/{name}", lambda: environment.get_template(name), context)

    def render_text(self, source: str, place: str, context: Mapping[str, Any]) -> str:
        """Return an author's text with its slots printed.

        Args:
            source: the text, Jinja in Markdown; not escaped here.
            place: where the text stands, for messages.
            context: what it may name.

        Raises:
            TemplateError: with the place, and the line within the text.
        """
        if "{" not in source:
            return source
        environment = self._environment("en")

        def compiled() -> Template:
            code = environment.compile(source, name=place, filename=place)
            return Template.from_code(environment, code, environment.make_globals(None))

        return _guarded(place, compiled, context)

    def _environment(self, locale: Locale) -> "Environment":
        if locale not in self._environments:
            self._environments[locale] = Environment(self.folder, self.phrases(locale))
        return self._environments[locale]


class Environment(ImmutableSandboxedEnvironment):
    """Jinja for one language: sandboxed, strict, escaping in `.mjml.j2`."""

    def __init__(self, folder: Path, phrases: NullTranslations) -> None:
        super().__init__(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".mjml.j2"),
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {name: _shielded(name, f) for name, f in self.filters.items()}
        self.install_gettext_translations(phrases, newstyle=True)  # type: ignore[attr-defined]


def _shielded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that refuses texts with a slot in them, unless it is harmless."""
    if name in HARMLESS:
        return function

    @wraps(function)
    def shielded(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            if isinstance(value, Slot) or (isinstance(value, str) and TOKEN.search(value)):
                cause = f"the filter `{name}` would change a value that differs for each recipient"
                raise RenderError(cause, "", "Print the slot without it; use CSS for capitals.")
        return function(*args, **kwargs)

    return shielded


def _guarded(place: str, template: Callable[[], Template], context: Mapping[str, Any]) -> str:
    """Render, and turn whatever goes wrong into a `TemplateError` at its place."""
    try:
        text = template().render(context)
    except JinjaNotFound as error:
        raise TemplateError(f"there is no template {error.name}", place) from None
    except TemplateSyntaxError as error:
        raise TemplateError(str(error.message), _syntax_place(error, place)) from None
    except RecursionError:
        cure = "Look for templates that include each other."
        raise TemplateError("includes itself without end", place, cure) from None
    except RenderError as error:
        where = _last_line(error.__traceback__, place)
        raise TemplateError(error.cause, where, error.cure) from None
    except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        where = _last_line(error.__traceback__, place)
        raise TemplateError(_cause(error), where, _cure(error)) from None
    if len(text) > MAX_CHARACTERS:
        raise TemplateError(f"yields more than {MAX_CHARACTERS:,} characters", place)
    return text


def _syntax_place(error: TemplateSyntaxError, place: str) -> str:
    name = f"templates/{error.name}" if error.name and error.name.endswith(".j2") else place
    return _with_line(name, error.lineno)


def _cause(error: Exception) -> str:
    if isinstance(error, SecurityError):
        return f"the sandbox refuses this: {error}"
    return str(error)


def _cure(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        return "Check the spelling against the names in docs/templates.md."
    return ""


def _last_line(trace: TracebackType | None, place: str) -> str:
    """Return the innermost line of a template on the way to an error."""
    found = _with_line(place, None)
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == place:
            found = _with_line(place, trace.tb_lineno)
        elif match := re.search(r"templates/(?P<name>[^:]*\.j2)$", name.replace("\\", "/")):
            found = _with_line(f"templates/{match['name']}", trace.tb_lineno)
        trace = trace.tb_next
    return found


def _with_line(place: str, line: int | None) -> str:
    if line is None:
        return place
    kind = "line" if place.endswith((".j2", ".po")) else "line of the text"
    return f"{place} ({kind} {line})"
