"""The campaigns in the preview: what the ledger tells of them, as it changes; nothing is written.

A campaign is sent by another process. So the ledger is asked again and again, but only while
somebody looks, less often where the answer takes long, and for all there is to know of a campaign
only where its states are others.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.campaigns import Outline
from tigc_mail.errors import TigcMailError
from tigc_mail.ground.fingerprint import fingerprint
from tigc_mail.interfaces.kept import Kept
from tigc_mail.interfaces.left_out import left_out, told_sums
from tigc_mail.interfaces.limits import told_limits
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.sse import stream
from tigc_mail.interfaces.preview.studio import Studio, faults_of
from tigc_mail.interfaces.settings import FILE as SETTINGS
from tigc_mail.interfaces.workspace import Workspace

EVERY = 1.0
"""Seconds after which the ledger is asked again."""

SHARE = 4
"""How much longer than an answer took is waited at least, so that looking never slows a send."""

PATIENCE = 2.0
"""Seconds for which the database is waited for while another program holds it."""

FRESH = 10.0
"""Seconds after which a campaign is looked at in full though its states are the same."""


class Lookout:
    """What the page is told of campaigns. Several threads may ask at the same time.

    Its workspace is its own, so that a database that is waited for holds up nothing else.

    Args:
        folder: that of the workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: Kept[Workspace] = Kept()
        self._accounts: dict[str, tuple[Outline | None, float, Mapping[str, Any]]] = {}
        """What was told of a campaign in full, of what outline, and when."""

    def look(self, opened: str = "") -> dict[str, Any]:
        """Return what can be told now, by part: each campaign in short, and one in full.

        Args:
            opened: the id of the campaign that is looked at; none by default.
        """
        told: dict[str, Any] = {}
        try:
            workspace = self._workspace()
            if workspace is None:
                return {"order": [], "faults": []}
            outlines = workspace.campaigns.outlines([opened] if opened else [])
            told |= {f"row {each.id}": _row(each) for each in outlines}
            told["order"] = [each.id for each in outlines]
            if opened:
                outline = next((each for each in outlines if each.id == opened), None)
                told |= self._remembered(workspace, opened, outline)
        except (TigcMailError, OSError) as error:
            return {**told, "faults": told_faults(faults_of(error))}
        return {**told, "faults": []}

    def _workspace(self) -> Workspace | None:
        """Return the workspace, opened anew where its settings changed; None without a database."""
        settings = fingerprint(self._folder / SETTINGS)
        workspace = self._opened.at(
            settings, partial(Workspace.open, self._folder, patience=PATIENCE)
        )
        if workspace.has_database():
            return workspace
        self._opened.forget()  # a database that comes later is another one
        return None

    def _remembered(
        self, workspace: Workspace, name: str, outline: Outline | None
    ) -> Mapping[str, Any]:
        """Return the whole account of a campaign, made anew where it may be another by now."""
        before, made, told = self._accounts.get(name, (None, 0.0, {}))
        if outline is None or before != outline or monotonic() - made > FRESH:
            told = _in_full(workspace.campaigns.get(name))
            self._accounts[name] = outline, monotonic(), told
        return told


def _in_full(campaign: Campaign) -> dict[str, Any]:
    status = campaign.status()
    return {
        "status": {
            **status.to_json(),
            "left_out": [*left_out(status)],
            "sums": [*told_sums(status)],
        },
        "pace": [
            {"provider": name, "limits": told_limits(limits)}
            for name, limits in status.limits.items()
        ],
        "log": [entry.to_json() for entry in campaign.log()],
    }


def routes(studio: Studio) -> list[Route]:
    """Return the addresses of the campaigns."""
    return [Route("/campaigns/events", partial(_events, Lookout(studio.folder)))]


async def _events(lookout: Lookout, request: Request) -> Response:
    """Tell how the campaigns are, and what changes while somebody listens."""
    return stream(news(lookout, request.query_params.get("open", "")))


async def news(lookout: Lookout, opened: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield what there is to tell, and then whatever of it is another than before.

    Args:
        lookout: what is asked.
        opened: the id of the campaign that is looked at; empty for none.
    """
    clock = asyncio.get_running_loop().time
    before: dict[str, Any] = {}
    while True:
        begun = clock()
        now = await run_in_threadpool(lookout.look, opened)
        changed = {name: value for name, value in now.items() if before.get(name) != value}
        before |= now  # what is not told now, because something is wrong, is as it was
        if changed:
            yield "campaigns", changed
        await asyncio.sleep(max(EVERY, SHARE * (clock() - begun)))


def _row(outline: Outline) -> Mapping[str, Any]:
    return {
        "campaign": outline.id,
        "edition": outline.edition,
        "state": outline.state.value,
        "planned": outline.planned,
        "states": {state.value: count for state, count in outline.states.items()},
    }
