"""Looking at a message as one person, by what somebody at the page sees and types."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.axe import SCRIPT, faults_of_colour, faults_of_structure
from tests.browser.preview import Desk, desk_at, lay_down, served

from tigc_mail import Workspace

CONTACTS = """\
email,given_name,family_name,organisation,sector,country,locale,consent_basis
lea@example.org,Léa,Fontaine,Police judiciaire,law-enforcement,FR,fr,public-task
rosa@example.org,Rosa,Solís,,public,CR,ar,consent
omar@example.org,Omar,Haddad,Ministry of Trade,public,JO,ar,
"""


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a small workspace with contacts, and the address of its preview."""
    folder = lay_down(tmp_path_factory.mktemp("peopled") / "writing")
    file = folder / "contacts.csv"
    guests = (
        f"guest-{a}{b}@example.org,Guest,{a}{b},,public,CR,en,consent"
        for a in "abcde"
        for b in "abcde"
    )
    file.write_text("\n".join([CONTACTS.strip(), *guests]), "utf-8")
    Workspace.open(folder).contacts.import_file(file)
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def desk(peopled: tuple[Path, str], browser: Browser) -> Iterator[Desk]:
    with desk_at(*peopled, browser) as desk:
        yield desk


def look_for(desk: Desk, text: str) -> Locator:
    """Type what somebody is looked for by; return the people that are found."""
    field = desk.page.get_by_role("combobox", name="Find a person")
    if field.count() == 0 or not field.evaluate("field => field === document.activeElement"):
        desk.page.keyboard.press("w")
    expect(field).to_be_focused()
    expect(field).not_to_have_value("")  # of whom the message is now
    field.fill(text)
    return desk.page.get_by_role("listbox", name="People").get_by_role("option")


def look_as(desk: Desk, text: str, name: str) -> Locator:
    """Choose the first who is found, with the keyboard; return what is told of that person."""
    first = look_for(desk, text).first
    expect(first).to_contain_text(name)
    expect(first).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("button", name="As")).to_have_text(f"As {name}")
    panel = desk.page.get_by_role("tabpanel")
    expect(panel.get_by_role("heading", name="Contact")).to_be_visible()
    return panel


def test_a_person_is_found_by_keyboard_and_greeted_in_the_message(desk: Desk) -> None:
    desk.open_message()
    expect(desk.message.get_by_text("Hello Alex,")).to_be_visible()
    look_as(desk, "solís", "Rosa Solís")
    expect(desk.message.get_by_text("Hello Rosa,")).to_be_visible()
    assert "contact=2" in desk.page.url
    assert "example.org" not in desk.page.url
    look_as(desk, "lea@", "Léa Fontaine")
    desk.page.go_back()
    expect(desk.message.get_by_text("Hello Rosa,")).to_be_visible()
    expect(desk.page.get_by_role("combobox", name="Find a person")).to_have_value("Rosa Solís")


def test_nothing_is_said_of_others_once_somebody_is_chosen(desk: Desk) -> None:
    """Also where the choice comes sooner than the search for the last letter."""
    desk.open_message()
    guests = look_for(desk, "guest")
    more = desk.page.get_by_text("There are more")
    expect(more).to_be_visible()
    desk.has_clock = True
    desk.page.clock.install()
    desk.page.keyboard.type("-")
    desk.page.keyboard.press("Enter")
    desk.page.clock.run_for(1_000)
    expect(desk.page.get_by_role("button", name="As")).to_have_text("As Guest aa")
    expect(desk.message.get_by_text("Hello Guest,")).to_be_visible()
    expect(more).to_have_count(0)
    expect(guests).to_have_count(0)


def test_one_click_shows_what_a_person_would_get(desk: Desk) -> None:
    desk.open_message(audience="law-enforcement")
    panel = look_as(desk, "rosa", "Rosa Solís")
    expect(panel).to_contain_text("General public in Arabic, with neighbours")
    panel.get_by_role("button", name="Show what they would get").click()
    expect(desk.message.get_by_text("إلى جيراننا")).to_be_visible()
    expect(desk.page.get_by_label("Audience")).to_have_value("public")
    expect(panel).to_contain_text("It is the message that is shown.")
    expect(panel.get_by_role("row", name="recipient.salutation")).to_contain_text("مرحبًا Rosa،")


def test_each_audience_says_why_it_has_a_person_or_not(desk: Desk) -> None:
    desk.open_message()
    panel = look_as(desk, "lea", "Léa Fontaine")
    expect(panel).to_contain_text("they read French, which the edition is not in")
    own = panel.get_by_role("listitem").filter(has_text="law-enforcement gets its message")
    own.locator("summary").press("Enter")
    expect(own).to_contain_text("in: sector equals law-enforcement (has: law-enforcement)")
    desk.change("Three parcels came from", "Four parcels came from")
    expect(desk.message.get_by_text("Four parcels came from")).to_be_visible()
    expect(own.locator("pre")).to_be_visible()  # what was unfolded stays so


def test_who_gets_nothing_is_told_why(desk: Desk) -> None:
    desk.open_message()
    panel = look_as(desk, "3", "Omar Haddad")
    expect(panel).to_contain_text("Nothing of this edition. No consent is recorded.")
    expect(panel.get_by_role("button", name="Show what they would get")).to_have_count(0)


def test_somebody_imaginary_can_be_chosen_and_nobody_is_said_to_be_nobody(desk: Desk) -> None:
    desk.open_message()
    options = look_for(desk, "nobody at all")
    expect(options).to_have_count(0)
    expect(desk.page.get_by_text("Nobody is found with these words.")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("combobox", name="Find a person")).to_have_value("Alex Sample")
    look_for(desk, "only the address")
    desk.page.get_by_role("option", name="somebody@example.org").click()
    expect(desk.message.get_by_text("Hello,", exact=True)).to_be_visible()
    assert "contact=unnamed" in desk.page.url


def test_the_list_is_walked_with_the_arrows(desk: Desk) -> None:
    desk.open_message()
    options = look_for(desk, "example")
    expect(options.first).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field = desk.page.get_by_role("combobox", name="Find a person")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("-2$"))
    desk.page.keyboard.press("ArrowUp")
    desk.page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")


def test_axe_finds_nothing_serious_where_a_person_is_looked_for(desk: Desk) -> None:
    desk.page.emulate_media(color_scheme="light")
    desk.open_message()
    look_as(desk, "rosa", "Rosa Solís")
    expect(look_for(desk, "a").first).to_be_visible()
    desk.page.evaluate(SCRIPT)
    assert faults_of_structure(desk.page) + faults_of_colour(desk.page) == []
    desk.page.emulate_media(color_scheme="dark")
    assert faults_of_colour(desk.page) == []


def test_without_contacts_the_page_says_how_they_come_in(
    previewed: tuple[Path, str], browser: Browser
) -> None:
    with desk_at(*previewed, browser) as desk:
        desk.open_message()
        expect(look_for(desk, "a").first).to_contain_text("Alex Sample")
        told = desk.page.get_by_text("No contacts yet: tigc-mail contacts import FILE")
        expect(told).to_be_visible()
