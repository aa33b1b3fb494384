"""Jinja for one language: sandboxed, strict, and closed to whatever would change a slot."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment as JinjaEnvironment
from jinja2 import FileSystemLoader, StrictUndefined, Template, Undefined

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.reading import UnreadableError, open_file
from tigc_mail.ground.spot import undecodable
from tigc_mail.render.formats import filters
from tigc_mail.render.inheritance import check_blocks
from tigc_mail.render.slots import TOKEN, Slot
from tigc_mail.render.syntax import too_deep
from tigc_mail.render.tokens import CountingLexer
from tigc_mail.render.work import FrugalEnvironment

HARMLESS_FILTERS = frozenset(
    ["d", "default", "e", "escape", "forceescape", "indent", "safe", "string", "trim"]
)
"""The filters that may be given a slot: none of them changes a letter of it."""

HARMLESS_TESTS = frozenset(["defined", "undefined"])
"""The tests that may be given a slot: they look at the template, not at the value."""

MAX_SOURCE = 1_000_000
"""No template is longer."""


class Environment(FrugalEnvironment):
    """Jinja for one language: sandboxed, strict, escaping in `.mjml.j2`.

    Args:
        folder: the folder of the templates.
        phrases: the fixed phrases in that language.
        locale: the language, for numbers, lists and dates.
    """

    def __init__(self, folder: Path, phrases: NullTranslations, locale: Locale) -> None:
        super().__init__(
            loader=_Loader(folder),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".mjml.j2"),
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {
            name: function if name in HARMLESS_FILTERS else _shielded(f"filter `{name}`", function)
            for name, function in self.filters.items()
        }
        self.filters |= {
            name: _shielded(f"filter `{name}`", function, within=True)
            for name, function in filters(locale).items()
        }
        self.tests = {
            name: function if name in HARMLESS_TESTS else _shielded(f"test `{name}`", function)
            for name, function in self.tests.items()
        }
        for functions in (self.filters, self.tests):
            functions |= {name: self.paying(name, each) for name, each in functions.items()}
        self.finalize = lambda value: self.joined(_printable(value))
        self.install_gettext_translations(phrases, newstyle=True)  # type: ignore[attr-defined]
        self.folder = folder
        self._lexer = CountingLexer(self)
        self._checked: set[str] = set()

    @property
    def lexer(self) -> CountingLexer:
        """What reads templates: the numbers that Jinja takes for lines are places of letters."""
        return self._lexer

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002 (the name is Jinja's)
        """Load a template; the blocks that it fills in are looked at the first time."""
        template = super()._load_template(name, globals)
        if name not in self._checked:
            self._checked.add(name)
            check_blocks(self, name)
        return template

    def compile(  # type: ignore[override]
        self, source: str, name: str | None = None, filename: str | None = None
    ) -> Any:
        """Return the code of a template; one that is nested too deep for that is named."""
        try:
            return super().compile(source, name, filename)
        except (RecursionError, MemoryError, SyntaxError):
            raise too_deep(self.lex(source, name, filename), name, filename) from None

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute; a text with a slot in it has none."""
        _refuse_slots(f"`{attribute}`", (obj,))
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item; a text with a slot in it has none."""
        _refuse_slots("taking a part", (obj,))
        return super().getitem(obj, argument)


class _Loader(FileSystemLoader):
    """Reads templates; one that cannot be read, is not UTF-8 or too long is named."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._folder = folder

    def get_source(
        self, environment: JinjaEnvironment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        try:
            source, name, fresh = super().get_source(environment, template)
        except UnicodeDecodeError as error:
            place = f"templates/{template} ({undecodable(error)})"
            raise TemplateError("is not UTF-8", place, "Save it as UTF-8.") from None
        except OSError:  # which a missing template is, too
            require_readable(self._folder, template)
            raise
        if len(source) > MAX_SOURCE:
            cause = f"holds more than {MAX_SOURCE:,} characters"
            raise TemplateError(cause, f"templates/{template}", "Split it.")
        return source, name, fresh


def require_readable(folder: Path, template: str) -> None:
    """See that a template can be read, where there is one.

    Raises:
        TemplateError: if it cannot.
    """
    try:
        open_file(folder / template).close()
    except FileNotFoundError:
        pass
    except UnreadableError as error:
        raise TemplateError(error.cause, f"templates/{template}", error.cure) from None


def _printable(value: Any) -> Any:
    """Return a value that is printed; what has no form of its own as text is refused."""
    if isinstance(value, Undefined | Slot | str | float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    cause = f"{_kind(value)} cannot be printed"
    raise RenderError(cause, "", "Print one of its parts, such as `event.name`.")


def _kind(value: Any) -> str:
    if value is None:
        return "nothing (none)"
    return f"a value of the kind {type(value).__name__}"


def _shielded(name: str, function: Any, *, within: bool = False) -> Callable[..., Any]:
    """Return a filter or test that refuses texts with a slot in them; `within` lists, too."""

    @wraps(function)
    def shielded(*args: Any, **kwargs: Any) -> Any:
        values = (*args, *kwargs.values())
        _refuse_slots(f"the {name}", values)
        for value in values if within else ():
            _refuse_slots(f"the {name}", tuple(value) if isinstance(value, list | tuple) else ())
        return function(*args, **kwargs)

    return shielded


def _refuse_slots(what: str, values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, Slot) or (isinstance(value, str) and TOKEN.search(value)):
            cause = f"{what} would change or compare a value that differs for each recipient"
            raise RenderError(cause, "", "Print the slot without it; use CSS for capitals.")
