"""The check of an edition: translations that are missing, copied or guessed."""

from tests.interfaces.small import Small, spot_of


def test_a_missing_translation_is_told_at_its_text(small: Small) -> None:
    small.change("title: {en: Welcome, fr: Bienvenue}", "title: Welcome")
    finding = small.found("translation-missing")
    where = spot_of(small.edition, "title: Welcome")
    assert finding.place == f"editions/news/edition.yaml: blocks[0].title ({where})"
    assert finding.cause == "is not written in fr: it is shown in en"
    assert [variant.locale for variant in finding.variants] == ["fr"]


def test_a_missing_translation_within_a_list_is_told_at_its_item(small: Small) -> None:
    small.add(
        "  - id: partners\n    type: partner-list\n    marking: TLP:CLEAR\n"
        "    title: {en: Partners, fr: Partenaires}\n    groups:\n"
        "      - {name: {en: Quiet}, marking: TLP:AMBER, partners: [{name: Secret}]}\n"
        "      - {name: {en: Open, fr: Ouverts}, partners: [{name: Known}]}\n"
        "      - {name: {en: Wide}, partners: [{name: Famous}]}"
    )
    place = small.found("translation-missing").place
    assert place.startswith("editions/news/edition.yaml: blocks[2].groups[2].name (line ")


def test_words_for_an_audience_that_are_not_in_its_language_are_told(small: Small) -> None:
    small.change("fr: Les nouvelles de mai", "fr: Les nouvelles, readers: {en: For you}")
    finding = small.found("translation-missing")
    assert finding.cause == "has words for readers, but none in fr: everyone's are shown"
    assert finding.place.startswith("editions/news/edition.yaml: subject")


def test_a_missing_translation_of_the_audience_is_told_at_its_file(small: Small) -> None:
    small.change("reason:\n  en", "reason:\n  es: Por eso.\n  en", small.audience)
    small.change("  fr: Vous recevez ceci parce que vous l'avez demandé.\n", "", small.audience)
    place = small.found("translation-missing").place
    assert place == f"audiences/readers.yaml: reason ({spot_of(small.audience, 'reason:')})"


def test_a_copied_text_is_no_translation(small: Small) -> None:
    original = "A fake earns money for those who make it."
    small.change("Un faux rapporte à ceux qui le font.", original, small.audience)
    finding = small.found("untranslated")
    assert finding.place.startswith("audiences/readers.yaml: key_messages.crime.body.fr (line ")
    assert [variant.locale for variant in finding.variants] == ["fr"]


def test_a_few_words_may_be_the_same(small: Small) -> None:
    small.change("fr: Bienvenue", "fr: Welcome")
    assert small.ids() == set()


def test_a_phrase_that_the_catalogue_lacks_is_told(small: Small) -> None:
    catalogue = small.folder / "templates" / "phrases" / "fr.po"
    small.change('msgid "Key message"', 'msgid "Some other phrase"', catalogue)
    finding = small.found("phrase-untranslated")
    line = catalogue.read_text("utf-8").count("\n")
    assert finding.place == f"templates/phrases/fr.po (line {line}, column 1)", "where it is added"
    assert finding.cause == "lacks `Key message`"


def test_without_a_catalogue_all_phrases_are_missing(small: Small) -> None:
    (small.folder / "templates" / "phrases" / "fr.po").unlink()
    finding = small.found("catalogue-missing")
    assert (finding.severity, finding.place) == ("error", "templates/phrases/fr.po")
    assert "phrases are in English" in finding.cause


def test_a_guessed_translation_counts_as_none(small: Small) -> None:
    catalogue = small.folder / "templates" / "phrases" / "fr.po"
    small.change('msgid "Key message"', '#, fuzzy\nmsgid "Key message"', catalogue)
    assert small.found("phrase-untranslated").cause.startswith("marks `Key message` as fuzzy")


def test_a_translation_with_other_placeholders_stops_the_rendering(small: Small) -> None:
    catalogue = small.folder / "templates" / "phrases" / "fr.po"
    small.change('msgstr "%(label)s', 'msgstr "%(lable)s', catalogue)
    finding = small.found("cannot-render")
    assert finding.place.startswith("templates/phrases/fr.po (line ")
    assert "the translation has `%(lable)s`, and the phrase has no such value" in finding.cause
    assert finding.cure == "The phrase has `%(label)s` and `%(url)s`."


def test_a_text_of_the_theme_is_translated_too(small: Small) -> None:
    theme = small.folder / "templates" / "theme.yaml"
    small.change("    fr: Programme TIGC\n", "", theme)
    finding = small.found("translation-missing")
    assert finding.place.startswith("templates/theme.yaml: organisation.name (line ")


def test_a_language_that_the_edition_is_not_written_in_is_worth_a_note(small: Small) -> None:
    finding = small.found("language-missing")
    assert (finding.severity, finding.cause) == ("note", "the edition is not written in es, ar")


def test_a_template_that_mail_programs_do_not_know_is_told_once_for_all(small: Small) -> None:
    style = small.folder / "templates" / "style.mjml.j2"
    small.change(":root {", ".a { position: absolute; } :root {", style)
    finding = small.found("client-support")
    assert finding.place.startswith("templates/style.mjml.j2 (line ")
    assert finding.variants == small.check().variants
