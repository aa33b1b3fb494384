"""What a campaign is made of: as the workspace has it now, and as it was planned and approved."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
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
    rules_of,
)
from tigc_mail.delivery.attested import contradictions
from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.drift import Drift, drift
from tigc_mail.delivery.frozen import Content, contents, differences, freeze, frozen_parts
from tigc_mail.delivery.guard import Guard
from tigc_mail.delivery.office import Office, Sources
from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.states import OVER, SENT, CampaignState
from tigc_mail.errors import (
    ApprovalError,
    CampaignError,
    ChangedError,
    StoreError,
    TigcMailError,
    UsageError,
)
from tigc_mail.people.audience import Audience
from tigc_mail.render.message import CompiledMessage


class Contents:
    """Messages, rules and recipients of one campaign.

    Args:
        office: the ledger and the sources.
        row: the campaign's row, as it is at this moment.
    """

    def __init__(self, office: Office, row: Row[Any]) -> None:
        self._office = office
        self._row = row

    @property
    def edition(self) -> Edition:
        """The edition as it is now.

        Raises:
            CampaignError: if it is gone.
        """
        try:
            return self._office.sources.edition(self._row.edition)
        except UsageError as error:
            cure = "Put it back, or create a new campaign."
            raise CampaignError(f"its edition is gone: {error.cause}", self._row.id, cure) from None

    @property
    def approved(self) -> Digests:
        """What the approval is bound to; empty where there was none yet."""
        digests: Digests = json.loads(self._row.approved_digest or "{}")
        return digests

    def messages(self) -> Messages:
        """Return the variants of the plan, compiled from the workspace as it is now.

        Every message that is approved or sent comes from here, and passes the second guard.

        Raises:
            ChangedError: if an audience of the plan is gone.
            ConfidentialityError: if one holds what its audience must not read.
        """
        variants = self._office.ledger.variants(self._row.number)
        return {variant: message for variant, _, message in self.compiled(variants)}

    def compiled(
        self, variants: Iterable[Variant], marks: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Variant, TailoredEdition, CompiledMessage]]:
        """Yield variants with what they show and the message made of just that, guarded.

        Args:
            variants: variants of the plan.
            marks: what their subjects begin with, by language; nothing by default.

        Raises:
            ChangedError: if an audience of the plan is gone.
            ConfidentialityError: if one holds what its audience must not read.
        """
        sources, edition, chosen = self._office.sources, self.edition, list(variants)
        known = sources.audiences()
        if any(variant.audience not in known for variant in chosen):
            raise self.changed([RULES])
        yield from guarded(sources, edition, chosen, marks)

    def digests(self, messages: Messages) -> Digests:
        """Return what an approval given now would be bound to."""
        rules = rules_digest(self.edition, self._audiences())
        return digests_of(messages, rules, self.recipients())

    def recipients(self) -> str:
        """Return the digest of the list of recipients as it is now."""
        return recipients_digest(self._office.ledger.recipients(self._row.number))

    def kept(self, messages: Messages) -> Mapping[str, Content]:
        """Return what is kept of it when it is approved."""
        return contents(messages, rules_of(self.edition, self._audiences()))

    def bind(self, approver: str, parts: Digests, messages: Messages) -> None:
        """Write down an approval, and what was approved; an earlier one gives way to it.

        Args:
            approver: who approves it.
            parts: what the approval is bound to.
            messages: those that were approved.
        """
        ledger, number, now = self._office.ledger, self._row.number, self._office.clock()
        kept, draft = self.kept(messages), CampaignState.DRAFT
        with ledger.writing() as connection:
            if self._row.state == CampaignState.APPROVED:
                ledger.change(
                    connection, number, CampaignState.APPROVED, draft, Deed(now, approver)
                )
            ledger.change(
                connection,
                number,
                draft,
                CampaignState.APPROVED,
                Deed(now, approver, {"digest": combined(parts)}),
                approved_by=approver,
                approved_at=now,
                approved_digest=json.dumps(parts, sort_keys=True),
            )
            freeze(connection, number, kept)

    def differences(self) -> dict[str, list[str]]:
        """Return the lines that differ between what was planned or approved, and now, by part."""
        with self._office.ledger.reading() as connection:
            before = frozen_parts(connection, self._row.number)
        variants = self._office.ledger.variants(self._row.number)
        left = {audience.id for audience in self._audiences()}
        still = (variant for variant in variants if variant.audience in left)
        messages = {variant: message for variant, _, message in self.compiled(still)}
        found = differences(before, self.kept(messages)) if before else {}
        if self.approved and self.approved[RECIPIENTS] != self.recipients():
            told = f"{self._row.planned} were approved; the deliveries are others now"
            found[RECIPIENTS] = [told]
        return found

    def drift(self) -> Drift:
        """Return how the plan differs from one made now; in nothing once the campaign is over."""
        if self._row.state in OVER:
            return Drift()
        with self._office.ledger.reading() as connection:
            return drift(connection, self._row, self.edition, self._audiences())

    def problems(self) -> list[str]:
        """Return in what the plan is not the one that was approved."""
        found: list[str] = []
        with self._office.ledger.reading() as connection, suppress(StoreError):  # told elsewhere
            found = contradictions(connection, self._row)
        if not self.approved:
            return found
        names = {message_name(each) for each in self._office.ledger.variants(self._row.number)}
        if names != self.approved.keys() - {RULES, RECIPIENTS}:
            found.append("its variants are not those that were approved")
        if self.recipients() != self.approved[RECIPIENTS]:
            found.append(f"{RECIPIENTS} is not the one that was approved")
        return found

    def changed_since(self) -> Sequence[str] | None:
        """Return what is not as it was approved, and keeps the next send from beginning.

        Returns:
            What changed, as `require_unchanged` would tell it, or why the messages cannot be made
            now; nothing where the approval holds. None where no send is to begin: a draft, a
            campaign that is being sent, or one that is over.
        """
        if self._row.state not in (CampaignState.APPROVED, CampaignState.PAUSED):
            return None
        try:
            parts = changes(self.approved, self.digests(self.messages()))
        except ChangedError as error:
            return [error.cause]
        except TigcMailError as error:
            return [f"the messages cannot be made now: {error}"]
        return [_changed(part) for part in parts]

    def require_attested(self) -> None:
        """Refuse to send what the audit log contradicts.

        Raises:
            ApprovalError: if author, approver, digest or time are not those of the log.
        """
        with self._office.ledger.reading() as connection:
            found = contradictions(connection, self._row)
        if found:
            cure = "Somebody changed the database: find out who, and create a new campaign."
            raise ApprovalError("; ".join(found), self._row.id, cure)

    def require_as_planned(self, parts: Digests) -> None:
        """Refuse what no approval can mend: today's rules, or other people, on yesterday's plan."""
        planned = {RULES: self._row.rules, RECIPIENTS: parts[RECIPIENTS], **self.approved}
        changed = [part for part in (RULES, RECIPIENTS) if planned[part] != parts[part]]
        if changed:
            raise self.changed(changed)

    def require_unchanged(self, messages: Messages, by: str) -> None:
        """Refuse what is not what was approved, and note who would have sent it.

        Raises:
            ChangedError: with the parts that changed.
        """
        changed = changes(self.approved, self.digests(messages))
        if changed:
            deed = Deed(self._office.clock(), by, {"changed": changed})
            with self._office.ledger.writing() as connection:
                note(connection, self._row.id, "send refused", deed)
            raise self.changed(changed)

    def changed(self, parts: Sequence[str]) -> ChangedError:
        """Return the error that parts changed."""
        cure = "Undo the change, or let a colleague approve the campaign again."
        begun = self._row.state in (CampaignState.SENDING, CampaignState.PAUSED)
        if begun or {RULES, RECIPIENTS} & {*parts}:
            cure = "Undo the change, or create a new campaign."
        if had := self._office.ledger.count(self._row.number, SENT) if begun else 0:
            cure = self._instead(had)
        told = "; ".join(map(_changed, parts))
        show = f"What changed is shown by: tigc-mail campaign diff {self._row.id}."
        cause = f"is not what was planned and approved: {told}"
        return ChangedError(cause, self._row.id, f"{cure} {show}")

    def _instead(self, had: int) -> str:
        """Return what to do where so many have it, or may have, and it was changed since."""
        name, edition = self._row.id, self._row.edition
        people = "one who has it" if had == 1 else f"{had:,} who have it"
        return (
            "Undo the change, or write anew to the others only: tigc-mail campaign cancel"
            f" {name}, then tigc-mail campaign create {edition} --not-again --author NAME. Without"
            f" --not-again that one writes again to the {people}, or may have it."
        )

    def _audiences(self) -> list[Audience]:
        """Return the audiences of the campaign that there still are."""
        known = self._office.sources.audiences()
        return [known[name] for name in str(self._row.audiences).split(",") if name in known]


def _changed(part: str) -> str:
    return f"{part} changed"


def guarded(
    sources: Sources,
    edition: Edition,
    variants: Iterable[Variant],
    marks: Mapping[str, str] | None = None,
) -> Iterator[tuple[Variant, TailoredEdition, CompiledMessage]]:
    """Yield variants of an edition with what they show and the message made of just that, guarded.

    Args:
        sources: where audiences and templates are.
        edition: the edition.
        variants: for audiences that there are.
        marks: what their subjects begin with, by language; nothing by default.

    Raises:
        ConfidentialityError: if one holds what its audience must not read.
    """
    audiences, compiler = sources.audiences(), sources.compiler()
    guards: dict[str, Guard] = {}
    for variant in variants:
        audience = audiences[variant.audience]
        tailored = edition.for_audience(audience, variant.locale, variant.shown)
        if marks:
            tailored = replace(tailored, subject=marks[variant.locale] + tailored.subject)
        message = compiler.compile(tailored)
        if audience.id not in guards:
            guards[audience.id] = Guard(edition, audience, sources.fixed_texts)
        guards[audience.id].require(message, variant.shown)
        yield variant, tailored, message
