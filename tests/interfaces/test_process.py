"""What only shows where the command is a process: signals, pipes, full and read-only disks."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.kill import running
from tests.interfaces.world import ADDRESS, CONTACTS, NEWSLETTER, state_of

from tigc_mail import Workspace
from tigc_mail.interfaces.cli.campaign import told_when_stopping

COMMAND = (sys.executable, "-c", "from tigc_mail.interfaces.cli import main; main()")
RENDER = ("-w", "news", "render", NEWSLETTER, "--audience", "public", "--out", "look")
MANY = 2_500
"""Three batches: two are under way at once, and finished before Ctrl-C ends the send."""


def start(folder: Path, *words: str, before: Sequence[str] = (), **options: Any) -> Any:
    """Start `tigc-mail` in a folder, with something of its surroundings changed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **options.pop("env", {})}
    return subprocess.Popen(
        [*before, *COMMAND, *words], cwd=folder, env=variables, **{**pipes, **options}
    )


def told(process: Any) -> tuple[int, str, str]:
    """Return the exit code and what was answered on both streams."""
    out, err = process.communicate()
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def with_room_for(size: int) -> dict[str, Any]:
    """Return the surroundings in which no file can grow beyond some bytes, as on a full disk."""
    limits = (size, size)
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)}


def as_anybody() -> tuple[str, ...]:
    """Return the words before a command that make permissions count for root as well."""
    if os.geteuid():
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")


def one_error(err: str) -> bool:
    """Return whether this is one message, without a traceback, an address or anything else."""
    return err.startswith("Error: ") and err.count("\n") == 1 and not ADDRESS.search(err)


# Disks


