"""Campaigns: an edition on its way to audiences, from the plan to the account of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.account import Status, problems, status_of
from tigc_mail.delivery.approval import (
    RECIPIENTS,
    RULES,
    Digests,
    Messages,
    changes,
    combined,
    digests_of,
    message_name,
    recipients_digest,
    rules_digest,
    same_name,
)
from tigc_mail.delivery.fallbacks import count_fallbacks
from tigc_mail.delivery.guard import Guard
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.lock import sole_sender
from tigc_mail.delivery.notices import require_in_order, require_not_overtaken
from tigc_mail.delivery.office import Compiling, Office
from tigc_mail.delivery.outgoing import send_out
from tigc_mail.delivery.planning import Planner, Variant
from tigc_mail.delivery.sending import WORKERS, Progress
from tigc_mail.delivery.settlement import SettlementReport
from tigc_mail.delivery.states import UNSENT, CampaignState
from tigc_mail.delivery.steering import (
    Verdict,
    cancel,
    named,
    pause,
    settle,
    settle_from,
)
from tigc_mail.errors import (
    ApprovalError,
    CampaignError,
    ChangedError,
    UsageError,
)


class Campaign:
    """One edition on its way to some audiences.

    Every answer is read from the ledger at the moment of asking.
    """

    def __init__(self, office: Office, name: str, number: int) -> None:
        self._office = office
        self._number = number
        self.id = name

    @property
    def state(self) -> CampaignState:
        """How far it is."""
        return CampaignState(self._row.state)

    @property
    def author(self) -> str:
        """Who created it."""
        return str(self._row.author)

    @property
    def planned(self) -> int:
        """How many recipients it was planned for."""
        return int(self._row.planned)

    @property
    def unsent(self) -> int:
        """How many deliveries still wait for their outcome."""
        return self._office.ledger.count(self._number, UNSENT)

    def plan(self, connection: Connection, planner: Planner) -> int:
        """Write a delivery for every recipient, and count who is left out and why.

        Args:
            connection: the transaction in which the campaign was created.
            planner: the edition and the audiences.

        Returns:
            How many recipients there are.

        Raises:
            CampaignError: if there is nobody to send it to, or too many variants.
            TemplateError: if one of its variants cannot be compiled.
        """
        ledger = self._office.ledger
        outside = planner.choose(connection)
        sizes = planner.variants(connection, self._office.sources.place)
        compiler = self._office.sources.compiler()
        sent = {
            variant: size
            for variant, size in sizes.items()
            if _compiled(compiler, planner, variant)
        }
        if not sent:
            raise _nobody(planner, outside, bool(sizes))
        planned = planner.write(connection, self._number, sent)
        ledger.describe_plan(connection, self._number, sent, outside)
        return planned

    def approve(self, *, by: str) -> str:
        """Approve exactly what would be sent now.

        Args:
            by: the name of the approver, who is not the author.

        Returns:
            The digest that the approval is bound to.

        Raises:
            UsageError: if the approver has no name.
            ApprovalError: if the approver is the author.
            CampaignError: if it is neither a draft nor approved already, or is just being sent.
            ChangedError: if the rules changed since the recipients were planned, or the recipients
                since an earlier approval.
            DocumentError: if it tells of an event out of order.
        """
        approver, state = " ".join(by.split()), self.state
        if not approver:
            raise UsageError("the approver has no name", "by", "Write who approves it.")
        if same_name(approver, self.author):
            cause = f"{approver} cannot approve it: the author is {self.author}"
            raise ApprovalError(cause, self.id, "Ask a colleague: approve --by NAME.")
        if state not in (CampaignState.DRAFT, CampaignState.APPROVED):
            cure = f"Look at it: tigc-mail campaign status {self.id}."
            raise CampaignError(f"is {state}; only a draft can be approved", self.id, cure)
        with sole_sender(self._office.locks, self.id):  # what is approved is not sent meanwhile
            parts = self._digests(self._messages())
            self._require_as_planned(parts)
            require_in_order(self._edition, self._office)
            self._bind(approver, parts)
        return combined(parts)

    def send(
        self,
        provider: str | None = None,
        *,
        progress: Progress | None = None,
        workers: int = WORKERS,
    ) -> Status:
        """Send it, or what is still unsent of it.

        The same call continues a send that was interrupted in any way, or that a provider's failure
        paused; of a finished campaign it returns the account. What a provider refuses for now is
        waited for and tried again.

        Args:
            provider: the name of a provider, or several with a comma between: the next one gets
                what those before it surely did not send. By default those of the settings.
            progress: told how many deliveries were settled, batch by batch.
            workers: how many batches are sent at the same time.

        Returns:
            The account after the send.

        Raises:
            ApprovalError: if it is not approved.
            ChangedError: if anything changed since it was approved.
            DocumentError: if another campaign has sent a later notice of its event since.
            CampaignError: if another process is sending it, somebody paused it, or it is over.
            ProviderError: if no provider could be used: it is paused, and the rest still planned.
        """
        return self._go_on(provider, progress, workers)

    def resume(
        self,
        provider: str | None = None,
        *,
        by: str,
        take_refusals: bool = False,
        progress: Progress | None = None,
        workers: int = WORKERS,
    ) -> Status:
        """Go on with what was paused; the arguments and errors are those of `send`.

        Args:
            provider: as for `send`.
            by: the name of who resumes it.
            take_refusals: whether to take it for an answer when a provider refuses every message
                of a batch; otherwise that pauses it again.
            progress: as for `send`.
            workers: as for `send`.

        Raises:
            CampaignError: if it is not paused.
        """
        named(by)
        if self.state is not CampaignState.PAUSED:
            cure = f"Look at it: tigc-mail campaign status {self.id}."
            raise CampaignError(f"is {self.state}; only a paused one can resume", self.id, cure)
        return self._go_on(provider, progress, workers, resumed=True, take_refusals=take_refusals)

    def pause(self, *, by: str, reason: str = "") -> None:
        """Let nothing more be claimed until somebody resumes it; what is in flight is finished.

        Raises:
            CampaignError: if it is not being sent.
        """
        pause(self._office, self.id, self._number, by, reason)

    def cancel(self, *, by: str, reason: str = "") -> int:
        """End it for good; what is in flight is finished, what is planned is not sent.

        Returns:
            How many deliveries were cancelled.

        Raises:
            CampaignError: if it is over already.
        """
        return cancel(self._office, self.id, self._number, by, reason)

    def settle(self, verdict: Verdict, *, by: str) -> SettlementReport:
        """Decide what became of the deliveries whose outcome is unknown: `sent` or `not-sent`.

        What was not sent is planned again, for the next send.

        Raises:
            CampaignError: if it is being sent at this moment.
        """
        return settle(self._office, self.id, self._number, by, verdict)

    def settle_from(self, file: str | Path, *, by: str) -> SettlementReport:
        """Take from a CSV file of the provider what became of its deliveries.

        Args:
            file: with a column `delivery_id` or `email`, and a column `event` or `status`.
            by: the name of who settles it.

        Raises:
            UsageError: if the file cannot be read, or lacks those columns.
            CampaignError: if it is being sent at this moment.
        """
        return settle_from(self._office, self.id, self._number, by, Path(file))

    def status(self) -> Status:
        """Return the account of it at this moment."""
        return status_of(self._office.ledger, self._row)

    def fallbacks(self) -> Mapping[str, int]:
        """Return how many texts are not shown as wanted today, by language; `check` names them."""
        sources, variants = self._office.sources, self._office.ledger.variants(self._number)
        return count_fallbacks(self._edition, sources.audiences(), variants, sources.compiler())

    def verify(self) -> tuple[str, ...]:
        """Return what does not add up in its account; nothing where all is well."""
        found, approved = [*problems(self._office.ledger, self._row)], self._approved
        if approved:
            names = {message_name(each) for each in self._office.ledger.variants(self._number)}
            if names != approved.keys() - {RULES, RECIPIENTS}:
                found.append("its variants are not those that were approved")
            if self._recipients() != approved[RECIPIENTS]:
                found.append(f"{RECIPIENTS} is not the one that was approved")
        return tuple(found)

    # Sending

    def _go_on(
        self,
        provider: str | None,
        progress: Progress | None,
        workers: int,
        *,
        resumed: bool = False,
        take_refusals: bool = False,
    ) -> Status:
        if not self._sendable(resumed):
            return self.status()
        with sole_sender(self._office.locks, self.id):
            if self._sendable(resumed):  # another process may just have ended it
                messages = self._messages()
                self._require_unchanged(messages)
                require_not_overtaken(self._edition, self._office)
                chosen = self._office.sources.open_providers(provider)
                send_out(
                    self._office,
                    self._row,
                    self._edition,
                    messages,
                    chosen,
                    progress=progress,
                    workers=workers,
                    take_refusals=take_refusals,
                )
        return self.status()

    def _messages(self) -> Messages:
        """Return the variants of the plan, compiled from the workspace as it is now.

        Every message that is approved or sent comes from here, and passes the second guard.

        Raises:
            ConfidentialityError: if one holds what its audience must not read.
        """
        sources = self._office.sources
        edition, audiences = self._edition, sources.audiences()
        compiler, own = sources.compiler(), sources.fixed_texts
        guards = {name: Guard(edition, audience, own) for name, audience in audiences.items()}
        messages = {}
        for variant in self._office.ledger.variants(self._number):
            audience = audiences.get(variant.audience)
            if audience is None:
                raise self._changed([RULES])
            tailored = edition.for_audience(audience, variant.locale, variant.shown)
            message = compiler.compile(tailored)
            guards[audience.id].require(message, variant.shown)
            messages[variant] = message
        return messages

    # Approval

    def _sendable(self, resumed: bool) -> bool:  # noqa: FBT001
        """Return whether anything of it is left to send; False once it is finished."""
        row = self._row
        state = CampaignState(row.state)
        if state is CampaignState.DRAFT:
            cure = f"Approve it first: tigc-mail campaign approve {self.id} --by NAME."
            raise ApprovalError("is not approved", self.id, cure)
        if state is CampaignState.PAUSED and row.paused_by is not None and not resumed:
            cause = f"was paused by {row.paused_by}"
            told = f"{cause}: {row.pause_reason}" if row.pause_reason else cause
            cure = f"Go on with: tigc-mail campaign resume {self.id} --by NAME."
            raise CampaignError(told, self.id, cure)
        if state in (CampaignState.APPROVED, CampaignState.SENDING, CampaignState.PAUSED):
            return True
        if state is not CampaignState.FINISHED:
            cure = "Create a new campaign, where it is still to be sent."
            raise CampaignError(f"is {state}; there is nothing to send", self.id, cure)
        return False

    def _require_as_planned(self, parts: Digests) -> None:
        """Refuse what no approval can mend: today's rules, or other people, on yesterday's plan."""
        planned = {RULES: self._row.rules, RECIPIENTS: parts[RECIPIENTS], **self._approved}
        changed = [part for part in (RULES, RECIPIENTS) if planned[part] != parts[part]]
        if changed:
            raise self._changed(changed)

    def _bind(self, approver: str, parts: Digests) -> None:
        """Write down the approval; an earlier one gives way to it."""
        if self.state is CampaignState.APPROVED:
            self._office.ledger.move_campaign(
                self._number, CampaignState.APPROVED, CampaignState.DRAFT
            )
        self._office.ledger.move_campaign(
            self._number,
            CampaignState.DRAFT,
            CampaignState.APPROVED,
            approved_by=approver,
            approved_at=self._office.clock(),
            approved_digest=json.dumps(parts, sort_keys=True),
        )

    def _require_unchanged(self, messages: Messages) -> None:
        changed = changes(self._approved, self._digests(messages))
        if changed:
            raise self._changed(changed)

    def _changed(self, parts: Sequence[str]) -> ChangedError:
        cure = "Undo the change, or let a colleague approve the campaign again."
        begun = self.state in (CampaignState.SENDING, CampaignState.PAUSED)
        planned_anew = begun or {RULES, RECIPIENTS} & {*parts}
        if planned_anew:
            cure = "Undo the change, or create a new campaign."
        told = "; ".join(f"{part} changed" for part in parts)
        return ChangedError(f"is not what was planned and approved: {told}", self.id, cure)

    def _digests(self, messages: Messages) -> Digests:
        return digests_of(messages, self._rules(), self._recipients())

    def _recipients(self) -> str:
        """Return the digest of the list of recipients as it is now."""
        return recipients_digest(self._office.ledger.recipients(self._number))

    @property
    def _approved(self) -> Digests:
        """What the approval is bound to; empty where there was none yet."""
        digests: Digests = json.loads(self._row.approved_digest or "{}")
        return digests

    def _rules(self) -> str:
        """Return the digest of the rules as they are now."""
        audiences = self._office.sources.audiences()
        chosen = [audiences[name] for name in self._audience_ids if name in audiences]
        return rules_digest(self._edition, chosen)

    @property
    def _edition(self) -> Edition:
        """The edition as it is now."""
        try:
            return self._office.sources.edition(self._row.edition)
        except UsageError as error:
            cure = "Put it back, or create a new campaign."
            raise CampaignError(f"its edition is gone: {error.cause}", self.id, cure) from None

    @property
    def _audience_ids(self) -> list[str]:
        return str(self._row.audiences).split(",")

    @property
    def _row(self) -> Row[Any]:
        row = self._office.ledger.campaign(self.id)
        if row is None:
            raise unknown(self.id, self._office.ledger)
        return row


def _compiled(compiler: Compiling, planner: Planner, variant: Variant) -> bool:
    """Compile a variant, to find its faults before anything is written.

    Returns:
        Whether it shows anything at all.
    """
    audience = next(a for a in planner.audiences if a.id == variant.audience)
    tailored = planner.edition.for_audience(audience, variant.locale, variant.shown)
    if not tailored.blocks:
        return False
    compiler.compile(tailored)
    return True


def _nobody(planner: Planner, outside: int, found: bool) -> CampaignError:  # noqa: FBT001
    where = f"edition {planner.edition.id}"
    if found:
        return CampaignError("shows nothing to those it could be sent to", where)
    names = ", ".join(audience.id for audience in planner.audiences)
    cause = f"there is nobody to send it to in {names} ({outside} contacts in none of them)"
    cure = "Import contacts with a recorded consent, or look at `tigc-mail audiences count`."
    return CampaignError(cause, where, cure)


def unknown(name: str, ledger: Ledger) -> UsageError:
    """Return the error about a campaign that there is not."""
    known = ", ".join(row.id for row in ledger.campaigns()[:5]) or "none yet"
    return UsageError(f"there is no campaign {name!r}", "campaign", f"The newest are: {known}.")
