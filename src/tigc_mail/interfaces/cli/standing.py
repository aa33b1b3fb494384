"""How a contact stands with us, as commands tell it: consent and suppression."""

from collections.abc import Iterator
from typing import Any

from tigc_mail.interfaces.cli.moments import told_moment
from tigc_mail.people.consent import Consent
from tigc_mail.people.contacts import Suppression


def consent_json(entry: Consent) -> dict[str, Any]:
    """Return an entry of the history of consent as plain values."""
    return {
        "event": entry.event,
        "basis": entry.basis,
        "source": entry.source,
        "at": entry.at.isoformat(),
    }


def suppression_json(suppression: Suppression) -> dict[str, Any]:
    """Return a suppression as plain values."""
    return {**suppression._asdict(), "at": suppression.at.isoformat()}


def standing_json(consent: Consent | None, suppression: Suppression | None) -> dict[str, Any]:
    """Return `{"consent": {...}, "suppression": {...}}`; each is None where there is none."""
    return {
        "consent": None if consent is None else consent_json(consent),
        "suppression": None if suppression is None else suppression_json(suppression),
    }


def standing_lines(consent: Consent | None, suppression: Suppression | None) -> Iterator[str]:
    """Yield a line on the consent in force, and one on suppression."""
    yield f"Consent: {told_consent(consent)}"
    yield f"Suppression: {told_suppression(suppression)}"


def told_consent(consent: Consent | None) -> str:
    """Return what the consent in force is: `public-task since 2026-01-15 00:00 UTC (import a.csv)`.

    Args:
        consent: the entry of the history that counts now; None where there is none.
    """
    if consent is None:
        return "none on record; nothing is sent to them"
    since = f"since {told_moment(consent.at)} ({consent.source})"
    if consent.event == "withdrawn":
        return f"withdrawn {since}; nothing is sent to them"
    return f"{consent.basis} {since}"


def told_suppression(suppression: Suppression | None) -> str:
    """Return why an address is never written to: `bounced, since 2026-01-15 00:00 UTC (provider)`.

    Args:
        suppression: the suppression; None where there is none.
    """
    if suppression is None:
        return "none"
    since = told_moment(suppression.at)
    return f"{suppression.reason}, since {since} ({suppression.source}); it is never written to"
