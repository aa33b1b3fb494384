"""The page is told of what happens for as long as somebody listens, and no longer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import Message
from tests.interfaces.preview.looping import run

from tigc_mail.interfaces.preview.live import Live, editions_of
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


def test_everyone_who_listens_is_told_also_from_another_thread() -> None:
    live = Live()

    async def heard() -> list[list[str]]:
        listeners = [asyncio.create_task(listened(live.heard(), 4)) for _ in range(2)]
        while len(live._listeners) < 2:
            await asyncio.sleep(0)
        live.tell("changed", {"editions": None})
        advance = await asyncio.to_thread(live.progress, "findings", "news", 8)
        for step in (0, 1):
            await asyncio.to_thread(advance, step)
        return list(await asyncio.gather(*listeners))

    one, other = run(heard())
    assert one == other
    told = [json.loads(each.partition("data: ")[2]) for each in one[1:]]
    assert told[0] == {"editions": None}
    assert [(each["edition"], each["done"], each["total"]) for each in told[1:]] == [
        ("news", 0, 8),
        ("news", 1, 8),
    ]
    assert not live._listeners


@pytest.mark.parametrize(
    ("paths", "editions"),
    [
        (["editions/b/edition.yaml", "editions/a/map.png", "editions/b/x"], ["a", "b"]),
        (["editions/a/edition.yaml", "templates/theme.yaml"], None),
        (["editions"], None),
    ],
)
def test_what_changed_is_told_by_the_editions_that_may_look_different(
    paths: list[str], editions: list[str] | None
) -> None:
    assert editions_of(paths) == editions
