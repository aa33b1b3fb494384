"""What the page asks for, taken from the address of a request."""

import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from tigc_mail.interfaces.preview.studio import Wanted, language
from tigc_mail.render.lint.finding import Variant

Body = TypeVar("Body", bound=BaseModel)

MAX_BODY = 65_536
"""Octets of the largest request."""

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
"""The name of a commit: SHA-1, or SHA-256."""


def wanted_of(request: Request, prefix: str = "") -> Wanted:
    """Return which message is asked for.

    Args:
        request: the request.
        prefix: what the names of its values begin with, but for those of all messages asked for
            (`edition`, `contact`).

    Raises:
        HTTPException: 400, if it names no message.
    """
    query = request.query_params
    locale = language(_value(query, f"{prefix}locale"))
    if locale is None:
        raise HTTPException(400)
    shown = tuple(filter(None, _value(query, f"{prefix}shown").split(",")))
    variant = Variant(required(request, f"{prefix}audience"), locale, shown)
    revision = _value(query, f"{prefix}revision")
    if revision and not _COMMIT.fullmatch(revision):
        raise HTTPException(400)
    return Wanted(required(request, "edition"), variant, _value(query, "contact"), revision)


async def body_of(request: Request, model: type[Body]) -> Body:
    """Return what a request is to do.

    Raises:
        HTTPException: 415, if it is not JSON; 413, if it is long; 400, if it says something else.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or len(length) > 9 or int(length) > MAX_BODY:
        raise HTTPException(413)
    try:
        return model.model_validate_json(await request.body())
    except ValidationError:
        raise HTTPException(400) from None


def required(request: Request, name: str) -> str:
    """Return a value that has to be there.

    Raises:
        HTTPException: 400, if it is not.
    """
    value = _value(request.query_params, name)
    if not value:
        raise HTTPException(400)
    return value


def _value(query: Mapping[str, str], name: str) -> str:
    return query.get(name, "")
