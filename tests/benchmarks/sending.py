"""(b) Sending with the ledger on; also the process that measures memory for (d)."""

import json
import sys
from pathlib import Path
from time import process_time

from tests.benchmarks import world
from tests.benchmarks.measuring import in_fresh_process, peak_memory, timed
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail import Workspace

ABOUT = """\
A process of its own plans, approves and sends through the discard provider: a real SQLite file with
synchronous=FULL, every message composed in full. Sending compiles the variants again, compares all
digests with the approval, claims and records every batch, and ends with the account. Best of the
runs; before each, the contacts are written by bulk SQL."""


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`."""
    size, runs = (10_000, 1) if quick else (100_000, 3)
    ready = world.lay_down(folder / "ready", _readers_for(size))
    told = []
    for _ in range(runs):
        with world.copied(ready) as copy:
            told.append(send_in_fresh_process(copy))
    best = min(told, key=lambda one: one["send"])
    assert best["planned"] >= size, best
    assert best["accepted"] == best["planned"]
    planned, rates = best["planned"], sorted(one["planned"] / one["send"] for one in told)
    return Result(
        title=f"sending: {planned:,} recipients through the discard provider",
        about=ABOUT,
        figures=(
            Figure("plan", best["plan"], "s", f"{planned / best['plan']:,.0f} recipients/s"),
            Figure(
                "approve", best["approve"], "s", f"{planned / best['approve']:,.0f} recipients/s"
            ),
            Figure("send", best["send"], "s", f"{best['work']:.2f} s of them of processors"),
            Figure("send", rates[-1], "recipients/s", f"the slowest run: {rates[0]:,.0f}"),
        ),
        goals=(Goal("send", rates[-1], 30_000, " recipients/s", at_least=True),),
    )


def send_in_fresh_process(folder: Path) -> dict[str, float]:
    """Plan, approve and send in a workspace; return seconds, counts and the peak of memory."""
    told: dict[str, float] = in_fresh_process("-m", "tests.benchmarks.sending", str(folder))
    return told


def _readers_for(recipients: int) -> int:
    """Return how many readers yield so many recipients: some gave no consent or are blocked."""
    return int(recipients * 1.03)


def main(folder: str, provider: str = "discard") -> None:
    """Do it in this process, and print what it took."""
    workspace = Workspace.open(folder)
    with timed() as planning:
        campaign = workspace.campaigns.create(world.EDITION, author="ana")
    with timed() as approving:
        campaign.approve(by="ben")
    worked = process_time()
    with timed() as sending:
        status = campaign.send(provider)
    worked = process_time() - worked
    peak = peak_memory()
    assert not campaign.verify()
    told = {
        "planned": status.planned,
        "accepted": status.states["accepted"],
        "plan": planning.seconds,
        "approve": approving.seconds,
        "send": sending.seconds,
        "work": worked,
        "peak": peak,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
