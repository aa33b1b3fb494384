"""Each block is found in the page of its message, with its own words and nobody else's."""

from pathlib import Path

import pytest
from lxml import html as lxml_html
from tests.browser.everything import everything
from tests.interfaces.small import Small

from tigc_mail.interfaces.preview.regions import ATTRIBUTE, Regions
from tigc_mail.interfaces.preview.studio import Proof, Studio, Wanted
from tigc_mail.render.lint.finding import Variant


def looked_at(folder: Path, wanted: Wanted) -> tuple[Proof, Regions]:
    studio = Studio(folder)
    proof = studio.proof(wanted).last
    assert proof is not None
    return proof, studio.regions(wanted, proof)


@pytest.fixture(scope="module")
def all_blocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Proof, Regions]:
    """A message that has every block there is."""
    workspace = everything(tmp_path_factory.mktemp("everything"))
    name = workspace.editions()[0]
    edition = workspace.edition(name)
    audience = max(edition.audiences, key=lambda each: workspace.audience(each).ceiling.level)
    shown = tuple(block.id for block in edition.conditional_blocks(workspace.audience(audience)))
    return looked_at(workspace.folder, Wanted(name, Variant(audience, edition.language, shown)))


def test_every_block_of_every_type_is_found(all_blocks: tuple[Proof, Regions]) -> None:
    proof, regions = all_blocks
    assert list(regions.blocks) == [block.id for block in proof.edition.blocks]


def test_the_words_of_a_block_stand_in_its_own_region_only(
    all_blocks: tuple[Proof, Regions],
) -> None:
    proof, regions = all_blocks
    titled = [block for block in proof.edition.blocks if block.title]
    assert len(titled) > 3
    for block in titled:
        for name, region in regions.blocks.items():
            said = "\n".join(region.lines)
            assert (block.title in said) is (name == block.id), name
    subject = proof.edition.subject
    assert not any(subject in line for each in regions.blocks.values() for line in each.lines)


def test_a_marked_page_is_the_page_but_for_its_marks(all_blocks: tuple[Proof, Regions]) -> None:
    proof, regions = all_blocks
    marked = lxml_html.document_fromstring(regions.page)
    places = [each.attrib.pop(ATTRIBUTE) for each in marked.iter() if each.get(ATTRIBUTE)]
    assert set(places) == set(regions.blocks)
    plain = lxml_html.document_fromstring(proof.message.html)
    assert lxml_html.tostring(marked) == lxml_html.tostring(plain)


def test_links_and_pictures_are_part_of_what_is_said(small: Small) -> None:
    small.add("""\
  - id: picture
    type: figure
    marking: TLP:CLEAR
    image: https://example.org/a.png
    alt: {en: Two parcels, fr: Deux colis}""")
    _, regions = looked_at(small.folder, Wanted("news", Variant("readers", "fr", ())))
    assert "[Deux colis]" in regions.blocks["picture"].lines
    assert any(
        "les cours <https://example.org/cours>" in x for x in regions.blocks["welcome"].lines
    )


def test_a_page_of_a_teams_own_layout_is_traced_too(small: Small) -> None:
    """Blocks in one section, or in several, are told apart."""
    layout = small.folder / "templates" / "newsletter.mjml.j2"
    layout.write_text(
        """{% extends "base.mjml.j2" %}
{% block kicker %}News{% endblock %}
{% block content %}<mj-section><mj-column>
{% for block in blocks %}<mj-text>{{ block.title }}</mj-text><mj-text>{{ block.body_html }}</mj-text>{% endfor %}
</mj-column></mj-section>{% endblock %}""",
        "utf-8",
    )
    _, regions = looked_at(small.folder, Wanted("news", Variant("readers", "en", ())))
    assert regions.blocks["welcome"].lines[0] == "Welcome"
    assert regions.blocks["crime"].lines == (
        "Who earns",
        "A fake earns money for those who make it.",
    )


def test_a_message_of_one_block_keeps_its_frame_out_of_it(small: Small) -> None:
    small.change(
        "  - id: crime\n    type: key-message\n    marking: TLP:CLEAR\n    key_message: crime\n", ""
    )
    _, regions = looked_at(small.folder, Wanted("news", Variant("readers", "en", ())))
    (region,) = regions.blocks.values()
    assert region.lines[0] == "Welcome"
    assert not any("Unsubscribe" in line for line in region.lines)


def test_what_was_found_is_found_anew_where_the_message_is_another(small: Small) -> None:
    studio, wanted = Studio(small.folder), Wanted("news", Variant("readers", "en", ()))
    for title in ("Welcome", "Come in"):
        small.change("Welcome", title)
        proof = studio.proof(wanted).last
        assert proof is not None
        found = studio.regions(wanted, proof)
        assert found.blocks["welcome"].lines[0] == title
        assert studio.regions(wanted, proof) is found
