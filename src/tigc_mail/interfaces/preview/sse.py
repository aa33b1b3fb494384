"""Server-sent events: how the page is told of what happens while it listens (HTML, section 9.2)."""

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse


def stream(events: AsyncIterator[tuple[str, Any]]) -> Response:
    """Answer with events for as long as somebody listens.

    The web server cancels whatever `events` waits for once nobody does, or the preview ends.

    Args:
        events: what each is called, and what is told.
    """

    async def told() -> AsyncIterator[str]:
        yield "retry: 500\n\n"
        async for name, value in events:
            yield f"event: {name}\ndata: {json.dumps(value)}\n\n"

    return StreamingResponse(told(), media_type="text/event-stream")
