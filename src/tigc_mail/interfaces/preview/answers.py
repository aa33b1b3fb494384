"""What the page is told: plain values, ready for JSON."""

from collections.abc import Iterable
from email import policy
from email.parser import BytesHeaderParser
from typing import Any

from icalendar import Calendar
from lxml import html

from tigc_mail.content.edition import Edition
from tigc_mail.errors import Fault
from tigc_mail.ground.language import direction
from tigc_mail.interfaces.checking import Checked
from tigc_mail.interfaces.preview.readers import name_of
from tigc_mail.interfaces.preview.studio import Answer, Proof
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint.envelope import preheader_of
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.lint.weight import CLIPPED

CLIPPING = 102_400
"""Octets of HTML that Gmail shows of a message; the rest is behind a link."""


def told_faults(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Return what is wrong."""
    return [fault._asdict() for fault in faults]


def told_audience(audience: Audience) -> dict[str, Any]:
    """Return an audience."""
    return {
        "id": audience.id,
        "name": audience.display_name,
        "ceiling": audience.ceiling.value,
    }


def told_edition(
    name: str, answer: Answer[Edition], variants: tuple[Variant, ...]
) -> dict[str, Any]:
    """Return an edition with the variants that it has."""
    edition = answer.last
    known: dict[str, Any] = {}
    if edition is not None:
        known = {
            "kind": edition.kind,
            "title": edition.subject.everyone.get(edition.language, name),
            "languages": list(edition.languages),
            "variants": [variant.to_json() for variant in variants],
        }
    return {"id": name, **known, "faults": told_faults(answer.faults)}


def told_proof(answer: Answer[Proof]) -> dict[str, Any]:
    """Return a message: what stands around its page, and whether it is of now."""
    proof = answer.last
    known = {} if proof is None else _known(proof)
    return {**known, "faults": told_faults(answer.faults)}


def _known(proof: Proof) -> dict[str, Any]:
    edition, message = proof.edition, proof.message
    raw = message.as_bytes()
    head = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    return {
        "digest": proof.digest,
        "compiled": proof.compiled.digest,
        "reader": name_of(proof.reader),
        "subject": message.subject,
        "preheader": preheader_of(html.document_fromstring(message.html)),
        "text": message.text,
        "marking": edition.marking.value,
        "locale": edition.locale,
        "direction": direction(edition.locale),
        "sender": edition.audience.sender_name,
        "size": len(message.html.encode()),
        "weight": len(raw),
        "clipping": CLIPPING,
        "too_heavy": len(message.html.encode()) >= CLIPPED,
        "headers": [[name, str(value)] for name, value in head.items()],
        "events": told_events(message.calendar),
        "attachments": [
            {"name": one.name, "size": len(one.content)} for one in proof.compiled.attachments
        ],
        "blocks": [{"id": block.id, "marking": block.marking.value} for block in edition.blocks],
        "fallbacks": [str(fallback) for fallback in (*edition.fallbacks, *message.fallbacks)],
    }


def told_events(calendar: bytes | None) -> list[dict[str, Any]]:
    """Return the events of a calendar as a card shows them."""
    if calendar is None:
        return []
    read = Calendar.from_ical(calendar)
    return [
        {
            "method": str(read.get("METHOD", "")),
            "status": str(event.get("STATUS", "")),
            "summary": str(event.get("SUMMARY", "")),
            "location": str(event.get("LOCATION", "")),
            "description": str(event.get("DESCRIPTION", "")),
            "uid": str(event.get("UID", "")),
            "sequence": int(event.get("SEQUENCE", 0)),
            "start": _moment(event, "DTSTART"),
            "end": _moment(event, "DTEND"),
            "time_zone": str(event["DTSTART"].params.get("TZID", "")),
        }
        for event in read.walk("VEVENT")
    ]


def _moment(event: Any, name: str) -> str:
    found = event.get(name)
    return found.dt.isoformat() if found is not None else ""


def told_check(answer: Answer[Checked]) -> dict[str, Any]:
    """Return what a check found."""
    checked = answer.last
    known = {"findings": [], "variants": 0} if checked is None else checked.to_json()
    return {**known, "faults": told_faults(answer.faults)}
