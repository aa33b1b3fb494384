"""A process that sends, and is killed while it does; a module of its own, so that it starts fast."""

import os

from tigc_mail.interfaces.workspace import Workspace


def send(folder: str, campaign: str, kind: str, environment: dict[str, str]) -> None:
    """Send, in a process that is going to be killed."""
    os.environ.update(environment)
    Workspace.open(folder).campaigns.get(campaign).send(kind)
