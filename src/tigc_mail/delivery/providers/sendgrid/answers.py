"""What SendGrid's answers mean for the messages of a request."""

import json
import re
import socket
import ssl
from collections.abc import Mapping
from math import isnan
from time import time
from typing import Any, NamedTuple

from tigc_mail.delivery.providers.protocol import Outcome
from tigc_mail.errors import ProviderError, UnavailableError

PLACE = "sendgrid"
_MEND = "Mend what it names."
SHORTER = "Leave out attachments, or put them on a page and link to it."

_ADDRESS = re.compile(r"\S*@\S*")
_RECIPIENT = re.compile(r"personalizations[.\[](\d{1,3})\]?\.to\b")
"""The field of an error that lies with one recipient: the address or the name. What else a
personalization holds is of our making, so that a fault there is everybody's."""
_LONGEST_WORDS = 200
_LONGEST_WAIT = 3600.0
"""Seconds; a later end of a rate limit is a clock that is wrong."""


class Answer(NamedTuple):
    """What became of all the messages of one request."""

    outcome: Outcome
    reference: str | None = None
    """SendGrid's name for the request."""
    reason: str | None = None
    failure: ProviderError | None = None
    """Why no other request should follow for now."""


class TooLargeError(ProviderError):
    """The request is too large; nothing of it was sent."""


class BadRecipientsError(ProviderError):
    """SendGrid names recipients that it does not take; nothing of the request was sent.

    Args:
        reasons: why, by position in the request.
    """

    def __init__(self, reasons: Mapping[int, str]) -> None:
        said = _bounded("; ".join(dict.fromkeys(reasons.values())))
        super().__init__(f"does not take some recipients (400): {said}", PLACE, _MEND)
        self.reasons = reasons


def accepted_or_not(
    status: int, headers: Mapping[str, Any], body: bytes, *, sandbox: bool
) -> Answer:
    """Return what an answer means.

    Only 202 says that messages were accepted (200 in the sandbox). An error in SendGrid's own words
    says that they were not. Anything else may come from something in between, behind which SendGrid
    may have them.

    Raises:
        TooLargeError: if the request must be cut.
        BadRecipientsError: if some recipients must be left out.
        UnavailableError: if the same request may be taken later.
        ProviderError: if somebody has to mend something first.
    """
    if status == 202 or (status == 200 and sandbox):
        return Answer("accepted", reference=headers.get("X-Message-Id"))
    errors = _errors(body)
    if 300 <= status < 400:
        cause, cure = "redirects elsewhere, which is not followed", f"Check the host: {_HOST}."
        raise ProviderError(cause, PLACE, cure)
    if status == 429:
        wait = _retry_after(headers)
        raise UnavailableError("takes no more requests for now", PLACE, retry_after=wait)
    if 400 <= status < 500:
        raise _refusal(status, errors)
    if status in (500, 503) and errors:
        cause = f"has a fault of its own ({status}): {_words(errors)}"
        raise UnavailableError(cause, PLACE, "Wait, or look at its status page.")
    told = f"answered {status}, which is no answer of SendGrid to a message"
    if status >= 500:
        cure = f"Wait, or look at its status page. {_LOOK_UP}"
        wait_a_bit = UnavailableError(told, PLACE, cure)
        return Answer("unknown", reason=told, failure=wait_a_bit)
    return Answer(
        "unknown", reason=told, failure=ProviderError(told, PLACE, f"Check the host: {_HOST}.")
    )


_LOOK_UP = (
    "Whether these messages were sent stands in SendGrid's own record: look there, then settle them"
    " with tigc-mail campaign settle."
)
"""What waiting does not tell."""

_HOST = "TIGC_MAIL_SENDGRID_HOST, or host in [providers.sendgrid]"


