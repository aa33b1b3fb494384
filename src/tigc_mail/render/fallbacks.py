"""What templates show in another language than the message's, noted while they are filled.

A phrase without a translation and a text of the theme that lacks a language are replaced where they
are used, far from whoever asked for the message. So they are noted in passing, each once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from tigc_mail.content.tailored import Fallback
from tigc_mail.ground.language import LOCALES, Locale, translated

_noted: ContextVar[dict[Fallback, None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[dict[Fallback, None]]:
    """Gather, in its order, what is replaced within."""
    noted: dict[Fallback, None] = {}
    before = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(before)


def replaced(path: str, wanted: Locale, used: Locale) -> None:
    """Note that a text was not there in a language."""
    noted = _noted.get()
    if noted is not None:
        noted[Fallback(path, wanted, used)] = None


class ByLanguage(dict[str, str]):
    """A text by language; where one is missing, English or the first there is stands in.

    Args:
        path: what the text is called where its absence is told.
        texts: the languages that it has.
    """

    def __init__(self, path: str, texts: Mapping[Locale, str]) -> None:
        super().__init__({str(locale): text for locale, text in texts.items()})
        self._path = path
        self._texts = texts

    def __missing__(self, language: str) -> str:
        """Return what stands in for a language, and note it."""
        for locale in LOCALES:
            if locale == language:
                used: Locale = "en" if "en" in self._texts else next(iter(self._texts))
                replaced(self._path, locale, used)
                return translated(self._texts, locale, "en")
        raise KeyError(language)
