"""Looking at a message as one person: whom there is, what they would get, and why."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.routing import Route

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.planning import Outlook
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.asking import wanted_of
from tigc_mail.interfaces.preview.endpoints import get
from tigc_mail.interfaces.preview.readers import SAMPLES, name_of, reader_of
from tigc_mail.interfaces.preview.studio import Proof, Studio, Wanted
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.people.audience import Audience
from tigc_mail.people.consent import Consent, in_force
from tigc_mail.people.contact import Contact
from tigc_mail.people.contacts import Suppression
from tigc_mail.people.segment import Segment
from tigc_mail.render.message import Occurrence, Pieces

MAX_FOUND = 20
"""How many contacts a search shows."""


def routes(studio: Studio) -> list[Route]:
    """Return the addresses at which the page asks about people."""
    return [get("people", _people, studio), get("person", _person, studio)]


def _people(studio: Studio, request: Request) -> dict[str, Any]:
    """Tell of the contacts in which the words stand that are looked for."""
    with studio.workspace() as workspace:
        known = workspace.known_contacts()
    text = request.query_params.get("find", "")
    found = () if known is None else known.search(text, MAX_FOUND + 1)
    none = known is None or not (found or known.search("", 1))
    return {
        "none": none,
        "samples": [
            {"id": name, "name": name_of(sample.contact), "about": sample.about}
            for name, sample in SAMPLES.items()
        ],
        "found": [_brief(contact) for contact in found[:MAX_FOUND]],
        "more": len(found) > MAX_FOUND,
    }


def _brief(contact: Contact) -> dict[str, Any]:
    about = (contact.organisation, contact.email_readable)
    return {
        "id": str(contact.id),
        "name": name_of(contact),
        "about": " · ".join(part for part in about if part and part != name_of(contact)),
    }


def _person(studio: Studio, request: Request) -> dict[str, Any]:
    """Tell of one person: the values in the message, and what they would get of its edition."""
    wanted = wanted_of(request)
    with studio.alone(wanted):
        return _of_person(studio, wanted)


def _of_person(studio: Studio, wanted: Wanted) -> dict[str, Any]:
    proof = studio.proof(wanted)
    told: dict[str, Any] = {
        "sample": SAMPLES[wanted.contact].about if wanted.contact in SAMPLES else None,
        "slots": [] if proof.last is None else list(_slots(proof.last)),
        "faults": told_faults(proof.faults),
    }
    if told["sample"] is not None:
        return told
    with studio.workspace() as workspace:
        known = _known(_Case.of(workspace, wanted))
    faults = dict.fromkeys((*proof.faults, *studio.wrong_audiences))  # any of them may be theirs
    return told | known | {"faults": told_faults(faults)}


def _slots(proof: Proof) -> Iterator[dict[str, Any]]:
    """Yield the slots of a message with their values, those of the reader first."""
    message = proof.compiled
    parts = {"subject": message.subject, "HTML": message.html, "text": message.text}
    places = {name: _slots_of(pieces) for name, pieces in parts.items()}
    order = sorted(proof.values, key=lambda slot: (slot.startswith("delivery."), slot))
    for slot in order:
        where = [name for name, slots in places.items() if slot in slots]
        if slot in message.slots:
            value = " ".join(proof.values[slot].split())
            yield {"slot": slot, "value": value, "where": where or ["head"]}


def _slots_of(pieces: Pieces) -> frozenset[str]:
    return frozenset(piece.slot for piece in pieces if isinstance(piece, Occurrence))


class _Case(NamedTuple):
    """A contact and an edition, with all that decides on what they would get."""

    contact: Contact
    edition: Edition
    audiences: dict[str, Audience]
    outlook: Outlook | None
    consent: Consent | None
    suppression: Suppression | None

    @classmethod
    def of(cls, workspace: Workspace, wanted: Wanted) -> "_Case":
        contact, edition = reader_of(workspace, wanted.contact), workspace.edition(wanted.edition)
        number, contacts = contact.id or 0, workspace.contacts
        return cls(
            contact,
            edition,
            dict(workspace.audiences()),
            workspace.campaigns.outlook(edition, number),
            in_force(contacts.consents(number)),
            contacts.suppression(contact.email),
        )


def _known(case: _Case) -> dict[str, Any]:
    contact, outlook = case.contact, case.outlook
    return {
        "contact": {
            **contact.model_dump(mode="json", exclude={"email", "consent_at"}),
            "name": name_of(contact),
            "tags": sorted(contact.tags),
        },
        "consent": None if case.consent is None else _told(case.consent),
        "suppression": None if case.suppression is None else _told(case.suppression),
        "gets": None if outlook is None or outlook.reason else _message(case.edition, outlook),
        "reason": None if outlook is None else outlook.reason,
        "audiences": [*_audiences(case)],
        "blocks": [] if outlook is None else [*_blocks(case, outlook)],
    }


def _told(entry: Consent | Suppression) -> dict[str, Any]:
    values = entry._asdict()
    values.pop("recorded_at", None)
    return {**values, "at": entry.at.date().isoformat()}


def _message(edition: Edition, outlook: Outlook) -> dict[str, Any]:
    """Return the message that somebody would get, as the page asks for it."""
    shown = [block.id for block in edition.blocks if block.id in outlook.shown]
    return {"audience": outlook.audience, "locale": outlook.locale, "shown": shown}


def _audiences(case: _Case) -> Iterator[dict[str, Any]]:
    """Yield every audience with why the contact is in it, those of the edition in its order."""
    own = case.edition.audiences
    for name in (*own, *(name for name in case.audiences if name not in own)):
        explained = Segment(case.audiences[name].segment).explain(case.contact)
        yield {
            "id": name,
            "in": explained.verdict,
            "standing": _standing(case, name) if explained.verdict else "is not in it",
            "why": list(explained.lines()),
        }


def _standing(case: _Case, name: str) -> str:
    """Return what it means that a contact is in an audience."""
    own, outlook = case.edition.audiences, case.outlook
    if name not in own or outlook is None:
        return "is in it, and the edition is for others"
    if name == outlook.audience:
        if outlook.reason is None:
            return "gets its message"
        return f"would get its message, but: {outlook.reason}"
    if own.index(name) < own.index(outlook.audience):
        return "is in it, and it shows them nothing"
    return f"is in it, and {outlook.audience} comes first"


def _blocks(case: _Case, outlook: Outlook) -> Iterator[dict[str, Any]]:
    """Yield the blocks that only some of the audience see, with why this contact does."""
    for block in case.edition.conditional_blocks(case.audiences[outlook.audience]):
        if block.show_when is not None:
            explained = Segment(block.show_when).explain(case.contact)
            shown = block.id in outlook.shown
            yield {"id": block.id, "shown": shown, "why": list(explained.lines())}
