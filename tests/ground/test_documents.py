"""A fault stands at the path that the author wrote, whatever union the model has there."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from tigc_mail.errors import DocumentError
from tigc_mail.ground.documents import Document, Frozen, read_document


class Words(Frozen):
    type: Literal["text"]
    body: Annotated[str, Field(min_length=1)]


class Meeting(Frozen):
    place: str


class Event(Frozen):
    type: Literal["event"]
    title: str
    event: Meeting


def kind(block: Any) -> str:
    return "<event>" if "event" in block else "<text>"


Block = Annotated[
    Annotated[Words, Tag("<text>")] | Annotated[Event, Tag("<event>")], Discriminator(kind)
]


class Page(Frozen):
    blocks: list[Block]
    texts: dict[Literal["en", "fr"], str] = Field(default_factory=dict)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "page.yaml"
    path.write_text(
        """\
blocks:
  - {type: event, event: {plac: San José}}
  - type: text
    body: ""
  - type: texte
    body: x
  - body: x
  - {type: event, title: 3, event: {place: Lyon}, titel: x}
texts:
  de: Hallo
""",
        encoding="utf-8",
    )
    return read_document(path, "pages/page.yaml")


def test_every_fault_stands_at_the_path_the_author_wrote(document: Document) -> None:
    with pytest.raises(DocumentError) as caught:
        document.check(Page)
    required = "is required. Add the key with its value."
    unknown = "is not known here."
    assert str(caught.value).splitlines() == [
        f"pages/page.yaml: blocks[0].title (line 2, column 5): {required}",
        f"pages/page.yaml: blocks[0].event.place (line 2, column 19): {required}",
        f"pages/page.yaml: blocks[0].event.plac (line 2, column 27): {unknown} Did you mean `place`?",
        "pages/page.yaml: blocks[1].body (line 4, column 5): is empty. Write a text, or remove the key.",
        (
            "pages/page.yaml: blocks[2].type (line 5, column 5): 'texte' is not one of 'text'. "
            "Did you mean `text`?"
        ),
        (
            "pages/page.yaml: blocks[3].type (line 7, column 5): is required. "
            "Write what kind of block it is, such as `type: text`."
        ),
        (
            "pages/page.yaml: blocks[4].title (line 8, column 19): is not a text. "
            "Write a text; put quotes around numbers, dates and yes/no."
        ),
        f"pages/page.yaml: blocks[4].titel (line 8, column 51): {unknown} Did you mean `title`?",
        "pages/page.yaml: texts.de (line 10, column 3): 'de' is not one of 'en' or 'fr'. Write one of them.",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: [\n", "page.yaml (line 3, column 1): is not valid YAML"),
        (b"a: 1\nb: \xe9\n", "page.yaml (line 2, column 4): is not UTF-8"),
        (b"- a\n", "page.yaml: holds no mapping"),
        (b"", "page.yaml: holds no mapping"),
        (b"x" * 5_000_001, "page.yaml: is larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml")
    assert str(caught.value).startswith(told)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        read_document(tmp_path / "page.yaml", "page.yaml")


REFUSED = {
    "a control character": ("b: a\x07c", "there is a control character (U+0007)", "Remove it."),
    "what is no character": ("b: a\ufffe", "there is a noncharacter (U+FFFE)", "Remove it."),
    "brackets in each other": (
        "b: " + "[" * 300 + "]" * 300,
        "more than 100 deep",
        "Look for a row",
    ),
    "names in each other": (
        "b: " + "{a: " * 300 + "}" * 300,
        "more than 100 deep",
        "Look for a row",
    ),
    "an escape for nothing": (
        r'b: "\U00110000"',
        "an escape for no character",
        "Write the character",
    ),
    "an escape that is none": (r'b: "\xzz"', "is not valid YAML", "Look at the indentation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_yaml_refuses_is_told_at_its_line_with_a_cure(tmp_path: Path, name: str) -> None:
    content, cause, cure = REFUSED[name]
    path = tmp_path / "page.yaml"
    path.write_text(f"a: 1\n\n{content}\nc: 2\n", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml")
    [fault] = caught.value.faults
    assert fault.place.startswith("page.yaml (line 3")
    assert cause in fault.cause
    assert fault.cure.startswith(cure)


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    wrong: None = None
    """A fault beside the others."""


UNMADE = {
    "a day that is none": ("b: 2027-02-30", "b", "`2027-02-30` looks like a day or time"),
    "a month that is none": ("b: {c: [1, 2027-13-01]}", "b.c[1]", "`2027-13-01` looks like a day"),
    "an hour that is none": ("b: 2027-01-01T25:00:00", "b", "looks like a day or time"),
    "a zone that is none": ("b: 2027-01-01T10:00:00+99:00", "b", "looks like a day"),
    "too many digits": ("b: " + "9" * 5_000, "b", "looks like a number"),
    "the same one twice": ("b: [&x 2027-02-30, *x]", "b[0]", "looks like a day"),
}


@pytest.mark.parametrize("name", UNMADE)
def test_what_is_no_day_and_no_number_is_told_at_its_path_beside_other_faults(
    tmp_path: Path, name: str
) -> None:
    content, at, cause = UNMADE[name]
    path = tmp_path / "page.yaml"
    path.write_text(f"a: 1\n\n{content}\nwrong: 2\n", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml").check(Anything)
    first, *_, last = caught.value.faults
    assert first.place.startswith(f"page.yaml: {at} (line 3")
    assert cause in first.cause
    assert first.cure.startswith("Correct it; put quotes")
    assert last.place.startswith("page.yaml: wrong (line 4")


def test_a_value_that_cannot_be_made_is_one_fault_whatever_it_is_read_as(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("when: 2027-13-01\nfew: [2027-13-01]\n", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml").check(Numbers)
    assert [fault.place for fault in caught.value.faults] == [
        "page.yaml: when (line 1, column 1)",
        "page.yaml: few[0] (line 2, column 7)",
    ]
    assert all("and there is none such" in fault.cause for fault in caught.value.faults)


def test_every_key_that_stands_twice_is_named_at_its_path_beside_other_faults(
    tmp_path: Path,
) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(
        "wrong: 2\na: 1\nb:\n  - {c: 1, d: 2,\n     c: 3}\na: {e: 1, e: 2}\n", encoding="utf-8"
    )
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml").check(Anything)
    assert [str(fault) for fault in caught.value.faults][:2] == [
        "page.yaml: a (line 6, column 1): the key `a` stands twice. Keep one of them.",
        "page.yaml: b[0].c (line 5, column 6): the key `c` stands twice. Keep one of them.",
    ]
    assert caught.value.faults[-1].place == "page.yaml: wrong (line 1, column 1)"


def test_what_holds_itself_is_gone_through_once(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("a: &x [1, *x]\nb: *x\nwrong: 2\n", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml").check(Anything)
    assert [fault.place for fault in caught.value.faults] == ["page.yaml: wrong (line 3, column 1)"]


BAR = "stands behind `|`, as in `body: |`"
STRAY = {
    "a line of a text that is indented less than the first, and more than its key": (
        "body: |\n    One.\n  Two.\n",
        "(line 3, column 3): line 3 is indented less than the text before it. Give every line",
        BAR,
    ),
    "one that begins with stars": (
        "body: |\n    One.\n  **Two.**\n",
        "(line 3, column 3): line 3 is indented less than the text before it. Give every line",
        BAR,
    ),
    "a line below a text in quotes": (
        'body: "One."\n  Two.\n',
        "(line 2, column 3): line 2 is indented more than the text before it. Give every line",
        BAR,
    ),
    "a line of a text that is indented like its key": (
        "a:\n  body: |\n    One.\n  Two.\n  b: 1\n",
        "(line 4, column 3): line 4 is no key with a colon, and not indented like a text.",
        BAR,
    ),
    "a key without its colon": (
        "a: 1\nb\nc: 2\n",
        "(line 2, column 1): line 2 is no key with a colon, and not indented like a text.",
        "a key has a colon and a space behind it.",
    ),
    "double quotes within others": (
        'title: "The "best" offer"\n',
        "(line 1, column 14): a text goes on behind its closing quote.",
        'Write \\" for a quote',
    ),
    "an apostrophe within single quotes": (
        "title: 'L'affaire'\n",
        "(line 1, column 11): a text goes on behind its closing quote.",
        "Write '' for a quote",
    ),
}


@pytest.mark.parametrize("name", STRAY)
def test_a_line_that_belongs_to_nothing_is_told_in_plain_words(tmp_path: Path, name: str) -> None:
    content, told, cure = STRAY[name]
    path = tmp_path / "page.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml")
    assert str(caught.value).startswith(f"page.yaml {told}")
    assert cure in str(caught.value)
    assert "block end" not in str(caught.value)


def test_dashes_in_each_other_are_told_at_the_line_that_is_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("a:\n" + "".join(" " * at + "- \n" for at in range(1, 300)), encoding="utf-8")
    with pytest.raises(DocumentError, match="more than 100 deep") as caught:
        read_document(path, "page.yaml")
    assert caught.value.place.startswith("page.yaml (line 101")


def test_what_is_nested_deep_but_not_too_deep_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text("a: " + "[" * 90 + "]" * 90, encoding="utf-8")
    assert read_document(path, "page.yaml").content["a"] is not None


class Numbers(Frozen):
    count: Annotated[int, Field(ge=0, strict=True)] = 0
    few: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    sure: Annotated[bool, Field(strict=True)] = True
    level: Literal["high", "low"] = "low"
    when: date | None = None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("count: -1", "count (line 1, column 1): is -1, which is too little. Write 0 or more."),
        (
            "count: many",
            "count (line 1, column 1): is no whole number. Write one in digits, such as 3.",
        ),
        ("few: [a, b, c]", "few (line 1, column 1): has 3 parts. Write at most 2."),
        ("few: a", "few (line 1, column 1): is not a list. Write a list, such as [one, two]."),
        (
            "sure: maybe",
            "sure (line 1, column 1): is neither true nor false. Write one of the two,",
        ),
        (
            "level: hihg",
            "level (line 1, column 1): 'hihg' is not one of 'high' or 'low'. Did you mean `high`?",
        ),
        (
            "level: x",
            "level (line 1, column 1): 'x' is not one of 'high' or 'low'. Write one of them.",
        ),
        (
            "when: x",
            "Correct it; the files that `tigc-mail init` writes show what may stand there.",
        ),
    ],
)
def test_every_fault_has_a_cure(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_document(path, "page.yaml").check(Numbers)
    assert told in str(caught.value)
