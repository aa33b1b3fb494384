"""Dispatch: the one unit of work, a batch, from the ledger to the provider and back."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Row

from tigc_mail.delivery.addressing import Addressees, attribute_names, slot_values
from tigc_mail.delivery.ledger import Batch, Ledger, state_after
from tigc_mail.delivery.providers.protocol import Envelope, Provider, Receipt, Shipment
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tokens import Signer
from tigc_mail.errors import ProviderError
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
    recalls: Recalls = field(default_factory=Recalls)
    """The values that many recipients share, as they stand in messages."""


@dataclass(frozen=True)
class _Prepared:
    """A batch rendered: all that can fail has not failed."""

    numbers: Sequence[int]
    shipment: Shipment
    unfit: Mapping[int, Unfit]
    """The recipients (by position) whose values must not be sent."""


def dispatch_batch(dispatch: Dispatch, batch: Batch) -> Mapping[DeliveryState, int]:
    """Send what is still unsent of a batch. Calling it again is harmless.

    Rendering happens before anything is claimed. A delivery that was claimed and never answered
    (`unknown`) is handed over again only where the provider is idempotent.

    Returns:
        How many deliveries went into each state.

    Raises:
        RenderError: if values cannot be put into the message; nothing was claimed.
        ProviderError: if the provider could not be used; what it did not answer is planned again.
    """
    counts = Counter(_dispatch_from(dispatch, batch, DeliveryState.PLANNED))
    if dispatch.provider.idempotent:
        counts.update(_dispatch_from(dispatch, batch, DeliveryState.UNKNOWN))
    return counts


def _dispatch_from(
    dispatch: Dispatch, batch: Batch, source: DeliveryState
) -> Mapping[DeliveryState, int]:
    attributes = attribute_names(dispatch.posts[batch.variant].message)
    rows = dispatch.ledger.addressees(batch, source, attributes)
    if not rows:
        return _without_addressees(dispatch, batch) if source is DeliveryState.PLANNED else {}
    prepared = _prepare(dispatch, batch, rows, attributes)
    claimed, suppressed = _claim(dispatch, batch, source)
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
    dispatch.ledger.put_back(batch, claimed.difference(prepared.numbers))  # came in meanwhile
    _hand_over(dispatch, batch, _chosen(prepared, keep), receipts, source)
    outcomes = Counter(receipt.outcome for receipt in receipts.values())
    counts = {state_after(outcome): size for outcome, size in outcomes.items()}
    return counts | {DeliveryState.SUPPRESSED: suppressed}


def _without_addressees(dispatch: Dispatch, batch: Batch) -> Mapping[DeliveryState, int]:
    """Take out of a batch whose contacts were erased since."""
    claimed, suppressed = _claim(dispatch, batch, DeliveryState.PLANNED)
    dispatch.ledger.put_back(batch, claimed)  # came in meanwhile
    return {DeliveryState.SUPPRESSED: suppressed}


def _prepare(
    dispatch: Dispatch, batch: Batch, rows: Sequence[Row[Any]], attributes: Sequence[str]
) -> _Prepared:
    """Render a batch as far as the last join."""
    post = dispatch.posts[batch.variant]
    columns = zip(*rows, strict=True)
    numbers, emails, given, family, organisations, roles, countries, *values = columns
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
        attributes=dict(zip(attributes, values, strict=True)),
    )
    told = slot_values(post.message, people, dispatch.clock())
    names = map(" ".join, zip(given, family, strict=True))
    envelopes = list(
        map(Envelope, delivery_ids, repeat(post.sender), emails, map(str.strip, names))
    )
    shipment = Shipment(post.message, envelopes, told, dispatch.recalls)
    return _Prepared(numbers, shipment, shipment.unfit(dispatch.provider.takes))


def _claim(dispatch: Dispatch, batch: Batch, source: DeliveryState) -> tuple[set[int], int]:
    """Claim a batch, after taking out who must not be written to any more."""
    segment = dispatch.posts[batch.variant].segment
    with dispatch.ledger.writing() as connection:
        suppressed = dispatch.ledger.suppress(connection, batch, segment, dispatch.clock())
        return dispatch.ledger.claim(connection, batch, source, segment), suppressed


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
) -> None:
    """Send, and record an outcome for every delivery that was claimed, whatever happens.

    Args:
        dispatch: the send.
        batch: the batch.
        prepared: what to send.
        receipts: the outcomes so far, by number in the ledger; those of the provider are added.
        source: the state they were claimed from: what was unknown stays so if the provider fails.
    """
    shipment = prepared.shipment
    waiting = dict(zip((e.delivery_id for e in shipment.envelopes), prepared.numbers, strict=True))
    try:
        for receipt in dispatch.provider.send(shipment) if waiting else ():
            receipts[waiting.pop(receipt.delivery_id)] = receipt
    except ProviderError:
        if source is DeliveryState.PLANNED:
            dispatch.ledger.put_back(batch, waiting.values())
            waiting.clear()
        raise
    finally:
        for delivery_id, number in waiting.items():
            receipts[number] = Receipt(delivery_id, "unknown", reason="the provider did not answer")
        dispatch.ledger.record(batch, receipts, dispatch.clock())
