"""Findings about an element of a page are told where that element was written."""

from pathlib import Path

import pytest
from tests.interfaces.small import COURSES, Small

from tigc_mail.ground.spot import spot

TITLE = "title: {en: Welcome, fr: Bienvenue}"
EDITION = "editions/news/edition.yaml"


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small workspace without faults."""
    return Small(tmp_path / "small")


def spot_of(file: Path, text: str) -> str:
    content = file.read_text("utf-8")
    assert content.count(text) == 1
    return spot(content, content.index(text))


def body_with(small: Small, more: str) -> Path:
    """Add to the template of all texts; return its file."""
    body = small.folder / "templates" / "blocks" / "body.mjml.j2"
    body.write_text(body.read_text("utf-8").replace("{% endif %}", f"{more}\n{{% endif %}}"))
    return body


def places(small: Small, check: str) -> set[str]:
    return {one.place for one in small.check().findings if one.check.id == check}


def text(content: str) -> str:
    return f'<mj-text css-class="prose">{content}</mj-text>'


@pytest.mark.parametrize(
    ("check", "more", "where"),
    [
        ("link-target", text('<a href="#">the report</a>'), '#">'),
        ("link-target", text('<a href="">the report</a>'), 'href=""'),
        ("link-target", text("<a>the report</a>"), "<a>"),
        ("link-target", '<mj-button href="#">The report</mj-button>', '#">'),
        (
            "link-target",
            '<mj-navbar><mj-navbar-link css-class="accent" href="#">The report</mj-navbar-link></mj-navbar>',
            '#">',
        ),
        ("link-text-vague", text('<a href="https://example.org/x">Click here</a>'), "Click"),
        ("link-text-empty", text('<a href="https://example.org/x"></a>'), "<a href"),
        ("heading-order", text("<h1>Two</h1>"), "<h1>"),
        ("heading-empty", text("<h3></h3>"), "<h3>"),
        ("layout-table", text('<table role="grid"><tr><td>a</td></tr></table>'), "<table"),
        ("contrast", '<mj-text css-class="prose" color="rgb(200,200,200)">Weak</mj-text>', "rgb"),
        ("contrast", text('<p style="padding:0; color: #999999">Weak</p>'), "#999999"),
        ("contrast", '<mj-text css-class="mine">No rule</mj-text>', '<mj-text css-class="mine"'),
        ("contrast", "<mj-table><tr><td>No class</td></tr></mj-table>", "<mj-table>"),
    ],
)
def test_an_element_of_a_template_is_told_at_its_letter(
    small: Small, check: str, more: str, where: str
) -> None:
    body = body_with(small, more)
    assert places(small, check) == {f"templates/blocks/body.mjml.j2 ({spot_of(body, where)})"}


@pytest.mark.parametrize(
    ("check", "written", "where"),
    [
        ("link-target", "[a](https://)", "[a](https://)"),
        ("heading-empty", "see\n\n        #\n\n        what", None),
        ("link-text-empty", "[](https://example.org/x)", "https://example.org/x"),
        (
            "link-text-twice",
            "[a](https://example.org/x) [a](https://example.org/y)",
            "https://example.org/y",
        ),
        ("heading-order", "see\n\n        #### Deep\n\n        it", "Deep"),
        ("client-support", "![A plan](https://example.org/plan.svg)", "https://example.org/plan"),
    ],
)
def test_an_element_of_an_authors_text_is_told_there(
    small: Small, check: str, written: str, where: str | None
) -> None:
    small.change(COURSES, written)
    where = where or "en: |\n        The programme"
    place = f"{EDITION}: blocks[0].body.en ({spot_of(small.edition, where)})"
    assert places(small, check) == {place}


def test_a_link_of_its_own_field_is_told_at_the_field(small: Small) -> None:
    small.add(
        "  - {id: go, type: call-to-action, marking: TLP:CLEAR,\n"
        "     label: {en: Click here, fr: Inscrivez-vous}, url: 'https://example.org/go'}"
    )
    where = spot_of(small.edition, "Click here")
    assert small.found("link-text-vague").place.startswith(f"{EDITION}: blocks[2].label.en (line ")
    assert where.partition(",")[0] in small.found("link-text-vague").place


def test_a_carousel_is_told_at_its_image_and_never_at_the_type_of_a_block(small: Small) -> None:
    image = '<mj-carousel-image src="https://example.org/a.svg" alt="x" />'
    body = body_with(small, f"<mj-carousel>{image}{image.replace('a.svg', 'b.svg')}</mj-carousel>")
    told = places(small, "client-support")
    assert f"templates/blocks/body.mjml.j2 ({spot_of(body, 'https://example.org/a.svg')})" in told
    assert all(place.startswith("templates/blocks/body.mjml.j2 (") for place in told)


def test_a_link_that_the_plain_text_lacks_is_told_at_the_twin_of_its_block(small: Small) -> None:
    twin = small.folder / "templates" / "blocks" / "text.txt.j2"
    twin.write_text("{{ block.title }}\n")
    assert places(small, "text-part-link") == {"templates/blocks/text.txt.j2 (line 1, column 1)"}


def test_a_link_of_a_blocks_template_leads_to_the_twin_of_that_block(small: Small) -> None:
    body_with(small, text('<a href="https://example.org/more">More to read</a>'))
    assert places(small, "text-part-link") == {"templates/blocks/text.txt.j2 (line 1, column 1)"}


def test_what_a_layout_lacks_is_told_where_it_belongs(small: Small) -> None:
    templates = small.folder / "templates"
    base, footer = templates / "base.mjml.j2", templates / "footer.mjml.j2"
    small.change("<mj-preview>{{ edition.preheader }}</mj-preview>", "", base)
    small.change("{{ links.unsubscribe }}", "{{ links.preferences }}", footer)
    assert places(small, "preheader-missing") == {
        f"templates/base.mjml.j2 ({spot_of(base, '<mj-head>')})"
    }
    assert places(small, "unsubscribe-link") == {
        f"templates/base.mjml.j2 ({spot_of(base, '</mj-body>')})"
    }


def test_a_hidden_way_out_is_told_at_its_link(small: Small) -> None:
    footer = small.folder / "templates" / "footer.mjml.j2"
    link = '<a href="{{ links.unsubscribe }}"'
    small.change(link, f'{link} style="display:none"', footer)
    assert places(small, "unsubscribe-link") == {
        f"templates/footer.mjml.j2 ({spot_of(footer, link)})"
    }


def test_a_plain_text_without_a_way_out_is_told_where_it_ends(small: Small) -> None:
    base = small.folder / "templates" / "base.txt.j2"
    small.change("links.unsubscribe", "links.web", base)
    (place,) = places(small, "unsubscribe-link")
    assert place.startswith("templates/base.txt.j2 (line ")
    line = int(place.split()[2].strip(","))
    assert "Read on the web" not in "\n".join(base.read_text("utf-8").split("\n")[line - 1 :])


def test_a_heavy_message_is_told_at_its_longest_block(small: Small) -> None:
    small.change("The programme changed three things.", "word " * 16_000)
    assert places(small, "html-heavy") == {
        f"{EDITION}: blocks[0] ({spot_of(small.edition, 'id: welcome')})"
    }


def test_a_colour_of_the_theme_is_told_in_the_theme(small: Small) -> None:
    theme = small.folder / "templates" / "theme.yaml"
    body = body_with(
        small, '<mj-text css-class="prose" color="{{ theme.light.rule }}">Weak</mj-text>'
    )
    told, *more = [one for one in small.check().findings if one.check.id == "contrast"]
    where = spot_of(theme, 'rule: "#d3dde4"')
    assert {one.place for one in more} <= {told.place}
    assert told.place == f"templates/theme.yaml: light.rule ({where})"
    met = spot_of(body, '<mj-text css-class="prose" color="{{ theme.light.rule')
    assert told.cure.endswith(f" It was met in templates/blocks/body.mjml.j2 ({met}).")


@pytest.mark.parametrize(
    ("check", "sign"),
    [
        ("html-shown", "<b>spring</b>"),
        ("link-shown", "https://example.org/{{ recipient.role }}/x"),
        ("marks-shown", "**spring"),
        ("cannot-render", "{{ recipient.attributes.site }}/courses)"),
        ("cannot-render", '{{ "\\u202e" }}'),
    ],
)
def test_what_is_wrong_in_a_text_is_told_at_its_letter(small: Small, check: str, sign: str) -> None:
    opening = "[them](https://" if check == "cannot-render" and "site" in sign else ""
    small.change("of this spring.", f"{{{{ recipient.role }}}} of {opening}{sign}")
    (told,) = [one for one in small.check().findings if one.check.id == check]
    where = spot_of(small.edition, sign)
    assert told.place == f"{EDITION}: blocks[0].body.en ({where})"
    assert {variant.locale for variant in told.variants} == {"en"}


@pytest.mark.parametrize(
    ("mode", "text", "ground"),
    [
        ("light", "label.ground", "light.band"),  # black, as is light.frame
        ("light", "light.heading", "light.band"),  # equal
        ("light", "tlp.TLP:RED", "light.band"),
        ("dark", "dark.inset", "dark.band"),
        ("dark", "dark.band", "dark.band"),
    ],
)
def test_a_link_on_the_band_is_told_with_the_colours_that_the_theme_gives(
    small: Small, mode: str, text: str, ground: str
) -> None:
    templates = small.folder / "templates"
    small.change('"TLP:RED": "#ff2b2b"', '"TLP:RED": "#ff0000"', templates / "theme.yaml")
    palette, _, key = text.partition(".")
    printed = f"{{{{ theme.{palette}['{key}'] }}}}"
    if mode == "light":
        rule = ".band-link a {{ color: {}; text"
        old, new = (rule.format(one) for one in ("{{ theme.light.on_band }}", printed))
        small.change(old, new, templates / "theme.css")
    else:
        small.change(
            "@media print", f"@media (prefers-color-scheme: dark) {{ .band-link a {{ color: {printed}"
            " !important; } } @media print", templates / "style.mjml.j2",
        )  # fmt: skip
    (told,) = [one for one in small.check().findings if one.check.id == "contrast"]
    assert told.place.startswith(f"templates/theme.yaml: {text} (line ")
    assert f"`{text}` for the text and `{ground}` for the ground" in told.cure
    assert f"in {mode} mode" in told.cause


def test_a_phrase_is_told_in_the_catalogue_that_translates_it(small: Small) -> None:
    catalogue = small.folder / "templates" / "phrases" / "fr.po"
    content = catalogue.read_text("utf-8")
    small.change(
        'msgid "Unsubscribe"\nmsgstr "Se désabonner"',
        'msgid "Unsubscribe"\nmsgstr "ici"',
        catalogue,
    )
    assert content != catalogue.read_text("utf-8")
    where = spot_of(catalogue, 'msgstr "ici"')
    assert places(small, "link-text-vague") == {f"templates/phrases/fr.po ({where})"}


def test_a_guess_is_told_at_its_line_of_the_catalogue(small: Small) -> None:
    catalogue = small.folder / "templates" / "phrases" / "fr.po"
    small.change('msgid "Key message"', '#, fuzzy\nmsgid "Key message"', catalogue)
    where = spot_of(catalogue, 'msgid "Key message"')
    assert places(small, "phrase-untranslated") == {f"templates/phrases/fr.po ({where})"}


def test_what_no_variant_can_be_rendered_with_still_names_its_readers(small: Small) -> None:
    body_with(small, "<mj-raw><script>x()</script></mj-raw>")
    checked = small.check()
    assert {one.variants for one in checked.findings if one.check.id == "client-support"} == {
        checked.variants
    }
    assert len(checked.variants) == 2
