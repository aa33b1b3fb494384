"""Files that travel with an edition, details of events: who gets which, and what is refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tigc_mail.content.attachment import MAX_BYTES, MEDIA_TYPES
from tigc_mail.content.edition import Edition
from tigc_mail.content.load import load_edition
from tigc_mail.content.scope import Scope
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent
from tigc_mail.errors import DocumentError
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience

Write = Callable[[str], Path]
Audiences = Mapping[str, Audience]

YAML = """\
kind: notice
language: en
languages: [en, fr]
audiences: [police, private-sector, public]
subject: News
preheader: What is new
blocks:
  - {id: one, type: text, marking: TLP:CLEAR, body: Hello}
attachments:
"""
AGENDA = "  - {file: agenda.pdf, title: {en: Agenda, fr: Ordre du jour}, marking: TLP:CLEAR}\n"


def loaded(write: Write, audiences: Audiences, listed: str, **files: bytes) -> Edition:
    folder = write(YAML + listed)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return load_edition(folder, audiences)


def faults(write: Write, audiences: Audiences, listed: str, **files: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        loaded(write, audiences, listed, **files)
    prefix = "editions/news/edition.yaml: "
    return [str(fault).removeprefix(prefix) for fault in caught.value.faults]


def test_a_file_of_the_folder_goes_to_its_readers(
    write_edition: Write, audiences: Audiences
) -> None:
    edition = loaded(write_edition, audiences, AGENDA, agenda_pdf=b"%PDF")
    (found,) = edition.for_audience(audiences["public"], "fr").attachments
    assert (found.file, found.title, found.content) == ("agenda.pdf", "Ordre du jour", b"%PDF")
    assert found.media_type == "application/pdf"


def test_a_file_above_the_ceiling_or_for_others_is_not_there(
    write_edition: Write, audiences: Audiences
) -> None:
    listed = (
        "  - {file: a.pdf, title: A, marking: TLP:AMBER}\n"
        "  - {file: b.pdf, title: B, marking: TLP:CLEAR, audiences: [public]}\n"
        "  - {file: c.pdf, title: C, marking: TLP:RED}\n"
    )
    edition = loaded(write_edition, audiences, listed, a_pdf=b"a", b_pdf=b"b", c_pdf=b"c")
    for reader, names, marking in (
        ("public", ["b.pdf"], Marking.CLEAR),
        ("private-sector", [], Marking.CLEAR),
        ("police", ["a.pdf"], Marking.AMBER),
    ):
        found = edition.for_audience(audiences[reader], "en")
        assert [file.file for file in found.attachments] == names
        assert found.marking is marking


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ordre du jour.pdf", "is not the name of a file in the edition's folder"),
        ("жалоба.pdf", "is not the name of a file in the edition's folder"),
        ("../agenda.pdf", "is not the name of a file in the edition's folder"),
        ("agenda", "is not the name of a file in the edition's folder"),
        ("agenda.exe", "is none of what may be attached"),
        ("event.ics", "is none of what may be attached"),
        ("nowhere.pdf", "there is no file nowhere.pdf beside edition.yaml"),
        ("empty.pdf", "is empty, or larger than 5 MB"),
        ("large.pdf", "is empty, or larger than 5 MB"),
    ],
)
def test_what_cannot_be_attached_is_a_fault_at_its_line(
    write_edition: Write, audiences: Audiences, written: str, told: str
) -> None:
    listed = f"  - title: A\n    marking: TLP:CLEAR\n    file: {written}\n"
    large = b"x" * (MAX_BYTES + 1)
    [fault] = faults(write_edition, audiences, listed, empty_pdf=b"", large_pdf=large)
    assert fault.startswith(f"attachments[0].file (line 12, column 5): {told}")


def test_a_link_out_of_the_folder_is_not_followed(
    write_edition: Write, audiences: Audiences, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"key")
    folder = write_edition(YAML + AGENDA)
    (folder / "agenda.pdf").symlink_to(tmp_path / "secret")
    with pytest.raises(DocumentError, match=r"no file agenda\.pdf"):
        load_edition(folder, audiences)


@pytest.mark.parametrize(
    ("listed", "path"),
    [
        (
            AGENDA + AGENDA.replace("agenda", "Agenda"),
            "attachments[1].file (line 11, column 6): agenda.pdf",
        ),
        (
            AGENDA.replace(", marking: TLP:CLEAR", ""),
            "attachments[0].marking (line 10, column 5): is req",
        ),
        (AGENDA.replace("CLEAR}", "CLEAR, audiences: [press]}"), "attachments[0].audiences"),
        (AGENDA.replace("en: Agenda", "en: 'For {{ recipient.role }}'"), "attachments[0].title.en"),
    ],
)
def test_an_attachment_is_checked_as_a_block_is(
    write_edition: Write, audiences: Audiences, listed: str, path: str
) -> None:
    files = {"agenda_pdf": b"a", "Agenda_pdf": b"b"}
    [fault] = faults(write_edition, audiences, listed, **files)
    assert fault.startswith(path)


def test_every_media_type_is_one_that_has_no_text() -> None:
    assert not any(media.startswith(("text/", "message/")) for media in MEDIA_TYPES.values())


# Details of events


EVENT: dict[str, Any] = {
    "name": "Conference",
    "uid": "a@example.org",
    "issued": "2020-06-15T09:00:00Z",
    "stage": "announced",
    "time_zone": "America/Costa_Rica",
    "start": "2020-08-26",
}


def with_details(*details: dict[str, Any], marking: str = "TLP:CLEAR") -> dict[str, Any]:
    event = EVENT | {"details": list(details)}
    return {"id": "e", "type": "event", "marking": marking, "title": "T", "event": event}


def detail(text: str, marking: str | None = None) -> dict[str, Any]:
    return {"label": "Room", "text": text} | ({"marking": marking} if marking else {})


@pytest.fixture
def read(edition_of: Callable[..., dict[str, Any]], audiences: Audiences) -> Callable[..., Edition]:
    def build(*blocks: dict[str, Any]) -> Edition:
        return Edition.model_validate(edition_of(*blocks), context=Scope(workspace=audiences))

    return build


def test_a_detail_above_the_ceiling_is_not_there(
    read: Callable[..., Edition], audiences: Audiences
) -> None:
    edition = read(with_details(detail("Lobby"), detail("Cellar", "TLP:AMBER")))
    seen: dict[str, TailoredEdition] = {
        name: edition.for_audience(audiences[name], "en") for name in ("public", "police")
    }
    for name, texts, marking in (
        ("public", ["Lobby"], Marking.CLEAR),
        ("police", ["Lobby", "Cellar"], Marking.AMBER),
    ):
        (block,) = seen[name].blocks
        assert isinstance(block, TailoredEvent)
        assert [one.text for one in block.event.details] == texts
        assert (block.marking, seen[name].marking) == (marking, marking)


def test_a_detail_travels_no_further_than_its_block(
    read: Callable[..., Edition], audiences: Audiences
) -> None:
    with pytest.raises(ValueError, match=r"is below that of the block, TLP:GREEN") as caught:
        read(with_details(detail("Lobby"), detail("Cellar", "TLP:CLEAR"), marking="TLP:GREEN"))
    assert caught.value.errors()[0]["loc"] == ("blocks", 0, "event", "details", 1, "marking")


def test_one_edition_is_one_notice_of_an_event(read: Callable[..., Edition]) -> None:
    first, other = with_details(), with_details() | {"id": "f"}
    assert len(read(first, other).blocks) == 2
    with pytest.raises(ValueError, match="with another sequence") as caught:
        read(first, other | {"event": EVENT | {"sequence": 1}})
    assert caught.value.errors()[0]["loc"] == ("blocks", 1, "event", "uid")
