"""The preview by what a person sees of it: editions at a glance, one message, what is told beside it."""

import pytest
from playwright.sync_api import expect
from tests.browser.preview import Desk

pytestmark = pytest.mark.xdist_group("browser")


def test_every_message_is_painted_at_a_glance(desk: Desk) -> None:
    page = desk.open()
    expect(page.locator("a.cell")).to_have_count(10)
    expect(page.locator("a.cell .facts .tlp")).to_have_count(10)


def test_a_message_is_shown_as_its_readers_get_it(desk: Desk) -> None:
    message = desk.open_message()
    expect(message.get_by_text("Three parcels came from")).to_be_visible()
