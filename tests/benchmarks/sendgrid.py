"""(g) Sending through SendGrid's adapter into a sink on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Header, Mail
from tests.benchmarks import world
from tests.benchmarks.measuring import ROOT, in_fresh_process, timed
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail import Workspace
from tigc_mail.delivery.addressing import sample_values
from tigc_mail.testing.sendgrid import KEY

ABOUT = """\
A process of its own approves and sends through the provider `sendgrid`, with the ledger on, into
another process that reads every request, counts and answers 202. Beside it, in the same run, a loop
over the `Mail` helper of SendGrid's package, one request a recipient, into the same sink: composing
the texts is not counted there. Best of the runs."""


@dataclass
class Sink:
    """A stand-in for SendGrid in another process; its counts are known once it has ended."""

    url: str
    requests: int = 0
    octets: int = 0
    accepted: int = 0


@contextmanager
def sinking() -> Iterator[Sink]:
    """Run a sink."""
    command = [sys.executable, "-m", "tigc_mail.testing.sendgrid", "--light"]
    with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sink = Sink(process.stdout.readline().strip())
        yield sink
        process.stdin.close()
        told = json.loads(process.stdout.readline())
    sink.requests, sink.octets, sink.accepted = told["requests"], told["octets"], told["accepted"]


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`."""
    size, runs, helped = (10_000, 1, 50) if quick else (100_000, 3, 500)
    ready = world.lay_down(folder / "ready", int(size * 1.03))
    told, sinks = [], []
    for _ in range(runs):
        with (
            world.copied(ready) as copy,
            sinking() as sink,
            patch.dict(
                os.environ,
                TIGC_MAIL_SENDGRID_HOST=sink.url,
                TIGC_MAIL_SENDGRID_API_KEY=KEY,
                TIGC_MAIL_SECRET_KEY="a key for nothing but benchmarks",
            ),
        ):
            told.append(in_fresh_process("-m", "tests.benchmarks.sendgrid", str(copy)))
        sinks.append(sink)
    assert all(one["planned"] == sink.accepted for one, sink in zip(told, sinks, strict=True))
    rates = sorted(one["planned"] / one["send"] for one in told)
    with sinking() as sink:
        one_by_one = helper_rate(ready, sink.url, helped)
    assert sink.accepted == helped
    octets = sinks[0].octets / told[0]["planned"]
    return Result(
        title=f"sendgrid: {told[0]['planned']:,} recipients into a sink on loopback",
        about=ABOUT,
        figures=(
            Figure("send", rates[-1], "recipients/s", f"the slowest run: {rates[0]:,.0f}"),
            Figure("of processors", min(one["work"] for one in told), "s", "of the sender"),
            Figure("requests", sinks[0].requests, "", f"{sinks[0].octets:,} octets"),
            Figure("on the wire", octets, "octets/recipient", "of request bodies"),
            Figure("one by one", one_by_one, "recipients/s", "the package's Mail helper"),
            Figure("beside one by one", rates[-1] / one_by_one, "times", ""),
        ),
        goals=(
            Goal("send", rates[-1], 50_000, " recipients/s", at_least=True),
            Goal("on the wire", octets, 1_500, " octets/recipient"),
        ),
    )


def helper_rate(folder: Path, url: str, size: int) -> float:
    """Return how many recipients a second the package's own helper sends to, one a request."""
    workspace = Workspace.open(folder)
    message = next(iter(world.variants(workspace).values()))
    rendered = message.fill(sample_values(message, None, world.EDITION, workspace.now()))
    client = SendGridAPIClient(KEY, host=url)
    with timed() as sending:
        for at in range(size):
            mail = Mail(
                "we@example.org",
                f"reader{at}@example.org",
                rendered.subject,
                rendered.text,
                rendered.html,
            )
            mail.add_header(Header("List-Unsubscribe", f"<https://example.org/{at}>"))
            mail.add_custom_arg(CustomArg("delivery_id", f"benchmark-{at}"))
            assert client.send(mail).status_code == 202
    return size / sending.seconds


def main(folder: str) -> None:
    """Send in this process, and print what it took."""
    from tests.benchmarks import sending  # noqa: PLC0415 (its process begins as that one's)

    sending.main(folder, "sendgrid")


if __name__ == "__main__":
    main(sys.argv[1])
