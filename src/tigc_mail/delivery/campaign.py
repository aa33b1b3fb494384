"""Campaigns: an edition on its way to audiences, from the plan to the account of it."""

import json
from collections.abc import Mapping, Sequence
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
from tigc_mail.delivery.dispatch import Dispatch, Post
from tigc_mail.delivery.fallbacks import count_fallbacks
from tigc_mail.delivery.guard import Guard
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.notices import note_sent, require_in_order, require_not_overtaken
from tigc_mail.delivery.office import Compiling, Office
from tigc_mail.delivery.planning import Planner, Variant
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.delivery.sending import WORKERS, Progress, send_batches, sole_sender
from tigc_mail.delivery.states import UNSENT, CampaignState, DeliveryState
from tigc_mail.errors import ApprovalError, CampaignError, ChangedError, UsageError
from tigc_mail.people.segment import Segment


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

        The same call continues a send that was interrupted in any way; of a finished campaign it
        returns the account.

        Args:
            provider: the name of a provider; that of the workspace's settings by default.
            progress: told how many deliveries were settled, batch by batch.
            workers: how many batches are sent at the same time.

        Returns:
            The account after the send.

        Raises:
            ApprovalError: if it is not approved.
            ChangedError: if anything changed since it was approved.
            DocumentError: if another campaign has sent a later notice of its event since.
            CampaignError: if another process is sending it, it is over, or some of it may have been
                sent through another provider already.
            ProviderError: if the provider could not be used; the rest is still planned.
        """
        if not self._sendable():
            return self.status()
        with sole_sender(self._office.locks, self.id):
            if self._sendable():  # another process may just have ended it
                messages = self._messages()
                self._require_unchanged(messages)
                require_not_overtaken(self._edition, self._office)
                chosen = self._office.sources.provider(provider)
                try:
                    self._send_through(chosen, messages, progress, workers)
                finally:
                    chosen.close()
        return self.status()

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

    def _send_through(
        self, provider: Provider, messages: Messages, progress: Progress | None, workers: int
    ) -> None:
        ledger, clock = self._office.ledger, self._office.clock
        dispatch = Dispatch(
            ledger=ledger,
            campaign=self.id,
            posts=self._posts(messages),
            provider=provider,
            signer=self._office.sources.signer(provider),
            clock=clock,
        )
        if self.state is not CampaignState.SENDING:
            ledger.move_campaign(self._number, self.state, CampaignState.SENDING)
        ledger.give_up_claims(self._number, clock())
        self._keep_to(provider)
        note_sent(self._edition, self._number, self._office)
        send_batches(
            dispatch,
            ledger.open_batches(self._number),
            not_after=self._row.not_after,
            progress=progress,
            workers=workers,
        )
        self._close()

    def _keep_to(self, provider: Provider) -> None:
        """Write down through what it is sent: an unknown outcome is that provider's to repeat."""
        before = self._row.provider
        unknown = self._office.ledger.count(self._number, [DeliveryState.UNKNOWN])
        if unknown and before != provider.name:
            cause = f"{unknown} of its deliveries may have been sent through {before}"
            cure = f"Go on with that: tigc-mail campaign send {self.id} --provider {before}."
            raise CampaignError(cause, self.id, cure)
        self._office.ledger.note_provider(self._number, provider.name)

    def _close(self) -> None:
        """Finish the campaign, or let it expire, once nothing waits for an outcome."""
        ledger, now = self._office.ledger, self._office.clock()
        late = self._row.not_after is not None and now > self._row.not_after
        expired = ledger.expire(self._number, now) if late else 0
        if not self.unsent:
            end = CampaignState.EXPIRED if expired else CampaignState.FINISHED
            ledger.move_campaign(self._number, CampaignState.SENDING, end)

    def _posts(self, messages: Messages) -> dict[int, Post]:
        audiences = self._office.sources.audiences()
        return {
            variant.code: Post(
                message=message,
                sender=audiences[variant.audience].sender.address,
                segment=Segment(audiences[variant.audience].segment).condition(),
            )
            for variant, message in messages.items()
        }

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

    def _sendable(self) -> bool:
        """Return whether anything of it is left to send; False once it is finished."""
        state = self.state
        if state is CampaignState.DRAFT:
            cure = f"Approve it first: tigc-mail campaign approve {self.id} --by NAME."
            raise ApprovalError("is not approved", self.id, cure)
        if state in (CampaignState.APPROVED, CampaignState.SENDING):
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
        planned_anew = self.state is CampaignState.SENDING or {RULES, RECIPIENTS} & {*parts}
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
