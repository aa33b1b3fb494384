"""What the page is told of editions, messages and findings, right or wrong."""

import threading
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import ask, told
from tests.interfaces.small import Small

from tigc_mail.render.slots import TOKEN

MESSAGE = {"edition": "news", "audience": "readers", "locale": "en"}


def test_the_overview_names_every_message_of_every_edition(preview: ASGIApp) -> None:
    overview = told(preview, "overview")
    assert overview["audiences"] == [{"id": "readers", "name": "Readers", "ceiling": "TLP:CLEAR"}]
    (edition,) = overview["editions"]
    assert edition["title"] == "What is new in May"
    assert [(one["audience"], one["locale"]) for one in edition["variants"]] == [
        ("readers", "en"),
        ("readers", "fr"),
    ]
    assert overview["faults"] == edition["faults"] == []


def test_an_audience_whose_file_is_wrong_keeps_the_editions_and_is_told_with_each(
    preview: ASGIApp, small: Small
) -> None:
    before = told(preview, "overview")["editions"][0]
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", small.folder / "audiences/readers.yaml")
    (edition,) = told(preview, "overview")["editions"]
    assert edition["variants"] == before["variants"]
    assert "audiences/readers.yaml: ceiling" in edition["faults"][0]["place"]


@pytest.fixture
def partners(small: Small) -> Path:
    """A second audience of the edition."""
    file = small.folder / "audiences" / "partners.yaml"
    file.write_text(
        small.audience.read_text("utf-8").replace("A fake earns", "Fakes earn"), "utf-8"
    )
    small.change("audiences: [readers]", "audiences: [readers, partners]")
    return file


