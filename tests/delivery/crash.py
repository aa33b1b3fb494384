"""Kill the sender with SIGKILL at random moments, through every kind of provider, and compare.

After each kill the same call goes on. What the sink received is compared with the ledger at the end:
lost 0, doubled 0, every unknown outcome settled by what the sink reports, `verify` balanced.

python -m tests.delivery.crash --kills 300
"""

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from unittest.mock import patch

from tests.delivery.kill import prepare
from tests.delivery.sender import send
from tests.delivery.world import lay_down

from tigc_mail import Campaign, Workspace
from tigc_mail.delivery.providers.protocol import ProviderEvent
from tigc_mail.testing.sendgrid import KEY

KINDS = ("outbox", "smtp", "sendgrid")
LONGEST = 60.0
"""Seconds that a sender may take to its next message; more is a fault of the test."""


@dataclass
class Sink:
    """Where messages arrive, in another process or in a folder; it outlives every sender."""

    kind: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> Path:
        """The file with the ids of what it took."""
        return self.folder / f"{self.kind}.accepted"

    def ids(self, campaign: Campaign) -> Counter[str]:
        """Return how often it has each delivery of a campaign."""
        if self.kind == "outbox":
            found = [path.stem for path in (self.folder / "outbox").glob(f"{campaign.id}-*.eml")]
        elif self.accepted.exists():
            found = self.accepted.read_text().split()
        else:
            found = []
        return Counter(each for each in found if each.startswith(f"{campaign.id}-"))


@contextmanager
def sinking(kind: str, folder: Path) -> Iterator[Sink]:
    """Run a sink of one kind."""
    sink = Sink(kind, folder)
    if kind == "outbox":
        yield sink
        return
    command = [sys.executable, "-m", f"tigc_mail.testing.{kind}", "--accepted", str(sink.accepted)]
    if kind == "sendgrid":
        command += ["--latency", "0.15"]  # it takes hundreds at once, and would be over too soon
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        sink.environment = {"TIGC_MAIL_SECRET_KEY": "a key for nothing but tests"}
        if kind == "smtp":
            sink.environment["TIGC_MAIL_SMTP_URL"] = url
        else:
            sink.environment |= {
                "TIGC_MAIL_SENDGRID_HOST": url,
                "TIGC_MAIL_SENDGRID_API_KEY": KEY,
            }
        yield sink
        process.stdin.close()
        process.stdout.read()


def kill_at_random(sink: Sink, campaign: Campaign, random: Random) -> bool:
    """Start the sender and kill it; return whether it was killed before it ended by itself."""
    context = multiprocessing.get_context("forkserver")
    arguments = (str(sink.folder), campaign.id, sink.kind, sink.environment)
    sender = context.Process(target=send, args=arguments, daemon=True)
    sender.start()
    begun, before = monotonic(), sum(sink.ids(campaign).values())
    more = random.choice([0, 0, 1, random.randint(1, 400)])
    while sender.is_alive() and sum(sink.ids(campaign).values()) < before + more:
        assert monotonic() - begun < LONGEST, "the sender does not get on"
        sleep(0.002)
    sleep(random.choice([0.0, random.random() * 0.02, random.random() * 0.4]))
    if sender.is_alive() and sender.pid is not None:
        os.kill(sender.pid, signal.SIGKILL)
    sender.join()
    return sender.exitcode == -signal.SIGKILL


def report(workspace: Workspace, sink: Sink, campaign: Campaign) -> None:
    """Tell the ledger what the sink has, as its kind does: by reports, or in a file."""
    has = sorted(sink.ids(campaign))
    if sink.kind == "sendgrid":
        now = workspace.now()
        reports = [ProviderEvent(f"event {each}", each, "delivered", now) for each in has]
        workspace.campaigns.take_events([*reversed(reports), *reports])
    elif sink.kind == "smtp":
        path = sink.folder / "activity.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["delivery_id", "event"], *([e, "delivered"] for e in has)])
        campaign.settle_from(path, by="ana")


def finish(sink: Sink, campaign: Campaign) -> None:
    """Send the rest; what the sink does not know was not sent, which a person may say then."""
    with patch.dict(os.environ, sink.environment):
        workspace = Workspace.open(sink.folder)
        campaign = workspace.campaigns.get(campaign.id)
        campaign.send(sink.kind)
        report(workspace, sink, campaign)
        if campaign.status().states.get("unknown"):
            campaign.settle("not-sent", by="ana")
        campaign.send(sink.kind)
        report(workspace, sink, campaign)


def wrong(sink: Sink, campaign: Campaign) -> list[str]:
    """Return what the sink and the ledger do not agree on."""
    has, status = sink.ids(campaign), campaign.status()
    found = list(campaign.verify())
    if len(has) != campaign.planned:
        found.append(f"{sink.kind}: {campaign.planned - len(has)} of {campaign.planned} are lost")
    doubled = [each for each, number in has.items() if number > 1]
    if doubled:
        found.append(f"{sink.kind}: {len(doubled)} are doubled")
    if status.state != "finished" or not status.states.keys() <= {"accepted", "delivered"}:
        found.append(f"{sink.kind}: it is {status.state}, with {dict(status.states)}")
    return found


def crash(
    folder: Path,
    kills: int,
    recipients: int,
    random: Random,
    say: Callable[[str], None],
    *,
    at_once: int = 12,
) -> list[str]:
    """Kill so many senders, through each kind of provider in turn; return what went wrong.

    Args:
        folder: for the workspace.
        kills: how many.
        recipients: of each campaign.
        random: chooses the moments.
        say: told of each campaign.
        at_once: kills of one campaign, at most.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.delivery.sender"])
    workspace = Workspace.open(lay_down(folder))
    done, turn, found = Counter[str](), 0, list[str]()
    with ExitStack() as stack:
        sinks = [stack.enter_context(sinking(kind, folder)) for kind in KINDS]
        while done.total() < kills:
            sink = sinks[turn % len(sinks)]
            turn += 1
            campaign = prepare(workspace, "news", recipients, ("public", "private-sector"))
            here = 0
            while done.total() < kills and here < at_once and campaign.state != "finished":
                killed = kill_at_random(sink, campaign, random)
                done[sink.kind] += killed
                here += killed
                found += campaign.verify()
                if campaign.status().states.get("planned", 0) == 0:
                    break
            unknown = campaign.status().states.get("unknown", 0)
            finish(sink, campaign)
            found += wrong(sink, campaign)
            told = json.dumps(dict(campaign.status().states))
            say(f"{sink.kind}: {here} kills, {unknown} unknown before the end, {told}")
            if found:
                break
    say(f"killed: {dict(done)}")
    return found


def main() -> int:
    """Run as the command line says, print an account of it, and return the exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--recipients", type=int, default=2_500)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else Random().randrange(10**6)
    print(f"{given.recipients} recipients a campaign, {given.kills} kills, seed {seed}", flush=True)
    with TemporaryDirectory() as folder:
        found = crash(Path(folder), given.kills, given.recipients, Random(seed), say)
    print("\n".join(found) or "lost 0, doubled 0, unknown all settled, verify balanced")
    return 1 if found else 0


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
