"""The preview by what a person sees of it: editions at a glance, one message, what is told beside it."""

import re
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.browser.axe import SCRIPT, faults_of_colour, faults_of_structure
from tests.browser.preview import COMMAND, LOOPBACK, NEWS, NOTICE, Desk, desk_at, served

SUBJECT, ARABIC_SUBJECT = (
    "What a parcel tells about those who sent it",
    "ما الذي يكشفه طرد عمن أرسله",
)
OFFICERS = {"audience": "law-enforcement", "locale": "ar"}

# What frames hold is looked at from the page around them: in them no script runs.
_THUMBNAILS = """wanted => {
  const frames = [...document.querySelectorAll(".thumb iframe")];
  return frames.length === wanted && document.querySelectorAll(".thumb").length === wanted
    && frames.every((frame) => frame.contentDocument?.readyState === "complete" && frame.contentDocument.body.textContent.length > 200);
}"""
_MESSAGE = """() => {
  const frame = document.querySelector("iframe.message.ready");
  const inside = frame.contentDocument;
  const style = frame.contentWindow.getComputedStyle(inside.body);
  const link = inside.querySelector("a[href='https://example.org/warehouse']");
  const picture = inside.querySelector("img[alt^='Two parcels']");
  return {
    width: frame.clientWidth, scrolled: frame.contentWindow.scrollY, address: frame.contentWindow.location.href,
    ground: style.backgroundColor, direction: style.direction, text: inside.body.textContent,
    link: link && frame.contentWindow.getComputedStyle(link, "::after").content,
    picture: picture?.naturalWidth ?? 0,
  };
}"""
_MARK = """() => {
  for (const frame of document.querySelectorAll(".thumb iframe")) frame.contentDocument.body.dataset.seen = "yes";
}"""
_UNMARKED = """() => [...document.querySelectorAll("a.cell")]
  .filter((cell) => cell.querySelector("iframe").contentDocument.body.dataset.seen !== "yes")
  .map((cell) => cell.querySelector(".subject").textContent)"""
_REPAINTED = "before => document.querySelector('.stage').dataset.paintedAt !== before"


def painted_at(page: Page) -> str:
    """Return when the message was last painted."""
    return str(page.locator(".stage[data-painted-at]").get_attribute("data-painted-at"))


def pressed(page: Page, *keys: str) -> dict[str, Any]:
    """Press keys that change how a message looks; return how it looks once it is painted anew."""
    before = painted_at(page)
    for key in keys:
        page.keyboard.press(key)
    return repainted(page, before)


def repainted(page: Page, before: str) -> dict[str, Any]:
    """Return how the message looks once it is painted anew."""
    page.wait_for_function(_REPAINTED, arg=before)
    return looks(page)


def looks(page: Page) -> dict[str, Any]:
    """Return how the message that is shown looks."""
    page.locator("iframe.message.ready").wait_for()
    found: dict[str, Any] = page.evaluate(_MESSAGE)
    return found


def cell(page: Page, name: str) -> Locator:
    """Return the messages of the matrix whose label begins so."""
    return page.get_by_role("link", name=re.compile(f"^{re.escape(name)}"))


# Editions at a glance


def test_every_message_is_painted_with_its_label_its_size_and_what_was_found(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 1600})
    page = desk.open()
    facts = page.locator("a.cell .facts")
    expect(facts.filter(has_text="note")).to_have_count(10)
    expect(facts.filter(has_text="KB")).to_have_count(10)
    expect(facts.filter(has=page.locator("[data-tlp=AMBER]"))).to_have_count(4)
    expect(facts.filter(has=page.locator("[data-tlp=CLEAR]"))).to_have_count(6)
    page.wait_for_function(_THUMBNAILS, arg=10)
    expect(page.locator(".what", has_text="fit to be sent")).to_have_count(2)
    assert desk.web == []


def test_messages_that_are_being_made_have_their_place_and_are_counted(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 1600})
    with desk.held("/api/message"):
        page = desk.open()
        expect(page.locator("a.cell", has_text="Being made …")).to_have_count(10)
        expect(page.get_by_text("Making 1 of the 8 messages in sight")).to_be_visible()
        expect(page.get_by_text("Making 1 of the 2 messages in sight")).to_be_visible()
    page.wait_for_function(_THUMBNAILS, arg=10)
    expect(page.get_by_text("Being made")).to_have_count(0)
    expect(page.get_by_text("in sight")).to_have_count(0)


