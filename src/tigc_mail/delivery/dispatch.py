"""Dispatch: the one unit of work, a batch, from the ledger to the provider and back."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from itertools import repeat
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_

from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values
from tigc_mail.delivery.batches import Batch
from tigc_mail.delivery.claims import Claims, Parameters, parameters
from tigc_mail.delivery.events import take_events
from tigc_mail.delivery.general_refusal import (
    GeneralRefusalError,
    Tally,
    require_no_general_refusal,
)
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.lock import Holds
from tigc_mail.delivery.outcomes import Recorded
from tigc_mail.delivery.providers.protocol import (
    Envelope,
    Provider,
    ProviderEvent,
    Receipt,
    Shipment,
    hand_over,
)
from tigc_mail.delivery.retrying import Backoff, RetryPolicy
from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.delivery.tokens import Signer
from tigc_mail.errors import CampaignError, ProviderError, UnavailableError
from tigc_mail.render.message import CompiledMessage, Unfit
from tigc_mail.render.recall import Recalls


@dataclass(frozen=True)
class Post:
    """One variant as it is sent: the message, from whom, and to whom it may go."""

    message: CompiledMessage
    sender: str
    """The address of the envelope's sender."""
    segment: ColumnElement[bool]
    """Who is in the variant's audience at the moment of the claim."""

    @cached_property
    def claims(self) -> Mapping[DeliveryState, Claims]:
        """The statements by which it is handed over, by the state of the deliveries."""
        sources, attributes = (DeliveryState.PLANNED, DeliveryState.UNKNOWN), self.attributes
        return {source: Claims(source, self.segment, attributes) for source in sources}

    @cached_property
    def attributes(self) -> Sequence[str]:
        """The attributes of contacts that its values depend on."""
        return attribute_names(self.message)


@dataclass(frozen=True)
class Dispatch:
    """What all the batches of one send have in common."""

    ledger: Ledger
    campaign: str
    """The campaign's id, with which the ids of its deliveries begin."""
    posts: Mapping[int, Post]
    """By variant."""
    provider: Provider
    signer: Signer
    clock: Callable[[], datetime]
    not_after: datetime | None = None
    """When nothing may be claimed any more; None for never."""
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    takes_refusals: bool = False
    """Whether a provider may refuse, or put off, whole batches, and each is then `rejected`."""
    tally: Tally = field(default_factory=Tally)
    """What its provider answered so far."""
    recalls: Recalls = field(default_factory=Recalls)
    """The values that many recipients share, as they stand in messages."""
    holds: Holds = lambda _: None
    """Raises StoreError, within a transaction, where this is not the only sender any more."""

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return self.not_after is not None and self.clock() > self.not_after

    def parameters(self, batch: Batch, at: datetime) -> Parameters:
        """Return the parameters with which a batch is claimed of what is put off until `at`."""
        return parameters(batch, at, self.policy.longest_wait, self.provider.name)

    def may_go_on(self) -> bool:
        """Return whether more of it may be claimed at this moment."""
        row = self.ledger.campaign(self.campaign)
        return row is not None and row.state == CampaignState.SENDING and not self.late


@dataclass(frozen=True)
class _Prepared:
    """A batch rendered: all that can fail has not failed."""

    numbers: Sequence[int]
    shipment: Shipment
    unfit: Mapping[int, Unfit]
    """The recipients (by position) whose values must not be sent."""


class Dispatched(NamedTuple):
    """What became of a batch."""

    counts: Mapping[DeliveryState, int]
    """How many deliveries went into each state; those in `planned` were put off until later."""
    answered: bool = False
    """Whether the provider took something, or refused it for good."""
    failure: UnavailableError | None = None
    """Why it looks as if the provider could not be used, though it did not say so itself."""


class OverError(Exception):
    """Nothing of a campaign may be claimed any more: it is paused, cancelled, over or late."""


def dispatch_batch(dispatch: Dispatch, batch: Batch, at: datetime | None = None) -> Dispatched:
    """Send what is still unsent of a batch. Calling it again is harmless.

    What is put off until after `at` is left alone; the present moment by default.

    Rendering happens before anything is claimed. A delivery that was claimed and never answered
    (`unknown`) is handed over again only where the provider is idempotent, and to it alone.

    Raises:
        RenderError: if values cannot be put into the message; nothing was claimed.
        OverError: if the campaign is not being sent any more; nothing was claimed.
        ProviderError: if the provider could not be used; what it did not answer is planned again.
    """
    at = dispatch.clock() if at is None else at
    counts, answered, failure = Counter[DeliveryState](), False, None
    for source in _sources(dispatch):
        done = _dispatch_from(dispatch, batch, source, at)
        counts.update(done.counts)
        answered |= done.answered
        failure = failure or done.failure
    return Dispatched(counts, answered, None if answered else failure)


