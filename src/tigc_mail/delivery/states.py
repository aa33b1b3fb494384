"""The states of deliveries and campaigns, and every transition there is.

Both tables are drawn in `docs/architecture.md`. The ledger carries out no other transition.
"""

from enum import StrEnum


class DeliveryState(StrEnum):
    """The fate of one recipient's message."""

    PLANNED = "planned"
    """In the ledger, not yet touched."""
    CLAIMED = "claimed"
    """Being handed to a provider at this moment."""
    ACCEPTED = "accepted"
    """The provider took it."""
    DELIVERED = "delivered"
    """The recipient's server took it."""
    DEFERRED = "deferred"
    """The provider keeps trying."""
    BOUNCED = "bounced"
    """The recipient's server refused it for good."""
    DROPPED = "dropped"
    """The provider accepted it and then did not send it."""
    REJECTED = "rejected"
    """The provider, or our own rules for values, refused it; it was not sent."""
    UNKNOWN = "unknown"
    """Claimed, and nobody learned the outcome; never sent again blindly."""
    SUPPRESSED = "suppressed"
    """Withdrawn, blocked or no longer in the audience when its batch was claimed."""
    EXPIRED = "expired"
    """Still unsent when the campaign's time was over."""
    CANCELLED = "cancelled"
    """Still unsent when the campaign was cancelled."""


class CampaignState(StrEnum):
    """How far an edition is on its way."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_D = DeliveryState
_C = CampaignState

DELIVERY_TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _D.PLANNED: frozenset({_D.CLAIMED, _D.SUPPRESSED, _D.EXPIRED, _D.CANCELLED}),
    _D.CLAIMED: frozenset({_D.ACCEPTED, _D.REJECTED, _D.UNKNOWN, _D.PLANNED}),
    _D.UNKNOWN: frozenset(
        {
            _D.CLAIMED,
            _D.ACCEPTED,
            _D.DELIVERED,
            _D.DEFERRED,
            _D.BOUNCED,
            _D.DROPPED,
            _D.PLANNED,
        }
    ),
    _D.ACCEPTED: frozenset({_D.DELIVERED, _D.DEFERRED, _D.BOUNCED, _D.DROPPED}),
    _D.DEFERRED: frozenset({_D.DELIVERED, _D.BOUNCED, _D.DROPPED}),
    _D.DELIVERED: frozenset({_D.BOUNCED}),
    _D.BOUNCED: frozenset(),
    _D.DROPPED: frozenset(),
    _D.REJECTED: frozenset(),
    _D.SUPPRESSED: frozenset(),
    _D.EXPIRED: frozenset(),
    _D.CANCELLED: frozenset(),
}
"""Where a delivery may go from each state."""

CAMPAIGN_TRANSITIONS: dict[CampaignState, frozenset[CampaignState]] = {
    _C.DRAFT: frozenset({_C.APPROVED, _C.CANCELLED}),
    _C.APPROVED: frozenset({_C.SENDING, _C.DRAFT, _C.CANCELLED}),
    _C.SENDING: frozenset({_C.PAUSED, _C.FINISHED, _C.CANCELLED, _C.EXPIRED}),
    _C.PAUSED: frozenset({_C.SENDING, _C.CANCELLED}),
    _C.FINISHED: frozenset(),
    _C.CANCELLED: frozenset(),
    _C.EXPIRED: frozenset(),
}
"""Where a campaign may go from each state."""

OVER = frozenset(state for state, targets in CAMPAIGN_TRANSITIONS.items() if not targets)
"""Where nothing of a campaign goes out any more."""

UNSENT = frozenset({_D.PLANNED, _D.CLAIMED, _D.UNKNOWN})
"""Where a delivery still waits for its outcome; a campaign with one of these is not finished."""

FAILED = frozenset({_D.REJECTED, _D.EXPIRED})
"""What a send could not do for a recipient it was planned for."""

EXPLAINED = FAILED | {_D.UNKNOWN, _D.SUPPRESSED, _D.BOUNCED, _D.DROPPED}
"""Where a delivery has a reason to be told."""

SENT = frozenset({_D.CLAIMED, _D.UNKNOWN, _D.ACCEPTED, _D.DEFERRED, _D.DELIVERED})
"""Where somebody has the message, or may have it."""

TAKEN = frozenset({_D.ACCEPTED, _D.DEFERRED, _D.DELIVERED, _D.BOUNCED, _D.DROPPED})
"""Where a delivery is that a provider took, whatever became of it afterwards."""


def require(condition: bool, source: str, target: str) -> None:  # noqa: FBT001
    """Refuse a transition that does not exist; a fault of the caller's code."""
    if not condition:
        raise ValueError(f"there is no transition from {source} to {target}")
