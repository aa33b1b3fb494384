"""The workspace's templates: a sandboxed Jinja, theme, phrases, and errors with their place."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import Template

from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.language import Locale
from tigc_mail.ground.reading import NotAFileError, UnreadableError, read_text
from tigc_mail.ground.spot import undecodable
from tigc_mail.render.blame import TEXT, PlaceIn, WrittenText, faults_at, place_in
from tigc_mail.render.css import CssError, declarations, without_comments
from tigc_mail.render.phrases import load_phrases
from tigc_mail.render.sandbox import Environment
from tigc_mail.render.source_map import MarkedEnvironment, SourceMap, map_of
from tigc_mail.render.theme import load_theme

_CSS = "templates/theme.css"
_NOT_INLINED = re.compile(r"@(?!charset)[\w-]+|!\s*important", re.IGNORECASE)

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
        self.theme: Mapping[str, Any] = load_theme(folder / "theme.yaml")
        self._environments: dict[Locale, Environment] = {}
        self._marked: dict[tuple[Locale, bool], MarkedEnvironment] = {}
        self._phrases: dict[Locale, NullTranslations] = {}
        self._texts: dict[tuple[Locale, str], Template] = {}
        """The authors' texts that were filled; each stands in the HTML, the plain text and more."""

    @property
    def css(self) -> str:
        """The rules that are inlined into every message (`theme.css`).

        Raises:
            TemplateError: if the file cannot be read, or holds what cannot be inlined or is broken.
        """
        try:
            css = read_text(self.folder / "theme.css")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            place = f"{_CSS} ({undecodable(error)})"
            raise TemplateError("is not UTF-8", place, "Save it as UTF-8.") from None
        except UnreadableError as error:
            raise TemplateError(error.cause, _CSS, error.cure) from None
        bare = without_comments(css)
        if found := _NOT_INLINED.search(bare):
            place = place_in(_CSS, css)(found.start())
            cure = "Write it into an <mj-style> of the layout."
            raise TemplateError(f"`{found.group()}` cannot be inlined", place, cure)
        filled = self.render_text(css, place_in(_CSS, css), {"theme": self.theme})
        try:
            declarations(filled)
        except CssError as error:
            raise TemplateError(error.cause, f"{_CSS} (line {error.line})", error.cure) from None
        return filled

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The text of every template, catalogue and theme, as it stands in its file.

        Raises:
            TemplateError: if one cannot be read.
        """
        files = sorted(self.folder.rglob("*"))
        kinds = (".j2", ".yaml", ".css", ".po")
        return tuple(self._text(file) for file in files if file.suffix in kinds)

    def _text(self, file: Path) -> str:
        try:
            return read_text(file, "replace")
        except (FileNotFoundError, NotAFileError):
            return ""
        except UnreadableError as error:
            name = file.relative_to(self.folder).as_posix()
            raise TemplateError(error.cause, f"templates/{name}", error.cure) from None

    def phrases(self, locale: Locale) -> NullTranslations:
        """Return the fixed phrases of a language.

        Raises:
            TemplateError: if the catalogue is wrong.
        """
        if locale not in self._phrases:
            self._phrases[locale] = load_phrases(self.folder / "phrases", locale)
        return self._phrases[locale]

    def render(self, name: str, locale: Locale, context: Mapping[str, Any]) -> str:
        """Return the template `name` filled with `context`.

        Raises:
            TemplateError: with the file, line and column of the fault.
        """
        environment = self._environment(locale)
        with faults_at(environment, name):
            return _yielded(environment.get_template(name), context, environment)

    def source_map(
        self,
        filled: str,
        name: str,
        locale: Locale,
        context: Mapping[str, Any],
        place_of: Callable[[str], str],
        *,
        with_theme: bool = False,
    ) -> SourceMap | None:
        """Return where each piece of the template `name` comes from, as it was `filled`.

        Args:
            filled: what `render` returned.
            name: the template.
            locale: its language.
            context: what it was filled with.
            place_of: the place of an author's text by its path, such as `blocks[welcome].body`.
            with_theme: whether to ask it for what the theme holds as well: `theme.light.ink`.
        """
        phrases = self.phrases(locale)

        def marked(deep: bool) -> MarkedEnvironment:  # noqa: FBT001 (map_of's way)
            if (locale, deep) not in self._marked:
                environment = Environment(self.folder, phrases, locale)
                self._marked[locale, deep] = MarkedEnvironment(environment, deep=deep)
            return self._marked[locale, deep]

        return map_of(filled, name, marked, context, place_of, with_theme=with_theme)

    def render_text(
        self, source: str, place: PlaceIn, context: Mapping[str, Any], locale: Locale = "en"
    ) -> str:
        """Return an author's text with its slots printed.

        Args:
            source: the text, Jinja in Markdown; not escaped here.
            place: tells where a letter of the text stands, for messages.
            context: what it may name.
            locale: the language whose numbers and lists its filters write.

        Raises:
            TemplateError: at the place of the name, or of the expression, that is wrong.
        """
        if "{" not in source:
            return source
        environment = self._environment(locale)
        with faults_at(environment, TEXT, WrittenText(source, place)):
            template = self._texts.get((locale, source))
            if template is None:
                code = environment.compile(source, name=TEXT, filename=TEXT)
                template = Template.from_code(environment, code, environment.make_globals(None))
                self._texts[locale, source] = template
            return _yielded(template, context, environment)

    def _environment(self, locale: Locale) -> Environment:
        if locale not in self._environments:
            self._environments[locale] = Environment(self.folder, self.phrases(locale), locale)
        return self._environments[locale]


def _yielded(template: Template, context: Mapping[str, Any], environment: Environment) -> str:
    """Return what a template yields; it is stopped where that, or its work, is too much."""
    environment.begin()
    pieces: list[str] = []
    length = 0
    for piece in template.generate(context):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_CHARACTERS:
            cause = f"yields more than {MAX_CHARACTERS:,} characters"
            raise RenderError(cause, "", "Look for a loop that prints too often.")
    return "".join(pieces)