def first_ready(dispatch: Dispatch, batch: Batch) -> int | None:
    """Return the first delivery of a batch that may be handed over now; None for none of them."""
    claims = dispatch.posts[batch.variant].claims
    ready = or_(*(claims[source].ready for source in _sources(dispatch)))
    return dispatch.ledger.first_of(ready, dispatch.parameters(batch, dispatch.clock()))


def _sources(dispatch: Dispatch) -> Sequence[DeliveryState]:
    """Return the states of what may be handed over."""
    unknown = (DeliveryState.UNKNOWN,) if dispatch.provider.idempotent else ()
    return DeliveryState.PLANNED, *unknown


def _dispatch_from(
    dispatch: Dispatch, batch: Batch, source: DeliveryState, at: datetime
) -> Dispatched:
    claims, asked = dispatch.posts[batch.variant].claims[source], dispatch.parameters(batch, at)
    addressees = dispatch.ledger.addressees(claims, asked)
    somebody = len(addressees[0]) > 0
    if not somebody and source is DeliveryState.UNKNOWN:
        return Dispatched({})
    prepared = _prepare(dispatch, batch, addressees) if somebody else None
    whole = len(addressees[0]) == batch.size
    claimed, suppressed = _claim(dispatch, batch, claims, asked, whole=whole)
    if prepared is None:  # those left were erased since, or are put off
        dispatch.ledger.put_back(batch, claimed, dispatch.clock())  # came in meanwhile
        return Dispatched({DeliveryState.SUPPRESSED: suppressed})
    receipts = {
        number: Receipt(envelope.delivery_id, "rejected", reason=reason)
        for number, envelope, reason in _unfit(prepared)
        if number in claimed
    }
    keep = [
        at
        for at, number in enumerate(prepared.numbers)
        if number in claimed and at not in prepared.unfit
    ]
    came_in = claimed.difference(prepared.numbers)
    dispatch.ledger.put_back(batch, came_in, dispatch.clock())
    done = _hand_over(dispatch, batch, _chosen(prepared, keep), receipts, source)
    return done._replace(counts={**done.counts, DeliveryState.SUPPRESSED: suppressed})


def _prepare(dispatch: Dispatch, batch: Batch, addressees: Sequence[Sequence[Any]]) -> _Prepared:
    """Render a batch as far as the last join."""
    post, takes = dispatch.posts[batch.variant], dispatch.provider.takes
    numbers, emails, given, family, organisations, roles, countries, *values = addressees
    delivery_ids = [f"{dispatch.campaign}-{number}" for number in numbers]
    people = Addressees(
        delivery_ids,
        dispatch.signer.tokens(delivery_ids),
        emails,
        given,
        family,
        organisations,
        roles,
        countries,
        attributes=dict(zip(post.attributes, values, strict=True)),
    )
    told = slot_values(post.message, people, dispatch.clock(), heads=takes == "mime")
    names = map(" ".join, zip(given, family, strict=True))
    envelopes = list(
        map(Envelope, delivery_ids, repeat(post.sender), emails, map(str.strip, names))
    )
    shipment = Shipment(post.message, envelopes, told, dispatch.recalls)
    return _Prepared(numbers, shipment, shipment.unfit(takes))


def _claim(
    dispatch: Dispatch, batch: Batch, claims: Claims, asked: Parameters, *, whole: bool
) -> tuple[set[int], int]:
    """Claim a batch, after taking out who must not be written to any more.

    Others wait while it is claimed, and a thread waits for the interpreter after each statement. So
    where the whole batch may be handed over, as a rule, it is claimed without asking first.

    Args:
        dispatch: the send.
        batch: the batch.
        claims: the statements of its variant.
        asked: their parameters.
        whole: whether all of it could be handed over when it was read.

    Returns:
        The numbers of those claimed, and how many were taken out.

    Raises:
        OverError: if nothing may be claimed any more.
        StoreError: if another process may be sending it by now.
    """
    ledger, now = dispatch.ledger, dispatch.clock()
    if whole:
        with suppress(_PartError), ledger.writing() as connection:
            dispatch.holds(connection)
            if dispatch.late:  # maybe since it waits for its turn
                raise OverError
            ledger.suppress(connection, batch, claims, now)
            if ledger.claim_all(connection, claims, asked) != batch.size:
                raise _PartError
            return {*range(batch.first, batch.last + 1)}, 0
    with ledger.writing() as connection:
        dispatch.holds(connection)
        if dispatch.late or ledger.state(connection, batch.campaign) is not CampaignState.SENDING:
            raise OverError
        suppressed = ledger.suppress(connection, batch, claims, now)
        return ledger.claim(connection, claims, asked), suppressed


class _PartError(Exception):
    """Not the whole of a batch can be claimed; nothing of it was."""


def _unfit(prepared: _Prepared) -> list[tuple[int, Envelope, str]]:
    return [
        (prepared.numbers[at], prepared.shipment.envelopes[at], str(unfit))
        for at, unfit in prepared.unfit.items()
    ]