@pytest.mark.parametrize("words", [("init", "a/b"), ("demo", "--json", "--out", "a/b")])
def test_a_workspace_that_does_not_fit_leaves_nothing_behind(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, out, err = told(start(tmp_path, *words, **with_room_for(8_000)))
    assert (code, out) == (1, "")
    assert one_error(err)
    assert "a/b: cannot be written to: File too large. Free some space" in err
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_fails_half_way_empties_its_folder_for_the_next(tmp_path: Path) -> None:
    code, _, err = told(start(tmp_path, "demo", "--out", "a", **with_room_for(150_000)))
    assert code == 1
    assert one_error(err)
    assert list((tmp_path / "a").iterdir()) == []


EARLY = """
import sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
from tigc_mail.interfaces.cli import main
main()
"""


def test_ctrl_c_while_the_program_loads_ends_in_one_line() -> None:
    ended = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr == b"Interrupted; nothing was begun.\n"


def test_an_empty_folder_that_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    code, _, _ = told(start(tmp_path, "init", "a", **with_room_for(8_000)))
    assert code == 1
    assert list((tmp_path / "a").iterdir()) == []


def test_a_message_that_does_not_fit_leaves_no_file(news: Path) -> None:
    code, out, err = told(start(news.parent, *RENDER, **with_room_for(8_000)))
    assert (code, out) == (1, "")
    assert one_error(err)
    assert "look: cannot be written to: File too large" in err
    assert list((news.parent / "look").iterdir()) == []


def test_an_import_that_does_not_fit_takes_nothing_in(news: Path) -> None:
    rows = "".join(f"p{number}@example.com\n" for number in range(20_000))
    (news.parent / "many.csv").write_text(f"email\n{rows}")
    before = state_of(news)
    words = ("-w", "news", "contacts", "import", "many.csv", "--json")
    code, out, err = told(start(news.parent, *words, **with_room_for(400_000)))
    assert (code, out) == (1, "")
    assert one_error(err)
    assert "news/tigc-mail.db: the disk" in err
    assert state_of(news) == before


def test_a_send_onto_a_full_disk_goes_on_once_there_is_room(news: Path, approved: str) -> None:
    words = ("-w", "news", "campaign", "send", approved, "--json")
    code, out, err = told(start(news.parent, *words, **with_room_for(40_000)))
    assert (code, out) == (1, "")
    assert one_error(err)
    assert not list(news.glob("outbox/*.eml"))
    code, out, _ = told(start(news.parent, *words))
    answer = json.loads(out)
    assert (code, answer["states"]) == (0, {"accepted": answer["planned"]})
    assert len(list(news.glob("outbox/*.eml"))) == answer["planned"]


def test_a_read_only_workspace_is_told_and_stays_as_it_is(news: Path, approved: str) -> None:
    before = state_of(news)
    for path in (*news.glob("tigc-mail.db*"), news):
        path.chmod(0o555)
    words = ("-w", "news", "campaign", "send", approved)
    code, out, err = told(start(news.parent, *words, before=as_anybody()))
    news.chmod(0o755)
    assert (code, out) == (1, "")
    assert one_error(err)
    assert "right to write" in err
    assert state_of(news) == before


def test_a_contacts_file_that_may_not_be_read_is_told(news: Path) -> None:
    file = news.parent / "secret.csv"
    file.write_text(CONTACTS)
    file.chmod(0)
    words = ("-w", "news", "contacts", "import", "secret.csv")
    code, out, err = told(start(news.parent, *words, before=as_anybody()))
    assert (code, out) == (1, "")
    assert one_error(err)
    assert "secret.csv: cannot be read: Permission denied. Give this account the right" in err


# What is printed, and where to


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_answer_that_cannot_be_written_is_told(news: Path, form: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        words = ("-w", "news", "audiences", "list", *form)
        code, _, err = told(start(news.parent, *words, stdout=full))
    assert code == 1
    assert one_error(err)
    assert "output: No space left on device. Check the disk" in err


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_reader_that_goes_away_ends_the_command_without_a_word(
    news: Path, form: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        words = ("-w", "news", "audiences", "list", *form)
        code, _, err = told(start(news.parent, *words, stdout=nobody))
    assert (code, err) == (1, "")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_terminal_without_accents_gets_an_answer(news: Path, form: tuple[str, ...]) -> None:
    words = ("-w", "news", "contacts", "show", "rosa@example.org", *form)
    ascii_ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    code, out, err = told(start(news.parent, *words, env=ascii_))
    assert (code, err) == (0, "")
    if form:
        assert json.loads(out)["family_name"] == "Solís"
    else:
        assert r"Sol\xeds" in out


def test_a_path_that_is_no_text_is_no_trouble(news: Path) -> None:
    folder = os.fsdecode(b"caf\xe9")
    words = (*RENDER[:-1], folder)
    code, out, err = told(start(news.parent, *words))
    assert (code, err) == (0, "")
    assert "message.html" in out
    code, out, err = told(start(news.parent, *words, "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out)["files"][0] == f"{folder}/message.html"


# Signals


@pytest.fixture(scope="module")
def campaign_to_many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace and the id of an approved campaign in it."""
    folder = tmp_path_factory.mktemp("many")
    rows = (f"p{n}@example.com,law-enforcement,public-task\n" for n in range(MANY))
    (folder / "many.csv").write_text("email,sector,consent_basis\n" + "".join(rows))
    workspace = Workspace.create(folder / "news")
    workspace.contacts.import_file(folder / "many.csv")
    campaign = workspace.campaigns.create(NEWSLETTER, author="ana")
    campaign.approve(by="ben")
    return folder / "news", campaign.id


def interrupted(folder: Path, name: str, with_: signal.Signals) -> tuple[int, str, str]:
    """Send, and interrupt it once the first message is in the outbox."""
    process = start(folder, "-w", "news", "campaign", "send", name, "--json")
    while running(process) and not any(folder.glob("news/outbox/*.eml")):
        pass
    process.send_signal(with_)
    return told(process)


@pytest.mark.parametrize("with_", [signal.SIGTERM, signal.SIGHUP])
def test_a_shutdown_or_a_closed_terminal_stops_a_send_as_ctrl_c_does(with_: signal.Signals) -> None:
    before = signal.getsignal(with_)
    with pytest.raises(KeyboardInterrupt), told_when_stopping():
        signal.raise_signal(with_)
    assert signal.getsignal(with_) is before


@pytest.mark.parametrize("with_", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_an_interrupted_send_goes_on_with_the_same_command(
    tmp_path: Path, campaign_to_many: tuple[Path, str], with_: signal.Signals
) -> None:
    folder, sending = campaign_to_many
    shutil.copytree(folder, tmp_path / "news")
    code, out, err = interrupted(tmp_path, sending, with_)
    assert out == ""
    if with_ == signal.SIGINT:
        assert code == 1
        assert err == (
            "Stopping when the batches under way are finished ...\n"
            "Interrupted. Run the same command again; what was finished is kept.\n"
        )
    assert len(list(tmp_path.glob("news/outbox/*.eml"))) < MANY
    code, _, _ = told(start(tmp_path, "-w", "news", "campaign", "verify", sending))
    assert code == 0, "the account adds up while it is open"
    code, out, err = told(start(tmp_path, "-w", "news", "campaign", "send", sending, "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out)["states"] == {"accepted": MANY}
    assert len(list(tmp_path.glob("news/outbox/*.eml"))) == MANY
    assert list(tmp_path.glob("news/outbox/.*")) == []
    code, _, _ = told(start(tmp_path, "-w", "news", "campaign", "verify", sending))
    assert code == 0
