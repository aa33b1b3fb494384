"""The compiler: variants from templates as they are, each compiled once for all processes."""

from collections.abc import Callable
from dataclasses import dataclass

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.render.authored import AuthorTexts, TextPlace
from tigc_mail.render.cache import CompiledCache
from tigc_mail.render.compile import (
    compile_message,
    faults_of_texts,
    place_of_slot,
    source_lines,
)
from tigc_mail.render.identity import identity_of
from tigc_mail.render.layout import SourceLine
from tigc_mail.render.message import (
    CompiledMessage,
    RenderedMessage,
    UnfitSlotError,
    Values,
)
from tigc_mail.render.templates import Templates


@dataclass(frozen=True)
class Compiler:
    """Compiles the variants of one call: the templates are looked at once, not for each of them."""

    cache: CompiledCache
    templates: Callable[[], Templates]
    state: str | None
    """The fingerprint of the templates; None where they cannot be read."""
    unchanged: Callable[[], bool]
    """Tells whether the templates still have that fingerprint."""
    public_url: str
    sources: Callable[[TailoredEdition], AuthorTexts | None] | None = None
    """Reads where the texts of an edition stand, for messages about them."""

    def compile(self, edition: TailoredEdition) -> CompiledMessage:
        """Return the message of a variant; it is compiled only where it never was.

        Raises:
            TemplateError: if a template is wrong; that is found out each time anew.
        """
        if self.state is None:
            return self._compiled(edition)
        identity = identity_of(edition, self.state, self.public_url)
        kept = self.cache.get(identity)
        if kept is not None:
            return kept
        message = self._compiled(edition)
        if self.unchanged():  # else it may be made of other templates than its identity tells
            self.cache.put(identity, message)
        return message

    def faults_of_texts(self, edition: TailoredEdition) -> tuple[TemplateError, ...]:
        """Return what is wrong with the authors' texts, of which `compile` tells the first.

        Raises:
            DocumentError: if the theme is wrong.
        """
        found = faults_of_texts(edition, self.templates(), self.public_url)
        return tuple(self._placed(error, edition) for error in found)

    def fill(
        self, edition: TailoredEdition, message: CompiledMessage, values: Values
    ) -> RenderedMessage:
        """Return the message of one recipient, of a variant that was compiled.

        Raises:
            RenderError: with its place, if a value must not stand where a template puts it.
        """
        try:
            return message.fill(values)
        except UnfitSlotError as error:
            place = place_of_slot(edition, self.templates(), self.public_url, error.slot)
            raise RenderError(error.cause, self._in_file(place, edition), error.cure) from None

    def source(self, edition: TailoredEdition) -> tuple[SourceLine, ...]:
        """Return the MJML of a variant line by line, each with where it comes from.

        Raises:
            TemplateError: if a template is wrong.
        """
        try:
            lines = source_lines(edition, self.templates(), self.public_url)
        except TemplateError as error:
            raise self._placed(error, edition) from None
        texts = self.sources(edition) if self.sources is not None else None
        return tuple(line._replace(place=_in_files(line.place, texts)) for line in lines)

    def _compiled(self, edition: TailoredEdition) -> CompiledMessage:
        try:
            return compile_message(edition, self.templates(), self.public_url)
        except TemplateError as error:
            raise self._placed(error, edition) from None

    def _placed(self, error: TemplateError, edition: TailoredEdition) -> TemplateError:
        return TemplateError(error.cause, self._in_file(error.place, edition), error.cure)

    def _in_file(self, place: str, edition: TailoredEdition) -> str:
        """Return a place with the line of its file, where it is that of a text of the authors."""
        if not isinstance(place, TextPlace) or self.sources is None:
            return place
        return _in_files(place, self.sources(edition))


def _in_files(place: str, texts: AuthorTexts | None) -> str:
    if not isinstance(place, TextPlace) or texts is None:
        return place
    return texts.place(place.path, place.offset) or place