def _chosen(prepared: _Prepared, keep: list[int]) -> _Prepared:
    """Return what is left of a prepared batch when only the recipients at `keep` get theirs."""
    if len(keep) == len(prepared.numbers):
        return prepared
    return _Prepared([prepared.numbers[at] for at in keep], prepared.shipment.only(keep), {})


def _hand_over(
    dispatch: Dispatch,
    batch: Batch,
    prepared: _Prepared,
    receipts: dict[int, Receipt],
    source: DeliveryState,
) -> Dispatched:
    """Send, and record an outcome for every delivery that was claimed, whatever happens.

    Args:
        dispatch: the send.
        batch: the batch.
        prepared: what to send.
        receipts: the outcomes so far, by number in the ledger; those of the provider are added.
        source: the state they were claimed from: what was unknown stays so if the provider fails.
    """
    ledger, answers = dispatch.ledger, dict[int, Receipt]()
    waiting = dict(
        zip((e.delivery_id for e in prepared.shipment.envelopes), prepared.numbers, strict=True)
    )
    try:
        for receipt in hand_over(dispatch.provider, prepared.shipment) if waiting else ():
            number = waiting.pop(receipt.delivery_id, None)
            if number is None:
                raise _not_asked(dispatch.provider, receipt)
            answers[number] = receipt
        if not dispatch.takes_refusals:
            name = dispatch.provider.name
            require_no_general_refusal(dispatch.tally, answers.values(), name)
    except ProviderError as error:
        unsent = waiting
        if isinstance(error, GeneralRefusalError):
            refused = [n for n, receipt in answers.items() if receipt.outcome == "rejected"]
            unsent = {answers.pop(number).delivery_id: number for number in refused}
        else:
            waiting = {}
        if source is DeliveryState.PLANNED:
            ledger.put_back(batch, unsent.values(), dispatch.clock())
        else:
            waiting |= unsent
        raise
    finally:
        dispatch.tally.count(answers.values())
        for delivery_id, number in waiting.items():
            answers[number] = Receipt(delivery_id, "unknown", reason="the provider did not answer")
        receipts |= answers
        recorded = ledger.record(
            batch,
            receipts,
            dispatch.clock(),
            partial(_wait, dispatch.policy.recipient),
            provider=dispatch.provider.name,
            blocking=dispatch.tally.accepted > 0,
            take_refusals=dispatch.takes_refusals,
        )
        if recorded.unclaimed:
            _keep_late(dispatch, recorded.unclaimed)
    return _told(dispatch.provider.name, answers, recorded)


_LATER = "Resume later, or with --take-refusals to give up what is put off too often."


def _told(provider: str, answers: Mapping[int, Receipt], recorded: Recorded) -> Dispatched:
    """Return what the answers to a shipment say of the provider.

    Raises:
        GeneralRefusalError: if it put off for too long more than it took.
    """
    put_off = [each for each in answers.values() if each.outcome == "postponed"]
    reason = next((each.reason for each in put_off if each.reason), "it says not why")
    if recorded.kept:
        cause = f"puts off more messages than it takes, again and again: {reason}"
        raise GeneralRefusalError(cause, provider, _LATER)
    outcomes = {receipt.outcome for receipt in answers.values()}
    if outcomes & {"accepted", "rejected"}:
        return Dispatched(recorded.counts, answered=True)
    failure = None
    if recorded.put_off_anybody:
        failure = UnavailableError(f"puts off whoever it is: {reason}", provider, _LATER)
    elif outcomes == {"unknown"}:
        failure = UnavailableError("gave no answer", provider, "Wait.")
    return Dispatched(recorded.counts, failure=failure)


def _keep_late(dispatch: Dispatch, answers: Sequence[Receipt]) -> None:
    """Take in answers for deliveries that were claimed no longer when they came.

    What a provider accepted counts as its report: it is not sent again, whoever gave it up.

    Raises:
        CampaignError: always; somebody else is at work on the same campaign.
    """
    now, told = dispatch.clock(), "accepted, after it had been given up"
    accepted = [each.delivery_id for each in answers if each.outcome == "accepted"]
    events = [ProviderEvent(f"{name} answered", name, "processed", now, told) for name in accepted]
    take_events(dispatch.ledger, events, now)
    cause = f"{len(answers)} deliveries were claimed no longer when their answers came"
    cure = f"See who changed them: tigc-mail campaign log {dispatch.campaign}, and verify it."
    raise CampaignError(cause, dispatch.campaign, cure)


def _not_asked(provider: Provider, receipt: Receipt) -> CampaignError:
    """Return the error about an answer that belongs to no delivery that waits for one."""
    cause = f"it answered for {receipt.delivery_id}, twice or without being asked"
    cure = "Whoever wrote it mends it; what it did not answer for is unknown."
    return CampaignError(cause, f"provider {provider.name}", cure)


def _wait(backoff: Backoff, attempts: int) -> timedelta | None:
    """Return how long to leave a recipient alone after so many attempts; None for giving up."""
    if attempts >= backoff.attempts:
        return None
    return timedelta(seconds=backoff.wait(attempts, Random()))  # noqa: S311 (it spreads, only)