def test_one_wrong_audience_keeps_no_other_from_being_repainted(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    theirs = MESSAGE | {"audience": "partners"}
    before = told(preview, "message", theirs)
    assert "Fakes earn" in before["text"]
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", partners)
    small.change("changed three things", "changed four things")
    mine, theirs_now = told(preview, "message", MESSAGE), told(preview, "message", theirs)
    assert "changed four things" in mine["text"]
    assert mine["faults"] == []
    assert mine["elsewhere"] == theirs_now["faults"], "no test is sent of it"
    assert theirs_now["elsewhere"] == []
    assert "Fakes earn" in theirs_now["text"], "as the audience last was right"
    assert "audiences/partners.yaml: ceiling" in theirs_now["faults"][0]["place"]
    (edition,) = told(preview, "overview")["editions"]
    assert len(edition["variants"]) == 4
    assert [fault["place"].partition(":")[0] for fault in edition["faults"]] == [
        "audiences/partners.yaml"
    ]
    small.change("ceiling: TLP:PINK", "ceiling: TLP:CLEAR", partners)
    assert told(preview, "message", theirs)["faults"] == []
    assert told(preview, "overview")["editions"][0]["faults"] == []


def test_an_audience_that_never_was_right_is_what_is_told_and_no_other_fault(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", partners)
    overview = told(preview, "overview")
    assert [each["id"] for each in overview["audiences"]] == ["readers"]
    (edition,) = overview["editions"]
    (fault,) = edition["faults"]
    assert fault["place"].startswith("audiences/partners.yaml: ceiling")
    for audience in ("partners", "readers"):
        (of_message,) = told(preview, "message", MESSAGE | {"audience": audience})["faults"]
        assert of_message == fault


def test_a_wrong_audience_hides_no_fault_of_the_edition(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    theirs = MESSAGE | {"audience": "partners"}
    assert told(preview, "message", theirs)["faults"] == []
    draft = small.folder / "audiences" / "draft.yaml"
    draft.write_text("name: Nobody yet", "utf-8")
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", partners)
    small.change("type: text", "type: txet")
    wrong = {"audiences/partners.yaml: ceiling", "editions/news/edition.yaml: blocks[0].type"}
    of_message = {
        each["place"].split(" (")[0] for each in told(preview, "message", theirs)["faults"]
    }
    assert of_message == wrong
    (edition,) = told(preview, "overview")["editions"]
    assert {each["place"].split(" (")[0] for each in edition["faults"]} > wrong


def test_where_no_audience_is_right_each_fault_is_told_once(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    for file in (small.audience, partners):
        small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", file)
    overview = told(preview, "overview")
    places = [each["place"].split(" (")[0] for each in overview["faults"]]
    assert places == ["audiences/partners.yaml: ceiling", "audiences/readers.yaml: ceiling"]
    assert overview["audiences"] == []
    assert overview["editions"] == [{"id": "news", "faults": []}]
    found = told(preview, "message", MESSAGE)["faults"]
    assert [each["place"].split(" (")[0] for each in found] == places[::-1]


def test_where_no_audience_is_right_the_editions_tell_what_else_is_wrong_with_them(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    for file in (small.audience, partners):
        small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", file)
    small.change("kind:", "knid:")
    small.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    (edition,) = told(preview, "overview")["editions"]
    causes = [(each["place"].split(" (")[0], each["cause"]) for each in edition["faults"]]
    assert [place.partition(": ")[2] for place, _ in causes] == [
        "kind",
        "blocks[0].marking",
        "knid",
    ]


def test_two_wrong_audiences_are_not_missed_by_the_edition_beside_one_that_is_right(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    third = small.folder / "audiences" / "officers.yaml"
    third.write_text(small.audience.read_text("utf-8"), "utf-8")
    small.change("[readers, partners]", "[readers, partners, officers]")
    for file in (partners, third):
        small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", file)
    (edition,) = told(preview, "overview")["editions"]
    assert {each["place"].partition(":")[0] for each in edition["faults"]} == {
        "audiences/officers.yaml",
        "audiences/partners.yaml",
    }


def test_a_stray_file_of_the_same_name_makes_no_audience_out_of_date(
    preview: ASGIApp, small: Small
) -> None:
    stray = small.folder / "audiences" / "readers.yml"
    stray.write_text("name: Nobody", "utf-8")
    small.change("changed three things", "changed four things")
    message = told(preview, "message", MESSAGE)
    assert "changed four things" in message["text"]
    assert message["faults"] == []
    (edition,) = told(preview, "overview")["editions"]
    assert edition["faults"][0]["place"].startswith("audiences/readers.yml")


def test_an_audience_whose_file_goes_is_gone(
    preview: ASGIApp, small: Small, partners: Path
) -> None:
    assert told(preview, "message", MESSAGE | {"audience": "partners"})["faults"] == []
    partners.unlink()
    (edition,) = told(preview, "overview")["editions"]
    assert "partners: no such audience" in edition["faults"][0]["cause"]


def test_a_message_is_told_with_all_that_stands_around_it(preview: ASGIApp) -> None:
    message = told(preview, "message", MESSAGE | {"locale": "fr"})
    assert message["subject"] == "Les nouvelles de mai"
    assert message["preheader"].startswith("Trois changements")
    assert (message["marking"], message["direction"]) == ("TLP:CLEAR", "ltr")
    headers = dict(message["headers"])
    assert headers["Subject"] == "Les nouvelles de mai"
    assert "List-Unsubscribe" in headers
    assert "trois choses" in message["text"]
    assert [block["id"] for block in message["blocks"]] == ["welcome", "crime"]
    assert message["faults"] == []


def test_the_source_says_where_each_line_comes_from(preview: ASGIApp, small: Small) -> None:
    lines = told(preview, "source", MESSAGE | {"part": "mjml"})["lines"]
    (line,) = [line for line in lines if "changed three things" in line["text"]]
    assert line["place"].startswith("editions/news/edition.yaml: blocks[0].body.en (line ")
    places = {line["place"].partition(" (")[0] for line in lines if line["text"].strip()}
    assert "templates/base.mjml.j2" in places
    assert "" not in places, "every line comes from somewhere"
    assert not any(TOKEN.search(line["text"]) for line in lines), (
        "slots stand as authors write them"
    )
    for part, sign in (("html", "<!doctype html>"), ("mime", "MIME-Version: 1.0")):
        assert sign.lower() in told(preview, "source", MESSAGE | {"part": part})["source"].lower()


def test_an_error_is_told_with_its_place_and_the_last_good_message_stays(
    preview: ASGIApp, small: Small
) -> None:
    good = told(preview, "message", MESSAGE)
    small.change("type: text", "type: txet")
    bad = told(preview, "message", MESSAGE)
    (fault,) = bad["faults"]
    assert fault["place"].startswith("editions/news/edition.yaml: blocks[0].type (line ")
    assert fault["cause"]
    assert bad["digest"] == good["digest"]
    assert ask(preview, "/frame", MESSAGE).status == 200
    small.change("type: txet", "type: text")
    assert told(preview, "message", MESSAGE)["faults"] == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tigc-mail.toml", "provider = ["),
        ("audiences/readers.yaml", "name: [\n"),
        ("editions/news/edition.yaml", "\0\0\0"),
        ("templates/theme.yaml", "nothing: here\n"),
        ("templates/newsletter.mjml.j2", "{% include 'newsletter.mjml.j2' %}"),
        ("templates/base.mjml.j2", "<mjml><mj-body><mj-section>"),
        ("templates/base.mjml.j2", ""),
    ],
)
def test_whatever_file_is_broken_the_page_is_told_which(
    preview: ASGIApp, small: Small, file: str, content: str
) -> None:
    told(preview, "message", MESSAGE)
    (small.folder / file).write_text(content, "utf-8")
    answer = told(preview, "message", MESSAGE)
    assert any(
        Path(file).name in f"{fault['place']} {fault['cause']}" for fault in answer["faults"]
    )
    assert answer["subject"] == "What is new in May", "the last that could be made"
    for path in ("overview", "findings"):
        assert "faults" in told(preview, path, {"edition": "news"})


def test_an_audience_whose_file_is_gone_is_told_among_the_editions(
    preview: ASGIApp, small: Small
) -> None:
    told(preview, "overview")
    small.audience.rename(small.audience.with_name("others.yaml"))
    (edition,) = told(preview, "overview")["editions"]
    assert edition["variants"] == []
    assert "readers" in edition["faults"][0]["cause"]


@pytest.mark.parametrize("gone", ["editions", "editions/news", "audiences", "templates"])
def test_a_folder_that_is_renamed_leaves_the_page_up(
    preview: ASGIApp, small: Small, gone: str
) -> None:
    told(preview, "message", MESSAGE)
    (small.folder / gone).rename(small.folder / "elsewhere")
    assert told(preview, "message", MESSAGE)["faults"]
    told(preview, "overview")
    (small.folder / "elsewhere").rename(small.folder / gone)
    assert told(preview, "message", MESSAGE)["faults"] == []


def test_files_saved_while_they_are_read_never_end_the_preview(
    preview: ASGIApp, small: Small
) -> None:
    """Another thread writes the edition over and over, half of it at a time."""
    whole, over = small.edition.read_bytes(), threading.Event()

    def write() -> None:
        while not over.is_set():
            small.edition.write_bytes(whole[: len(whole) // 2])
            small.edition.write_bytes(whole)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(15):
            told(preview, "message", MESSAGE)
            told(preview, "overview")
    finally:
        over.set()
        writer.join()
    assert told(preview, "message", MESSAGE)["faults"] == []


def test_an_edition_of_three_hundred_blocks_is_shown_with_a_finding_of_its_size(
    preview: ASGIApp, small: Small
) -> None:
    for at in range(300):
        small.add(
            f"  - {{id: b{at}, type: text, marking: 'TLP:CLEAR', body: {{en: 'Text {at}.', fr: 'Texte {at}.'}}}}"
        )
    message = told(preview, "message", MESSAGE)
    assert len(message["blocks"]) == 302
    assert message["too_heavy"]
    assert "html-clipped" in {
        one["check"] for one in told(preview, "findings", MESSAGE)["findings"]
    }


@pytest.mark.parametrize(
    "asked", [{}, {"edition": "news"}, MESSAGE | {"locale": "tlh"}, MESSAGE | {"audience": ""}]
)
def test_what_is_asked_wrongly_is_refused(preview: ASGIApp, asked: dict[str, str]) -> None:
    assert ask(preview, "/api/message", asked).status == 400


@pytest.mark.parametrize(
    "asked",
    [
        MESSAGE | {"edition": "none"},
        MESSAGE | {"edition": "../news"},
        MESSAGE | {"edition": "a\0"},
        MESSAGE | {"audience": "none"},
        MESSAGE | {"locale": "ar"},
    ],
)
def test_what_there_is_not_is_told_as_a_fault(preview: ASGIApp, asked: dict[str, str]) -> None:
    (fault,) = told(preview, "message", asked)["faults"]
    assert fault["cause"]
    assert fault["cure"]


def test_a_frame_runs_no_script_and_loads_nothing_of_the_web_unasked(preview: ASGIApp) -> None:
    for images, allowed in (("", "img-src data:;"), ("1", "img-src data: https: http:;")):
        answer = ask(preview, "/frame", MESSAGE | {"images": images})
        rules = answer.headers["content-security-policy"]
        assert "default-src 'none'" in rules
        assert "script-src" not in rules
        assert "sandbox allow-same-origin" in rules
        assert allowed in rules
