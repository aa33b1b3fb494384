"""What a server's answers mean for a delivery, told without addresses."""

import re
from typing import NamedTuple

from tigc_mail.delivery.providers.protocol import Envelope, Outcome, Receipt

MAX_REASON = 200
"""How many characters of a server's words a reason holds, at most."""

UNDELIVERABLE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""Codes that say that an address does not exist (RFC 3463, 5.1.10: RFC 7505)."""

_ADDRESS = re.compile(r'"[^"]*"@\S+|\S*@\S*')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]+")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_QUEUE_ID = re.compile(
    r"queued as ([\w.-]+)"  # Postfix
    r"|\bid=([\w.-]+)"  # Exim
    r"|^([\w.-]+) Message accepted"  # Sendmail
    r"|\bqp (\d+)"  # qmail
    r"|InternalId=(\d+)",  # Exchange
    re.IGNORECASE,
)


class Answer(NamedTuple):
    """One reply of a server (RFC 5321, 4.2)."""

    code: int
    enhanced: str
    """The enhanced status code (RFC 3463), or nothing."""
    text: str
    """The words, of all lines."""

    @property
    def kind(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 not at all."""
        return self.code // 100

    @property
    def oversized(self) -> bool:
        """Whether it refuses a message because of its size (RFC 1870, 6.1)."""
        return self.enhanced == "5.3.4" or (self.code == 552 and not self.enhanced)

    def told(self, recipient: str = "") -> str:
        """Return codes and words without addresses, in one line of bounded length.

        Args:
            recipient: whose local part, too, must not be told.
        """
        words = masked(self.text, recipient)
        return " ".join(part for part in (str(self.code), self.enhanced, words) if part)

    @property
    def reference(self) -> str | None:
        """The name under which the server queued the message, if it told one that is known."""
        found = _QUEUE_ID.search(self.text)
        return next(filter(None, found.groups()))[:100] if found else None


def answer_of(code: int, lines: list[str]) -> Answer:
    """Return the answer that has these lines, without their codes."""
    found = _ENHANCED.match(lines[0])
    enhanced = found[1] if found else ""
    words = [line.removeprefix(enhanced).strip() for line in lines] if enhanced else lines
    return Answer(code, enhanced, " ".join(words).strip())


def masked(text: str, recipient: str = "") -> str:
    """Return the words of a server without addresses, in one line of bounded length."""
    words = _ADDRESS.sub("[address]", _UNPRINTABLE.sub(" ", text[: 10 * MAX_REASON]))
    local = recipient.rpartition("@")[0].strip('"')
    if local:
        words = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "[address]", words, flags=re.IGNORECASE)
    return words if len(words) <= MAX_REASON else f"{words[: MAX_REASON - 1]}…"


def receipt_of(answer: Answer, envelope: Envelope) -> Receipt:
    """Return what an answer means for a delivery: that to its message, or a refusal before it."""
    if answer.kind == 2:
        return Receipt(envelope.delivery_id, "accepted", answer.reference)
    outcome: Outcome = "postponed" if answer.kind == 4 else "rejected"
    return Receipt(
        envelope.delivery_id,
        outcome,
        reason=answer.told(envelope.recipient),
        undeliverable=answer.enhanced in UNDELIVERABLE,
    )
