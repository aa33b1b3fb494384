"""Sending a test from the preview: the message as it is shown, marked, to named people."""

from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.providers import discard, outbox
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.errors import ChangedError, Fault, TigcMailError
from tigc_mail.ground.language import Locale
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.asking import body_of
from tigc_mail.interfaces.preview.readers import reader_of
from tigc_mail.interfaces.preview.studio import faults_of
from tigc_mail.interfaces.workspace import Workspace


class Asked(BaseModel):
    """What is to be sent, and to whom."""

    edition: str
    audience: str
    locale: Locale
    shown: tuple[str, ...] = ()
    contact: str = ""
    """Whose values are in it: the number of a contact, or the name of somebody imaginary."""
    digest: str
    """That of the message as the page shows it."""
    to: tuple[str, ...]


def routes(folder: Path) -> list[Route]:
    """Return the addresses for tests.

    Args:
        folder: that of the workspace.
    """
    return [
        Route("/api/test/provider", partial(_provider, folder), methods=["GET"]),
        Route("/api/test", partial(_test, folder), methods=["POST"]),
    ]


async def _provider(folder: Path, _: Request) -> Response:
    """Tell through what a test would be sent, and what that means."""
    return JSONResponse(await run_in_threadpool(told_provider, folder))


async def _test(folder: Path, request: Request) -> Response:
    """Send a test, and tell what became of it."""
    asked = await body_of(request, Asked)
    return JSONResponse(await run_in_threadpool(sent, folder, asked))


def told_provider(folder: Path) -> dict[str, Any]:
    """Return the name of the provider of the settings, with a plain word for what it does."""
    try:
        provider = Workspace.open(folder).provider()
    except (TigcMailError, OSError) as error:
        return {"faults": told_faults(faults_of(error))}
    try:
        return {
            "provider": provider.name,
            "does": _does(provider),
            "real": provider.leaves_machine,
            "faults": [],
        }
    finally:
        provider.close()


def _does(provider: Provider) -> str:
    if provider.name == outbox.Outbox.name:
        return "It is written to the outbox of this workspace; nothing leaves this machine."
    if provider.name == discard.Discard.name:
        return "It is composed and thrown away; nobody gets it."
    if not provider.leaves_machine:
        return "Nothing leaves this machine."
    return "It is really sent: whoever you name gets it."


def sent(folder: Path, asked: Asked) -> dict[str, Any]:
    """Send a test, and return the receipts, or why nothing was sent."""
    try:
        workspace = Workspace.open(folder)
        edition = workspace.edition(asked.edition)
        _require_shown(workspace, edition, asked)
        receipts = workspace.campaigns.send_test(
            edition,
            [each for each in asked.to if each.strip()],
            audience=asked.audience,
            locale=asked.locale,
            shown=frozenset(asked.shown),
            reader=reader_of(workspace, asked.contact),
        )
    except (TigcMailError, OSError) as error:
        return {"faults": told_faults(faults_of(error))}
    except Exception as error:  # noqa: BLE001 (a provider may raise anything)
        cause = f"nobody knows whether the test was sent: {type(error).__name__}"
        cure = "Look at the provider's own record before you send it again."
        return {"faults": told_faults([Fault("provider", cause, cure)])}
    told = [
        {"delivery": one.delivery_id, "outcome": one.outcome, "reason": one.reason}
        for one in receipts
    ]
    return {"tests": told, "faults": []}


def _require_shown(workspace: Workspace, edition: Edition, asked: Asked) -> None:
    """Refuse what is not what somebody looked at."""
    audience = workspace.audience(asked.audience)
    message = workspace.compile(edition, audience, asked.locale, frozenset(asked.shown))
    if message.digest != asked.digest:
        cause = "is not what the page showed: a file was saved since"
        cure = "Look at it again; nothing was sent."
        raise ChangedError(cause, f"edition {edition.id}", cure)
