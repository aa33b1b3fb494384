"""A fault stands at the path that the author wrote, whatever union the model has there."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Discriminator, Field, Tag

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
    unknown = "is not known here. Check the spelling, or remove it."
    assert str(caught.value).splitlines() == [
        "pages/page.yaml: blocks[0].title (line 2, column 5): is required",
        "pages/page.yaml: blocks[0].event.place (line 2, column 19): is required",
        f"pages/page.yaml: blocks[0].event.plac (line 2, column 27): {unknown}",
        "pages/page.yaml: blocks[1].body (line 4, column 5): is empty. Write a text, or remove the key.",
        "pages/page.yaml: blocks[2].type (line 5, column 5): 'texte' is not one of 'text'",
        "pages/page.yaml: blocks[3].type (line 7, column 5): is required",
        "pages/page.yaml: blocks[4].title (line 8, column 19): input should be a valid string",
        f"pages/page.yaml: blocks[4].titel (line 8, column 51): {unknown}",
        "pages/page.yaml: texts.de (line 10, column 3): 'de' is not one of 'en' or 'fr'",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: [\n", "page.yaml (line 3, column 1): is not valid YAML"),
        (b"a: 1\na: 2\n", "page.yaml (line 2, column 1): the same key stands twice"),
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
