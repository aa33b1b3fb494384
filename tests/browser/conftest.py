"""One browser for the run, and the shipped messages to show in it."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from tests.browser.axe import SCRIPT
from tests.browser.chromium import MissingBrowserError, find, launched, offline
from tests.browser.messages import Shown, shipped_messages

from tigc_mail.interfaces.workspace import Workspace


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    """An empty page, with axe in it, that gets nothing from anywhere."""
    try:
        executable = find()
    except MissingBrowserError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    with launched(executable) as browser:
        page = offline(browser).new_page()
        page.evaluate(SCRIPT)
        yield page


@pytest.fixture(scope="session")
def messages(shipped: Workspace) -> tuple[Shown, ...]:
    """Every shipped message."""
    return tuple(shipped_messages(shipped))
