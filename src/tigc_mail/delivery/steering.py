"""Steering a campaign: whether and when it may go, pausing, cancelling, settling the unknown.

Nothing here waits for the process that sends: it asks the ledger before each claim. What is in
flight at that moment is finished.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, select

from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.batches import of_campaign
from tigc_mail.delivery.events import give_up_claims, take_events
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.providers.protocol import ProviderEvent
from tigc_mail.delivery.settlement import BadRow, SettlementReport, read_settlements
from tigc_mail.delivery.states import CAMPAIGN_TRANSITIONS, CampaignState, DeliveryState
from tigc_mail.delivery.tables import deliveries
from tigc_mail.errors import ApprovalError, CampaignError, UsageError
from tigc_mail.people.tables import contacts

Verdict = Literal["sent", "not-sent"]
"""What a person finds out about deliveries whose outcome is unknown."""


def sendable(campaign: Row[Any], *, resumed: bool) -> bool:
    """Return whether anything of a campaign is left to send; False once it is finished.

    Args:
        campaign: its row.
        resumed: whether somebody says that it goes on, though somebody paused it.

    Raises:
        ApprovalError: if it is not approved.
        CampaignError: if somebody paused it, or it is over.
    """
    name, state = campaign.id, CampaignState(campaign.state)
    if state is CampaignState.DRAFT:
        cure = f"Approve it first: tigc-mail campaign approve {name} --by NAME."
        raise ApprovalError("is not approved", name, cure)
    if state is CampaignState.PAUSED and campaign.paused_by is not None and not resumed:
        cause = f"was paused by {campaign.paused_by}"
        told = f"{cause}: {campaign.pause_reason}" if campaign.pause_reason else cause
        cure = f"Go on with: tigc-mail campaign resume {name} --by NAME."
        raise CampaignError(told, name, cure)
    if state in (CampaignState.APPROVED, CampaignState.SENDING, CampaignState.PAUSED):
        return True
    if state is not CampaignState.FINISHED:
        cure = "Create a new campaign, where it is still to be sent."
        raise CampaignError(f"is {state}; there is nothing to send", name, cure)
    return False


def require_paused(office: Office, campaign: Row[Any]) -> None:
    """Refuse to resume what is not paused.

    Raises:
        CampaignError: with what to do instead.
    """
    name, state = campaign.id, CampaignState(campaign.state)
    if state is CampaignState.PAUSED:
        return
    cure = f"Look at it: tigc-mail campaign status {name}."
    if state is CampaignState.SENDING and not office.has_sender(name):
        again = f"tigc-mail campaign send {name} --provider {campaign.provider}"
        cure = f"No process sends it now; go on with: {again}."
    raise CampaignError(f"is {state}; only a paused one can resume", name, cure)


def through(office: Office, campaign: Row[Any], named: str | None) -> str:
    """Return through which providers a campaign goes on, a comma between.

    Nobody takes it for granted that files in a folder may take the place of a mail service.

    Args:
        office: knows those of the settings.
        campaign: its row.
        named: those that somebody names for this send; None for nobody.

    Raises:
        UsageError: if nobody names any, and it was sent through others than those of the settings.
    """
    default = office.sources.provider_names()
    if named is not None or campaign.provider is None:
        return named or default
    before = ",".join(name.strip() for name in campaign.provider.split(","))
    if before == ",".join(name.strip() for name in default.split(",")):
        return default
    cause = f"{campaign.id} was sent through {before} so far, and the settings say {default}"
    cure = f"Say which it is: --provider {before}, or --provider {default}."
    raise UsageError(cause, "provider", cure)


def schedule(office: Office, campaign: Row[Any], not_before: datetime, by: str) -> None:
    """Write down when a campaign may begin to be sent, and who said so.

    Raises:
        UsageError: if the time has no zone.
        CampaignError: if the campaign's time is over by then.
    """
    if not_before.tzinfo is None:
        cure = "Write one such as 2026-12-01 09:00 Europe/Paris."
        raise UsageError("has no time zone", "not_before", cure)
    not_after = campaign.not_after
    if not_after is not None and not_before > not_after:
        told = f"its time is over by then: not after {not_after:%Y-%m-%d %H:%M} UTC"
        raise CampaignError(told, campaign.id, "Choose an earlier time.")
    begins = not_before.astimezone(UTC)
    deed = Deed(office.clock(), by, {"not_before": str(begins)})
    with office.ledger.writing() as connection:
        office.ledger.schedule(connection, campaign.number, begins)
        note(connection, campaign.id, "scheduled", deed)


def pause(office: Office, campaign: str, number: int, by: str, reason: str) -> None:
    """Let nothing more be claimed until somebody resumes it.

    Raises:
        UsageError: if nobody is named.
        CampaignError: if it is not being sent.
    """
    who = named(by)
    with office.ledger.writing() as connection:
        state = office.ledger.state(connection, number)
        if state is not CampaignState.SENDING:
            cure = f"Look at it: tigc-mail campaign status {campaign}."
            if state in (CampaignState.DRAFT, CampaignState.APPROVED):
                cure = f"To keep it from being sent: tigc-mail campaign cancel {campaign}."
            raise CampaignError(f"is {state}; only what is being sent can pause", campaign, cure)
        office.ledger.change(
            connection,
            number,
            CampaignState.SENDING,
            CampaignState.PAUSED,
            Deed(office.clock(), who, {"reason": reason}),
            paused_by=who,
            pause_reason=" ".join(reason.split()) or None,
        )


def cancel(office: Office, campaign: str, number: int, by: str, reason: str) -> int:
    """End it for good: whatever is not claimed at this moment is not sent.

    Returns:
        How many deliveries were cancelled.

    Raises:
        UsageError: if nobody is named.
        CampaignError: if it is over already.
    """
    deed = Deed(office.clock(), named(by), {"reason": reason})
    with office.ledger.writing() as connection:
        state = office.ledger.state(connection, number)
        if CampaignState.CANCELLED not in CAMPAIGN_TRANSITIONS[state]:
            raise CampaignError(f"is {state} already; there is nothing to cancel", campaign)
        office.ledger.change(connection, number, state, CampaignState.CANCELLED, deed)
        return office.ledger.sweep(connection, number, office.clock())


def settle(
    office: Office, campaign: str, number: int, by: str, verdict: Verdict
) -> SettlementReport:
    """Decide what became of all its deliveries whose outcome is unknown.

    What was not sent is planned again, or goes the way of the campaign where that is over.

    Raises:
        UsageError: if nobody is named.
        CampaignError: if it is being sent at this moment.
    """
    who = named(by)
    with office.sole_sender(campaign):
        give_up_claims(office.ledger, number, office.clock())
        settled = _settle(office, number, deliveries.c.campaign == number, who, verdict)
        _note_settled(office, campaign, who, {"as": verdict, "settled": settled})
        office.ledger.close(number, office.clock())
    return SettlementReport(settled, (), 0)


def settle_from(
    office: Office, campaign: str, number: int, by: str, path: Path, *, by_address: bool
) -> SettlementReport:
    """Take from a CSV file of the provider what became of its deliveries.

    What the file says was delivered, bounced and so on counts for every delivery; what it says was
    not sent counts for those whose outcome is unknown, and about which it says nothing else.

    Raises:
        UsageError: if nobody is named, or the file cannot be read.
        CampaignError: if it is being sent at this moment.
    """
    who, ledger, rejected = named(by), office.ledger, list[BadRow]()
    events, unsent = dict[str, ProviderEvent](), set[int]()
    with office.sole_sender(campaign):
        give_up_claims(ledger, number, office.clock())
        known, elsewhere = _names(office, campaign, number), _written_to_elsewhere(office, number)
        waiting = _not_handed_over(office, number)
        for row in read_settlements(path):
            if isinstance(row, BadRow):
                rejected.append(row)
            elif (delivery := known.get((row.by, row.name))) is None:
                rejected.append(BadRow(row.line, row.by, f"is of no delivery of {campaign}"))
            elif row.by == "email" and not by_address:
                rejected.append(BadRow(row.line, row.by, _TEST))
            elif delivery in waiting:
                rejected.append(BadRow(row.line, row.by, _WAITING))
            elif row.by == "email" and delivery in elsewhere:
                rejected.append(BadRow(row.line, row.by, _ELSEWHERE))
            elif row.kind is None:
                unsent.add(delivery)
            else:
                event = f"{campaign}-{delivery}"
                name = f"{event} {row.kind} ({path.name}, {who}, {office.clock().isoformat()})"
                events[name] = ProviderEvent(name, event, row.kind, office.clock())
        before = ledger.count(number, [DeliveryState.UNKNOWN])
        take_events(ledger, events.values(), office.clock())
        _settle(office, number, deliveries.c.id.in_(unsent), who, "not-sent")
        left = ledger.count(number, [DeliveryState.UNKNOWN])
        _note_settled(office, campaign, who, {"from": path.name, "settled": before - left})
        ledger.close(number, office.clock())
    return SettlementReport(before - left, tuple(rejected), left)


_TEST = "may tell of a test, or of other mail of the account: --by-address takes it"
_WAITING = "is of a delivery that was not handed over"
_ELSEWHERE = "has messages of other campaigns too: name the delivery by its id"


def _note_settled(office: Office, campaign: str, who: str, detail: Mapping[str, Any]) -> None:
    with office.ledger.writing() as connection:
        note(connection, campaign, "settled", Deed(office.clock(), who, detail))


def _settle(
    office: Office, number: int, chosen: ColumnElement[bool], who: str, verdict: Verdict
) -> int:
    """Settle the chosen deliveries of a campaign, as far as their outcome is unknown."""
    ledger, now = office.ledger, office.clock()
    target = DeliveryState.ACCEPTED if verdict == "sent" else DeliveryState.PLANNED
    with ledger.writing() as connection:
        settled = ledger.move(
            connection,
            chosen & of_campaign(number),
            DeliveryState.UNKNOWN,
            target,
            reason=f"settled as {verdict} by {who}",
            changed_at=now,
        )
        ledger.sweep(connection, number, now)
    return settled


def _names(office: Office, campaign: str, number: int) -> Mapping[tuple[str, str], int]:
    """Return the deliveries of a campaign by what a file may call them."""
    names: dict[tuple[str, str], int] = {}
    with office.ledger.reading() as connection:
        for delivery, key in connection.execute(
            select(deliveries.c.id, contacts.c.email_key)
            .outerjoin(contacts, contacts.c.id == deliveries.c.contact_id)
            .where(deliveries.c.campaign == number)
        ):
            names["delivery", f"{campaign}-{delivery}"] = delivery
            names["email", key or ""] = delivery
    names.pop(("email", ""), None)
    return names


def _not_handed_over(office: Office, number: int) -> set[int]:
    """Return the deliveries that no provider was given so far."""
    with office.ledger.reading() as connection:
        found = connection.execute(
            select(deliveries.c.id).where(
                deliveries.c.campaign == number,
                deliveries.c.state == DeliveryState.PLANNED.value,
                deliveries.c.provider.is_(None),
            )
        )
        return set(found.scalars())


def _written_to_elsewhere(office: Office, number: int) -> set[int]:
    """Return the deliveries whose contacts other campaigns wrote to, or may have."""
    own, other = deliveries.alias(), deliveries.alias()
    with office.ledger.reading() as connection:
        found = connection.execute(
            select(own.c.id)
            .join(other, own.c.contact_id == other.c.contact_id)
            .where(
                own.c.campaign == number,
                other.c.campaign != number,
                other.c.provider.is_not(None),
            )
        )
        return set(found.scalars())


def named(by: str) -> str:
    """Return a name with its blanks put in order.

    Raises:
        UsageError: if it is empty.
    """
    who = " ".join(by.split())
    if not who:
        raise UsageError("nobody is named", "by", "Write who does it.")
    return who