def _refusal(status: int, errors: list[dict[str, Any]]) -> ProviderError:
    """Return the error for an answer between 400 and 499."""
    if status == 413:
        return TooLargeError("the message is too large for SendGrid", PLACE, SHORTER)
    found = [_RECIPIENT.search(_text(error, "field")) for error in errors]
    if status == 400 and errors and all(found):
        reasons = {
            int(match[1]): _words([error])
            for match, error in zip(found, errors, strict=True)
            if match
        }
        return BadRecipientsError(reasons)
    words = _words(errors)
    if status == 401:
        cure = "Set TIGC_MAIL_SENDGRID_API_KEY to a key of your account."
        return ProviderError("does not take the key", PLACE, cure)
    if status == 403:
        cure = "Verify the sender of the audience there, and that the key may send mail."
        return ProviderError(f"does not allow it: {words}", PLACE, cure)
    if not errors or status in (404, 405):
        cause = f"answered {status}, and not in SendGrid's words"
        return ProviderError(cause, PLACE, f"Check the host: {_HOST}.")
    return ProviderError(f"refused the request ({status}): {words}", PLACE, _MEND)


_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""The connection was closed: nothing is wrong with the host."""


def unreachable(reason: object, url: str) -> ProviderError:
    """Return the error for a request that did not reach SendGrid as a whole: it was not sent.

    Args:
        reason: why.
        url: the address of the API; it holds no secret.
    """
    place = f"{PLACE} at {url}"
    if isinstance(reason, ssl.SSLCertVerificationError):
        cause = f"its certificate is not valid: {reason.verify_message}"
        return ProviderError(
            cause, place, f"Check the host: {_HOST}; and the clock of this machine."
        )
    if isinstance(reason, ssl.SSLError) and not isinstance(reason, _ENDED):
        cause = f"no secure connection: {reason.reason or 'TLS failed'}"
        return ProviderError(cause, place, f"Check the host: {_HOST}.")
    if isinstance(reason, socket.gaierror) and reason.errno != socket.EAI_AGAIN:
        return ProviderError("there is no such host", place, f"Check the host: {_HOST}.")
    said = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    cause = f"cannot be reached: {_bounded(said) or 'no connection'}"
    cure = f"Check the network, the proxy if there is one, and the host: {_HOST}."
    return UnavailableError(cause, place, cure)


def unnamed() -> ProviderError:
    """Return the error for a host or a proxy whose name is none: nothing was connected to."""
    cure = f"Check the host: {_HOST}; and the proxy if there is one."
    return ProviderError("that is no name of a host", PLACE, cure)


def unanswered(error: Exception) -> Answer:
    """Return what it means that a request went out and no whole answer came."""
    told = "no answer came" if isinstance(error, TimeoutError) else "the connection broke"
    told = f"{told} after the request was sent"
    return Answer("unknown", reason=told, failure=UnavailableError(told, PLACE, _LOOK_UP))


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    """Return the seconds until the end of a rate limit, as far as it is told and believable."""
    for name, now in (("Retry-After", 0.0), ("X-RateLimit-Reset", time())):
        try:
            told = float(headers.get(name, "")) - now
        except (TypeError, ValueError):
            continue
        if not isnan(told):
            return min(max(told, 0.0), _LONGEST_WAIT)
    return None


def _errors(body: bytes) -> list[dict[str, Any]]:
    """Return the errors that SendGrid tells; none where the body is not in its words."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    errors = told.get("errors") if isinstance(told, dict) else None
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _words(errors: list[dict[str, Any]]) -> str:
    """Return what errors say, without addresses."""
    said = "; ".join(_text(error, "message") for error in errors)
    return _bounded(said) or "it says not why"


def _text(error: Mapping[str, Any], name: str) -> str:
    """Return a text of an error; nothing where it is none."""
    told = error.get(name)
    return told if isinstance(told, str) else ""


def _bounded(said: str) -> str:
    """Return words without addresses, in one line of bounded length."""
    line = " ".join(said[: 10 * _LONGEST_WORDS].split())
    return _ADDRESS.sub("(an address)", line)[:_LONGEST_WORDS]
