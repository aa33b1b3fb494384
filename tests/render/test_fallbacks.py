"""What stands in for a missing language is noted while somebody gathers it, and only then."""

import pytest

from tigc_mail.content.tailored import Fallback
from tigc_mail.render.fallbacks import ByLanguage, noting, replaced


def test_what_is_there_is_nothing_to_note() -> None:
    with noting() as noted:
        assert ByLanguage("name", {"en": "a", "fr": "b"})["fr"] == "b"
    assert not noted


@pytest.mark.parametrize(
    ("texts", "words", "used"),
    [({"fr": "b", "en": "a"}, "a", "en"), ({"fr": "b", "es": "c"}, "b", "fr")],
)
def test_english_stands_in_or_the_first_language(
    texts: dict[str, str], words: str, used: str
) -> None:
    with noting() as noted:
        assert [ByLanguage("name", texts)["ar"] for _ in range(2)] == [words, words]  # type: ignore[arg-type]
    assert list(noted) == [Fallback("name", "ar", used)]


def test_what_is_no_language_is_not_there() -> None:
    with pytest.raises(KeyError):
        ByLanguage("name", {"en": "a"})["de"]


def test_one_who_gathers_within_another_gathers_alone() -> None:
    replaced("before", "fr", "en")
    with noting() as outer:
        replaced("a", "fr", "en")
        with noting() as inner:
            replaced("b", "fr", "en")
        replaced("c", "fr", "en")
    assert [one.path for one in outer] == ["a", "c"]
    assert [one.path for one in inner] == ["b"]
