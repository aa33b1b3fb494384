"""The check of an edition: where what is wrong stands in the author's files."""

from tests.interfaces.small import COURSES, Small, spot_of


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
