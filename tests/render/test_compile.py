"""Compiling and splicing yield what rendering with the values themselves would have yielded."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.errors import TemplateError
from tigc_mail.ground.marking import Marking
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.render import html
from tigc_mail.render.blame import place_in
from tigc_mail.render.message import CompiledMessage, RenderedMessage
from tigc_mail.render.slots import TOKEN, Slot, SlotSheet
from tigc_mail.render.stages import subject_of
from tigc_mail.render.structured import with_structured_data
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import View

PUBLIC_URL = "https://mail.example.org"

RICH = {
    "newsletter.mjml.j2": """\
<mjml lang="{{ locale }}" dir="{{ direction }}">
  <mj-head><mj-title>{{ edition.subject }}</mj-title><mj-preview>{{ edition.preheader }}</mj-preview></mj-head>
  <mj-body><mj-section><mj-column>
    <mj-text><h1>{{ recipient.role }}</h1>{{ recipient.given_name }}{{ recipient.family_name }}</mj-text>
    <mj-image src="https://example.org/a.png" alt="{{ recipient.organisation }}" title="{{ recipient.role }}" />
    {% for block in blocks %}
    <mj-text><h2 title="{{ block.title }}">{{ block.title }}</h2>{{ block.body_html }}</mj-text>
    {% endfor %}
    <mj-raw><!--[if mso]><p>{{ recipient.role }}</p><![endif]--></mj-raw>
    <mj-text><a href="{{ links.unsubscribe }}">Leave</a></mj-text>
  </mj-column></mj-section></mj-body>
</mjml>
""",
    "newsletter.txt.j2": """\
{{ edition.subject }}
{{ recipient.role }}{{ recipient.given_name }}
{% for block in blocks %}{{ block.title }}
{{ block.body_text }}
{% endfor %}{{ links.unsubscribe }}
""",
    "theme.css": "h1 { color: #123456; } a { color: #654321; }",
}
BODY = """\
{{ recipient.salutation }}

**{{ recipient.role }}** in *{{ recipient.organisation }}*, [{{ recipient.given_name }}]({{ links.web }})

- {{ recipient.attributes.region }} and `code`
- {{ recipient.attributes["a name"] }}

