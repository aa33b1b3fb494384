"""The addresses of the preview, and what each gives; GET changes nothing that a user made."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from html import escape
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tigc_mail.content.edition import Edition
from tigc_mail.errors import DocumentError, TigcMailError
from tigc_mail.interfaces.preview import (
    answers,
    campaigns,
    differences,
    inbox,
    people,
    sheets,
    trial,
)
from tigc_mail.interfaces.preview.asking import required, wanted_of
from tigc_mail.interfaces.preview.endpoints import get
from tigc_mail.interfaces.preview.frame import looked_at, page_for
from tigc_mail.interfaces.preview.gate import Gate
from tigc_mail.interfaces.preview.live import Live, watch
from tigc_mail.interfaces.preview.places import spot_at
from tigc_mail.interfaces.preview.sse import stream
from tigc_mail.interfaces.preview.studio import Answer, Proof, Studio, Wanted

STATIC = files("tigc_mail.interfaces.preview") / "static"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""The Content-Security-Policy of the preview's own page (CSP level 3)."""


def preview_app(studio: Studio, *, token: str, hosts: list[str]) -> Gate:
    """Return the application of a preview.

    Args:
        studio: what renders.
        token: the secret that every address begins with.
        hosts: the names, with port, that it is asked under.
    """
    live = Live()

    @asynccontextmanager
    async def watching(_: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watch(studio.folder, live))
            yield
            task.cancel()

    routes = [
        Route("/", partial(_page, studio)),
        Route("/frame", partial(_frame, studio)),
        Route("/events", partial(_events, live)),
        get("overview", _overview, studio),
        get("message", _message, studio),
        get("source", _source, studio),
        get("findings", partial(_findings, live), studio),
        get("file", _file, studio),
        *sheets.routes(studio, live),
        *people.routes(studio),
        *differences.routes(studio),
        *inbox.routes(studio),
        *campaigns.routes(studio),
        *trial.routes(studio),
        Mount("/static", StaticFiles(directory=str(STATIC))),
    ]
    inner = Starlette(routes=[Mount(f"/{token}", routes=routes)], lifespan=watching)
    return Gate(inner, token=token, hosts=hosts)


async def _page(studio: Studio, _: Request) -> Response:
    page = (STATIC / "index.html").read_text("utf-8")
    page = page.replace("{workspace}", escape(studio.folder.name))
    return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})


def _overview(studio: Studio, _: Request) -> dict[str, Any]:
    editions = []
    with studio.alone():
        read = studio.editions()
        try:
            audiences = studio.audiences()
        except DocumentError as error:
            if not read or any(answer.last for answer in read.values()):
                raise
            return _without_audiences(read, error)
        for name, answer in read.items():
            variants = studio.variants(answer.last) if answer.last else ()
            editions.append(answers.told_edition(name, answer, variants))
    return {
        "audiences": [answers.told_audience(audience) for audience in audiences.values()],
        "editions": editions,
    }


def _without_audiences(read: Mapping[str, Answer[Edition]], error: DocumentError) -> dict[str, Any]:
    """Name the editions where no audience ever was right: each with its own faults only."""
    editions = []
    for name, answer in read.items():
        own = tuple(fault for fault in answer.faults if fault not in error.faults)
        editions.append(answers.told_edition(name, Answer(None, own), ()))
    return {"audiences": [], "editions": editions, "faults": answers.told_faults(error.faults)}


def _message(studio: Studio, request: Request) -> dict[str, Any]:
    """Tell of a message; with its page, where a frame is there that only waits for it."""
    wanted, query = wanted_of(request), request.query_params
    with studio.alone(wanted):
        answer = studio.proof(wanted)
        elsewhere = [fault for fault in studio.wrong_audiences if fault not in answer.faults]
    told = answers.told_proof(answer)
    told["elsewhere"] = answers.told_faults(elsewhere)  # they keep a test from being sent
    if answer.last is not None and query.get("page") == "1":
        told["page"] = looked_at(answer.last.message.html, query)
    return told


def _findings(live: Live, studio: Studio, request: Request) -> dict[str, Any]:
    name = required(request, "edition")
    advance = live.progress("findings", name, studio.count(name))
    return answers.told_check(studio.check(name, advance))


def _source(studio: Studio, request: Request) -> dict[str, Any]:
    wanted = wanted_of(request)
    if request.query_params.get("part") == "mjml":
        return {"lines": [line._asdict() for line in studio.source(wanted)]}
    answer = studio.proof(wanted)
    if answer.last is None:
        return {"faults": answers.told_faults(answer.faults)}
    message = answer.last.message
    match request.query_params.get("part"):
        case "html":
            source = message.html
        case "mime":
            source = message.as_bytes().decode("utf-8", "replace")
        case _:
            raise HTTPException(400)
    return {"source": source, "faults": answers.told_faults(answer.faults)}


def _file(studio: Studio, request: Request) -> dict[str, Any]:
    return spot_at(studio.folder, required(request, "place"))._asdict()


async def _frame(studio: Studio, request: Request) -> Response:
    """Return a message's page, for a frame: that of a digest, or where none is named of now."""
    wanted, query = wanted_of(request), request.query_params
    proof = studio.remembered(wanted, query.get("v", ""))
    proof = proof or (await run_in_threadpool(studio.proof, wanted)).last
    if proof is None:
        raise HTTPException(404)
    html = proof.message.html
    if query.get("blocks") == "1":
        html = await run_in_threadpool(_marked, studio, wanted, proof)
    return page_for(html, query)


def _marked(studio: Studio, wanted: Wanted, proof: Proof) -> str:
    """Return a message's page whose elements tell their blocks, where that can be found out."""
    try:
        return studio.regions(wanted, proof).page
    except (TigcMailError, OSError):
        return proof.message.html


async def _events(live: Live, _: Request) -> Response:
    """Tell what happens while somebody listens."""
    return stream(live.heard())
