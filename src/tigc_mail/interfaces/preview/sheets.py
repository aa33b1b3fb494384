"""Contact sheets for the page: the last that was asked for is kept."""

from threading import Lock
from typing import Any

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tigc_mail.errors import TigcMailError
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.asking import body_of
from tigc_mail.interfaces.preview.camera import camera
from tigc_mail.interfaces.preview.sheet import photograph
from tigc_mail.interfaces.preview.studio import Studio, faults_of


class Wanted(BaseModel):
    """Whose sheet is asked for."""

    edition: str


TYPES = {".pdf": "application/pdf", ".png": "image/png"}


def routes(studio: Studio) -> list[Route]:
    """Return the addresses: one makes the sheet of an edition, the other gives its files."""
    made: dict[str, bytes] = {}
    taking = Lock()

    def make(name: str) -> dict[str, Any]:
        with taking, camera() as taken:  # one browser at a time is enough for this machine
            sheet = photograph(studio, name, taken)
            files = {f"{name}{suffix}": each for suffix, each in sheet.files(taken).items()}
        made.clear()
        made.update(files)
        return {
            "marking": sheet.marking.value,
            "files": [{"name": each, "size": len(content)} for each, content in files.items()],
        }

    async def asked(request: Request) -> Response:
        wanted = await body_of(request, Wanted)
        try:
            told = await run_in_threadpool(make, wanted.edition)
        except (TigcMailError, OSError) as error:
            told = {"files": [], "faults": told_faults(faults_of(error))}
        return JSONResponse({"faults": [], **told})

    async def fetched(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in made:
            raise HTTPException(404)
        kept = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made[name], media_type=TYPES[name[-4:]], headers=kept)

    return [
        Route("/api/contact-sheet", asked, methods=["POST"]),
        Route("/contact-sheet/{name}", fetched),
    ]