| {{ recipient.family_name }} | b |
|---|---|
| c | {{ recipient.role }} |
"""


class Fields:
    """Stands in for `recipient` and its `attributes`."""

    def __init__(self, name: str, values: Mapping[str, str], form: Callable[[str], str]) -> None:
        self._at = (name, values, form)

    def __getattr__(self, field: str) -> Any:
        name, values, form = self._at
        if field == "attributes":
            return Fields(f"{name}.attributes", values, form)
        return form(values[f"{name}.{field}"])

    def __getitem__(self, field: str) -> Any:
        return getattr(self, field)


class LongWay(View):
    """The view of a single recipient: templates and texts print the values, as any mailer would."""

    def __init__(self, edition: TailoredEdition, templates: Templates, values: Mapping[str, str]):
        self._values = values
        super().__init__(edition, templates, SlotSheet(), PUBLIC_URL)
        links = self._slots["links"]
        token = TOKEN.findall(links.web)[0]
        for name in ("unsubscribe", "preferences", "web"):
            link = getattr(links, name).replace(token, values["delivery.token"])
            object.__setattr__(links, name, link)
        self._slots["recipient"] = Fields("recipient", values, str)

    def _filled(self, path: str, source: str) -> str:
        form = marked if path.endswith(".body") else str
        slots = {**self._slots, "recipient": Fields("recipient", self._values, form)}
        return self._templates.render_text(
            source, place_in(path, source), slots, self._edition.locale
        )

    def _own_time(self, event: Any, slot: str) -> Any:
        told = super()._own_time(event, slot)
        return self._values.get(slot, "") if isinstance(told, Slot) else told


def in_markdown(value: str) -> str:
    """Return a value so that Markdown shows it as it is: every letter as a reference."""
    return "".join(f"&#{ord(letter)};" for letter in value)


MARK = SlotSheet().token("a value")
"""Stands behind each value of a text until all is rendered: tables are set otherwise around it."""


def marked(value: str) -> str:
    """Return a value in Markdown, with the mark."""
    return in_markdown(value) + MARK


def the_long_way(
    edition: TailoredEdition, templates: Templates, values: Mapping[str, str]
) -> tuple[str, str, str]:
    """Return subject, HTML and plain text, made of templates that print the values themselves."""
    view = LongWay(edition, templates, values)
    text = templates.render(f"{edition.kind}.txt.j2", edition.locale, view.text_context())
    page = html.finish(
        templates.render(f"{edition.kind}.mjml.j2", edition.locale, view.html_context()),
        css=templates.css,
        locale=edition.locale,
        place="the long way",
        sentinel="the-end",
    )
    label = "" if edition.marking is Marking.CLEAR else f"{edition.marking.value} "
    subject = label + subject_of(edition, view.subject, templates.phrases(edition.locale).gettext)
    page, text = page.replace(MARK, ""), text.replace(MARK, "")
    return subject, with_structured_data(page, edition), text.strip("\n") + "\n"


def tree(page: str) -> Any:
    """Return a page as nested tuples; references count as what they stand for.

    Elements that only set words of another direction apart are left out: tests of their own look at
    those.
    """

    def of(element: Any) -> Any:
        tag = element.tag if isinstance(element.tag, str) else "comment"
        text = unescape(element.text or "") if tag == "comment" else element.text or ""
        children = [of(child) for child in element]
        return tag, dict(element.attrib), text, children, element.tail or ""

    parser = lxml_html.HTMLParser(encoding="utf-8")
    root = lxml_html.document_fromstring(page.encode(), parser=parser)
    for span in [*root.iter("span")]:
        if set(span.attrib) == {"dir"}:
            span.drop_tag()
    return of(root)


def unmarked(text: str) -> str:
    """Return a text without the marks of directions: tests of their own look at those."""
    return re.sub(r" *$", "", re.sub("[\u200e\u200f\u2066-\u2069]", "", text), flags=re.MULTILINE)


def assert_equal_to_the_long_way(
    rendered: RenderedMessage,
    edition: TailoredEdition,
    templates: Templates,
    values: Mapping[str, str],
) -> None:
    subject, page, text = the_long_way(edition, templates, values)
    assert rendered.subject == subject
    assert unmarked(rendered.text) == unmarked(text)
    assert tree(rendered.html) == tree(page)


# No backslash: in the long way MJML doubles it where it copies the title into `aria-label`.
WORDS = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="\\"),
    min_size=1,
    max_size=12,
) | st.sampled_from(
    ["O'Brien", "<b>", "&amp;", "*a*", "_b_", "`c`", "[d](e)", "{{x}}", "{%", "مرحبا"]
)
VALUES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
SLOTS = (
    "recipient.salutation",
    "recipient.given_name",
    "recipient.family_name",
    "recipient.organisation",
    "recipient.role",
    "recipient.attributes.region",
    "recipient.attributes.a name",
)


@pytest.fixture(scope="module")
def rich(templates_of: Callable[..., Templates]) -> Templates:
    return templates_of(RICH)


@pytest.fixture(scope="module")
def rich_edition(edition_of: Callable[..., TailoredEdition]) -> TailoredEdition:
    return edition_of(
        body=BODY,
        title="{{ recipient.given_name }} & <co>",
        subject="News for {{ recipient.organisation }}",
        preheader="{{ recipient.role }}: read on",
    )


@pytest.fixture(scope="module")
def rich_message(
    compile_with: Callable[..., CompiledMessage], rich_edition: TailoredEdition
) -> CompiledMessage:
    return compile_with(
        RICH,
        subject=rich_edition.subject,
        preheader=rich_edition.preheader,
        blocks=rich_edition.blocks,
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(values=st.fixed_dictionaries(dict.fromkeys(SLOTS, VALUES)))
def test_splicing_equals_rendering_the_long_way(
    rich: Templates,
    rich_edition: TailoredEdition,
    rich_message: CompiledMessage,
    values: dict[str, str],
) -> None:
    others = {"delivery.id": "1", "delivery.to": "a@b.org", "delivery.date": "now"}
    values = {**values, **others, "delivery.token": "t0ken"}
    assert set(rich_message.slots) <= set(values)
    assert_equal_to_the_long_way(rich_message.fill(values), rich_edition, rich, values)


NASTY = {
    "recipient.salutation": 'Chère <Mme> O\'Brien & "fils" *a* [b](c) {{ d }} مرحبا 😀,',
    "delivery.token": "t0ken",
    "delivery.id": "1",
    "delivery.to": "a@b.org",
    "delivery.date": "now",
}


def test_splicing_equals_the_long_way_for_all_that_is_shipped(
    shipped: Workspace,
    shipped_variants: tuple[TailoredEdition, ...],
    compile_shipped: Callable[[TailoredEdition], CompiledMessage],
) -> None:
    templates = Templates(shipped.folder / "templates")
    assert shipped.settings.public_url == PUBLIC_URL
    for edition in shipped_variants:
        message = compile_shipped(edition)
        values = {slot: NASTY.get(slot, "<i> & 'x'") for slot in message.slots}
        rendered = message.fill(values)
        assert_equal_to_the_long_way(rendered, edition, templates, values)


def test_a_slot_that_the_compiler_of_mjml_drops_is_noticed(
    compile_with: Callable[..., CompiledMessage], layout: Callable[..., str]
) -> None:
    font = '<mj-font name="Unused" href="https://e.org/{{ recipient.role }}" />'
    with pytest.raises(TemplateError, match=r"`recipient\.role` stands where .* drops it"):
        compile_with(
            {"newsletter.mjml.j2": layout("<mj-text>{{ recipient.role }}</mj-text>", font)}
        )


def test_what_is_above_clear_says_so_in_the_subject(
    compile_with: Callable[..., CompiledMessage],
) -> None:
    assert compile_with(marking=Marking.GREEN).subject == ("TLP:GREEN News",)
    assert compile_with(marking=Marking.CLEAR).subject == ("News",)


def test_no_token_is_left_in_a_compiled_message(rich_message: CompiledMessage) -> None:
    for pieces in (rich_message.subject, rich_message.html, rich_message.text):
        assert not any(TOKEN.search(piece) for piece in pieces if isinstance(piece, str))
    literals = (part for part in rich_message.wire if isinstance(part, bytes))
    assert not any(TOKEN.search(literal.decode()) for literal in literals)


@pytest.mark.parametrize("sign", ["\x07", "\u202e", "{{ '\\ud800' }}", "{{ '\\x1b' }}"])
def test_what_no_text_may_hold_is_refused_in_the_plain_text_too(
    compile_with: Callable[..., CompiledMessage], sign: str
) -> None:
    with pytest.raises(TemplateError, match=r"there is (a|half a) ") as caught:
        compile_with({"newsletter.txt.j2": f"first\nsecond {sign}\n"})
    assert caught.value.place.startswith("templates/newsletter.txt.j2 (line 2, column ")
