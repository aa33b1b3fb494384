"""Splicing: whatever a value holds, the message keeps its structure and shows exactly the value."""

import quopri
import re
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from tigc_mail.errors import RenderError
from tigc_mail.render.contexts import visible
from tigc_mail.render.message import CompiledMessage

SLOT = "recipient.attributes.word"
PAGE = "recipient.attributes.page"

CONTENT = """\
<mj-text>{{ recipient.attributes.word }}</mj-text>
<mj-text><p title="{{ recipient.attributes.word }}">[{{ recipient.attributes.word }}]</p></mj-text>
<mj-text><a href="https://example.org/{{ recipient.attributes.word }}/x?q={{ recipient.attributes.word }}#{{ recipient.attributes.word }}">a</a></mj-text>
<mj-text><a href="mailto:{{ recipient.attributes.word }}">b</a></mj-text>
<mj-image src="https://example.org/i.png?{{ recipient.attributes.word }}" alt="{{ recipient.attributes.word }}" />
<mj-raw><!--[if mso]><p>{{ recipient.attributes.word }}</p><![endif]--></mj-raw>
<mj-text><a href="{{ recipient.attributes.page }}">c</a></mj-text>
"""
HEAD = "<mj-preview>{{ recipient.attributes.word }}</mj-preview>"
TEXT = """\
{{ recipient.attributes.word }}
[{{ recipient.attributes.word }}]
.
{{ recipient.attributes.word }}{{ recipient.attributes.word }}
end
"""

NASTY = (
    "",
    " ",
    "\"'&<>`",
    "</p></td></table><script>alert(1)</script><!--",
    "--><![endif]-->",
    "]]><![CDATA[",
    "a\nb\r\nc\rd\n",
    "\n",
    "مرحبا بالعالم",
    "😀👩‍👩‍👧\U0010ffff\ufffe\ufeff\u2028\u2029\u202e",
    "{{ recipient.role }}{% for %}{#",
    "xqbcdfghjk000qx",
    "\ud800 and \udfff",
    "\x00\x01\x07\x0b\x0c\x1f\x7f\x85\x9f",
    "x" * 10_000,
    "é" * 10_000,
    "." * 200,
    ".\n.\n..\r\n.",
    "trailing blanks  \t ",
    " \n \n",
    "=",
    "=\n=3D=20=?utf-8?q?=20?=",
    "--=_",
    "From here",
    "%41 %zz / ? # & + ;",
    "&amp;&#65;&nbsp;&lt",
    "javascript:alert(1)",
)

VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=200),
    st.text(alphabet="\"'<>&=. \t\r\n{}%#?/-é\x00\ud800", max_size=120),
    st.lists(st.sampled_from(NASTY), max_size=4).map("".join),
)


@pytest.fixture(scope="module")
def message(
    compile_with: Callable[..., CompiledMessage], layout: Callable[..., str]
) -> CompiledMessage:
    """A message with a slot in every place where one may stand."""
    files = {"newsletter.mjml.j2": layout(CONTENT, HEAD), "newsletter.txt.j2": TEXT}
    return compile_with(files, subject="About {{ recipient.attributes.word }}, or not")


@pytest.fixture(scope="module")
def subject_first(compile_with: Callable[..., CompiledMessage]) -> CompiledMessage:
    """A message whose subject begins with a slot."""
    return compile_with(subject="{{ recipient.attributes.word }}: news")


@pytest.fixture(scope="module")
def parsed(
    message: CompiledMessage, fill: Callable[..., EmailMessage]
) -> Callable[[str], EmailMessage]:
    """Fill the message with a value and parse it."""

    def parse(value: str) -> EmailMessage:
        return fill(message, {SLOT: value, PAGE: "https://example.org/"})

    return parse


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def tree(message: EmailMessage) -> Any:
    page = part(message, "html")
    return lxml_html.document_fromstring(
        page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    )


def shape(element: Any) -> Any:
    """Return a tree without its texts: tags, names of attributes, children."""
    return str(element.tag), sorted(element.attrib), [shape(child) for child in element]


def for_value(test: Callable[..., None]) -> Callable[..., None]:
    for value in NASTY:
        test = example(value=value)(test)
    return given(value=VALUES)(test)


