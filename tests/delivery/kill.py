"""Kill a sending process at random moments, again and again, and see that nobody is lost.

A campaign that ends before there were kills enough is followed by another to the same people.

python -m tests.delivery.kill --rounds 10 --recipients 5000
"""

import csv
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tigc_mail import Campaign, Workspace

SEND = """
import sys
from tigc_mail import Workspace
Workspace.open(sys.argv[1]).campaigns.get(sys.argv[2]).send("outbox")
"""

SECTORS = ("public", "private-sector", "law-enforcement", "government")


@dataclass(frozen=True)
class Killed:
    """What was seen after one kill."""

    files: int
    """How many messages of the campaign stood in the outbox."""
    states: dict[str, int]
    problems: tuple[str, ...]
    """What `verify` found."""


def prepare(
    workspace: Workspace, edition: str, recipients: int, sectors: Sequence[str] = SECTORS
) -> Campaign:
    """Enrol so many people of some sectors in turn, and approve a campaign to them."""
    path = workspace.folder / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "sector", "locale", "consent_basis", "consent_at"])
        for at in range(recipients):
            sector, locale = sectors[at % len(sectors)], ("en", "fr")[at % 3 % 2]
            writer.writerow([f"r{at}@example.org", sector, locale, "consent", "2026-01-01"])
    workspace.contacts.import_file(path)
    campaign = workspace.campaigns.create(edition, author="ana")
    campaign.approve(by="ben")
    return campaign


def messages(outbox: Path, campaign: Campaign) -> int:
    """Return how many messages of a campaign stand in the outbox."""
    names = os.listdir(outbox) if outbox.exists() else ()  # noqa: PTH208 (it is asked all the time)
    return sum(name.startswith(f"{campaign.id}-") and name.endswith(".eml") for name in names)


def kill_rounds(folder: Path, campaign: Campaign, rounds: int, random: Random) -> Iterator[Killed]:
    """Start the send and kill it, so many times; yield what each kill left.

    The moment is a number of messages of the campaign, or a little later; the numbers are chosen so
    that something is left for the rounds to come. A send that was over before it could be killed is
    no kill: where the campaign is finished by it, fewer kills are yielded than asked for.
    """
    outbox, left = folder / "outbox", rounds
    while left and campaign.state != "finished":
        done = messages(outbox, campaign)
        target = done + random.randint(0, 2 * (campaign.planned - done) // (left + 1))
        command = [sys.executable, "-c", SEND, str(folder), campaign.id]
        with subprocess.Popen(command) as sender:
            while running(sender) and messages(outbox, campaign) < target:
                pass
            running(sender, random.choice([0, 0.03, 0.3]))
            sender.kill()
        found = campaign.verify()
        if sender.returncode > 0:  # it ended by itself, and not well
            found = (*found, f"the send ended with {sender.returncode}")
        if sender.returncode:
            yield Killed(messages(outbox, campaign), dict(campaign.status().states), found)
            left -= 1


def running(process: subprocess.Popen[bytes], seconds: float = 0.002) -> bool:
    """Wait for a process to end; return whether it did not."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def lost(folder: Path, campaign: Campaign, recipients: int) -> list[str]:
    """Return what is wrong after the last send: recipients missed, met twice, half messages."""
    found = list(campaign.verify())
    reached: Counter[str] = Counter()
    for path in sorted((folder / "outbox").iterdir()):
        if not path.name.lstrip(".").startswith(f"{campaign.id}-"):
            continue
        content = path.read_bytes()
        message = message_from_bytes(content)
        if path.name.startswith(".") or path.suffix != ".eml":
            found.append(f"{path.name} was left behind")
            continue
        if message.defects or not content.rstrip().endswith(b"--"):
            found.append(f"{path.name} is not whole")
        reached[parseaddr(message["To"])[1]] += 1
    expected = Counter(f"r{at}@example.org" for at in range(recipients))
    found += [f"{address} has {reached[address]}" for address in (expected - reached)]
    found += [f"{address} has {reached[address]}" for address in (reached - expected)]
    if campaign.state != "finished":
        found.append(f"the campaign is {campaign.state}")
    return found


def main() -> int:
    """Run as the command line says, print an account of it, and return the exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else Random().randrange(10**6)
    print(f"{given.recipients} recipients, {given.rounds} kills, seed {seed}")
    random = Random(seed)
    left, wrong = given.rounds, list[str]()
    with TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        while left:
            campaign = prepare(workspace, "2026-11-newsletter", given.recipients)
            print(f"campaign {campaign.id}")
            for killed in kill_rounds(workspace.folder, campaign, left, random):
                print(f"kill -9 no. {given.rounds - left + 1}: {told(killed)}")
                left -= 1
                wrong += killed.problems
            if campaign.state != "finished":
                campaign.send("outbox")
            wrong += lost(workspace.folder, campaign, given.recipients)
            states = dict(campaign.status().states)
            files = messages(workspace.folder / "outbox", campaign)
            print(f"the same command again: {told(Killed(files, states, campaign.verify()))}")
    print("\n".join(wrong) or "every recipient exactly once, and verify balances")
    return 1 if wrong else 0


def told(killed: Killed) -> str:
    """Return what was seen in one line."""
    states = ", ".join(f"{count} {state}" for state, count in killed.states.items())
    return f"{killed.files} files; {states}; {'; '.join(killed.problems) or 'verify balances'}"


if __name__ == "__main__":
    sys.exit(main())
