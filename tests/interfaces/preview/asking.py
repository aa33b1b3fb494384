"""Asking the preview without a browser or a socket."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message
from tests.interfaces.preview.looping import run

from tigc_mail.interfaces.preview.app import preview_app
from tigc_mail.interfaces.preview.studio import Studio

TOKEN = "a-token-of-the-tests"
HOST = "127.0.0.1:8765"


def preview_of(folder: Path) -> ASGIApp:
    """Return the preview of a workspace."""
    return preview_app(Studio(folder), token=TOKEN, hosts=[HOST, "localhost:8765"])


class Given(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: ASGIApp,
    path: str,
    asked: dict[str, str] | None = None,
    *,
    method: str = "GET",
    token: str = TOKEN,
    headers: Iterable[tuple[str, str]] = (("host", HOST),),
    body: bytes = b"",
    whole_path: str = "",
) -> Given:
    """Ask once, and return the whole answer."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": whole_path or f"/{token}{path}",
        "raw_path": (whole_path or f"/{token}{path}").encode(),
        "query_string": urlencode(asked or {}).encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8765),
    }
    told: list[Message] = []

    asked_already = asyncio.Event()

    async def receive() -> Message:
        if asked_already.is_set():
            await asyncio.Event().wait()  # it stays until it has the whole answer
        asked_already.set()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    run(app(scope, receive, send))
    start, *rest = told
    return Given(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(each.get("body", b"") for each in rest),
    )


def told(app: ASGIApp, path: str, asked: dict[str, str] | None = None) -> Any:
    """Ask as the page does, and return what it is told."""
    answer = ask(app, f"/api/{path}", asked)
    assert answer.status == 200
    return json.loads(answer.body)


def post(app: ASGIApp, path: str, body: bytes, origin: str = f"http://{HOST}") -> Given:
    """Have something done as the page does, and return the whole answer."""
    headers = (
        ("host", HOST),
        ("origin", origin),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    )
    return ask(app, f"/api/{path}", method="POST", headers=headers, body=body)
