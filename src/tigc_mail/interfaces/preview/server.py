"""Running the preview on this machine."""

import gc
import secrets
import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import uvicorn

from tigc_mail.errors import UsageError
from tigc_mail.interfaces.preview.app import preview_app
from tigc_mail.interfaces.preview.studio import Studio
from tigc_mail.interfaces.workspace import Workspace

LOOPBACK = "127.0.0.1"

PORT = 8765
"""Where the preview is, unless another one is there already."""


Ready = Callable[[str, bool], object]


def serve_preview(
    folder: Path,
    *,
    port: int | None = None,
    browser: bool = True,
    ready: Ready = lambda _address, _shown: None,
) -> None:
    """Serve the preview of a workspace until it is interrupted.

    Args:
        folder: that of the workspace.
        port: where; by default `PORT`, or any that is free.
        browser: whether to open it in the browser of this machine.
        ready: told its address, and whether a browser shows it.

    Raises:
        UsageError: if it is no workspace, or the port that was named is taken.
    """
    Workspace.open(folder)
    with closing(_listening(port)) as listening:
        taken = listening.getsockname()[1]
        token = secrets.token_urlsafe(18)
        address = f"http://{LOOPBACK}:{taken}/{token}/"
        hosts = [f"{LOOPBACK}:{taken}", f"localhost:{taken}"]
        app = preview_app(
            Studio(folder.absolute(), _spare_what_is_loaded), token=token, hosts=hosts
        )
        ready(address, browser and _shown_in_browser(address))
        config = uvicorn.Config(
            app, log_level="critical", access_log=False, timeout_graceful_shutdown=1, lifespan="on"
        )
        with suppress(KeyboardInterrupt):  # which is how it ends
            uvicorn.Server(config).run(sockets=[listening])


def _spare_what_is_loaded() -> None:
    """Have the garbage collector leave alone what stays: a look at all of it is a late repaint."""
    gc.collect()
    gc.freeze()


def _shown_in_browser(address: str) -> bool:
    """Open an address in a browser; one that would take over the terminal is none."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    alone = isinstance(found, webbrowser.GenericBrowser)
    return (isinstance(found, webbrowser.BackgroundBrowser) or not alone) and found.open(address)


def _listening(port: int | None) -> socket.socket:
    # Named, the protocol lets asyncio send at once what is written in two parts (TCP_NODELAY):
    # else the second waits 40 ms for the browser to say that the first came.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listening.bind((LOOPBACK, PORT if port is None else port))
        except OSError:
            if port is not None:
                raise
            listening.bind((LOOPBACK, 0))
        listening.listen()
    except OSError as error:
        listening.close()
        cure = "Name another one with --port, or none, for any that is free."
        raise UsageError(f"port {port} cannot be had: {error.strerror}", "--port", cure) from None
    return listening
