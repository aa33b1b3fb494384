"""Sending a test from the preview: the message as it is shown, marked, to named people."""

from contextlib import closing
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Route

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.providers import discard, outbox
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.errors import ChangedError, Fault, TigcMailError
from tigc_mail.ground.language import Locale
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.endpoints import get, post
from tigc_mail.interfaces.preview.readers import reader_of
from tigc_mail.interfaces.preview.studio import Studio
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


def routes(studio: Studio) -> list[Route]:
    """Return the addresses for tests."""
    return [get("test/provider", _provider, studio), post("test", Asked, _sent, studio)]


def _provider(studio: Studio, _: Request) -> dict[str, Any]:
    """Tell through what a test would be sent, with a plain word for what that means."""
    with closing(Workspace.open(studio.folder).provider()) as provider:
        return {
            "provider": provider.name,
            "does": _does(provider),
            "real": provider.leaves_machine,
        }


def _does(provider: Provider) -> str:
    if provider.name == outbox.Outbox.name:
        return "It is written to the outbox of this workspace; nothing leaves this machine."
    if provider.name == discard.Discard.name:
        return "It is composed and thrown away; nobody gets it."
    if not provider.leaves_machine:
        return "Nothing leaves this machine."
    return "It is really sent: whoever you name gets it."


def _sent(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Send a test, and tell the receipts."""
    workspace = Workspace.open(studio.folder)
    edition = workspace.edition(asked.edition)
    _require_shown(workspace, edition, asked)
    try:
        receipts = workspace.campaigns.send_test(
            edition,
            [each for each in asked.to if each.strip()],
            audience=asked.audience,
            locale=asked.locale,
            shown=frozenset(asked.shown),
            reader=reader_of(workspace, asked.contact),
        )
    except (TigcMailError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 (a provider may raise anything)
        cause = f"nobody knows whether the test was sent: {type(error).__name__}"
        cure = "Look at the provider's own record before you send it again."
        return {"faults": told_faults([Fault("provider", cause, cure)])}
    told = [
        {"delivery": one.delivery_id, "outcome": one.outcome, "reason": one.reason}
        for one in receipts
    ]
    return {"tests": told}


def _require_shown(workspace: Workspace, edition: Edition, asked: Asked) -> None:
    """Refuse what is not what somebody looked at."""
    audience = workspace.audience(asked.audience)
    message = workspace.compile(edition, audience, asked.locale, frozenset(asked.shown))
    if message.digest != asked.digest:
        cause = "is not what the page showed: a file was saved since"
        cure = "Look at it again; nothing was sent."
        raise ChangedError(cause, f"edition {edition.id}", cure)
