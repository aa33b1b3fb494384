"""The check of an edition: which variants are looked at, and where findings are."""

import re
from pathlib import Path

import pytest
from tests.interfaces.small import COURSES, Small

from tigc_mail import UsageError, Workspace
from tigc_mail.content.block import AnyBlock, TextBlock
from tigc_mail.delivery.bound import MAX_VARIANTS
from tigc_mail.ground.spot import spot
from tigc_mail.interfaces.checking import check_edition
from tigc_mail.interfaces.choices import choices_of
from tigc_mail.render.lint.follow import Policy


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace without faults."""
    return Small(tmp_path / "small")


def spot_of(file: Path, text: str) -> str:
    content = file.read_text("utf-8")
    return spot(content, content.index(text))


# Places


def test_a_small_edition_without_faults_is_clean(small: Small) -> None:
    checked = small.check()
    assert checked.clean
    assert small.ids() == set()
    assert [(v.audience, v.locale) for v in checked.variants] == [
        ("readers", "en"),
        ("readers", "fr"),
    ]


def test_a_link_leads_back_to_the_text_that_holds_it(small: Small) -> None:
    small.change(COURSES, "[click here](https://example.org/courses)")
    finding = small.found("link-text-vague")
    where = spot_of(small.edition, "[click here]")
    assert finding.place == f"editions/news/edition.yaml: blocks[0].body.en ({where})"
    assert [variant.locale for variant in finding.variants] == ["en"]


def test_a_text_of_an_audience_leads_back_to_its_file(small: Small) -> None:
    small.change("A fake earns", "A [https://example.org](https://example.org)", small.audience)
    place = small.found("link-text-url").place
    assert place.startswith("audiences/readers.yaml: key_messages.crime.body.en (line ")


def test_the_wording_that_is_shown_is_named_and_not_its_twin(small: Small) -> None:
    small.change("fr: Les nouvelles de mai", f"fr: {'n' * 61}, readers: {{fr: {'n' * 61}}}")
    assert small.found("subject-long").place.startswith(
        "editions/news/edition.yaml: subject.readers.fr"
    )


def test_what_comes_from_a_template_leads_to_its_line(small: Small) -> None:
    layout = small.folder / "templates" / "footer.mjml.j2"
    small.change("<strong>", '<a href="http://example.org/">Our site</a><strong>', layout)
    finding = small.found("link-target")
    where = spot_of(layout, "http://example.org/")
    assert finding.place == f"templates/footer.mjml.j2 ({where})"
    assert len(finding.variants) == 2


def test_a_weak_colour_leads_to_the_line_of_its_template(small: Small) -> None:
    styles = small.folder / "templates" / "theme.css"
    small.change("{{ theme.light.quiet }}; text-decoration", "#9aabb7; text-decoration", styles)
    place = f"templates/theme.css ({spot_of(styles, '#9aabb7')})"
    places = {one.place for one in small.check().findings if one.check.id == "contrast"}
    assert places == {place}


PLAIN = """\
<mj-section mj-class="surface" css-class="surface">
  <mj-column>
    <mj-text>{{ block.lines.words }}</mj-text>
  </mj-column>
</mj-section>
"""
OWN_BLOCK = """\
  - id: own
    type: custom
    template: own
    marking: TLP:CLEAR
    lines: {words: {en: Some words, fr: Des mots}}
