"""The account of a campaign: what became of everybody, and who was left out, and why."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from tigc_mail.delivery.approval import combined
from tigc_mail.delivery.audit import first_of
from tigc_mail.delivery.batches import in_its_batches
from tigc_mail.delivery.earlier import repeated
from tigc_mail.delivery.ledger import Ledger, begun
from tigc_mail.delivery.obstacles import ELSEWHERE, OUTSIDE
from tigc_mail.delivery.pace import Limits, Pace
from tigc_mail.delivery.planning import CONTACTS, LANGUAGE, OTHER_LANGUAGES
from tigc_mail.delivery.providers.protocol import DISCARDED
from tigc_mail.delivery.states import EXPLAINED, TAKEN, CampaignState, DeliveryState
from tigc_mail.delivery.tables import deliveries, exclusions, variants

_ON_ITS_WAY = (CampaignState.APPROVED, CampaignState.SENDING)

MAX_REASONS = 20
"""How many different reasons an account tells."""


@dataclass(frozen=True)
class Status:
    """The account of a campaign at one moment."""

    campaign: str
    edition: str
    state: CampaignState
    author: str
    approved_by: str | None
    approved_digest: str | None
    """What the approval is bound to, as one digest; None where there was none yet."""
    approval_holds: bool | None
    """Whether what would be sent now is what was approved; None where no send is to begin: it is a
    draft, being sent, or over."""
    changed: Sequence[str]
    """What keeps the approval from holding now: the parts that changed. `Campaign.changes` shows
    their lines."""
    unattended: bool
    """Whether it is being sent, and no process does at this moment: the last one was ended."""
    provider: str | None
    """Through what it is, or was, sent; several with a comma between, in their order."""
    providers: Mapping[str, int]
    """How many of its deliveries each provider took, whatever became of them afterwards."""
    paused_by: str | None
    """Who paused it; None where it is not paused, or the failure of a provider did."""
    pause_reason: str | None
    put_off: int
    """How many deliveries a provider refused for now, which are tried again later."""
    next_attempt: datetime | None
    """When the first of those is."""
    not_before: datetime | None
    """When it is scheduled for."""
    today: Mapping[str, int]
    """How many recipients its provider was handed today (`taken`), and may be (`limit`); nothing
    where there is no limit a day."""
    limits: Mapping[str, Limits]
    """How fast, how many and when each of its providers is handed mail, by name."""
    rate: float | None
    """How many recipients a second were accepted of late; None where nobody waits, or can tell."""
    expected_end: datetime | None
    """When it will have been handed over, by the limits and that rate; None if unknown."""
    created_at: datetime
    not_after: datetime | None
    planned: int
    """How many recipients it was planned for; the sum of `states`."""
    states: Mapping[str, int]
    """How many deliveries are in each state."""
    excluded: Mapping[str, int]
    """How many contacts are left out, by reason.

    Those `in-an-earlier-audience` or `in-a-later-audience` are left out of an audience only: they
    get what that other gets.
    """
    discarded: int
    """How many count as sent and reached nobody, as their provider discards what it accepts."""
    reasons: Mapping[str, Mapping[str, int]]
    """Why deliveries were rejected, suppressed and so on: the most frequent reasons by state."""
    audiences: Mapping[str, Mapping[str, int]]
    """The states of each audience."""
    languages: Mapping[str, Mapping[str, Mapping[str, int]]]
    """The states of each audience and language."""
    left_out: Mapping[str, Mapping[str, int]]
    """How many of each audience are left out, by reason."""
    in_several: int
    """How many recipients are in several of its audiences, and get it once."""
    contacts: int
    """How many contacts there were when it was planned: the planned, and those who get nothing."""
    other_languages: Mapping[str, int]
    """How many recipients were planned for `language` though they read another, by that."""
    language: str | None
    """The edition's own language when it was planned; None for a campaign older than the log."""
    outside: int
    """How many contacts are in none of its audiences."""
    repeated: Mapping[str, int]
    """How many of its recipients other campaigns sent the edition before its own first send, by
    campaign."""

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone of its schedule; None where there is none."""
        windows = (limits.window for limits in self.limits.values())
        return next((window.zone for window in windows if window is not None), None)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "campaign": self.campaign,
            "edition": self.edition,
            "state": self.state.value,
            "author": self.author,
            "approved_by": self.approved_by,
            "approved_digest": self.approved_digest,
            "approval_holds": self.approval_holds,
            "changed": list(self.changed),
            "unattended": self.unattended,
            "provider": self.provider,
            "providers": dict(self.providers),
            "paused_by": self.paused_by,
            "pause_reason": self.pause_reason,
            "put_off": self.put_off,
            "next_attempt": self.next_attempt and self.next_attempt.isoformat(),
            "not_before": self.not_before and self.not_before.isoformat(),
            "today": dict(self.today),
            "limits": {name: limits.to_json() for name, limits in self.limits.items()},
            "rate": self.rate,
            "expected_end": self.expected_end and self.expected_end.isoformat(),
            "created_at": self.created_at.isoformat(),
            "not_after": self.not_after and self.not_after.isoformat(),
            "planned": self.planned,
            "states": dict(self.states),
            "discarded": self.discarded,
            "excluded": dict(self.excluded),
            "in_several": self.in_several,
            "contacts": self.contacts,
            "reasons": {state: dict(reasons) for state, reasons in self.reasons.items()},
            "language": self.language,
            "other_languages": dict(self.other_languages),
            "repeated": dict(self.repeated),
            "audiences": {name: dict(states) for name, states in self.audiences.items()},
        }


def status_of(
    ledger: Ledger,
    row: Row[Any],
    pace: Pace,
    limits: Mapping[str, Limits],
    changed: Sequence[str] | None = None,
    *,
    unattended: bool = False,
) -> Status:
    """Return the account of the campaign in `row`, which is sent at a pace.

    Args:
        ledger: the ledger.
        row: the campaign's row.
        pace: that of the provider that has its turn.
        limits: those of all its providers, by name.
        changed: what changed since it was approved; None where that does not matter any more.
        unattended: whether it is to be sent, and no process sends it.
    """
    with ledger.reading() as connection:
        outcomes = _outcomes(connection, row)
        states = sum(outcomes.audiences.values(), Counter[str]())
        left_out = _left_out(connection, row.number)
        excluded = sum(map(Counter, left_out.values()), Counter[str]())
        reasons = _reasons(connection, row.number) if EXPLAINED & states.keys() else {}
        made = first_of(connection, row.id, CampaignState.DRAFT)
        planning = {} if made is None else made.detail
        before = repeated(connection, row)
        in_several = _in_several(connection, row.number) if excluded.keys() & {*ELSEWHERE} else 0
        waits = DeliveryState.PLANNED in states
        put_off, next_attempt = _put_off(connection, row.number) if waits else (0, None)
        rate = _rate(connection, row) if waits else None
        today = pace.today(connection)
    without = sum(size for reason, size in excluded.items() if reason not in ELSEWHERE)
    if row.outside:
        excluded[OUTSIDE] = row.outside
    return Status(
        campaign=row.id,
        edition=row.edition,
        state=CampaignState(row.state),
        author=row.author,
        approved_by=row.approved_by,
        approved_digest=row.approved_digest and combined(json.loads(row.approved_digest)),
        approval_holds=None if changed is None else not changed,
        changed=changed or (),
        provider=row.provider,
        providers=outcomes.providers,
        paused_by=row.paused_by,
        pause_reason=row.pause_reason,
        put_off=put_off,
        next_attempt=next_attempt,
        not_before=row.not_before,
        today=today,
        limits=limits,
        rate=rate,
        unattended=unattended,
        expected_end=pace.expected_end(row.number, rate)
        if row.state in _ON_ITS_WAY and not unattended
        else None,
        created_at=row.created_at,
        not_after=row.not_after,
        planned=row.planned,
        states=states,
        discarded=outcomes.discarded,
        excluded=excluded,
        reasons=reasons,
        audiences=outcomes.audiences,
        languages=outcomes.languages,
        left_out=left_out,
        in_several=in_several,
        contacts=planning.get(CONTACTS, row.planned + without + row.outside),
        other_languages=planning.get(OTHER_LANGUAGES, {}),
        language=planning.get(LANGUAGE),
        outside=row.outside,
        repeated=before,
    )


@dataclass
class _Outcomes:
    """How many deliveries are in which state, counted in several ways."""

    audiences: dict[str, Counter[str]] = field(default_factory=dict)
    """By audience."""
    languages: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    """By audience and language."""
    providers: Counter[str] = field(default_factory=Counter)
    """How many each provider took."""
    discarded: int = 0

    def count(
        self, audience: str, locale: str, state: str, provider: str | None, size: int
    ) -> None:
        """Count deliveries that are alike in all of these."""
        self.audiences.setdefault(audience, Counter())[state] += size
        self.languages.setdefault(audience, {}).setdefault(locale, Counter())[state] += size
        if provider is not None and state in TAKEN:
            self.providers[provider] += size


def _outcomes(connection: Connection, row: Row[Any]) -> _Outcomes:
    """Return what became of the deliveries of a campaign, in the order of its audiences."""
    thrown_away = func.count().filter(deliveries.c.reason == DISCARDED).label("discarded")
    alike = deliveries.c.variant, deliveries.c.state, deliveries.c.provider
    counted = (
        select(*alike, func.count().label("size"), thrown_away)
        .where(in_its_batches(row.number))
        .group_by(*alike)
        .subquery()  # so that few rows are joined, and not those of everybody
    )
    rows = connection.execute(
        select(
            variants.c.audience,
            variants.c.locale,
            counted.c.state,
            counted.c.provider,
            func.sum(counted.c.size),
            func.sum(counted.c.discarded),
        )
        .join(counted, counted.c.variant == variants.c.code)
        .where(variants.c.campaign == row.number)
        .group_by(variants.c.audience, variants.c.locale, counted.c.state, counted.c.provider)
        .order_by(func.min(variants.c.code), counted.c.state, counted.c.provider)
    )
    found = _Outcomes()
    for audience, locale, state, provider, size, discarded in rows:
        found.count(audience, locale, state, provider, int(size))
        found.discarded += int(discarded)
    return found


def _reasons(connection: Connection, campaign: int) -> dict[str, dict[str, int]]:
    """Return how many deliveries are in a state for each reason, the most frequent first."""
    size = func.count()
    rows = connection.execute(
        select(deliveries.c.state, deliveries.c.reason, size)
        .where(deliveries.c.campaign == campaign, deliveries.c.state.in_(sorted(EXPLAINED)))
        .group_by(deliveries.c.state, deliveries.c.reason)
        .order_by(size.desc(), deliveries.c.state, deliveries.c.reason)
        .limit(MAX_REASONS)
    )
    found: dict[str, dict[str, int]] = {}
    for state, reason, count in rows:
        found.setdefault(state, {})[reason or ""] = count
    return found


def _put_off(connection: Connection, campaign: int) -> tuple[int, datetime | None]:
    """Return how many deliveries wait for another attempt, and when the first of them is."""
    due = deliveries.c.due_at
    planned = deliveries.c.state == DeliveryState.PLANNED.value
    row = connection.execute(
        select(func.count(), func.min(due)).where(
            deliveries.c.campaign == campaign, planned, deliveries.c.attempts > 0
        )
    ).one()
    return row[0], row[1]


_OF_LATE = timedelta(minutes=15)
"""How far back a rate looks."""


def _rate(connection: Connection, row: Row[Any]) -> float | None:
    """Return how many recipients a second were accepted of late; None where that cannot be told.

    It looks back from the last that was accepted, and not beyond the beginning of the last send.
    What was accepted with the first of them had taken its time before: it is counted from then on,
    for a second at least.
    """
    changed, start = deliveries.c.changed_at, begun(connection, row.id)
    accepted = deliveries.c.state == DeliveryState.ACCEPTED.value
    of_it = accepted & (deliveries.c.campaign == row.number)
    last: datetime | None = connection.scalar(select(func.max(changed)).where(of_it))
    if last is None or start is None:
        return None
    late = changed >= max(last - _OF_LATE, start.at)
    first: datetime | None = connection.scalar(select(func.min(changed)).where(of_it, late))
    seconds = 0.0 if first is None else (last - first).total_seconds()
    if seconds < 1:
        return None
    since = select(func.count()).where(of_it, late, changed > first)
    return (connection.scalar(since) or 0) / seconds


def _left_out(connection: Connection, campaign: int) -> dict[str, dict[str, int]]:
    """Return how many of each audience get nothing through it, by reason."""
    rows = connection.execute(
        select(exclusions.c.audience, exclusions.c.reason, func.count())
        .where(exclusions.c.campaign == campaign)
        .group_by(exclusions.c.audience, exclusions.c.reason)
        .order_by(exclusions.c.audience, exclusions.c.reason)
    )
    found: dict[str, dict[str, int]] = {}
    for audience, reason, size in rows:
        found.setdefault(audience, {})[reason] = size
    return found


def _in_several(connection: Connection, campaign: int) -> int:
    """Return how many recipients are left out of an audience as they get it through another."""
    elsewhere = exclusions.c.reason.in_(ELSEWHERE)
    found = connection.scalar(
        select(func.count(exclusions.c.contact_id.distinct())).where(
            exclusions.c.campaign == campaign, elsewhere
        )
    )
    return found or 0
