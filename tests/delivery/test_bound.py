"""More variants than anybody can answer for are refused, with the rules that multiply them."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from tests.delivery.world import World, worlds

from tigc_mail import CampaignError
from tigc_mail.delivery.bound import MAX_VARIANTS

TAGS = [f"tag{at}" for at in range(6)]

BLOCK = """\
  - id: only-{tag}
    type: text
    marking: TLP:CLEAR
    show_when: {{field: tags, contains: {tag}}}
    body: {{en: For {tag}.}}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from worlds(tmp_path / "workspace")


def write_blocks(world: World, tags: list[str], extra: str = "") -> None:
    path = world.folder / "editions/news/edition.yaml"
    blocks = "".join(BLOCK.format(tag=tag) for tag in tags)
    path.write_text(path.read_text("utf-8") + blocks + extra, "utf-8")


def enrol_every_choice(world: World) -> None:
    """Import a member of the public for every choice of the tags, in English and in French."""
    choices = product((True, False), repeat=len(TAGS))
    world.enrol(
        {
            "email": f"reader{at}{locale}@example.org",
            "sector": "public",
            "locale": locale,
            "tags": ";".join(tag for tag, has in zip(TAGS, choice, strict=True) if has),
        }
        for at, choice in enumerate(choices)
        for locale in ("en", "fr")
    )


def test_as_many_variants_as_may_be_are_planned(world: World) -> None:
    write_blocks(world, TAGS[:5])
    enrol_every_choice(world)
    campaign = world.campaigns.create("news", author="ana")
    assert len(campaign._contents.messages()) == MAX_VARIANTS


def test_too_many_name_every_rule_that_multiplies_and_plan_nothing(world: World) -> None:
    write_blocks(world, TAGS)
    enrol_every_choice(world)
    with pytest.raises(CampaignError) as refused:
        world.campaigns.create("news", author="ana")
    told = str(refused.value)
    lines = (world.folder / "editions/news/edition.yaml").read_text("utf-8").split("\n")
    line = lines.index("blocks:") + 1
    assert f"edition.yaml: blocks (line {line}, column 1): 128 variants would be sent" in told
    assert "and 64 is the most" in told
    for at, tag in enumerate(TAGS, 4):
        line = lines.index(f"    show_when: {{field: tags, contains: {tag}}}") + 1
        place = f"blocks[{at}].show_when (line {line}, column 5)"
        assert f"the rule of only-{tag} at {place} makes 64 of them, 64 are left" in told
    assert "insiders" not in told, "nobody is one, so its rule multiplies nothing"
    assert "send it to fewer audiences" in told
    assert list(world.campaigns) == []
    assert not (world.folder / ".tigc-mail/compiled").exists(), "nothing was compiled"


def test_blocks_of_one_rule_and_of_its_opposite_count_as_one(world: World) -> None:
    other = BLOCK.format(tag="x").replace("{field: tags, contains: x}", "{not: SAME}")
    same = "{field: tags, contains: tag0}"
    write_blocks(world, TAGS, other.replace("SAME", same))
    enrol_every_choice(world)
    with pytest.raises(CampaignError) as refused:
        world.campaigns.create("news", author="ana")
    both = r"only-tag0 at blocks\[4\].* and only-x at blocks\[10\][^;]* makes 64 of them"
    assert re.search(both, str(refused.value))
