"""The inbox of the preview: the messages of the workspace's local outbox, read like mail."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tigc_mail.delivery.providers.outbox import Outbox
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.errors import UsageError
from tigc_mail.ground.language import direction
from tigc_mail.interfaces.preview.answers import told_events
from tigc_mail.interfaces.preview.asking import required
from tigc_mail.interfaces.preview.endpoints import get
from tigc_mail.interfaces.preview.frame import page_for
from tigc_mail.interfaces.preview.mailbox import (
    SUFFIX,
    Entry,
    Head,
    Mail,
    Mailbox,
    campaign_of,
)
from tigc_mail.interfaces.preview.studio import Studio, language

MAX_SOURCE = 2_000_000
"""How many characters of a message's source are shown."""

_EMPTY = "<!doctype html><title>No HTML</title><p>This message has no HTML."


class Inbox:
    """Answers what the page asks of the outbox."""

    def __init__(self) -> None:
        self._mailbox: Mailbox | None = None

    def page(self, studio: Studio, request: Request) -> dict[str, Any]:
        """Return a part of the list; only that it is the same, where the page has it already."""
        query, mailbox = request.query_params, self.of(studio)
        if (known := query.get("known")) and mailbox.unchanged(known):
            return {"same": True}
        page = mailbox.page(query.get("words", ""), after=query.get("after", ""))
        return {
            "stamp": page.stamp,
            "total": page.total,
            "messages": [_told(entry, head) for entry, head in page.found],
            "after": page.after,
            "looked": page.looked,
        }

    def message(self, studio: Studio, request: Request) -> dict[str, Any]:
        """Return a message, as the panels beside it show it."""
        name = required(request, "name")
        mail = self.of(studio).read(name)
        locale = language(mail.head.locale)
        source = mail.source.decode("utf-8", "replace")
        return {
            **_told(Entry(0, 0, name, len(mail.source)), mail.head),
            "direction": direction(locale) if locale else "auto",
            "headers": mail.headers,
            "text": mail.text or "This message has no plain text.",
            "source": source[:MAX_SOURCE],
            "cut": len(source) > MAX_SOURCE,
            "events": _events(mail),
            "attachments": [
                {"name": one.name, "size": len(one.content)} for one in mail.attachments
            ],
        }

    def frame(self, studio: Studio, request: Request) -> Response:
        """Return a message's page, for a frame."""
        return page_for(self._read(studio, request).html or _EMPTY, request.query_params)

    def attachment(self, studio: Studio, request: Request) -> Response:
        """Return an attached file, for nothing but to be saved."""
        mail = self._read(studio, request)
        number = request.query_params.get("number", "")
        if not number.isascii() or not number.isdecimal() or int(number) >= len(mail.attachments):
            raise HTTPException(404)
        attached = mail.attachments[int(number)]
        plain = attached.name.encode("ascii", "replace").decode().replace("?", "_")
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attached.name)}"
        return Response(
            attached.content,
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": disposition,
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    def of(self, studio: Studio) -> Mailbox:
        """Return the mailbox of the outbox that the settings name."""
        with studio.workspace() as workspace:
            options = workspace.settings.providers.get(Outbox.name, {})
            folder = Outbox.open(Opening(workspace.folder, options)).folder
        if self._mailbox is None or self._mailbox.folder != folder:
            self._mailbox = Mailbox(folder)
        return self._mailbox

    def _read(self, studio: Studio, request: Request) -> Mail:
        try:
            return self.of(studio).read(required(request, "name"))
        except (UsageError, OSError):
            raise HTTPException(404) from None


def routes(studio: Studio) -> list[Route]:
    """Return the addresses of the inbox."""
    inbox = Inbox()

    def raw(give: Callable[[Studio, Request], Response]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(give, studio, request)

        return endpoint

    return [
        get("inbox", inbox.page, studio),
        get("inbox/message", inbox.message, studio),
        Route("/inbox/frame", raw(inbox.frame)),
        Route("/inbox/attachment", raw(inbox.attachment)),
    ]


def _told(entry: Entry, head: Head) -> dict[str, Any]:
    return {
        "name": entry.name,
        "delivery": entry.name.removesuffix(SUFFIX),
        "campaign": campaign_of(entry.name),
        "size": entry.size,
        "subject": head.subject,
        "sender": head.sender,
        "to": head.to,
        "date": head.date,
        "locale": head.locale,
        "test": head.test,
    }


def _events(mail: Mail) -> list[dict[str, Any]]:
    """Return the events of a message; none where its calendar cannot be read."""
    attached = (
        one.content
        for one in mail.attachments
        if one.media_type in ("text/calendar", "application/ics")
    )
    try:
        return told_events(mail.calendar or next(attached, None))
    except (ValueError, KeyError, AttributeError, TypeError):
        return []
