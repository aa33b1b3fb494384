"""What readers get in another language than theirs is told by every command, and only that."""

import re
from pathlib import Path

import pytest
from tests.interfaces.bad import edition_in_english
from tests.interfaces.conftest import Run
from tests.interfaces.world import NEWSLETTER, replace_in

EDITION = """\
kind: newsletter
language: en
languages: [en, fr]
audiences: [law-enforcement]
subject: {en: What is new in May, fr: Les nouvelles de mai}
preheader: {en: Three things that changed, fr: Trois changements}
blocks:
  - id: a
    type: text
    marking: TLP:CLEAR
    body: The programme changed three things.
  - id: b
    type: text
    marking: TLP:CLEAR
    title: {en: Yes, fr: Oui}
    body: {en: We thank you., fr: Merci., law-enforcement: {en: We thank the police.}}
  - id: hidden
    type: text
    marking: TLP:AMBER+STRICT
    body: Nobody reads this.
"""

MOVED_ONLINE = "ip-crime-conference-2027-6-moved-online"


def render(run: Run, news: Path, edition: str, *words: str) -> list[str]:
    """Return what is told of a message that is not as wanted; both answers tell the same."""
    options = ("render", edition, "--audience", "public", "--out", "look", *words)
    told = run("-w", news, *options)
    assert told.code == 0, told.err
    as_json = run("-w", news, *options, "--json").json["fallbacks"]
    lines = [line.removeprefix("Not as wanted: ") for line in told.err.splitlines()]
    assert lines == [
        f"{one['path']}: no {one['wanted']}, shown in {one['used']}" for one in as_json
    ]
    return lines


def without_translation(news: Path, *phrases: str) -> None:
    """Take the French translation of some phrases away."""
    catalogue = news / "templates" / "phrases" / "fr.po"
    text = catalogue.read_text("utf-8")
    for phrase in phrases:
        text, found = re.subn(rf'(msgid "{re.escape(phrase)}"\nmsgstr) ".+"', r'\1 ""', text)
        assert found == 1
    catalogue.write_text(text, "utf-8")


def test_a_shipped_message_is_as_wanted(run: Run, news: Path) -> None:
    for locale in ("en", "fr", "es", "ar"):
        assert render(run, news, NEWSLETTER, "--locale", locale) == []


def test_what_the_theme_lacks_is_told_where_it_is_shown(run: Run, news: Path) -> None:
    theme = news / "templates" / "theme.yaml"
    replace_in(theme, "    fr: Programme TIGC\n", "")
    replace_in(theme, "    fr: Ensemble contre le commerce illicite et la contrefaçon\n", "")
    assert render(run, news, NEWSLETTER, "--locale", "fr") == [
        "templates/theme.yaml: organisation.name: no fr, shown in en",
        "templates/theme.yaml: organisation.purpose: no fr, shown in en",
    ]
    assert "TIGC programme ·" in (Path("look") / "message.txt").read_text("utf-8")
    assert render(run, news, NEWSLETTER, "--locale", "es") == []


def test_a_logo_that_is_described_in_another_language_is_told(run: Run, news: Path) -> None:
    logo = 'logo: {url: "https://e.org/a.png", alt: {es: Emblema}, width: 120}\n\nsocial:'
    replace_in(news / "templates" / "theme.yaml", "social:", logo)
    assert render(run, news, NEWSLETTER, "--locale", "fr") == [
        "templates/theme.yaml: logo.alt: no fr, shown in es"
    ]
    assert 'alt="Emblema"' in (Path("look") / "message.html").read_text("utf-8")


def test_only_the_phrases_of_the_message_itself_are_told(run: Run, news: Path) -> None:
    without_translation(news, "Postponed", "Now online", "See the curriculums")
    assert render(run, news, MOVED_ONLINE, "--locale", "fr") == [
        "templates/phrases/fr.po: `Now online`: no fr, shown in en"
    ]


def test_a_message_that_was_compiled_before_tells_the_same(run: Run, news: Path) -> None:
    without_translation(news, "Unsubscribe")
    first = render(run, news, NEWSLETTER, "--locale", "fr")
    assert first == ["templates/phrases/fr.po: `Unsubscribe`: no fr, shown in en"]
    assert render(run, news, NEWSLETTER, "--locale", "fr") == first


def test_a_phrase_that_is_marked_as_a_guess_is_told(run: Run, news: Path) -> None:
    catalogue = news / "templates" / "phrases" / "fr.po"
    replace_in(catalogue, 'msgid "Unsubscribe"', '#, fuzzy\nmsgid "Unsubscribe"')
    assert render(run, news, NEWSLETTER, "--locale", "fr") == [
        "templates/phrases/fr.po: `Unsubscribe`: no fr, shown in en"
    ]


def test_a_contact_who_reads_another_language_is_told(run: Run, news: Path) -> None:
    edition_in_english(news)
    contact = ("--contact", "rosa@example.org")
    assert render(run, news, "english", *contact) == ["edition: no es, shown in en"]
    assert render(run, news, "english", *contact, "--locale", "en") == []
    assert render(run, news, NEWSLETTER, *contact) == []


@pytest.fixture
def police(news: Path) -> Path:
    """The workspace, with an edition for the police of which a part is not in French."""
    folder = news / "editions" / "police"
    folder.mkdir()
    (folder / "edition.yaml").write_text(EDITION, "utf-8")
    return news


def test_a_new_campaign_tells_how_many_texts_are_not_as_wanted(run: Run, police: Path) -> None:
    without_translation(police, "Unsubscribe")
    words = ("-w", police, "campaign", "create", "police", "--author", "ana")
    assert run(*words, "--json").json["fallbacks"] == {"fr": 3}
    told = " ".join(run(*words).out.split())
    assert "Texts that are not shown as wanted: 3 in fr; tigc-mail check police names" in told


def test_a_new_campaign_that_is_all_as_wanted_says_nothing_of_it(run: Run, news: Path) -> None:
    words = ("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana")
    assert run(*words, "--json").json["fallbacks"] == {}
    assert "not shown as wanted" not in run(*words).out


def test_a_text_that_only_other_readers_lack_is_not_counted(run: Run, police: Path) -> None:
    file = police / "audiences" / "public.yaml"
    file.write_text(re.sub(r"  fr: Vous recevez .*\n", "", file.read_text("utf-8")), "utf-8")
    assert render(run, police, NEWSLETTER, "--locale", "fr") == [
        "audience.reason: no fr, shown in en"
    ]
    words = ("-w", police, "campaign", "create", "police", "--author", "ana")
    assert run(*words, "--json").json["fallbacks"] == {"fr": 2}
