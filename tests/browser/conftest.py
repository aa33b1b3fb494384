"""One browser for the run, and the messages to show in it: the shipped ones, and every block."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from tests.browser.axe import SCRIPT
from tests.browser.chromium import MissingBrowserError, find, launched, offline
from tests.browser.everything import everything
from tests.browser.messages import Shown, messages_of

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
def all_blocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shown, ...]:
    """The messages that have every block there is."""
    return tuple(messages_of(everything(tmp_path_factory.mktemp("everything"))))


@pytest.fixture(scope="session")
def messages(shipped: Workspace, all_blocks: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Every shipped message, and those that have every block."""
    return (*messages_of(shipped), *all_blocks)
