"""A text as an author writes it: once, or by language, or by audience, or by both."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self, cast

from pydantic import Field, ModelWrapValidatorHandler, ValidationInfo, model_validator

from tigc_mail.content.scope import Scope, scope_of
from tigc_mail.ground.documents import Frozen, Step
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.problems import Problems
from tigc_mail.ground.signs import unfit

_JINJA = re.compile(r"\{[{%#]")
_QUOTE = "Write a text; put quotes around numbers, dates and yes/no."


class Wording(NamedTuple):
    """The words that were found for a reader, and how they were written."""

    text: str
    locale: Locale
    """The language of the words."""
    audience: str | None
    """The id of the audience they were written for; None where they are for everyone."""


class Text(Frozen):
    """A text in its variants.

    An author writes a string (in the edition's default language), or a mapping from languages to
    strings and from audience ids to a string or to a mapping from languages to strings. What is
    unclear is a fault at its own path, such as `body.law-enforcement.fr`. Every audience that the
    text is shown to finds it at least in the edition's default language.
    """

    one_line: ClassVar[bool] = False
    """Whether line breaks are faults."""
    slots: ClassVar[bool] = True
    """Whether what differs for each reader may stand in it."""
    one_for_all: ClassVar[bool] = False
    """Whether a string without a language stands for all the languages of the edition."""

    everyone: dict[Locale, str] = Field(default_factory=dict)
    """The words for every audience that has none of its own, by language."""
    by_audience: dict[str, dict[Locale, str]] = Field(default_factory=dict)
    """The words for one audience, by its id and by language."""

    @model_validator(mode="wrap")
    @classmethod
    def _read(
        cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if isinstance(value, cls):
            return value
        reader = _Reader(scope_of(info), cls)
        return handler(reader.read(value))

    def resolve(self, audience: str, locale: Locale, default_locale: Locale) -> Wording:
        """Return the words for readers of `audience` in `locale`.

        The first of these that exists: the audience's in `locale`, everyone's in `locale`, the
        audience's in `default_locale`, everyone's in `default_locale`.

        Raises:
            LookupError: if there is none; that cannot happen to the audiences of the block that the
                text stands in, with the default language of its edition.
        """
        own = self.by_audience.get(audience, {})
        for language in (locale, default_locale):
            if language in own:
                return Wording(own[language], language, audience)
            if language in self.everyone:
                return Wording(self.everyone[language], language, None)
        raise LookupError(f"no text for {audience} in {locale} or {default_locale}")

    def wordings(self) -> Iterator[Wording]:
        """Return everything the author wrote, for every audience and in every language."""
        for locale, words in self.everyone.items():
            yield Wording(words, locale, None)
        for audience, own in self.by_audience.items():
            for locale, words in own.items():
                yield Wording(words, locale, audience)


class Line(Text):
    """A text of one line: a subject, a title, a name, a label."""

    one_line: ClassVar[bool] = True


class FixedLine(Line):
    """A text of one line without slots, the same for all its readers: in a calendar, of a file."""

    slots: ClassVar[bool] = False


class ProperName(Line):
    """A name: written once, it is the same in every language."""

    one_for_all: ClassVar[bool] = True


class _Reader:
    """Reads one text of an author; finds all that is wrong with it."""

    def __init__(self, scope: Scope, model: type[Text]) -> None:
        self._scope = scope
        self._model = model
        self._problems = Problems()

    def read(self, value: object) -> dict[str, Any]:
        """Return the fields of a `Text`.

        Raises:
            ValidationError: with all that is wrong.
        """
        everyone: dict[Locale, str] = {}
        by_audience: dict[str, dict[Locale, str]] = {}
        if not isinstance(value, Mapping):
            everyone = self._for_everyone(value)
        else:
            for key, inner in value.items():
                if key in LOCALES:
                    everyone |= self._words(inner, key, (key,))
                elif self._is_audience(key):
                    by_audience[key] = self._for_audience(inner, key)
                else:
                    self._unknown(key)
        self._complete(value, everyone, by_audience)
        self._problems.report("text")
        return {"everyone": everyone, "by_audience": by_audience}

    def _is_audience(self, key: object) -> bool:
        known = self._scope.audiences
        return isinstance(key, str) if known is None else key in known

    def _for_everyone(self, value: object) -> dict[Locale, str]:
        found = self._words(value, self._scope.language, ())
        if not self._model.one_for_all:
            return found
        return dict.fromkeys(self._scope.languages, found[self._scope.language])

    def _for_audience(self, value: object, audience: str) -> dict[Locale, str]:
        if not isinstance(value, Mapping):
            return self._words(value, self._scope.language, (audience,))
        if not value:
            self._problems.add(value, "is empty", "Write a text, or remove the key.", (audience,))
            return {self._scope.language: ""}
        found: dict[Locale, str] = {}
        for key, inner in value.items():
            if key in LOCALES:
                found |= self._words(inner, key, (audience, key))
            else:
                cause = f"is not one of the edition's languages, {', '.join(self._scope.languages)}"
                cure = "Write one of them, or add it to `languages`."
                self._problems.add(inner, cause, cure, (audience, key))
        return found

    def _words(self, value: object, locale: Locale, at: tuple[Step, ...]) -> dict[Locale, str]:
        """Return one string by its language; a blank one where it is not a text to be shown."""
        cause, cure = _wrong_with(value, one_line=self._model.one_line)
        if not cause and not self._model.slots and _JINJA.search(str(value)):
            cause = (
                "holds a slot, and stands in a calendar, or names a file: the same for all readers"
            )
            cure = "Write it in the block's body."
        if locale not in self._scope.languages:
            cause, cure = f"{locale} is not among the edition's languages", "Add it to `languages`."
        if cause:
            self._problems.add(value, cause, cure, at)
            return {locale: ""}  # that it is missing would be said of what is there
        return {locale: str(value).strip()}

    def _unknown(self, key: object) -> None:
        audiences = self._scope.audiences or ()
        cause = "is neither a language nor an audience of the edition"
        cure = f"It may be one of {', '.join((*self._scope.languages, *audiences))}."
        self._problems.add(key, cause, cure, (cast("str", key),))

    def _complete(
        self,
        value: object,
        everyone: Mapping[Locale, str],
        by_audience: Mapping[str, Mapping[Locale, str]],
    ) -> None:
        """See that every reader finds the text in the edition's default language."""
        language = self._scope.language
        if language in everyone:
            return
        if not everyone and not by_audience:
            if not value:  # else its keys are wrong
                self._problems.add(value, "is empty", "Write a text, or remove the key.")
            return
        without = [
            name for name in self._scope.readers if language not in by_audience.get(name, {})
        ]
        if without or (self._scope.in_edition and not by_audience):
            cause = f"is not written in {language}, the edition's language"
            readers = f", for {', '.join(without)}" if without else ""
            self._problems.add(value, f"{cause}{readers}", f"Add `{language}`.")


def _wrong_with(value: object, *, one_line: bool) -> tuple[str, str]:
    """Return what keeps a value from being shown as a text, and the cure; empty if none."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return "is empty", "Write a text, or remove the key."
    if not isinstance(value, str):
        return "is not a text", _QUOTE
    if odd := unfit(value.strip()):
        return f"holds {odd.what}", odd.cure
    if one_line and len(value.strip().splitlines()) > 1:
        return "has several lines, where one is shown", "Write it as one line."
    return "", ""
