"""The ledger: the one record of who was to get what, and what became of it.

Every change of state is a compare-and-set along a transition of `delivery.states`; the database
refuses any other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    select,
    update,
)

from tigc_mail.delivery.audit import Deed, Entry, last_of, note
from tigc_mail.delivery.batches import IN_BATCH, Batch, in_its_batches, of_campaign
from tigc_mail.delivery.claims import Claims, Parameters
from tigc_mail.delivery.outcomes import AFTER, Outcomes
from tigc_mail.delivery.states import (
    DELIVERY_TRANSITIONS,
    UNSENT,
    CampaignState,
    DeliveryState,
    require,
)
from tigc_mail.delivery.tables import batches, campaigns, deliveries
from tigc_mail.errors import StoreError
from tigc_mail.ground.database import fetch_columns

SENDING_AGAIN = "sending again"
"""What the log calls a send that goes on where an earlier one was interrupted."""

FAILOVER = "failover"
"""What the log calls it when the next provider has its turn."""

_UNSENT = [state.value for state in UNSENT]


class Ledger(Outcomes):
    """The campaigns of a database, and the deliveries of all of them."""

    def addressees(self, claims: Claims, parameters: Parameters) -> Sequence[Sequence[Any]]:
        """Return the deliveries of a batch that may be handed over, and who their contacts are.

        The columns are those of `claims.addressees`.
        """
        with self.reading() as connection:
            return fetch_columns(connection, claims.addressees, parameters)

    def suppress(self, connection: Connection, batch: Batch, claims: Claims, now: datetime) -> int:
        """Take out of a batch who must not, or no longer should, be written to.

        Args:
            connection: the transaction that claims the batch.
            batch: the batch.
            claims: the statements of its variant.
            now: the time to record.
        """
        return self.move(
            connection,
            claims.suppressed,
            DeliveryState.PLANNED,
            DeliveryState.SUPPRESSED,
            batch.bounds,
            reason="withdrawn, blocked or no longer in the audience",
            changed_at=now,
        )

    def claim(self, connection: Connection, claims: Claims, parameters: Parameters) -> set[int]:
        """Claim what may be handed over of a batch, and return the ids of those claimed.

        Raises:
            StoreError: if they are others by now, because somebody writes out of turn.
        """
        require(
            DeliveryState.CLAIMED in DELIVERY_TRANSITIONS[claims.source], claims.source, "claimed"
        )
        (ids,) = fetch_columns(connection, claims.ids, parameters)
        claimed = connection.execute(claims.claim, parameters)
        if claimed.rowcount != len(ids):  # somebody writes without taking turns
            cure = "Find out who else writes to the database, then run the same command again."
            raise StoreError("deliveries changed while they were claimed", "the ledger", cure)
        return set(ids)

    def claim_all(self, connection: Connection, claims: Claims, parameters: Parameters) -> int:
        """Claim what may be handed over of a batch, if its campaign is being sent.

        Returns:
            How many were claimed; which ones is known only where they are the whole batch.
        """
        require(
            DeliveryState.CLAIMED in DELIVERY_TRANSITIONS[claims.source], claims.source, "claimed"
        )
        return connection.execute(claims.claim_of_all, parameters).rowcount

    def first_of(self, ready: ColumnElement[bool], parameters: Parameters) -> int | None:
        """Return the first delivery of a batch for which a condition holds; None for none."""
        query = select(func.min(deliveries.c.id)).where(IN_BATCH, ready)
        with self.reading() as connection:
            first: int | None = connection.scalar(query, parameters)
        return first

    def fail_over(self, campaign: int, provider: str, deed: Deed) -> None:
        """Note that another provider has its turn, which may be handed at once what was put off."""
        attempts, planned = deliveries.c.attempts, deliveries.c.state == DeliveryState.PLANNED.value
        with self.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.campaign == campaign, planned, attempts > 0)
                .values(attempts=0, due_at=None)
            )
            name = connection.execute(select(campaigns.c.id).where(campaigns.c.number == campaign))
            detail = {**deed.detail, "provider": provider}
            note(connection, name.scalar_one(), FAILOVER, deed._replace(detail=detail))

    def next_due(self, batch: Batch) -> datetime | None:
        """Return when something of a batch is to be tried again; None where nothing is put off."""
        planned = deliveries.c.state == DeliveryState.PLANNED.value
        query = select(func.min(deliveries.c.due_at)).where(IN_BATCH, planned)
        with self.reading() as connection:
            due: datetime | None = connection.scalar(query, batch.bounds)
        return due

    def give_up_claims(self, campaign: int, now: datetime) -> int:
        """Call unknown what a send that died had claimed; only the one sender may do so.

        Returns:
            How many deliveries nobody knows the outcome of.
        """
        with self.writing() as connection:
            return self.move(
                connection,
                in_its_batches(campaign),
                DeliveryState.CLAIMED,
                DeliveryState.UNKNOWN,
                reason="the sending process ended before the outcome was known",
                changed_at=now,
            )

    def close(self, campaign: int, now: datetime) -> None:
        """End a campaign that is being sent and has nothing left to send.

        What is planned expires where the campaign's time is over. A delivery with an unknown
        outcome keeps it open.
        """
        planned, of_it = DeliveryState.PLANNED, deliveries.c.campaign == campaign
        with self.writing() as connection:
            if self.state(connection, campaign) is not CampaignState.SENDING:
                return
            if self.late(connection, campaign, now):
                reason = AFTER[CampaignState.EXPIRED][1]
                self.move(
                    connection, of_it, planned, DeliveryState.EXPIRED, reason=reason, changed_at=now
                )
            counts = states_of(connection, campaign)
            if not UNSENT & counts.keys():
                over = DeliveryState.EXPIRED in counts
                end = CampaignState.EXPIRED if over else CampaignState.FINISHED
                counted = {state.value: size for state, size in counts.items()}
                deed = Deed(now, detail={"states": counted})
                self.change(connection, campaign, CampaignState.SENDING, end, deed)

    def has(self, campaign: int, states: Iterable[DeliveryState]) -> bool:
        """Return whether a delivery of a campaign is in one of the states."""
        chosen = in_its_batches(campaign), deliveries.c.state.in_(sorted(states))
        with self.reading() as connection:
            return connection.scalar(select(deliveries.c.id).where(*chosen).limit(1)) is not None

    def recorded(self, connection: Connection, campaign: int) -> int:
        """Return how many deliveries of a campaign there are, wherever they stand."""
        found = select(func.count()).where(deliveries.c.campaign == campaign)
        return connection.scalar(found) or 0

    def count(self, campaign: int, states: Iterable[DeliveryState]) -> int:
        """Return how many deliveries of a campaign are in one of the states."""
        with self.reading() as connection:
            found = connection.scalar(
                select(func.count())
                .select_from(deliveries)
                .where(deliveries.c.campaign == campaign, deliveries.c.state.in_([*states]))
            )
        return found or 0

    def open_batches(self, campaign: int) -> list[Batch]:
        """Return the batches in which something is still unsent, in order."""
        waiting = exists().where(
            deliveries.c.id.between(batches.c.first, batches.c.last),
            of_campaign(batches.c.campaign),
            deliveries.c.state.in_(_UNSENT),
        )
        with self.reading() as connection:
            rows = connection.execute(
                select(batches)
                .where(batches.c.campaign == campaign, waiting.correlate(batches))
                .order_by(batches.c.number)
            )
            return [Batch(*row) for row in rows]

    def recipients(self, campaign: int) -> Iterator[Sequence[Sequence[int]]]:
        """Yield delivery ids, contact ids and variants of a campaign in order, by the thousand."""
        last = 0
        with self.reading() as connection:
            while (
                part := fetch_columns(connection, _RECIPIENTS, {"campaign": campaign, "last": last})
            )[0]:
                yield part
                last = part[0][-1]


_RECIPIENTS = (
    select(deliveries.c.id, deliveries.c.contact_id, deliveries.c.variant)
    .where(of_campaign(bindparam("campaign")), deliveries.c.id > bindparam("last"))
    .order_by(deliveries.c.id)
    .limit(10_000)
)


def states_of(connection: Connection, campaign: int) -> Mapping[DeliveryState, int]:
    """Return how many deliveries of a campaign are in each state that some are in."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(in_its_batches(campaign))
        .group_by(deliveries.c.state)
    )
    return {DeliveryState(state): count for state, count in rows}


def begun(connection: Connection, campaign: str) -> Entry | None:
    """Return the log's entry of the beginning of the last send; None where there was none."""
    return last_of(connection, campaign, (CampaignState.SENDING, SENDING_AGAIN))


def in_turn(connection: Connection, campaign: str) -> str:
    """Return the provider that has its turn in a send, or had it last; empty where none had."""
    actions = CampaignState.SENDING, SENDING_AGAIN, FAILOVER
    entry = last_of(connection, campaign, actions)
    return "" if entry is None else str(entry.detail.get("provider", "")).split(",")[0]