def test_a_message_that_is_clicked_opens(desk: Desk) -> None:
    page = desk.open()
    cell(page, "TLP:AMBER ما الذي").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"TLP:AMBER {ARABIC_SUBJECT}")
    expect(desk.message.get_by_text("تكلم السائق")).to_be_visible()
    expect(page.get_by_label("Audience")).to_have_value("law-enforcement")
    expect(page.get_by_label("Language")).to_have_value("ar")


def test_an_edition_is_found_by_its_title(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("searchbox").fill("parcel")
    expect(page.locator("main h2:visible")).to_have_text([SUBJECT])


def test_an_edition_that_must_not_be_sent_says_so_at_a_glance(desk: Desk) -> None:
    desk.change("label: {en: Report a parcel,", 'label: {en: "{{ 1 / 0 }}",')
    page = desk.open()
    expect(page.locator(".what", has_text="not fit to be sent")).to_be_visible()
    expect(page.locator("a.cell.wrong").first).to_be_visible()


def test_a_file_that_is_wrong_leaves_no_message_clean(desk: Desk) -> None:
    page = desk.open()
    expect(page.locator("a.cell .facts .tlp")).to_have_count(10)
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(page.locator(".what", has_text="not fit to be sent")).to_be_visible()
    cells = page.locator("a.cell", has_text="1 error")
    expect(cells.first).to_contain_text("out of date")
    expect(page.locator("a.cell", has_text="clean")).to_have_count(0)


# One message


def test_a_message_that_is_out_of_date_says_so_and_is_no_test(desk: Desk) -> None:
    desk.open_message()
    test = desk.page.get_by_role("button", name="Send a test")
    expect(test).to_be_visible()
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(desk.page.get_by_text("out of date", exact=True)).to_be_visible()
    expect(test).to_have_count(0)


def test_a_message_is_shown_at_the_width_of_each_screen(desk: Desk) -> None:
    desk.open_message()
    assert looks(desk.page)["width"] == 375
    assert pressed(desk.page, "2")["width"] == 768
    assert pressed(desk.page, "3")["width"] == 1100


def test_a_message_that_is_wider_than_its_place_is_shown_smaller_and_whole(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1024, "height": 800})
    desk.open_message()
    looks(desk.page)
    assert pressed(desk.page, "3")["width"] == 1100
    left, right, place = desk.page.evaluate("""() => {
      const stage = document.querySelector(".stage");
      const frame = stage.querySelector("iframe.message.ready").getBoundingClientRect();
      const edge = stage.getBoundingClientRect().left;
      return [frame.left - edge, frame.right - edge, stage.clientWidth];
    }""")
    assert 0 <= left < right <= place


def test_a_message_is_shown_in_the_dark_and_on_paper(desk: Desk) -> None:
    desk.open_message()
    light = looks(desk.page)
    dark, paper = pressed(desk.page, "d"), pressed(desk.page, "p")
    assert len({light["ground"], dark["ground"], paper["ground"]}) == 3
    assert (light["link"], dark["link"]) == ("none", "none")
    assert "https://example.org/warehouse" in paper["link"]


def test_nothing_is_asked_of_the_web_but_pictures_once_they_are_wanted(desk: Desk) -> None:
    desk.open_message()
    assert (looks(desk.page)["picture"], desk.web) == (0, [])
    assert pressed(desk.page, "i")["picture"] == 1
    assert desk.web == ["https://example.org/parcels.png"]
    assert pressed(desk.page, "i")["picture"] == 0


def test_pictures_of_one_message_are_not_those_of_the_next(desk: Desk) -> None:
    desk.open_message()
    assert pressed(desk.page, "i")["picture"] == 1
    desk.page.goto("about:blank")
    desk.open_message(audience="law-enforcement")
    images = desk.page.get_by_role("button", name="Images")
    expect(images).to_have_attribute("aria-pressed", "false")
    assert looks(desk.page)["picture"] == 0


def test_a_link_tells_where_it_leads_and_leads_nowhere(desk: Desk) -> None:
    link = desk.open_message().get_by_role("link", name="one warehouse")
    before = looks(desk.page)["address"], desk.page.url
    told = desk.page.get_by_text("This link leads to https://example.org/warehouse")
    link.click()
    expect(told).to_be_visible()
    link.press("Enter")
    link.click(modifiers=["ControlOrMeta"])
    link.click(button="middle")
    link.click(modifiers=["Shift"])
    assert (looks(desk.page)["address"], desk.page.url) == before
    assert (len(desk.page.context.pages), desk.web) == (1, [])


