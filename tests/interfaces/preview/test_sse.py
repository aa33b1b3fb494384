"""The page is told of what happens for as long as somebody listens, and no longer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import Message
from tests.interfaces.preview.looping import run

from tigc_mail.interfaces.preview.live import Changes
from tigc_mail.interfaces.preview.sse import stream


async def listened(events: AsyncIterator[tuple[str, Any]], most: int) -> list[str]:
    """Listen as a browser that goes away after so many pieces of an answer, served as uvicorn does."""
    told: list[str] = []
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body"):
            told.append(message["body"].decode())
        if len(told) == most:
            gone.set()

    scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    await stream(events)(scope, receive, send)
    return told


def test_whoever_tells_is_ended_once_nobody_listens() -> None:
    ended = []

    async def events() -> AsyncIterator[tuple[str, Any]]:
        try:
            yield "changed", {"editions": ["news"]}
            yield "changed", {"editions": None}
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    start, *told = run(listened(events(), 3))
    assert start.startswith("retry: ")
    assert told == [
        'event: changed\ndata: {"editions": ["news"]}\n\n',
        'event: changed\ndata: {"editions": null}\n\n',
    ]
    assert ended


def test_everyone_who_listens_hears_which_editions_changed() -> None:
    changes = Changes()

    async def heard() -> list[list[str]]:
        listeners = [asyncio.create_task(listened(changes.heard(), 4)) for _ in range(2)]
        while len(changes._listeners) < 2:
            await asyncio.sleep(0)
        changes.tell({"editions/b/edition.yaml", "editions/a/map.png", "editions/b/x"})
        changes.tell({"editions/a/edition.yaml", "templates/theme.yaml"})
        changes.tell({"editions"})
        return list(await asyncio.gather(*listeners))

    one, other = run(heard())
    assert one == other
    told = [json.loads(each.partition("data: ")[2])["editions"] for each in one[1:]]
    assert told == [["a", "b"], None, None]
    assert not changes._listeners
