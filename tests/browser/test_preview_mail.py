"""The preview by what a person sees of mail: the inbox, the campaigns, and a test that is sent."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.axe import SCRIPT, faults_of_colour, faults_of_structure
from tests.browser.preview import NEWS, Desk, desk_at, lay_down, served
from tests.interfaces.world import ADDRESS

from tigc_mail import Workspace

CAMPAIGN = "news-a1b2c3"
ARABIC = "أخبار الربيع"

PEOPLE = """\
email,given_name,sector,country,locale,consent_basis,consent_at
lea@example.org,Léa,law-enforcement,FR,en,public-task,2024-01-15
rosa@example.org,Rosa,public,CR,en,consent,2024-01-15
omar@example.org,Omar,public,JO,ar,consent,2024-01-15
nina@example.org,Nina,public,FR,en,,
"""

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
    "UID:1@example.org\r\nDTSTAMP:20270101T000000Z\r\nSUMMARY:Training of officers\r\n"
    "DTSTART:20270301T090000Z\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def put(folder: Path, number: int, subject: str, to: str) -> None:
    """Write a message into the outbox, newer than those with a lower number."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "News <news@example.org>", to, subject
    message["Date"] = "Thu, 26 Nov 2026 13:25:36 +0000"
    message.set_content(f"Plain words of number {number}")
    message.add_alternative(
        f"<html lang='en'><title>News</title><style>body {{ background: #fff }}"
        f"@media (prefers-color-scheme: dark) {{ body {{ background: #123456 }} }}</style>"
        f"<body><h1>Page of number {number}</h1>"
        "<a href='https://example.org/far'>A link</a><img src='https://example.org/far.png' alt='far'>",
        subtype="html",
    )
    if number % 60 == 0:
        message.add_attachment(EVENT.encode(), "text", "calendar", filename="event.ics")
    folder.mkdir(exist_ok=True)
    path = folder / f"{CAMPAIGN}-{number}.eml"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(message.as_bytes())
    os.utime(unfinished, (1_000_000 + number, 1_000_000 + number))
    unfinished.replace(path)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A workspace with people and an outbox of 60 messages, and the address of its preview."""
    folder = lay_down(tmp_path_factory.mktemp("mail") / "office")
    for number in range(1, 61):
        put(
            folder / "outbox",
            number,
            f"News number {number}",
            f"Person {number} <p{number}@example.org>",
        )
    put(folder / "outbox", 0, ARABIC, "Omar <omar@example.org>")
    file = folder / "people.csv"
    file.write_text(PEOPLE, "utf-8")
    Workspace.open(folder).contacts.import_file(file)
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def mail(office: tuple[Path, str], browser: Browser) -> Iterator[Desk]:
    """A page on the preview of the office, which fails where the browser complains of anything."""
    with desk_at(*office, browser) as desk:
        yield desk


def test_the_inbox_lists_the_newest_first_and_goes_on_when_scrolled(mail: Desk) -> None:
    page = mail.open("inbox")
    rows = page.locator("a.mail")
    expect(rows.first).to_contain_text("News number 60")
    expect(rows.first).to_contain_text("Person 60")
    expect(page.locator(".count")).to_contain_text("61 messages")
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(61)
    expect(rows.last).to_contain_text(ARABIC)
    subject = rows.last.locator(".subject")
    assert subject.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_a_message_is_opened_like_mail(mail: Desk) -> None:
    page = mail.open("inbox")
    page.locator("a.mail").first.click()
    expect(page.get_by_role("heading", name="News number 60")).to_be_visible()
    expect(page.locator(".opened header")).to_contain_text("Person 60 <p60@example.org>")
    expect(mail.message.locator("h1")).to_have_text("Page of number 60")
    assert page.locator("iframe.message.ready").get_attribute("sandbox") == "allow-same-origin"
    ground = "each => getComputedStyle(each.ownerDocument.body).backgroundColor"
    page.get_by_role("button", name="Dark").click()
    page.locator("iframe.message.ready[src*='mode=dark']").wait_for()
    assert mail.message.locator("h1").evaluate(ground) == "rgb(18, 52, 86)"
    page.keyboard.press("l")
    page.locator("iframe.message.ready[src*='mode=light']").wait_for()
    mail.message.get_by_role("link", name="A link").click()
    expect(page.locator(".note")).to_have_text("This link leads to https://example.org/far")
    expect(mail.panel("Text")).to_contain_text("Plain words of number 60")
    expect(mail.panel("Headers")).to_contain_text("Subject")
    expect(mail.panel("Calendar (1)")).to_contain_text("Training of officers")
    expect(mail.panel("Source")).to_contain_text("Content-Disposition: attachment")
    with page.expect_download() as saving:
        page.get_by_role("link", name="event.ics").click()
    assert saving.value.suggested_filename == "event.ics"
    assert Path(saving.value.path()).read_bytes() == EVENT.encode()
    assert mail.web == []


def test_images_of_drawings_wait_until_they_are_wanted_and_style_sheets_never_come(
    mail: Desk,
) -> None:
    """Nor does the browser complain of anything."""
    file = mail.folder / "outbox" / "drawn-a1b2c3-1.eml"
    page = (
        "<head><title>Drawn</title><link rel='stylesheet' href='https://e.org/far.css'>"
        "<link rel='preload' as='image' href='https://e.org/soon.png'>"
        "<link rel='icon' href='https://e.org/icon.png'></head><h1>Drawn</h1>"
        "<svg width='90' height='60'><image width='40' height='40' href='https://e.org/new.png'/>"
        "<image x='50' width='40' height='40' xlink:href='https://e.org/old.png'/></svg>"
    )
    head = "Subject: Drawn\nContent-Type: text/html\n\n"
    file.write_text(f"{head}{page}", "utf-8")
    try:
        mail.open("inbox", open=file.name)
        expect(mail.message.get_by_role("heading")).to_have_text("Drawn")
        assert (mail.web, mail.complaints) == ([], [])
        mail.page.keyboard.press("i")
        mail.page.locator("iframe.message.ready[src*='images=1']").wait_for()
        assert sorted(mail.web) == ["https://e.org/new.png", "https://e.org/old.png"]
        assert mail.complaints == []
    finally:
        file.unlink()


LOADING = """<!-- don't --><head><title>Full</title><base href="https://e.org/base/"><meta http-equiv="refresh" content="1; url=https://e.org/">
<style>@import "https://e.org/one.css"; @import url('https://e.org/two.css?a;b') screen;
@font-face { font-family: Far; src: url("https://e.org/far.woff2") format("woff2") } h1 { font-family: Far; color: rgb(1, 2, 3) }
p { background: url( https://e.org/ground.png ); list-style-image: image-set("https://e.org/list.png" 1x) } p { display: list-item }</style></head>
<h1 title='it "is"' style="background: url(&quot;https://e.org/head.png&quot;)">Full</h1><p>Far: url(https://e.org/said)
<video src="https://e.org/film.mp4" poster="https://e.org/poster.png" autoplay><source src=film.mp4><track default src='/words.vtt'></video>
<audio autoplay controls src="sound.mp3"></audio><picture><source srcset="https://e.org/wide.png"><img alt="a > 'b" src='https://e.org/narrow.png'></picture>
<iframe src="https://e.org/frame"></iframe><iframe srcdoc="<img src='https://e.org/within.png'>"></iframe>
<object data="https://e.org/object"></object><embed src="https://e.org/embedded"><img alt="cid" src="cid:a@b"><img alt="near" src="near.png">
<svg width="9" height="9"><use href="https://e.org/drawing.svg#a"/><rect width="9" height="9" filter="url(https://e.org/filter.svg#a)"/></svg>"""


def test_what_a_page_would_load_is_held_back_and_images_alone_where_they_are_wanted(
    mail: Desk,
) -> None:
    """Nor does the browser complain of what it may not load; all else stays as it was written."""
    file = mail.folder / "outbox" / "full-a1b2c3-1.eml"
    file.write_text(f"Subject: Full\nContent-Type: text/html\n\n{LOADING}", "utf-8")
    try:
        mail.open("inbox", open=file.name)
        heading = mail.message.get_by_role("heading")
        expect(heading).to_have_css("color", "rgb(1, 2, 3)")
        expect(mail.message.locator("p")).to_contain_text("Far: url(https://e.org/said)")
        assert (mail.web, mail.complaints) == ([], [])
        mail.page.keyboard.press("i")
        mail.page.locator("iframe.message.ready[src*='images=1']").wait_for()
        expect(heading).to_have_css("color", "rgb(1, 2, 3)")
        pictures = ("ground", "head", "list", "poster", "wide")
        assert sorted(set(mail.web)) == [f"https://e.org/{each}.png" for each in pictures]
        assert mail.complaints == []
    finally:
        file.unlink()


def test_no_script_of_a_message_runs(mail: Desk) -> None:
    file = mail.folder / "outbox" / "wicked-a1b2c3-1.eml"
    page = (
        "<title>Wicked</title><h1>Wicked</h1><script>parent.document.title = 'run'</script>"
        "<img src='data:,' onerror=\"parent.document.title = 'run'\">"
        "<form action='https://example.org/'><button>Press</button></form>"
    )
    head = "Subject: <b onclick=alert(1)>Wicked</b>\nContent-Type: text/html\n\n"
    file.write_text(f"{head}{page}", "utf-8")
    try:
        mail.open("inbox", open=file.name)
        expect(mail.message.get_by_role("heading")).to_have_text("Wicked")
        expect(mail.page.locator(".opened h2")).to_have_text("<b onclick=alert(1)>Wicked</b>")
        mail.message.get_by_role("button", name="Press").click()
        assert mail.page.title().startswith("<b onclick=alert(1)>Wicked</b>")
        assert mail.web == []
    finally:
        file.unlink()
    assert all("Blocked " in each or "sandboxed" in each for each in mail.complaints)
    assert mail.complaints
    mail.complaints.clear()


def test_mail_is_found_by_subject_recipient_delivery_and_campaign(mail: Desk) -> None:
    page = mail.open("inbox")
    rows = page.locator("a.mail")
    page.keyboard.press("/")
    page.keyboard.type("p17@example")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("News number 17")
    expect(page.locator(".count")).to_have_text("1 of 61 messages")
    search = page.get_by_role("searchbox")
    search.fill(f"{CAMPAIGN}-42")
    expect(rows).to_have_count(1)
    search.fill("الربيع")
    expect(rows).to_contain_text(ARABIC)
    search.fill("nothing is called so")
    expect(page.locator(".count")).to_have_text("0 of 61 messages")
    search.fill("a1b2c3 person 55")
    expect(rows).to_have_count(1)


def test_new_mail_comes_up_by_itself_and_the_opened_message_stays(mail: Desk) -> None:
    page = mail.open("inbox", open=f"{CAMPAIGN}-7.eml")
    expect(mail.message.locator("h1")).to_have_text("Page of number 7")
    put(mail.folder / "outbox", 1000, "Just in", "Late <late@example.org>")
    try:
        expect(page.locator("a.mail").first).to_contain_text("Just in")
        expect(page.locator(".count")).to_have_text("62 messages")
        expect(mail.message.locator("h1")).to_have_text("Page of number 7")
    finally:
        (mail.folder / "outbox" / f"{CAMPAIGN}-1000.eml").unlink()


def test_the_inbox_is_read_by_keyboard_alone(mail: Desk) -> None:
    page = mail.open("")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.locator("a.mail").first).to_be_visible()
    page.keyboard.press("j")
    expect(mail.message.locator("h1")).to_have_text("Page of number 60")
    page.keyboard.press("j")
    expect(mail.message.locator("h1")).to_have_text("Page of number 59")
    page.keyboard.press("k")
    expect(mail.message.locator("h1")).to_have_text("Page of number 60")
    page.get_by_role("tab", name="Message").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Text")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("Plain words")


def test_a_message_that_is_gone_is_told(mail: Desk) -> None:
    page = mail.open("inbox", open="gone-a1b2c3-1.eml")
    expect(page.locator(".opened .fault")).to_contain_text("there is no such message in the outbox")


def test_a_campaign_is_seen_while_another_process_sends_it(mail: Desk) -> None:
    page = mail.open("campaigns")
    expect(page.get_by_text("There is no campaign yet.")).to_be_visible()
    campaigns = Workspace.open(mail.folder).campaigns
    campaign = campaigns.create(NEWS, author="ana")
    state = page.locator(".opened .state-badge")
    expect(state).to_have_text("draft")
    expect(page.get_by_role("table", name="How many deliveries")).to_contain_text("planned")
    campaign.approve(by="ben")
    expect(state).to_have_text("approved")
    expect(page.locator(".account")).to_contain_text("by ben, digest")
    campaign.send(by="carla")
    expect(state).to_have_text("finished")
    row = page.get_by_role("row", name="accepted taken by the provider")
    expect(row).to_contain_text("3")
    expect(row).to_contain_text("100 %")
    expect(page.locator(".figures")).to_contain_text("3 of 3")
    expect(page.locator(".figures")).to_contain_text("Took")
    expect(page.locator(".figures")).not_to_contain_text("Time left")
    expect(page.locator(".statebar [data-state=accepted]").first).to_be_visible()
    log = page.get_by_role("region", name="When, Who, What, Detail")
    expect(log.get_by_role("row")).to_have_count(5)
    expect(log).to_contain_text("carla")
    left = page.get_by_role("region", name="Audience, Reason, Contacts")
    expect(left).to_contain_text("no-consent")
    assert not ADDRESS.search(page.locator("main").inner_text())
    page.get_by_role("link", name="its messages in the inbox").click()
    expect(page.locator("a.mail")).to_have_count(3)


def test_whoever_is_in_no_audience_is_counted_beside_them_and_one_recipient_is_one(
    mail: Desk,
) -> None:
    campaigns = Workspace.open(mail.folder).campaigns
    campaigns.create(NEWS, author="ana", audiences=["law-enforcement"])
    page = mail.open(
        "campaigns", open=campaigns.create(NEWS, author="ana", audiences=["public"]).id
    )
    left = page.get_by_role("region", name="Audience, Reason, Contacts")
    expect(left.get_by_role("row")).to_have_text(
        ["AudienceReasonContacts", "publicno-consent1", "none of themin-no-audience1"]
    )
    expect(page.get_by_text(re.compile(r"contacts = \d+ planned \+ 2 left out"))).to_be_visible()
    facts = page.locator(".facts")
    expect(facts.filter(has_text=re.compile("1 recipient$"))).to_have_count(1)
    expect(facts.filter(has_text=re.compile("2 recipients$"))).to_have_count(1)


def test_the_time_left_is_that_of_what_moves(mail: Desk) -> None:
    """The page sees that nothing is taken any more, and then that nobody sends it."""
    settings, database = mail.folder / "tigc-mail.toml", mail.folder / "tigc-mail.db"
    settings.write_text("[pace.outbox]\nrecipients_per_day = 1\n", "utf-8")
    try:
        campaigns = Workspace.open(mail.folder).campaigns
        campaign = campaigns.create(NEWS, author="ana")
        campaign.approve(by="ben")
        page = mail.open("campaigns", open=campaign.id)
        figures = page.locator(".figures")
        expect(figures).to_contain_text("Expected end")
        expect(figures).to_contain_text("where it is sent now")
        expect(figures).not_to_contain_text("Time left")
        with campaigns._office.sole_sender(campaign.id):
            with closing(sqlite3.connect(database)) as ledger, ledger:
                change = "UPDATE campaigns SET state = 'sending' WHERE id = ?"
                ledger.execute(change, (campaign.id,))
            expect(figures).to_contain_text("Time left")
            expect(figures).to_contain_text("Rate now0.0")
            expect(figures).to_contain_text("where it goes on now")
            expect(figures).not_to_contain_text("Time left")
            expect(page.locator(".paused")).to_have_count(0)
        expect(page.locator(".paused")).to_have_text("No process sends it now.")
        expect(figures).not_to_contain_text("Expected end")
    finally:
        settings.unlink()


def test_a_test_is_refused_with_its_cure_or_sent_and_read_in_the_inbox(mail: Desk) -> None:
    mail.open_message(audience="law-enforcement")
    page = mail.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("TLP:AMBER")
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog", name="Send a test")
    expect(dialog).to_contain_text("It is written to the outbox of this workspace")
    expect(dialog.get_by_label("To")).to_be_focused()
    page.keyboard.type("ana@example.org")
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_role("status")).to_contain_text(
        "1 of the addresses is not of that audience"
    )
    expect(dialog.get_by_role("status")).to_contain_text("test_addresses")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    mail.open_message(audience="public")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("TLP")
    page.get_by_role("button", name="Send a test").click()
    expect(dialog.get_by_label("To")).to_have_value("ana@example.org")
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_role("status")).to_contain_text("ana@example.org: taken")
    dialog.get_by_role("link", name="Open it in the inbox").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("[TEST]")
    expect(page.locator(".opened header .badge")).to_have_text("Test")


def test_a_place_that_is_no_file_leads_nowhere(mail: Desk) -> None:
    mail.open_message()
    page = mail.page
    expect(page.get_by_role("button", name="Send a test")).to_be_visible()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog", name="Send a test")
    dialog.get_by_label("To").fill("ana@example.org, ben")
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.locator(".fault code")).to_have_text("to, address 2")
    expect(dialog.locator(".place")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_it_is_hard_to_see_or_to_use(mail: Desk, scheme: str) -> None:
    page = mail.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    Workspace.open(mail.folder).campaigns.create(NEWS, author="ana")
    faults = {}
    for path, ready in (("inbox", "a.mail"), ("campaigns", ".figures"), ("message", ".ready")):
        asked = {"edition": NEWS, "audience": "public", "locale": "en"} if path == "message" else {}
        mail.open(path, **asked)
        page.locator(ready).first.wait_for()
        if path == "inbox":
            page.keyboard.press("j")
            page.locator("iframe.ready").wait_for()
        if path == "message":
            page.keyboard.press("m")
            page.locator("dialog.trial code").wait_for()
        page.evaluate(SCRIPT)
        faults[path] = faults_of_structure(page) + faults_of_colour(page)
    assert faults == {"inbox": [], "campaigns": [], "message": []}
