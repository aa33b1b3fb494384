"""The events of an edition for programs that read mail: schema.org in JSON-LD, in the page's head.

It is put into finished HTML, so that no template and no tool on the way can change it, and it holds
no slots: `places.py` refuses a token in any script.
"""

import json
from collections.abc import Mapping
from typing import Any

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails

_SCHEMA = "https://schema.org"

_STATUS: Mapping[Stage, str] = {
    "postponed": "EventPostponed",  # which keeps the start that no longer holds
    "rescheduled": "EventRescheduled",
    "moved-online": "EventMovedOnline",
    "cancelled": "EventCancelled",
}

_HARMLESS = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})
"""No text ends the script, whatever is in it."""


def with_structured_data(page: str, edition: TailoredEdition) -> str:
    """Return a finished page that tells of the events of its edition, if it has any.

    Each part stands on a line of its own: `}}` would read like a slot that nobody filled.
    """
    events = [
        _event(block.event, edition) for block in edition.blocks if isinstance(block, TailoredEvent)
    ]
    if not events:
        return page
    told = json.dumps(events if len(events) > 1 else events[0], ensure_ascii=False, indent=0)
    script = f'<script type="application/ld+json">{told.translate(_HARMLESS)}</script>'
    return page.replace("</head>", f"{script}</head>", 1)


def _event(event: TailoredEventDetails, edition: TailoredEdition) -> dict[str, Any]:
    online = event.online_url is not None
    mode = "OnlineEventAttendanceMode" if online else "OfflineEventAttendanceMode"
    told = {
        "@context": _SCHEMA,
        "@type": "Event",
        "@id": f"urn:uid:{event.uid}",
        "name": event.name,
        "inLanguage": edition.locale,
        "startDate": event.start.isoformat(),
        "endDate": event.end.isoformat(),
        "previousStartDate": event.previous_start and event.previous_start.isoformat(),
        "eventStatus": f"{_SCHEMA}/{_STATUS.get(event.stage, 'EventScheduled')}",
        "eventAttendanceMode": f"{_SCHEMA}/{mode}",
        "location": _location(event),
        "organizer": {"@type": "Organization", "name": edition.audience.sender_name},
        "url": event.url,
        "offers": _registration(event),
    }
    return {name: value for name, value in told.items() if value}


def _location(event: TailoredEventDetails) -> dict[str, Any] | None:
    if event.online_url is not None:
        joined = {} if event.join_url is None else {"url": event.join_url}
        return {"@type": "VirtualLocation", **joined}
    if not event.place:
        return None
    place: dict[str, Any] = {"@type": "Place", "name": event.place, "address": event.place}
    if event.country is not None:
        place["address"] = {"@type": "PostalAddress", "addressCountry": event.country}
    return place


def _registration(event: TailoredEventDetails) -> dict[str, Any] | None:
    if not event.registration_is_open:
        return None
    return {"@type": "Offer", "url": event.registration_url}
