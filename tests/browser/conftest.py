"""One browser for the run, and the messages to show in it: the shipped ones, and every block."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.axe import SCRIPT
from tests.browser.everything import everything
from tests.browser.messages import Shown, messages_of
from tests.browser.preview import Desk, desk_at, lay_down, served

from tigc_mail.interfaces.chromium import MissingBrowserError, find, launched, offline
from tigc_mail.interfaces.workspace import Workspace


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    try:
        executable = find()
    except MissingBrowserError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    with launched(executable) as browser:
        yield browser


@pytest.fixture(scope="session")
def page(browser: Browser) -> Page:
    """An empty page, with axe in it, that gets nothing from anywhere."""
    page = offline(browser).new_page()
    page.evaluate(SCRIPT)
    return page


@pytest.fixture(scope="session")
def previewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a small workspace, and the address of its preview."""
    folder = lay_down(tmp_path_factory.mktemp("previewed") / "writing")
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def desk(previewed: tuple[Path, str], browser: Browser) -> Iterator[Desk]:
    """A page on the preview, which fails where the browser complains of anything."""
    with desk_at(*previewed, browser) as desk:
        yield desk


@pytest.fixture(scope="session")
def all_blocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shown, ...]:
    """The messages that have every block there is."""
    return tuple(messages_of(everything(tmp_path_factory.mktemp("everything"))))


@pytest.fixture(scope="session")
def messages(shipped: Workspace, all_blocks: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Every shipped message, and those that have every block."""
    return (*messages_of(shipped), *all_blocks)
