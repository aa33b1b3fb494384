"""Providers: adapters to something that sends, each in a file of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tigc_mail.delivery.providers.discard import Discard
from tigc_mail.delivery.providers.outbox import Outbox
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.errors import UsageError

PROVIDERS: Mapping[str, Callable[[Path], Provider]] = {
    "outbox": lambda workspace: Outbox(workspace / "outbox"),
    "discard": lambda _workspace: Discard(),
}
"""How each provider is made for a workspace's folder."""


def open_provider(name: str, workspace: Path) -> Provider:
    """Return the provider called `name`.

    Raises:
        UsageError: if there is none of that name.
    """
    try:
        make = PROVIDERS[name]
    except KeyError:
        cure = f"There are {', '.join(PROVIDERS)}."
        raise UsageError(f"there is no provider {name!r}", "provider", cure) from None
    return make(workspace)
