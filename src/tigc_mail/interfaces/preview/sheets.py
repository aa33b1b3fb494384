"""Contact sheets for the page: the last that was asked for is kept."""

from itertools import count
from threading import Lock
from typing import Any

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tigc_mail.interfaces.preview.camera import camera
from tigc_mail.interfaces.preview.endpoints import get, post
from tigc_mail.interfaces.preview.live import Live
from tigc_mail.interfaces.preview.sheet import photograph
from tigc_mail.interfaces.preview.studio import Studio


class Wanted(BaseModel):
    """Whose sheet is asked for."""

    edition: str


TYPES = {".pdf": "application/pdf", ".png": "image/png"}


def routes(studio: Studio, live: Live) -> list[Route]:
    """Return the addresses: one makes the sheet of an edition, the other gives its files."""
    made: dict[str, bytes] = {}
    taking, numbers = Lock(), count(1)
    kept = {"sheet": 0}

    def make(studio: Studio, wanted: Wanted) -> dict[str, Any]:
        name = wanted.edition
        with taking, camera() as taken:  # one browser at a time is enough for this machine
            total = studio.count(name)
            advance = live.progress("sheet", name, total)
            sheet = photograph(studio, name, taken, advance, live.progress("findings", name, total))
            files = {f"{name}{suffix}": each for suffix, each in sheet.files(taken).items()}
        made.clear()
        made.update(files)
        kept["sheet"] = next(numbers)
        return {
            **kept,
            "marking": sheet.marking.value,
            "files": [{"name": each, "size": len(content)} for each, content in files.items()],
        }

    async def fetched(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in made:
            raise HTTPException(404, "There is no such contact sheet any more: make it again.")
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made[name], media_type=TYPES[name[-4:]], headers=headers)

    return [
        post("contact-sheet", Wanted, make, studio),
        get("kept-sheet", lambda *_: dict(kept), studio),
        Route("/contact-sheet/{name}", fetched),
    ]
