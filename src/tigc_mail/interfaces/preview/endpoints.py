"""Endpoints that answer in JSON; what is wrong with the workspace is an answer, too."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tigc_mail.errors import TigcMailError
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.asking import body_of
from tigc_mail.interfaces.preview.studio import Studio, faults_of

Body = TypeVar("Body", bound=BaseModel)
Tell: TypeAlias = Callable[[Studio, Request], dict[str, Any]]


def get(path: str, tell: Tell, studio: Studio) -> Route:
    """Return an address that tells something.

    Args:
        path: the address, as the page asks for it.
        tell: returns what is told; its `faults` are none where it does not say.
        studio: what it is told of.
    """

    async def endpoint(request: Request) -> Response:
        return await _answer(lambda: tell(studio, request))

    return Route(f"/api/{path}", endpoint, methods=["GET"])


def post(
    path: str, model: type[Body], do: Callable[[Studio, Body], dict[str, Any]], studio: Studio
) -> Route:
    """Return an address that does something.

    Args:
        path: the address, as the page asks for it.
        model: what it is to be told.
        do: does it, and returns what came of it; its `faults` are none where it does not say.
        studio: what it is done with.
    """

    async def endpoint(request: Request) -> Response:
        body = await body_of(request, model)
        return await _answer(lambda: do(studio, body))

    return Route(f"/api/{path}", endpoint, methods=["POST"])


async def _answer(tell: Callable[[], dict[str, Any]]) -> Response:
    try:
        told = await run_in_threadpool(tell)
    except (TigcMailError, OSError) as error:
        told = {"faults": told_faults(faults_of(error))}
    return JSONResponse({"faults": [], **told})
