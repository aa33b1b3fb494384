"""Who may ask the preview: the browser on this machine that was given its address."""

import hmac
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""So that no other page can keep, embed, read or be led to what the preview shows."""


class Gate:
    """Lets a request through whose Host, Origin and token are the preview's own.

    A page elsewhere may make a browser ask this machine, under a name of its own (DNS rebinding) or
    with an Origin of its own; and other programs of this machine may ask without a browser. All of
    them get an empty answer.

    Args:
        app: what answers the others.
        token: the secret that the path of every address begins with.
        hosts: the names, with port, that the preview is asked under.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: Collection[str]) -> None:
        self._app = app
        self._prefix = f"/{token}"
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and self._may_ask(scope):
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _may_ask(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        first = "/" + scope["path"].removeprefix("/").partition("/")[0]
        return (
            headers.getlist("host") in [[host] for host in self._hosts]
            and all(origin in self._origins for origin in origins)
            and headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
            and hmac.compare_digest(first.encode(), self._prefix.encode())
        )


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sending
