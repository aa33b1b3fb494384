"""(h) Messages a second through the SMTP adapter, beside other clients, into a sink on loopback."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import sleep
from unittest.mock import patch

import aiosmtplib
from tests.benchmarks.measuring import ROOT, timed
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail.delivery.providers.protocol import Opening, Shipment
from tigc_mail.delivery.providers.smtp import Smtp
from tigc_mail.render.mime import DELIVERY_ID
from tigc_mail.testing import shipment

SIZE = 45_000
"""Octets of a message, as many as a newsletter has."""
SESSIONS = 20
"""Of smtp-source; our adapter has its own number."""

ABOUT = """\
Messages of 45 KB, joined for each reader, through the adapter with its own number of connections; a
loop over aiosmtplib that sends the same messages one at a time; and Postfix's smtp-source with messages
of that size, all into Postfix's smtp-sink where this machine has it (Debian's package postfix), and
into our own sink where not. Without TLS. Best of the runs, which take turns."""

_LINE = b"The programme writes to its readers once a month, and this is what it says.\r\n"


@contextmanager
def sinking() -> Iterator[tuple[int, str]]:
    """Run a sink; yield its port and its name."""
    sink = _postfix("smtp-sink")
    if sink is None:
        command = [sys.executable, "-m", "tigc_mail.testing.smtp", "--accepted", os.devnull]
        with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield int(process.stdout.readline().rpartition(":")[2]), "our own sink"
            process.stdin.close()
        return
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with subprocess.Popen([sink, "-u", "nobody", f"127.0.0.1:{port}", "100"]) as process:
        try:
            _wait_for(port)
            yield port, "smtp-sink"
        finally:
            process.terminate()


def _postfix(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/libexec/postfix")


def _wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.01)
    raise TimeoutError("the sink does not listen")


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it."""
    size, alone, runs = (400, 60, 1) if quick else (4_000, 400, 4)
    parcel = letters(size)
    octets = len(next(iter(parcel))[1])
    source = _postfix("smtp-source")
    rates: dict[str, list[float]] = {"ours": [], "one by one": [], "smtp-source": []}
    with sinking() as (port, sink):
        for _ in range(runs):
            rates["ours"].append(ours(port, parcel))
            rates["one by one"].append(asyncio.run(one_by_one(port, parcel, alone)))
            if source is not None:
                rates["smtp-source"].append(postfix(source, port, size, octets))
    best = {name: max(found, default=0.0) for name, found in rates.items()}
    figures = [
        Figure("ours", best["ours"], "messages/s", f"into {sink}, {octets:,} octets each"),
        Figure("one by one", best["one by one"], "messages/s", "aiosmtplib"),
        Figure("beside one by one", best["ours"] / best["one by one"], "times"),
    ]
    goals: tuple[Goal, ...] = ()
    if source is not None:
        ratio = best["ours"] / best["smtp-source"]
        told = f"{SESSIONS} sessions"
        figures.append(Figure("smtp-source", best["smtp-source"], "messages/s", told))
        goals = (Goal("beside smtp-source", ratio, 1.0, " times", at_least=True),)
    return Result(f"smtp: {size:,} messages on loopback", ABOUT, tuple(figures), goals)


def letters(size: int) -> Shipment:
    """Return messages of the size that is measured, to so many readers."""
    head = b"@example.org>\r\nSubject: News\r\n\r\n"
    body = _LINE * ((SIZE - 200) // len(_LINE))
    parcel = shipment(range(size))
    wire = (b"Message-ID: <", DELIVERY_ID, head + body)
    return replace(parcel, message=replace(parcel.message, wire=wire))


def ours(port: int, parcel: Shipment) -> float:
    """Return the rate of the adapter; composing is part of it."""
    with patch.dict(os.environ, TIGC_MAIL_SMTP_URL=f"smtp://127.0.0.1:{port}"):
        provider = Smtp.open(Opening(Path(), {"messages_per_connection": 100_000}))
    assert {each.outcome for each in provider.send(letters(20))} == {"accepted"}
    anew = replace(parcel)  # nothing of it is composed yet
    with timed() as sending:
        assert {each.outcome for each in provider.send(anew)} == {"accepted"}
    provider.close()
    return len(parcel.envelopes) / sending.seconds


async def one_by_one(port: int, parcel: Shipment, size: int) -> float:
    """Return the rate of aiosmtplib over one connection."""
    messages = [(envelope, content) for envelope, content in list(parcel)[:size]]
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
    await client.connect()
    with timed() as sending:
        for envelope, content in messages:
            await client.sendmail(envelope.sender, [envelope.recipient], content)
    await client.quit()
    return size / sending.seconds


def postfix(source: str, port: int, size: int, octets: int) -> float:
    """Return the rate of smtp-source."""
    command = [source, "-d", "-l", str(octets), "-m", str(size), "-s", str(SESSIONS)]
    with timed() as sending:
        subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return size / sending.seconds
