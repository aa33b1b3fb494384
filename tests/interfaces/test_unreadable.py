"""Files and folders of a workspace that cannot be read: told as such, and never waited for."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interfaces.bad import RENDER
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small
from tests.interfaces.test_process import as_anybody
from tests.interfaces.world import NEWSLETTER

from tigc_mail import Workspace
from tigc_mail.errors import DocumentError

EDITION = f"editions/{NEWSLETTER}/edition.yaml"
RIGHT = "Give this account the right to read it."


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    """Fail where anything waits for a pipe that nobody writes to."""

    def fail(*_: object) -> None:
        raise AssertionError("waits for a pipe")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (EDITION, RENDER),
        (EDITION, f"check {NEWSLETTER}"),
        ("audiences/zz.yaml", "audiences list"),
        ("tigc-mail.toml", "audiences list"),
        ("templates/theme.css", RENDER),
        ("templates/theme.yaml", RENDER),
        ("templates/phrases/fr.po", f"{RENDER} --locale fr"),
        ("templates/blocks/text.mjml.j2", RENDER),
        ("templates/blocks/text.mjml.j2", "phrases"),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(
    run: Run, news: Path, name: str, words: str
) -> None:
    (news / name).unlink(missing_ok=True)
    os.mkfifo(news / name)
    told = run("-w", "news", *words.split())
    assert told.code in (1, 2)
    said = " ".join(f"{told.out} {told.err}".split())
    assert name in said
    assert "is not a file to read from" in said
    assert "Put a file in its place" in said


def test_a_pipe_that_nothing_is_made_of_is_passed_over(run: Run, news: Path) -> None:
    before = run("-w", "news", "check", NEWSLETTER)
    for name in ("stray.mjml.j2", "stray.css", "stray.po"):
        os.mkfifo(news / "templates" / name)
    os.mkfifo(news / "editions/stray")
    assert run("-w", "news", "check", NEWSLETTER) == before


def test_a_pipe_attached_is_told_at_its_path(small_with_a_file: Path) -> None:
    os.mkfifo(small_with_a_file / "editions/news/agenda.pdf")
    with pytest.raises(
        DocumentError, match=r"attachments\[0\]\.file .*: is not a file to read from"
    ):
        Workspace.open(small_with_a_file).edition("news")


def test_a_pipe_to_settle_from_is_told_and_not_waited_for(run: Run, news: Path) -> None:
    created = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana", "--json")
    os.mkfifo(news / "activity.csv")
    words = ("campaign", "settle", created.json["campaign"], "--csv", news / "activity.csv")
    told = run("-w", news, *words)
    assert told.code == 2
    assert "activity.csv: is not a file to read from. Name a file." in " ".join(told.err.split())


@pytest.fixture
def small_with_a_file(tmp_path: Path) -> Path:
    """Return a workspace whose edition attaches a file that is not there."""
    small = Small(tmp_path / "small")
    small.add("attachments: [{file: agenda.pdf, title: Agenda, marking: TLP:CLEAR}]")
    return small.folder


SCRIPT = """
import sys
from tigc_mail import TigcMailError, Workspace
try:
    workspace = Workspace.open(sys.argv[1])
    {call}
except TigcMailError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("name", "call", "told"),
    [
        ("editions", "workspace.edition({edition!r})", "editions: cannot be read: "),
        ("editions", "workspace.editions()", "editions: cannot be read: "),
        (f"editions/{NEWSLETTER}", "workspace.edition({edition!r})", f"{EDITION}: cannot be read"),
        (EDITION, "workspace.edition({edition!r})", f"{EDITION}: cannot be read"),
        ("audiences", "workspace.audiences()", "audiences: cannot be read: "),
        ("audiences", "workspace.edition({edition!r})", "audiences: cannot be read: "),
        ("templates/phrases", "{render}", "templates/phrases/fr.po: cannot be read: "),
        ("templates/phrases/fr.po", "{render}", "templates/phrases/fr.po: cannot be read: "),
        ("templates/theme.css", "{render}", "templates/theme.css: cannot be read: "),
        ("templates/blocks", "{render}", "templates/blocks/text.txt.j2: cannot be read: "),
        ("templates/blocks/text.mjml.j2", "{render}", "templates/blocks/text.mjml.j2: cannot be"),
        ("tigc-mail.toml", "workspace.editions()", "tigc-mail.toml: cannot be read: "),
    ],
)
def test_what_this_account_may_not_read_is_an_error_of_ours_with_its_place_and_cure(
    news: Path, name: str, call: str, told: str
) -> None:
    render = "workspace.render({edition!r}, audience='public', locale='fr')"
    filled = call.format(edition=NEWSLETTER, render=render.format(edition=NEWSLETTER))
    script = SCRIPT.format(call=filled)
    mode = (news / name).stat().st_mode
    (news / name).chmod(0)
    try:
        words = [*as_anybody(), sys.executable, "-c", script, str(news)]
        found = subprocess.run(words, capture_output=True, text=True, check=False)
    finally:
        (news / name).chmod(mode)
    assert found.stderr == ""
    assert found.stdout.startswith(told)
    assert found.stdout.endswith(f"Permission denied. {RIGHT}\n")
