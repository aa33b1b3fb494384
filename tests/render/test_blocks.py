"""Every block as the shipped templates show it, and one that a team adds in its workspace."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from tests.conftest import SHIPPED

from tigc_mail import Workspace
from tigc_mail.content.tailored import (
    TailoredBlock,
    TailoredCustom,
    TailoredEdition,
    TailoredFigure,
    TailoredQuote,
    TailoredStatistic,
    TailoredStatistics,
)
from tigc_mail.errors import TemplateError
from tigc_mail.ground.marking import Marking
from tigc_mail.ground.spot import spot
from tigc_mail.render.compile import compile_message
from tigc_mail.render.message import RenderedMessage
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import in_words

Show = Callable[..., RenderedMessage]


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(SHIPPED / "templates")


@pytest.fixture
def show(edition_of: Callable[..., TailoredEdition], templates: Templates) -> Show:
    """Return a message with these blocks, as the shipped templates show it."""

    def shown(*blocks: TailoredBlock, **fields: Any) -> RenderedMessage:
        edition = edition_of(blocks=blocks, **fields)
        message = compile_message(edition, templates, "https://mail.example.org")
        return message.fill(dict.fromkeys(message.slots, "plain"))

    return shown


ARABIC = {"locale": "ar", "direction": "rtl"}


def quote(**fields: Any) -> TailoredQuote:
    known = {"body": "Ask *first*.\n\nPay later.", "speaker": "Ana Mora", "role": "Officer"}
    return TailoredQuote(id="one", marking=Marking.CLEAR, **{**known, **fields})


def figure(**fields: Any) -> TailoredFigure:
    known = {
        "image": "https://example.org/a.png",
        "alt": 'Two parcels, one "copied"',
        "caption": "The right one is a copy.",
        "url": None,
    }
    return TailoredFigure(id="one", marking=Marking.CLEAR, **{**known, **fields})


def statistics(*numbers: float, **fields: Any) -> TailoredStatistics:
    ones = tuple(
        TailoredStatistic(
            number=Decimal(str(number)), unit=None, label=f"label {at}", marking=Marking.CLEAR
        )
        for at, number in enumerate(numbers)
    )
    return TailoredStatistics(id="one", marking=Marking.CLEAR, statistics=ones, **fields)


def tree_of(message: RenderedMessage) -> Any:
    return lxml_html.document_fromstring(message.html)


def test_a_quote_is_a_blockquote_with_its_speaker_outside_it(show: Show) -> None:
    message = show(quote())
    [block] = tree_of(message).iter("blockquote")
    assert [p.text_content() for p in block.iter("p")] == ["Ask first.", "Pay later."]
    assert "Ana Mora" not in block.text_content()
    assert "<strong>Ana Mora</strong>" in message.html
    assert "> Ask first.\n> \n> Pay later.\n\n— Ana Mora\n  Officer\n" in message.text


def test_a_quote_may_hold_a_slot_and_needs_no_role(show: Show) -> None:
    message = show(quote(body="{{ recipient.role }} {{ recipient.salutation }}", role=""))
    assert "> plain plain\n\n— Ana Mora\n" in message.text
    assert 'class="role"' not in message.html


def test_an_image_has_its_description_and_leads_where_it_says(show: Show) -> None:
    message = show(figure(url="https://example.org/more"))
    [image] = tree_of(message).iter("img")
    assert image.get("alt") == 'Two parcels, one "copied"'
    assert image.getparent().get("href") == "https://example.org/more"
    assert "background-color" in image.get("style")  # legible where it is not loaded
    described = '[Two parcels, one "copied"]'
    linked = f"{described}: https://example.org/more\nThe right one is a copy.\n"
    assert linked in message.text
    assert f"{described}\nThe right one is a copy.\n" in show(figure()).text
    assert "https://example.org/more" in message.text
    assert "a.png" not in message.text


def test_an_image_without_caption_and_link_is_the_image_alone(show: Show) -> None:
    message = show(figure(caption=""))
    [image] = tree_of(message).iter("img")
    assert image.getparent().tag != "a"
    assert "None" not in message.html + message.text


@pytest.mark.parametrize(
    ("count", "columns"), [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3])]
)
def test_statistics_stand_two_or_three_in_a_row(show: Show, count: int, columns: list[int]) -> None:
    tree = tree_of(show(statistics(*range(count))))
    rows = tree.xpath("//div[contains(@class, 'inset-row')]")
    assert [len(row.xpath(".//div[contains(@class, 'mj-column-per')]")) for row in rows] == columns


@pytest.mark.parametrize(("fields", "direction"), [({}, "ltr"), (ARABIC, "rtl")])
def test_statistics_are_in_order_from_the_side_where_reading_begins(
    show: Show, fields: dict[str, Any], direction: str
) -> None:
    message = show(statistics(11, 22, 33), **fields)
    [row] = tree_of(message).xpath("//div[contains(@class, 'inset-row')]")
    [cell] = row.xpath("./table/tbody/tr/td")
    assert f"direction:{direction}" in cell.get("style").replace(" ", "")
    said = " ".join(filter(None, (text.strip() for text in row.itertext())))
    assert said == "11 label 0 22 label 1 33 label 2"  # and so on a telephone, and without styles
    order = [message.text.index(f"{number} label") for number in (11, 22, 33)]
    assert order == sorted(order)


def test_a_number_keeps_its_sign_in_front_where_lines_run_to_the_left(show: Show) -> None:
    message = show(statistics(-35), **ARABIC)
    assert '<span dir="ltr">-35</span>' in message.html
    assert "\u200f- \u2066-35 label 0\u2069" in message.text  # on the right, its sign on the left


@pytest.mark.parametrize(
    ("number", "unit", "told"),
    [
        ("1250", None, ("1,250", "1\u202f250", "1.250", "1,250")),
        ("12345.6789", None, ("12,345.6789", "12\u202f345,6789", "12.345,6789", "12,345.6789")),
        ("35", "percent", ("35%", "35\xa0%", "35\xa0%", "35%")),
        ("0.25", "percent", ("0.25%", "0,25\xa0%", "0,25\xa0%", "0.25%")),
    ],
)
def test_numbers_are_written_as_the_language_does(
    number: str, unit: str | None, told: tuple[str, ...]
) -> None:
    words = [in_words(Decimal(number), unit, locale) for locale in ("en", "fr", "es", "ar")]
    assert words == list(told)


def test_the_title_of_every_block_stands_one_below_that_of_the_message(show: Show) -> None:
    blocks = (quote(title="Said"), statistics(5, title="Counted"), figure(title="Seen"))
    headings = [
        (element.tag, element.text_content())
        for element in tree_of(show(*blocks)).iter("h1", "h2", "h3")
    ]
    assert headings == [("h1", "News"), ("h2", "Said"), ("h2", "Counted"), ("h2", "Seen")]


def test_every_new_block_carries_its_label(show: Show) -> None:
    for block in (quote, figure):
        assert show(block()).html.count("TLP:AMBER") == 0
    marked = Marking.AMBER
    for one in (
        TailoredQuote(id="a", marking=marked, body="b", speaker="c", role=""),
        TailoredFigure(
            id="a", marking=marked, image="https://e.org/a", alt="a", caption="", url=None
        ),
        TailoredStatistics(id="a", marking=marked, statistics=statistics(1).statistics),
    ):
        message = show(one)
        assert len(tree_of(message).find_class("label")) == 1
        assert "[TLP:AMBER]" in message.text


@pytest.mark.parametrize("locale", ["en", "fr", "es", "ar"])
def test_the_foot_says_who_writes_why_and_how_to_end_it(show: Show, locale: str) -> None:
    direction = "rtl" if locale == "ar" else "ltr"
    message = show(quote(), locale=locale, direction=direction)
    words = {
        "en": ["TIGC programme", "Unsubscribe", "Change your preferences", "Read on the web"],
        "fr": ["Programme TIGC", "Se désabonner", "Modifier vos préférences", "Lire sur le web"],
        "es": ["Programa TIGC", "Cancelar la suscripción", "Cambiar", "Leer en la web"],
        "ar": ["برنامج TIGC", "إلغاء الاشتراك", "تعديل تفضيلاتكم", "القراءة على الويب"],
    }[locale]
    text = re.sub("[\u200e\u200f\u2066-\u2069]", "", message.text)
    for word in (*words, "You asked for it.", "contact@tigc.example.org"):
        assert word in text
        assert word in tree_of(message).text_content()
    for purpose in ("unsubscribe", "preferences", "web"):
        assert f"https://mail.example.org/{purpose}/plain" in message.html
        assert f"https://mail.example.org/{purpose}/plain" in message.text


# A team's own


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A new workspace to which a team adds a block: two templates and a place in an edition."""
    workspace = Workspace.create(tmp_path / "news")
    page = (SHIPPED / "docs" / "templates.md").read_text("utf-8")
    mjml, text = re.findall(r"^```jinja poll\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [block] = re.findall(r"^```yaml poll\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    blocks = workspace.folder / "templates" / "blocks"
    (blocks / "poll.mjml.j2").write_text(mjml, "utf-8")
    (blocks / "poll.txt.j2").write_text(text, "utf-8")
    edition = workspace.folder / "editions" / "2026-11-newsletter" / "edition.yaml"
    edition.write_text(f"{edition.read_text('utf-8')}\n{block}", "utf-8")
    return workspace


def test_a_team_adds_a_block_in_its_workspace_as_the_page_on_templates_says(
    workspace: Workspace,
) -> None:
    for locale, question in (("en", "Which day suits you?"), ("fr", "Quel jour vous convient ?")):
        message = workspace.render("2026-11-newsletter", audience="public", locale=locale)
        assert question in tree_of(message).text_content().replace("\xa0", " ")
        assert 'href="https://tigc.example.org/poll/tuesday"' in message.html
        assert question in message.text.replace("\xa0", " ")
        assert "https://tigc.example.org/poll/tuesday" in message.text
        assert "<strong>" in message.html


def test_a_block_whose_template_is_missing_is_told_where_it_is_written(
    workspace: Workspace,
) -> None:
    (workspace.folder / "templates" / "blocks" / "poll.txt.j2").unlink()
    with pytest.raises(TemplateError) as caught:
        workspace.render("2026-11-newsletter", audience="public")
    file = "editions/2026-11-newsletter/edition.yaml"
    text = (workspace.folder / file).read_text("utf-8")
    where = spot(text, text.index("template: poll"))
    assert re.fullmatch(rf"{file}: blocks\[\d+\].template \({where}\)", caught.value.place)
    assert caught.value.cause == "there is no templates/blocks/poll.txt.j2"


def test_a_fault_in_a_field_is_told_at_its_path(show: Show) -> None:
    block = TailoredCustom(
        id="one", marking=Marking.CLEAR, template="text", lines={}, texts={"a": "{{ b }}"}, links={}
    )
    with pytest.raises(TemplateError) as caught:
        show(block)
    assert caught.value.place.startswith("editions/news/edition.yaml: blocks[one].texts.a (")
