"""The theme: read as a model, every contrast checked, and what it changes in a message."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html
from tests.conftest import SHIPPED

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import DocumentError
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.spot import spot
from tigc_mail.render.colour import colour, contrast
from tigc_mail.render.compile import compile_message
from tigc_mail.render.templates import Templates
from tigc_mail.render.theme import load_theme

THEME = (SHIPPED / "templates" / "theme.yaml").read_text("utf-8")


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Return what is told of the shipped theme with one text replaced by another."""

    def told(old: str, new: str) -> list[str]:
        assert old in THEME
        (tmp_path / "theme.yaml").write_text(THEME.replace(old, new, 1), "utf-8")
        with pytest.raises(DocumentError) as caught:
            load_theme(tmp_path / "theme.yaml")
        return [str(fault) for fault in caught.value.faults]

    return told


def spot_of(text: str) -> str:
    return spot(THEME, THEME.index(text))


Faults = Callable[[str, str], list[str]]


def test_the_shipped_theme_is_right() -> None:
    theme = load_theme(SHIPPED / "templates" / "theme.yaml")
    assert theme["light"]["ink"] == "#1b2b36"
    assert theme["tlp"]["TLP:AMBER"] == "#ffc000"


def test_a_weak_pair_is_named_with_both_colours_the_ratio_and_the_cure(faults: Faults) -> None:
    [fault] = faults('quiet: "#4a5b67"', 'quiet: "#9aabb7"')
    assert fault == (
        f"templates/theme.yaml: light.quiet ({spot_of('quiet: ')}): #9aabb7 on `canvas` "
        "#e8edf1 has a contrast of 2.0:1, below the 4.5:1 that text needs. "
        "Make `quiet` darker, or `canvas` lighter."
    )


def test_in_dark_mode_the_cure_is_the_other_way_round(faults: Faults) -> None:
    [fault] = faults('quiet: "#a9b9c4"', 'quiet: "#445566"')
    assert ": dark.quiet (line" in fault
    assert "Make `quiet` lighter, or `" in fault