"""


def test_a_plain_text_of_a_teams_own_can_be_read_in_the_dark(small: Small) -> None:
    blocks = small.folder / "templates" / "blocks"
    (blocks / "own.mjml.j2").write_text(PLAIN, "utf-8")
    (blocks / "own.txt.j2").write_text("{{ block.lines.words }}\n", "utf-8")
    small.add(OWN_BLOCK)
    assert "contrast" not in small.ids()
    small.change("<mj-text>", '<mj-text css-class="mine">', blocks / "own.mjml.j2")
    finding = small.found("contrast")
    assert finding.place == "templates/blocks/own.mjml.j2 (line 3, column 5)"
    assert "Give it a css-class that has colours for dark mode" in finding.cure
    small.change('"mine"', '"mine ink"', blocks / "own.mjml.j2")
    assert "contrast" not in small.ids()


def test_what_nobody_knows_in_the_style_sheet_is_a_warning_at_its_line(small: Small) -> None:
    styles = small.folder / "templates" / "theme.css"
    small.change("h1, h2", "h6 { colour: red; }\nh1, h2", styles)
    finding = small.found("style-unknown")
    line = styles.read_text("utf-8")[: styles.read_text("utf-8").index("colour")].count("\n") + 1
    assert finding.place == f"templates/theme.css (line {line})"
    assert finding.cure == "Did you mean `color`?"


def test_a_weak_colour_of_the_theme_is_told_where_it_stands(small: Small) -> None:
    theme = small.folder / "templates" / "theme.yaml"
    small.change('quiet: "#4a5b67"', 'quiet: "#9aabb7"', theme)
    finding = small.found("cannot-render")
    where = spot_of(theme, 'quiet: "#9aabb7"')
    assert finding.place == f"templates/theme.yaml: light.quiet ({where})"


# Wording


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
    assert "`%(label)s: %(url)s` is wrong" in finding.cause


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


# Variants


RULE = "show_when: {field: country, equals: %s}"


def conditional(id_: str, rule: str, body: str = "Hello.") -> str:
    return (
        f"  - {{id: {id_}, type: text, marking: TLP:CLEAR, {rule},"
        f" body: {{en: '{body}', fr: 'Bonjour.'}}}}"
    )


def test_both_with_and_without_a_conditional_block_is_looked_at(small: Small) -> None:
    small.add(conditional("hosts", RULE % "CR", "[click here](https://example.org/x)"))
    finding = small.found("link-text-vague")
    assert [(v.locale, v.shown) for v in finding.variants] == [("en", ("hosts",))]
    assert len(small.check().variants) == 4


def blocks(*rules: dict[str, object]) -> tuple[AnyBlock, ...]:
    """Return blocks with these rules, called a, b, c ..."""
    return tuple(
        TextBlock.model_validate(
            {"id": name, "type": "text", "marking": "TLP:CLEAR", "body": "x", "show_when": rule}
        )
        for name, rule in zip("abcdefghijkl", rules, strict=False)
    )


def equal(country: str) -> dict[str, object]:
    return {"field": "country", "equals": country}


def test_every_choice_of_a_few_blocks_is_looked_at() -> None:
    assert choices_of(()) == ([()], 1)
    assert choices_of(blocks(equal("FR"), equal("CR"))) == ([("a", "b"), ("a",), ("b",), ()], 4)


def test_blocks_of_one_rule_go_together_and_of_its_opposite_never() -> None:
    found = choices_of(blocks(equal("FR"), equal("FR"), {"not": equal("FR")}))
    assert found == ([("a", "b"), ("c",)], 2)


COUNTRIES = ["FR", "CR", "SN", "CO", "GB", "MX", "JO"]


def test_as_many_choices_are_looked_at_as_there_may_be_variants() -> None:
    choices, possible = choices_of(blocks(*map(equal, COUNTRIES[:6])))
    assert possible == len(set(choices)) == MAX_VARIANTS


def test_of_too_many_choices_the_extreme_ones_are_looked_at() -> None:
    choices, possible = choices_of(blocks(*map(equal, COUNTRIES)))
    assert possible == 128 > MAX_VARIANTS
    assert {len(choice) for choice in choices} == {0, 1, 6, 7}
    assert len(choices) == len(set(choices)) == 16


def add_rules(small: Small, count: int) -> None:
    for number, country in enumerate(COUNTRIES[:count]):
        small.add(conditional(f"b{number}", RULE % country))


def test_all_the_choices_that_may_be_sent_are_checked(small: Small) -> None:
    add_rules(small, 5)
    checked = small.check()
    assert len(checked.variants) == len(set(checked.variants)) == MAX_VARIANTS
    assert small.ids() == set()


def test_more_variants_than_may_be_sent_are_told_with_the_rules_that_make_them(
    small: Small,
) -> None:
    add_rules(small, 6)
    finding = small.found("variants-bound")
    rules = (RULE % country for country in COUNTRIES[:6])
    at = [spot_of(small.edition, rule) for rule in rules]
    assert finding.place == f"editions/news/edition.yaml: blocks[2].show_when ({at[0]})"
    assert finding.cause.startswith("up to 128 variants may be sent, and 64 is the most: the rules")
    for number, where in enumerate(at):
        assert f"b{number} at blocks[{2 + number}].show_when ({where})" in finding.cause
    assert len(finding.variants) == 128


def test_a_check_that_left_choices_out_says_so(small: Small) -> None:
    add_rules(small, 7)
    finding = small.found("variants-sampled")
    assert finding.cause.startswith(
        "16 of 128 choices of conditional blocks for readers were checked; the rules of b0 at"
    )
    assert finding.cause.endswith(") double them one by one")
    assert [variant.locale for variant in finding.variants] == ["en", "fr"]
    assert small.found("variants-bound").cause.startswith("up to 256 variants")


def test_an_audience_that_is_shown_nothing_is_told(small: Small) -> None:
    for _ in range(2):
        small.change("marking: TLP:CLEAR", "marking: TLP:AMBER")
    checked = small.check()
    assert checked.variants == ()
    assert small.found("nothing-to-show").severity == "warning"
    assert {cell.showing for row in checked.matrix[2:] for cell in row.cells} == {"above-ceiling"}


def test_a_block_that_nobody_may_read_is_told_where_it_is_marked_and_changes_nothing_else(
    small: Small,
) -> None:
    before = small.check()
    hidden = "The raid is on Friday"
    small.add(f"  - {{id: raid, type: text, marking: TLP:RED, body: {{en: {hidden}}}}}")
    checked = small.check()
    [finding] = set(checked.findings) - set(before.findings)
    assert re.fullmatch(
        r"editions/news/edition\.yaml: blocks\[2\]\.marking \(line \d+, column \d+\)", finding.place
    )
    assert finding.check.id == "read-by-nobody"
    assert finding.variants == ()
    assert hidden not in str(finding.to_json())
    assert checked.variants == before.variants
    assert set(before.findings) < set(checked.findings)


def test_readers_to_whom_no_block_applies_are_not_looked_at(small: Small) -> None:
    small.change("    title: {en: Welcome, fr: Bienvenue}\n", f"    {RULE % 'CR'}\n")
    small.change("    key_message: crime\n", f"    key_message: crime\n    {RULE % 'CR'}\n")
    assert [variant.shown for variant in small.check().variants] == [("welcome", "crime")] * 2


# What cannot even be rendered


def test_a_wrong_file_is_told_fault_by_fault(small: Small) -> None:
    small.change("marking: TLP:CLEAR", "marking: TLP:WHITE")
    small.change("kind: newsletter", "kind: letter")
    checked = small.check()
    assert not checked.clean
    assert [finding.check.id for finding in checked.findings] == ["wrong-file"] * 2
    assert checked.findings[0].place == "editions/news/edition.yaml: kind (line 1, column 1)"
    assert (checked.variants, checked.matrix) == ((), ())


def test_a_text_that_cannot_be_rendered_is_told_and_the_rest_is_checked(small: Small) -> None:
    small.change("[les cours](https://example.org/cours)", "[les cours](http://example.org/cours)")
    small.change(COURSES, "[click here](https://example.org/courses)")
    finding = small.found("cannot-render")
    assert "does not begin with https://" in finding.cause
    assert [variant.locale for variant in finding.variants] == ["fr"]
    assert small.found("link-text-vague")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("blocks/text.mjml.j2", b"{% if %}"),
        ("blocks/text.mjml.j2", b"caf\xe9"),
        ("newsletter.mjml.j2", b"<mjml>"),
        ("theme.yaml", b"- one"),
        ("theme.css", b"@media print {}"),
        ("phrases/fr.po", b'msgid "a" b'),
        ("phrases/fr.po", b"caf\xe9"),
    ],
)
def test_a_wrong_template_is_told_with_its_name(small: Small, name: str, content: bytes) -> None:
    (small.folder / "templates" / name).write_bytes(content)
    finding = small.found("cannot-render")
    assert finding.place.startswith(f"templates/{name}")
    assert {variant.locale for variant in finding.variants} >= {"fr"}


def test_an_unknown_edition_is_wrong_usage(small: Small) -> None:
    with pytest.raises(UsageError, match="there is no edition"):
        check_edition(Workspace.open(small.folder), "old")


# Following links


@pytest.fixture
def lookups() -> list[str]:
    """The hosts that were looked up, as they come."""
    return []


@pytest.fixture
def private(lookups: list[str]) -> Policy:
    """A policy of a world in which every host is on a private network."""

    def resolve(host: str, _port: int) -> list[str]:
        lookups.append(host)
        return ["10.0.0.8"]

    return Policy(resolve=resolve)


def test_links_are_followed_only_where_that_is_asked_for(
    small: Small, private: Policy, lookups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    small.check()
    assert lookups == []
    small.check(private)
    assert lookups == ["example.org"] * 2


def test_a_link_that_was_followed_leads_back_to_its_text(small: Small, private: Policy) -> None:
    small.change("https://example.org/cours)", "https://example.org/courses)")
    finding = small.found("link-private", private)
    assert finding.place.startswith("editions/news/edition.yaml: blocks[0].body.en (line ")
    assert finding.cause == "https://example.org/courses leads to an address that is not public"
    assert [variant.locale for variant in finding.variants] == ["en", "fr"]


def test_links_left_out_are_counted(small: Small) -> None:
    policy = Policy(resolve=lambda _host, _port: ["10.0.0.8"], links=1)
    assert small.found("link-unfollowed", policy).cause == "1 of 2 links were not followed"


def test_progress_is_told_for_each_variant(small: Small) -> None:
    steps: list[float] = []
    check_edition(Workspace.open(small.folder), "news", advance=steps.append)
    assert steps == [1, 1]


NOTICE = """\
  - id: event
    type: event
    marking: TLP:CLEAR
    title: {en: The meeting, fr: La réunion}
    event:
      uid: meeting@example.org
      sequence: 2
      issued: 2027-03-01T09:00:00Z
      stage: announced
      name: {en: The meeting, fr: La réunion}
      time_zone: Europe/Paris
      start: 2027-06-01
"""


def test_the_notices_of_an_event_in_two_editions_are_compared(small: Small) -> None:
    small.add(NOTICE)
    assert "event-order" not in small.ids()
    later = small.edition.read_text("utf-8").replace("2027-03-01", "2027-04-01")
    folder = small.folder / "editions" / "later"
    folder.mkdir()
    (folder / "edition.yaml").write_text(later, "utf-8")
    found = small.found("event-order")
    assert found.place == "editions/news/edition.yaml: blocks[2].event.sequence (line 33, column 7)"
    assert found.cause.startswith("news and later tell of meeting@example.org; later is issued")
    assert len(found.variants) == 2
    (folder / "edition.yaml").write_text("kind: letter\n", "utf-8")
    assert "event-order" not in small.ids()
