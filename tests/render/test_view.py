"""What templates see of an edition, and what is told of an author's text that is wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tigc_mail.content.tailored import TailoredEvent, TailoredEventDetails, TailoredKeyMessage
from tigc_mail.errors import RenderError, TemplateError
from tigc_mail.ground.marking import Marking
from tigc_mail.render.message import CompiledMessage, Occurrence
from tigc_mail.render.view import Links

Compile = Callable[..., CompiledMessage]


def fault_of(compile_with: Compile, **fields: Any) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        compile_with(**fields)
    return caught.value


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("body", "blocks[welcome].body"),
        ("title", "blocks[welcome].title"),
        ("subject", "subject"),
        ("preheader", "preheader"),
    ],
)
@pytest.mark.parametrize(
    ("source", "column", "cause"),
    [
        ("{{ nope }}", 4, "'nope' is undefined"),
        ("{{ 'x' | nope }}", 10, "No filter named 'nope'"),
        ("{{ 'x' ", 4, "end of template"),
        ("{{ recipient.role | upper }}", 21, "the filter `upper` would change"),
        ("{% if recipient.role %}a{% endif %}", 17, "can only be printed"),
        ("{{ ''.__class__ }}", 7, "the sandbox refuses"),
        ("{% for i in range(10**9) %}{% endfor %}", 1, "yields more than"),
    ],
)
def test_a_fault_in_an_authors_text_is_told_where_it_stands(
    compile_with: Compile, field: str, path: str, source: str, column: int, cause: str
) -> None:
    error = fault_of(compile_with, **{field: f"one\n{source}"})
    assert cause in error.cause
    assert (
        error.place == f"editions/news/edition.yaml: {path} (line 2, column {column} of the text)"
    )


WHAT = {
    "\x00": "a control character",
    "\x07": "a control character",
    "\x7f": "a control character",
    "\x85": "a control character",
    "\ud800": "half a character",
    "\ufffe": "a noncharacter",
}


@pytest.mark.parametrize("character", WHAT)
@pytest.mark.parametrize("field", ["body", "title", "subject", "preheader"])
def test_control_characters_in_an_authors_text_are_told(
    compile_with: Compile, field: str, character: str
) -> None:
    error = fault_of(compile_with, **{field: f"a\nb{character}"})
    assert error.cause == f"there is {WHAT[character]} (U+{ord(character):04X})"
    assert error.place.endswith("(line 2, column 2 of the text)")


@pytest.mark.parametrize("written", ["\u202e", r'{{ "\u202e" }}', r'{{ "\u202d" ~ "c" }}'])
@pytest.mark.parametrize("field", ["body", "title", "subject", "preheader"])
def test_signs_that_turn_letters_round_are_told(
    compile_with: Compile, field: str, written: str
) -> None:
    error = fault_of(compile_with, **{field: f"a\nb{written}"})
    assert error.cause.startswith("there is a sign that turns the letters behind it round (U+202")
    assert error.place.endswith("(line 2, column 2 of the text)")
    assert error.cure


@pytest.mark.parametrize("field", ["name", "reason", "sender_name"])
def test_control_characters_in_the_audiences_texts_are_told(
    compile_with: Compile, field: str
) -> None:
    error = fault_of(compile_with, audience={field: "a\ud800"})
    assert error.place.startswith("audiences/public.yaml: ")


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (">" * 300 + " a", "nested more than 50 deep"),
        ("\n".join("  " * at + f"- {at}" for at in range(300)), "nested more than 50 deep"),
        ("*" * 999 + "a" + "*" * 999, "nested more than 50 deep"),
        ("[a](http://example.org)", "does not begin with https:// or mailto:"),
        ("a" * 11_000_000, "more than 200,000 characters"),
    ],
    ids=range(5),
)
def test_a_body_that_cannot_be_shown_whole_is_refused(
    compile_with: Compile, body: str, cause: str
) -> None:
    assert cause in fault_of(compile_with, body=body).cause


@pytest.mark.parametrize(
    ("body", "spot"),
    [
        ("Words\n\n" + ">" * 300 + " a", "line 3, column 1"),
        ("Words\n\n> " + "*" * 999 + "a" + "*" * 999, "line 3, column 1"),
        ("{{ recipient.role }}\n\n" + "\n".join("  " * n + "- a" for n in range(99)), ""),
        ("Words\n\n" + "[" * 150_000, "line 3, column 1"),
        ("{{ recipient.role }}\n[a](http://{{ recipient.role }}.org)", "line 2, column 5"),
        (
            "{{ recipient.role }} [a](https://e.org/{{ recipient.role }})\n\n[b](https://{{ recipient.role }}.org/)",
            "line 3, column 13",
        ),
        ("[b](https://{{ recipient.attributes.x }}{{ recipient.role }}/)", "line 1, column 13"),
    ],
    ids=range(7),
)
def test_what_is_wrong_in_a_body_is_told_at_its_letter_or_line(
    compile_with: Compile, body: str, spot: str
) -> None:
    place = fault_of(compile_with, body=body).place
    where = spot or f"line {place.partition('(line ')[2].partition(',')[0]}, column"
    assert place.startswith(f"editions/news/edition.yaml: blocks[welcome].body ({where}")
    if not spot:
        assert 20 < int(place.partition("(line ")[2].partition(",")[0]) < 60


def test_a_slot_in_a_forbidden_place_is_told_where_it_stands(
    compile_with: Compile, layout: Callable[..., str]
) -> None:
    files = {"newsletter.mjml.j2": layout('<mj-text align="{{ recipient.role }}">a</mj-text>')}
    with pytest.raises(RenderError) as caught:
        compile_with(files)
    assert caught.value.place == "templates/newsletter.mjml.j2 (line 1, column 112)"
    assert "a recipient's value stands in the attribute `align`" in caught.value.cause


@pytest.mark.parametrize(
    "content",
    [
        '<mj-text css-class="{{ recipient.role }}">a</mj-text>',
        '<mj-image src="https://e.org/a.png" alt="a" width="{{ recipient.role }}px" />',
        '<mj-text color="{{ recipient.role }}">a</mj-text>',
        '<mj-text><a href="https://{{ recipient.role }}/">a</a></mj-text>',
        '<mj-text><p lang="{{ recipient.role }}">a</p></mj-text>',
        "<mj-raw><!-- {{ recipient.role }} --></mj-raw>",
        "<mj-raw><script>{{ recipient.role }}</script></mj-raw>",
        '<mj-navbar base-url="https://{{ recipient.role }}"><mj-navbar-link href="/a">a</mj-navbar-link></mj-navbar>',
        "<mj-text><{{ recipient.role }}>a</{{ recipient.role }}></mj-text>",
        "<mj-text><p {{ recipient.role }}='x'>a</p></mj-text>",
    ],
)
def test_slots_in_forbidden_places_of_a_template_are_refused(
    compile_with: Compile, layout: Callable[..., str], content: str
) -> None:
    with pytest.raises(RenderError):
        compile_with({"newsletter.mjml.j2": layout(content)})


def test_slots_in_styles_are_refused(compile_with: Compile, layout: Callable[..., str]) -> None:
    head = "<mj-style>p { color: {{ recipient.role }}; }</mj-style>"
    with pytest.raises(RenderError, match="stands in <style>"):
        compile_with({"newsletter.mjml.j2": layout("<mj-text>a</mj-text>", head)})


def test_a_sliced_text_with_a_slot_in_it_is_noticed(
    compile_with: Compile, layout: Callable[..., str]
) -> None:
    files = {"newsletter.mjml.j2": layout("<mj-text>{{ edition.subject[:9] }}</mj-text>")}
    with pytest.raises(RenderError, match="a slot was changed after it was printed"):
        compile_with(files, subject="Hi {{ recipient.role }}")


def test_a_slot_may_be_a_link_in_markdown(compile_with: Compile) -> None:
    body = "[a]({{ recipient.attributes.page }}) [b](https://b.org/?c={{ recipient.role }}) [d]({{ links.unsubscribe }})"
    message = compile_with(body=body)
    assert [(p.slot, p.context.value) for p in message.html if isinstance(p, Occurrence)] == [
        ("recipient.attributes.page", "url"),
        ("recipient.role", "url component"),
        ("delivery.token", "url component"),
    ]


def test_a_value_in_markdown_is_never_markup(compile_with: Compile) -> None:
    message = compile_with(body="**{{ recipient.role }}** <b>")
    filled = message.fill(dict.fromkeys(message.slots, "*a* _b_ [c](https://d.org) <i>"))
    assert "<strong>*a* _b_ [c](https://d.org) &lt;i&gt;</strong> &lt;b&gt;" in filled.html
    assert filled.text == "*a* _b_ [c](https://d.org) <i> <b>\n"


def test_titles_are_one_line(compile_with: Compile) -> None:
    assert compile_with(subject=" a\n  b\tc ").subject == ("a b c",)


def test_links_stand_below_the_public_address() -> None:
    for public in ("https://a.org", "https://a.org/"):
        assert Links.under(public, "t").web == "https://a.org/web/t"


def test_the_parts_of_a_block_are_told_by_their_path(
    compile_with: Compile, edition_of: Callable[..., Any]
) -> None:
    details = TailoredEventDetails(
        marking=Marking.CLEAR,
        name="Conference",
        start=date(2020, 8, 26),
        end=date(2020, 8, 27),
        time_zone="America/Costa_Rica",
        place="San José {{ nope }}",
        country="CR",
        url=None,
        hashtag=None,
        registration_url=None,
        registration_until=None,
        online_url=None,
        details=(),
        uid="a@b",
        sequence=1,
        issued=datetime(2020, 6, 15, tzinfo=UTC),
        stage="postponed",
        previous_start=None,
        previous_end=None,
    )
    event = TailoredEvent(id="event", marking=Marking.CLEAR, event=details)
    error = fault_of(compile_with, blocks=(event,))
    assert error.place.startswith("editions/news/edition.yaml: blocks[event].event.place (")


@pytest.mark.parametrize(
    ("standing", "place"),
    [
        (("title", "body"), "audiences/public.yaml: key_messages.crime.body"),
        (("title",), "editions/news/edition.yaml: blocks[welcome].body"),
    ],
)
def test_a_fault_in_a_standing_key_message_is_told_at_the_file_of_the_audience(
    compile_with: Compile, standing: tuple[str, ...], place: str
) -> None:
    block = TailoredKeyMessage(
        id="welcome",
        marking=Marking.CLEAR,
        title="Crime",
        body="one\n{{ nope }}",
        key_message="crime",
        standing=standing,
    )
    error = fault_of(compile_with, blocks=(block,))
    assert error.place == f"{place} (line 2, column 4 of the text)"