@pytest.mark.parametrize("name", ["ink", "heading", "quiet", "accent", "on_accent", "on_band"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_text_that_cannot_be_read_is_found_in_both_modes(
    tmp_path: Path, mode: str, name: str
) -> None:
    ground = {"on_accent": "accent", "on_band": "band"}.get(name, "surface")
    before, _, palette = THEME.partition(f"\n{mode}:\n")
    written = dict(re.findall(r'^  (\w+): "(#\w+)"', palette, re.MULTILINE)[:15])
    weak = palette.replace(f'  {name}: "{written[name]}"', f'  {name}: "{written[ground]}"', 1)
    (tmp_path / "theme.yaml").write_text(f"{before}\n{mode}:\n{weak}", "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_theme(tmp_path / "theme.yaml")
    assert any(f": {mode}.{name} (line" in fault.place for fault in caught.value.faults)


def test_a_frame_needs_less_than_text(faults: Faults) -> None:
    least, most = colour("#949494"), colour("#ffffff")
    assert least is not None
    assert most is not None
    assert 3 <= contrast(least, most) < 4.5
    [fault] = faults('frame: "#000000"', 'frame: "#bbbbbb"')
    assert "below the 3.0:1 that a shape needs" in fault


@pytest.mark.parametrize(
    ("old", "new", "path", "cause"),
    [
        ('ink: "#1b2b36"', "ink: black", "light.ink", "'black' is not a colour"),
        ('ink: "#1b2b36"', 'ink: "#123"', "light.ink", "six digits"),
        ("width: 600", "width: wide", "width", "is no whole number"),
        ("width: 600", "wdith: 600", "wdith", ""),
        ("sans-serif\n", "Arial\n", "fonts.body", "ends in no font that every reader has"),
        ("body: Segoe UI", "body: x{}", "fonts.body", "is not a list of font names"),
        ("contact@tigc.example.org", "nobody", "organisation.contact", ""),
        ('"TLP:RED": "#ff2b2b"', '"TLP:PINK": "#ff2b2b"', "tlp", ""),
        ('"TLP:RED": "#ff2b2b"', '"TLP:RED": "#550000"', "tlp", "TLP:RED #550000: the contrast"),
        ("https://tigc.example.org/follow/iipcic", "http://x.org/", "social[1].url", "https://"),
    ],
)
def test_what_a_theme_cannot_be_is_told_at_its_line(
    faults: Faults, old: str, new: str, path: str, cause: str
) -> None:
    told = faults(old, new)
    assert any(f"templates/theme.yaml: {path}" in one and cause in one for one in told), told
    assert all("(line " in one for one in told)


def test_what_stands_beside_a_label_has_to_stand_out(faults: Faults) -> None:
    [fault] = faults('  text: "#ffffff"', '  text: "#222222"')
    assert "#222222 on #000000 has a contrast below 4.5:1" in fault
    [fault] = faults('ground: "#000000"\n  text: "#ffffff"', 'ground: "#ffffff"\n  text: "#000000"')
    assert "the contrast with #ffffff is below 4.5:1" in fault


# What it changes

EditionOf = Callable[..., TailoredEdition]


def page_with(tmp_path: Path, edition: TailoredEdition, change: Mapping[str, str]) -> str:
    """Return the HTML of an edition with the shipped templates and a changed theme."""
    folder = tmp_path / "own"
    folder.mkdir()
    for path in (SHIPPED / "templates").iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "theme.yaml").unlink()
    theme = THEME
    for old, new in change.items():
        assert old in theme
        theme = theme.replace(old, new, 1)
    (folder / "theme.yaml").write_text(theme, "utf-8")
    message = compile_message(edition, Templates(folder), "https://mail.example.org")
    return message.fill(dict.fromkeys(message.slots, "plain")).html


def test_a_logo_stands_with_its_description_in_the_place_of_the_wordmark(
    tmp_path: Path, edition_of: EditionOf
) -> None:
    logo = 'logo: {url: "https://example.org/l.png", alt: {en: The TIGC}, width: 120}\nsocial:'
    page = page_with(tmp_path, edition_of(), {"social:": logo})
    [image] = lxml_html.document_fromstring(page).iter("img")
    assert (image.get("src"), image.get("alt")) == ("https://example.org/l.png", "The TIGC")
    assert image.get("width") == "120"
    assert "color:#fff;" in image.get("style", "").replace(" ", "")  # where it is not shown
    assert ">TIGC<" not in page


def test_an_image_behind_the_masthead_is_drawn_for_outlook_and_keeps_its_colour(
    tmp_path: Path, edition_of: EditionOf
) -> None:
    band = "band_image: https://example.org/b.png\nsocial:"
    page = page_with(tmp_path, edition_of(), {"social:": band})
    assert re.search(r"<v:rect[^>]*>\s*<v:fill[^>]*https://example\.org/b\.png", page)
    assert "#0b2a3c url('https://example.org/b.png')" in page


def test_a_colour_is_written_in_one_file(tmp_path: Path, edition_of: EditionOf) -> None:
    page = page_with(tmp_path, edition_of(body="[a](https://e.org)"), {"#0b6670": "#0b5570"})
    assert "#0b5570" in page
    assert "#0b6670" not in page


LIGHT_BAND = {
    'band: "#0b2a3c"': 'band: "#dfe9ef"',
    'on_band: "#ffffff"': 'on_band: "#0b2a3c"',
    'quiet_on_band: "#bcd3dd"': 'quiet_on_band: "#33505f"',
}


def test_the_masthead_has_colours_of_its_own_in_the_dark(
    tmp_path: Path, edition_of: EditionOf
) -> None:
    """A light band becomes dark, and its words light."""
    html = page_with(tmp_path, edition_of(), LIGHT_BAND)
    dark = html[html.index("@media (prefers-color-scheme: dark)") : html.index("@media print")]
    assert ".band div, .band-link a, .logo img { color: #ffffff !important; }" in dark
    assert ".quiet-on-band div { color: #bcd3dd !important; }" in dark


def test_the_colours_around_a_label_are_those_of_the_theme(
    tmp_path: Path, edition_of: EditionOf
) -> None:
    edition = edition_of(title="A")
    block = replace(edition.blocks[0], marking=Marking.GREEN)
    edition = replace(edition, marking=Marking.GREEN, blocks=(block,))
    html = page_with(
        tmp_path,
        edition,
        {'edge: "#5b6b76"': 'edge: "#5b6b77"', '  text: "#ffffff"': '  text: "#fffff0"'},
    )
    assert "#5b6b77" in html
    assert "#fffff0" in html
    assert "#5b6b76" not in html


def test_channels_are_links_that_say_where_they_lead(tmp_path: Path, edition_of: EditionOf) -> None:
    unlinked = {', url: "https://tigc.example.org/follow/iipcic"': ""}
    tree = lxml_html.document_fromstring(page_with(tmp_path, edition_of(), unlinked))
    [row] = tree.find_class("channels")
    assert [link.text_content() for link in row.iter("a")] == [
        "@INTERPOL_TIGC",
        "#IPCrimeConference",
    ]
    assert row.text_content().split() == ["@INTERPOL_TIGC", "@IIPCIC", "#IPCrimeConference"]


def test_on_paper_only_the_labels_keep_their_ground(tmp_path: Path, edition_of: EditionOf) -> None:
    page = page_with(tmp_path, edition_of(), {})
    paper = page[page.index("@media print") :]
    assert ".tlp, .tlp > table, .label { -webkit-print-color-adjust: exact" in paper
    assert ".surface" in paper
    assert "background-color: #ffffff !important" in paper