def test_an_arabic_message_and_all_that_is_said_of_it_runs_from_the_right(desk: Desk) -> None:
    desk.open_message(locale="ar")
    assert looks(desk.page)["direction"] == "rtl"
    expect(desk.page.get_by_role("heading", level=1)).to_have_css("direction", "rtl")
    expect(desk.panel("Inbox").locator(".line").first).to_have_css("direction", "rtl")
    expect(desk.panel("Text").locator("pre")).to_have_css("direction", "rtl")
    desk.open_message(NOTICE, locale="ar")
    expect(desk.panel("Calendar").locator("article")).to_have_css("direction", "rtl")
    desk.open()
    expect(cell(desk.page, "إرجاء").locator(".subject")).to_have_css("direction", "rtl")


# What is told beside it


def test_inboxes_cut_a_subject_and_what_stands_behind_it(desk: Desk) -> None:
    desk.open_message()
    lines = desk.panel("Inbox").locator("li")
    whole, cut = (
        lines.filter(has_text="Gmail in a browser"),
        lines.filter(has_text="Gmail on a tel"),
    )
    expect(whole).to_contain_text(
        f"{SUBJECT} Three parcels, three routes and one sender. What customs"
    )
    expect(cut).to_contain_text("What a parcel tells about those who… Three parcels")
    expect(desk.panel("Inbox")).to_contain_text("27 KB; Gmail hides what is behind 102 KB")


def test_a_message_that_is_cut_in_the_inbox_shows_it(desk: Desk) -> None:
    desk.change("en: The driver talked.", f"en: {'The driver talked and talked. ' * 4000}")
    desk.open_message(audience="law-enforcement")
    expect(desk.page.locator(".tools .heavy")).to_have_text(re.compile(r"^1\d\d KB of 102 KB$"))


def test_the_text_the_source_and_the_headers_can_be_read(desk: Desk) -> None:
    desk.open_message()
    expect(desk.panel("Text")).to_contain_text("Three parcels came from one warehouse")
    source = desk.panel("Source")
    desk.page.get_by_role("button", name="HTML", exact=True).click()
    expect(source).to_contain_text("<!doctype html>", ignore_case=True)
    desk.page.get_by_role("button", name="MIME", exact=True).click()
    expect(source).to_contain_text("Content-Transfer-Encoding: quoted-printable")
    expect(desk.panel("Headers").get_by_role("row", name="Subject")).to_contain_text(SUBJECT)