@for_value
def test_no_value_changes_the_structure_of_the_message(
    parsed: Callable[[str], EmailMessage], value: str
) -> None:
    filled, plain = parsed(value), parsed("plain")
    assert [p.get_content_type() for p in filled.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert not any(p.defects for p in filled.walk())
    assert filled.keys() == plain.keys()
    assert shape(tree(filled)) == shape(tree(plain))


@for_value
def test_html_shows_exactly_the_value(parsed: Callable[[str], EmailMessage], value: str) -> None:
    page = tree(parsed(value))
    shown = visible(value)
    texts = page.xpath("//p[@title]")
    assert texts[0].text == f"[{shown}]"
    assert texts[0].get("title") == shown
    assert page.xpath("//img/@alt") == [shown]
    cells = [cell.text or "" for cell in page.xpath("//body//div[not(*)]")]
    assert cells.count(shown) >= (2 if shown.strip() else 0)  # the preview and the first text


@for_value
def test_links_hold_exactly_the_value(parsed: Callable[[str], EmailMessage], value: str) -> None:
    page = tree(parsed(value))
    shown = visible(value)
    first, second, _ = page.xpath("//a/@href")
    found = re.fullmatch(r"https://example\.org/([^/?#]*)/x\?q=([^/?#&]*)#([^/?#]*)", first)
    assert found is not None
    assert [unquote(group) for group in found.groups()] == [shown] * 3
    assert unquote(second.removeprefix("mailto:")) == shown
    assert unquote(page.xpath("//img/@src")[0].partition("?")[2]) == shown


@for_value
def test_outlook_is_shown_exactly_the_value(
    parsed: Callable[[str], EmailMessage], value: str
) -> None:
    comments = [c.text for c in tree(parsed(value)).xpath("//comment()") if "mso]><p>" in c.text]
    assert len(comments) == 1
    inner = comments[0].removeprefix("[if mso]>").removesuffix("<![endif]")
    assert lxml_html.fragment_fromstring(inner).text_content() == visible(value)


@for_value
def test_plain_text_shows_exactly_the_value(
    parsed: Callable[[str], EmailMessage], value: str
) -> None:
    shown = visible(value)
    assert part(parsed(value), "plain") == f"{shown}\n[{shown}]\n.\n{shown}{shown}\nend\n"


@for_value
def test_the_subject_shows_exactly_the_value_on_one_line(
    parsed: Callable[[str], EmailMessage], value: str
) -> None:
    shown = visible(value)
    line = " ".join(shown.split()) if set(shown) & {"\n", "\t"} else shown
    assert parsed(value)["Subject"] == f"About {line}, or not"


@given(value=VALUES.filter(lambda value: visible(value).strip() != ""))
def test_a_subject_may_begin_with_a_value(
    subject_first: CompiledMessage, fill: Callable[..., EmailMessage], value: str
) -> None:
    shown = visible(value)
    line = " ".join(shown.split()) if set(shown) & {"\n", "\t"} else shown
    assert fill(subject_first, {SLOT: value})["Subject"] == f"{line}: news"


@for_value
def test_no_value_breaks_a_rule_of_the_wire(message: CompiledMessage, value: str) -> None:
    values = dict.fromkeys(message.slots, "plain") | {SLOT: value, PAGE: "https://example.org/"}
    content = message.fill(values).as_bytes()
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    head, _, body = content.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") or line.endswith((b" ", b"\t")) for line in lines)
    assert content.isascii()
    assert b"\0" not in content


@for_value
def test_what_is_looked_at_is_what_is_sent(message: CompiledMessage, value: str) -> None:
    values = dict.fromkeys(message.slots, "plain") | {SLOT: value, PAGE: "https://example.org/"}
    rendered = message.fill(values)
    boundary = re.search(rb'boundary="(.*)"', rendered.content)
    assert boundary is not None
    text, page = rendered.content.split(b"--" + boundary[1])[1:3]
    for raw, shown in ((text, rendered.text), (page, rendered.html)):
        assert decoded(raw.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")) == shown


def decoded(raw: bytes) -> str:
    return quopri.decodestring(raw).decode().replace("\r\n", "\n")


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_the_messages_of_a_batch_are_those_of_its_recipients_one_by_one(
    message: CompiledMessage, values: list[str]
) -> None:
    columns: dict[str, list[str]] = {slot: ["plain"] * len(values) for slot in message.slots}
    columns |= {SLOT: values, PAGE: ["https://example.org/"] * len(values)}
    one_by_one = [
        message.fill({slot: column[at] for slot, column in columns.items()}).as_bytes()
        for at in range(len(values))
    ]
    assert list(message.splice(columns)) == one_by_one


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://example.org", "", "//example.org", "data:text/html,x"]
)
def test_a_recipient_with_an_unsafe_link_is_named_and_nobody_else_is(
    message: CompiledMessage, link: str
) -> None:
    columns: dict[str, list[str]] = {slot: ["plain"] * 3 for slot in message.slots}
    columns[PAGE] = ["https://example.org/a", link, "mailto:desk@example.org"]
    splice = message.splice(columns)
    assert dict(splice.unfit) == {1: (PAGE, "a link must begin with https:// or mailto:")}
    assert len(list(splice)) - len(splice.unfit) == 2
    values: Mapping[str, str] = {slot: column[1] for slot, column in columns.items()}
    with pytest.raises(RenderError, match="must begin with https"):
        message.fill(values)


def test_equal_messages_have_equal_digests_though_their_tokens_differ(
    compile_with: Callable[..., CompiledMessage],
) -> None:
    first, second = (compile_with(body="Dear {{ recipient.role }}") for _ in range(2))
    assert first.digest == second.digest
    assert first.wire == second.wire


@pytest.mark.parametrize(
    "change",
    [
        {"body": "dear {{ recipient.role }}"},
        {"body": "Dear {{ recipient.organisation }}"},
        {"subject": "news"},
        {"locale": "fr"},
        {"audience": {"sender_name": "Another"}},
        {"audience": {"salutation": ("Hi {given_name},", "Hello,")}},
        {"audience": {"id": "government"}},
    ],
)
def test_a_change_of_one_letter_changes_the_digest(
    compile_with: Callable[..., CompiledMessage], change: dict[str, Any]
) -> None:
    body = "Dear {{ recipient.role }}"
    assert compile_with(**{"body": body, **change}).digest != compile_with(body=body).digest