def test_the_source_stays_the_one_that_was_chosen_and_where_it_was_scrolled_to(desk: Desk) -> None:
    """Neither a save, another message, nor choices of messages that come late take it back."""
    page = desk.page
    with desk.held("api/overview"):
        desk.open_message()
        source = desk.panel("Source")
        page.get_by_role("button", name="HTML", exact=True).click()
        expect(source).to_contain_text("<!doctype html>", ignore_case=True)
    page.get_by_label("Language").wait_for()  # by now the choices are there
    page.evaluate("document.querySelector('.source').scrollTop = 200")
    desk.change("Three parcels came", "Seven parcels came")
    expect(source).to_contain_text("Seven parcels came")
    assert page.evaluate("document.querySelector('.source').scrollTop") == 200
    page.get_by_label("Language").select_option("ar")
    expect(source).to_contain_text('lang="ar"')
    chosen = page.get_by_role("button", name="HTML", exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")


def test_a_calendar_is_shown_as_a_card(desk: Desk) -> None:
    desk.open_message(NOTICE)
    card = desk.panel("Calendar").get_by_role("article")
    expect(card).to_contain_text("IP Crime Conference")
    expect(card).to_contain_text("TENTATIVE")
    expect(card).to_contain_text("San José, Costa Rica")
    expect(card).to_contain_text("Tuesday, 11 May 2027 \u2013 Wednesday, 12 May 2027")
    desk.open_message(NEWS)
    expect(desk.panel("Calendar")).to_contain_text("brings no event")


def test_an_event_is_told_by_its_own_clock(desk: Desk) -> None:
    notice = desk.folder / "editions" / NOTICE / "edition.yaml"
    desk.change("start: 2027-05-11", "start: 2027-05-11T09:00", notice)
    desk.change("end: 2027-05-12", "end: 2027-05-11T17:30", notice)
    desk.open_message(NOTICE)
    card = desk.panel("Calendar").get_by_role("article")
    expect(card).to_contain_text("Tuesday, 11 May 2027 at 09:00")
    expect(card).to_contain_text("Tuesday, 11 May 2027 at 17:30 (America/Costa_Rica)")


def test_what_a_check_finds_is_told_with_its_place_and_its_cure(desk: Desk) -> None:
    desk.change("[one warehouse](https://example.org", "[here](https://example.org")
    desk.open_message()
    finding = desk.panel("Findings").get_by_role("article").filter(has_text="here").first
    expect(finding.locator(".place")).to_have_text(
        re.compile(r"editions/news/edition\.yaml.*line \d+")
    )
    expect(finding.locator(".cure")).not_to_be_empty()


def test_the_place_of_a_finding_shows_the_file_at_its_line(desk: Desk) -> None:
    desk.change("[one warehouse](https://example.org", "[here](https://example.org")
    desk.open_message()
    finding = desk.panel("Findings").get_by_role("article").filter(has_text="here").first
    finding.locator(".place").click()
    file = desk.page.get_by_role("dialog")
    expect(file.get_by_role("heading")).to_have_text(re.compile(r"news/edition\.yaml:\d+:\d+$"))
    line = file.locator("tr.here")
    expect(line).to_contain_text("[here](https://example.org")
    expect(line).to_be_in_viewport()
    file.get_by_role("button", name="Close").click()
    expect(finding.locator(".place")).to_be_focused()


# While one writes


def test_findings_from_before_a_change_stay_and_are_told_apart_until_the_new_are_there(
    desk: Desk,
) -> None:
    """Nor is a message called clean that was not checked since."""
    desk.change("[one warehouse](https://example.org", "[here](https://example.org")
    desk.open_message()
    panel = desk.panel("Findings")
    told = panel.get_by_role("article").filter(has_text="here").first
    expect(told).to_be_visible()
    with desk.held("/api/findings"):
        desk.change("[here](https://example.org", "[one warehouse](https://example.org")
        expect(panel.get_by_text("Checking")).to_be_visible()
        expect(told).to_have_css("color", "rgb(22, 33, 44)")
        expect(told.get_by_role("heading")).to_have_css("color", "rgb(85, 99, 111)")
        desk.page.get_by_label("Language").select_option("ar")
        expect(panel.get_by_text("Checking")).to_be_visible()
        expect(panel.get_by_text("Nothing was found")).to_have_count(0)
        desk.page.get_by_label("Language").select_option("en")
        expect(told).to_be_visible()
    expect(told).to_have_count(0)
    expect(panel.get_by_text("Checking")).to_have_count(0)


def test_a_check_tells_how_far_it_is(desk: Desk) -> None:
    desk.change("Three parcels came", "Two parcels came")  # what was not checked yet
    desk.open_message()
    desk.note_progress()
    expect(desk.panel("Findings").get_by_role("article").first).to_be_visible()
    assert desk.progress() == [f"Checking: {done} of 8 messages" for done in range(1, 9)]


def test_saving_repaints_and_keeps_where_one_was_and_what_one_chose(desk: Desk) -> None:
    desk.open_message()
    page = desk.page
    pressed(page, "2")
    pressed(page, "d")
    desk.panel("Text")
    page.evaluate("document.querySelector('iframe.message.ready').contentWindow.scrollTo(0, 300)")
    before = looks(page)
    assert before["scrolled"] == 300
    last = painted_at(page)
    desk.change("The way of a parcel", "The road of a parcel")
    after = repainted(page, last)
    assert "The road of a parcel" in after["text"]
    kept = ("width", "scrolled", "ground")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    expect(page.get_by_role("tabpanel")).to_contain_text("The road of a parcel")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Text")


_HEAD = """() => {
  const frame = document.querySelector("iframe.message.ready"), root = frame.contentDocument.documentElement;
  return [frame.dataset.mark ?? "", root.lang, root.dir, root.querySelectorAll("head style").length, root.querySelectorAll("img[src^='https:']").length > 0,
    root.querySelectorAll("body").length, frame.contentDocument.compatMode];
}"""


def test_what_is_saved_is_written_into_the_frame_that_is_there(desk: Desk) -> None:
    """Nothing is loaded anew, and all that a page says of itself holds; other looks are loaded."""
    desk.open_message(**OFFICERS)
    page = desk.page
    pressed(page, "i")
    page.evaluate("document.querySelector('iframe.message.ready').dataset.mark = 'the same'")
    before, last = page.evaluate(_HEAD), painted_at(page)
    assert before[:3] == ["the same", "ar", "rtl"]
    desk.change("ثلاثة طرود", "أربعة طرود")
    after = repainted(page, last)
    assert "أربعة طرود" in after["text"]
    assert after["direction"] == "rtl"
    assert page.evaluate(_HEAD) == before
    pressed(page, "d")
    assert page.evaluate(_HEAD) == ["", *before[1:]]


_SHAPES = {
    "a comment with another root": ("<html", "<!-- <html lang='xx' dir='rtl'> --><html"),
    "a value with the end of a tag": ("<html", "<html data-said='a > b'"),
    "no end": ("</html>", ""),
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_a_page_is_written_into_the_frame_as_a_browser_reads_it(shape: str, desk: Desk) -> None:
    """Of whatever shape it is: own templates may have what is not like the shipped ones."""
    desk.open_message()
    page = desk.page
    before = (looks(page)["text"].strip()[:40], mark(page), painted_at(page))
    change_pages(page, *_SHAPES[shape])
    desk.change("Three parcels came from", "Four parcels came from")
    after = repainted(page, before[2])
    assert "Four parcels came from" in after["text"]
    assert (after["text"].strip()[:40], page.evaluate(_HEAD)) == before[:2]


def test_a_page_of_another_type_is_loaded_anew(desk: Desk) -> None:
    """A frame that is there lays pages out by the type of its own."""
    desk.open_message()
    page = desk.page
    last = painted_at(page)
    before = mark(page)
    change_pages(page, "<!doctype html>", "")
    desk.change("Three parcels came from", "Four parcels came from")
    assert "Four parcels came from" in repainted(page, last)["text"]
    assert page.evaluate(_HEAD) == ["", *before[1:]]


def mark(page: Page) -> list[Any]:
    """Mark the frame that is there; return what its page says of itself."""
    page.evaluate("document.querySelector('iframe.message.ready').dataset.mark = 'the same'")
    head: list[Any] = page.evaluate(_HEAD)
    return head


def change_pages(page: Page, old: str, new: str) -> None:
    """Have the server tell another page."""

    def change(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        changed = re.sub(re.escape(old), lambda _: new, told["page"], count=1, flags=re.IGNORECASE)
        assert changed != told["page"]
        route.fulfill(response=response, json={**told, "page": changed})

    page.route(re.compile(r"/api/message\?"), change)


_FOCUSED = """() => {
  const frame = document.querySelector("iframe.message.ready");
  return document.activeElement === frame ? [frame.contentDocument.activeElement.getAttribute("href"), frame.contentWindow.scrollY] : null;
}"""
WAREHOUSE = "https://example.org/warehouse"


def test_a_link_that_has_the_focus_keeps_it_where_the_message_is_painted_anew(desk: Desk) -> None:
    """Nothing is scrolled for that: also what is out of sight keeps it."""
    desk.open_message()
    page = desk.page
    desk.message.locator(f"a[href='{WAREHOUSE}']").focus()
    page.evaluate("document.querySelector('iframe.message.ready').contentWindow.scrollTo(0, 0)")
    assert page.evaluate(_FOCUSED) == [WAREHOUSE, 0]
    last = painted_at(page)
    desk.change("Three parcels came from", "Four parcels came from")
    assert "Four parcels came from" in repainted(page, last)["text"]
    assert page.evaluate(_FOCUSED) == [WAREHOUSE, 0]
    pressed(page, "d")
    assert page.evaluate(_FOCUSED) == [WAREHOUSE, 0]


def test_a_link_that_had_the_focus_takes_it_from_nothing_else(desk: Desk) -> None:
    desk.open_message()
    desk.message.locator(f"a[href='{WAREHOUSE}']").focus()
    button = desk.page.get_by_role("button", name="Dark")
    button.focus()
    last = painted_at(desk.page)
    desk.change("Three parcels came from", "Four parcels came from")
    assert "Four parcels came from" in repainted(desk.page, last)["text"]
    expect(button).to_be_focused()


def test_images_that_are_off_again_are_off_in_the_frame_that_is_there(desk: Desk) -> None:
    """A frame keeps the policy that it was loaded with: nothing else is written into it."""
    desk.open_message()
    page = desk.page
    pressed(page, "i")
    last = painted_at(page)
    page.evaluate("location.hash += '&panel=text'")
    repainted(page, last)
    expect(page.get_by_role("button", name="Images")).to_have_attribute("aria-pressed", "false")
    page.locator("iframe.message.ready:not([src*='images=1'])").wait_for()
    last = painted_at(page)
    desk.change("The way of a parcel", "The road of a parcel")
    assert "The road of a parcel" in repainted(page, last)["text"]
    assert page.locator("iframe.message.ready[src*='images=1']").count() == 0


def test_saving_repaints_the_editions_and_keeps_what_has_the_focus(desk: Desk) -> None:
    page = desk.open()
    cell_of_news = page.locator("a.cell").nth(2)
    expect(cell_of_news).to_contain_text(SUBJECT)
    cell_of_news.focus()
    desk.change("en: What a parcel tells about", "en: What a box tells about")
    expect(cell_of_news).to_contain_text("What a box tells about")
    expect(cell_of_news).to_be_focused()
    expect(page.locator("h2", has_text="What a box tells about")).to_be_visible()


def test_no_thumbnail_loads_again_but_those_of_messages_that_changed(desk: Desk) -> None:
    page = desk.open()
    page.wait_for_function(_THUMBNAILS, arg=10)
    page.evaluate(_MARK)
    desk.change(
        "The conference is **postponed**",
        "The meeting is **postponed**",
        desk.folder / "editions" / NOTICE / "edition.yaml",
    )
    page.wait_for_function(
        "() => document.querySelector('.thumb iframe').contentDocument.body.textContent.includes('The meeting is')"
    )
    assert page.evaluate(_UNMARKED) == ["The conference in San José is postponed"]


def test_a_button_that_is_pressed_keeps_the_focus(desk: Desk) -> None:
    desk.open_message()
    looks(desk.page)
    button = desk.page.get_by_role("button", name="Dark")
    button.focus()
    pressed(desk.page, "Enter")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_a_mistake_is_told_with_its_place_while_the_last_good_message_stays(desk: Desk) -> None:
    desk.open_message().get_by_text("Three parcels came from").wait_for()
    told = desk.page.get_by_role("alert")
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(told.locator("code")).to_have_text(
        re.compile(r"edition\.yaml: blocks\[0\]\.marking \(line \d+")
    )
    expect(desk.message.get_by_text("Three parcels came from")).to_be_visible()
    last = painted_at(desk.page)
    desk.change("marking: TLP:BLUE", "marking: TLP:CLEAR")
    desk.change("Three parcels came from", "Four parcels came from")
    assert "Four parcels came from" in repainted(desk.page, last)["text"]
    expect(told).to_be_empty()


def test_a_wrong_file_of_another_audience_keeps_the_message_and_says_why_no_test_is_sent(
    desk: Desk,
) -> None:
    """What is sent is made from right files only: nothing is offered that is refused then."""
    desk.open_message()
    page, officers = desk.page, desk.folder / "audiences" / "law-enforcement.yaml"
    offered, why = page.get_by_role("button", name="Send a test"), page.locator(".tools .means")
    expect(offered).to_be_visible()
    desk.change("ceiling: TLP:", "ceiling: TLP:PINK_", officers)
    expect(why).to_have_text("No test is sent until audiences/law-enforcement.yaml is right.")
    expect(offered).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_empty()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_have_count(0)
    why.get_by_role("button").click()
    expect(page.get_by_role("dialog").locator("tr.here")).to_contain_text("PINK_")
    page.keyboard.press("Escape")
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(why).to_have_text("No test is sent of what is out of date.")
    desk.restore()
    expect(offered).to_be_visible()


def test_an_audience_whose_file_is_gone_is_named_whole(desk: Desk) -> None:
    file = desk.folder / "audiences" / "law-enforcement.yaml"
    desk.open_message(**OFFICERS)
    chosen = desk.page.get_by_label("Audience").locator("option:checked")
    expect(chosen).to_have_text("Law enforcement")
    desk.written[file] = file.read_text("utf-8")
    file.unlink()
    expect(chosen).to_have_text("law-enforcement")


def test_a_mistake_in_a_template_is_told_among_the_editions(desk: Desk) -> None:
    page = desk.open()
    expect(cell(page, SUBJECT).first).to_be_visible()
    template = desk.folder / "templates" / "blocks" / "text.mjml.j2"
    desk.write("{% if %}" + template.read_text("utf-8"), template)
    expect(page.locator("a.cell.wrong").first).to_contain_text("out of date")
    desk.restore()
    expect(page.locator("a.cell.wrong")).to_have_count(0)


# While the preview comes and goes


@pytest.fixture
def port() -> str:
    """One that is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def test_the_page_goes_on_once_its_server_is_back(
    previewed: tuple[Path, str], browser: Browser, port: str
) -> None:
    """As after a sleep of the machine: it has the token that it had."""
    folder, _ = previewed
    command = f"import secrets; secrets.token_urlsafe = lambda _: 'same'; {COMMAND}"
    with desk_at(folder, f"{LOOPBACK}{port}/same/", browser) as desk:
        live = desk.page.locator("#live")
        with served(folder, "--port", port, command=command):
            expect(desk.open_message().get_by_text("Three parcels came from")).to_be_visible()
        expect(live).to_have_text("Reconnecting")
        desk.change("Three parcels came from", "Four parcels came from")
        with served(folder, "--port", port, command=command):
            expect(live).to_have_text("Live")
            expect(desk.message.get_by_text("Four parcels came from")).to_be_visible()
            desk.change("Four parcels came from", "Five parcels came from")
            expect(desk.message.get_by_text("Five parcels came from")).to_be_visible()
            desk.page.goto("about:blank")
        desk.complaints.clear()  # of a server that was not there


def test_the_page_of_a_preview_that_was_started_anew_says_so(
    previewed: tuple[Path, str], browser: Browser, port: str
) -> None:
    folder, _ = previewed
    with ExitStack() as before:
        address = before.enter_context(served(folder, "--port", port))
        with desk_at(folder, address, browser) as desk:
            expect(desk.open_message().get_by_text("Three parcels came from")).to_be_visible()
            before.close()
            with served(folder, "--port", port):
                expect(desk.page.locator("#live")).to_have_text("Ended")
                expect(desk.page.get_by_role("alert")).to_contain_text("was started anew")
                expect(desk.message.get_by_text("Three parcels came from")).to_be_visible()
            desk.complaints.clear()  # of a server that was not there


# For everyone


def test_a_keyboard_is_enough(desk: Desk) -> None:
    """Open the second message, look at it in the dark, read what was found, and go back."""
    page = desk.open()
    second = page.locator("a.cell").nth(1)
    expect(second).to_be_visible()
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text("إرجاء مؤتمر سان خوسيه")
    looks(page)
    pressed(page, "d")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    expect(page.get_by_role("tab", name="Findings")).to_be_focused()
    expect(page.get_by_role("tabpanel").get_by_role("article").first).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Text")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(second).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Find an edition")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_tabulator_reaches_each_message_once_and_no_link_within(desk: Desk) -> None:
    page = desk.open()
    expect(page.locator("a.cell .facts .tlp")).to_have_count(10)
    page.locator("a.cell").first.focus()
    reached = []
    for _ in range(14):
        reached.append(
            page.evaluate("document.activeElement.className || document.activeElement.tagName")
        )
        page.keyboard.press("Tab")
    assert "IFRAME" not in reached
    assert reached.count("cell") == 10


@pytest.mark.parametrize("view", ["editions", "message"])
def test_axe_finds_nothing_serious_in_light_and_dark(view: str, desk: Desk) -> None:
    desk.page.emulate_media(color_scheme="light")
    if view == "editions":
        desk.open()
        expect(desk.page.locator("a.cell .facts .tlp")).to_have_count(10)
    else:
        desk.open_message(**OFFICERS)
        looks(desk.page)
    desk.change("marking: TLP:CLEAR", "marking: TLP:BLUE")
    expect(desk.page.locator(".fault code")).to_be_visible()
    desk.page.evaluate(SCRIPT)
    assert faults_of_structure(desk.page) + faults_of_colour(desk.page) == []
    desk.page.emulate_media(color_scheme="dark")
    assert faults_of_colour(desk.page) == []
