"""A campaign going out: from approved messages to an account in which nothing is claimed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.account import Status, status_of
from tigc_mail.delivery.approval import Messages
from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.dispatch import Dispatch, Post
from tigc_mail.delivery.earlier import REPEATED, repeated_now
from tigc_mail.delivery.events import apply_waiting, give_up_claims
from tigc_mail.delivery.general_refusal import require_most_sent
from tigc_mail.delivery.ledger import SENDING_AGAIN, Ledger, in_turn
from tigc_mail.delivery.lock import Holds
from tigc_mail.delivery.not_again import require_nobody_twice
from tigc_mail.delivery.notices import note_sent
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.pace import Limits, Pace
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.delivery.sending import Progress, Waiting, nap, send_batches
from tigc_mail.delivery.states import CampaignState
from tigc_mail.errors import CampaignError, ProviderError
from tigc_mail.people.audience import Audience
from tigc_mail.people.segment import Segment

Warn = Callable[[str], None]
"""Called with what a person should know before anything is sent."""

DISCARDING = "discards: what it accepts reaches nobody, and yet counts as sent"
"""What is told of a provider that delivers to nobody."""


def send_out(
    office: Office,
    campaign: Row[Any],
    edition: Edition,
    messages: Messages,
    providers: Sequence[Provider],
    holds: Holds,
    *,
    by: str,
    progress: Progress | None,
    waiting: Waiting | None,
    warn: Warn | None,
    workers: int,
    take_refusals: bool,
) -> None:
    """Send what is unsent of a campaign, and close the providers.

    The caller is its only sender, and has seen that the messages are those approved.

    Args:
        office: the ledger and the sources.
        campaign: its row.
        edition: what is sent.
        messages: its variants, compiled.
        providers: through what, in order of preference.
        holds: tells whether the caller is still its only sender.
        by: who sends it.
        progress: told of every settled batch.
        waiting: told why nothing goes out for a while, and until when.
        warn: told of a provider that delivers to nobody.
        workers: how many batches at the same time.
        take_refusals: whether to take it for an answer when a provider refuses a whole batch.

    Raises:
        CampaignError: if its time will be over before anything may go out, or it writes to nobody
            again and somebody has it meanwhile.
        ProviderError: if the last provider could not be used; the campaign is paused.
    """
    ledger, clock, number = office.ledger, office.clock, campaign.number
    with ExitStack() as opened:
        for each in providers:
            opened.callback(each.close)
        dispatch = Dispatch(
            ledger=ledger,
            campaign=campaign.id,
            posts=posts(messages, office.sources.audiences()),
            provider=providers[0],
            signer=office.sources.signer(providers),
            clock=clock,
            not_after=campaign.not_after,
            policy=office.sources.retry_policy(),
            takes_refusals=take_refusals,
            holds=holds,
        )
        paces = {each.name: pace_of(office, campaign, each.name) for each in providers}
        _require_time(campaign, paces.values(), clock())
        lanes = {
            name: opened.enter_context(office.lanes(name, pace.limits.concurrency))
            for name, pace in paces.items()
            if pace.limits.concurrency is not None
        }
        if (discarding := _discarding(providers)) and warn is not None:
            warn(f"{' and '.join(discarding)} {DISCARDING}")
        _begin(office, campaign, providers, by)
        note_sent(edition, number, office)
        with _halted_by_failure(ledger, number, clock):
            send_batches(
                dispatch,
                ledger.open_batches(number),
                providers,
                paces=paces,
                lanes=lanes,
                progress=progress,
                waiting=waiting,
                workers=workers,
                nap=office.nap or nap,
            )
            if not take_refusals:
                require_most_sent(ledger, number)
        ledger.close(number, clock())


def _discarding(providers: Sequence[Provider]) -> list[str]:
    return [each.name for each in providers if each.discards]


@contextmanager
def _halted_by_failure(
    ledger: Ledger, number: int, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Pause a campaign where a provider fails; however it ends, take in what was reported."""
    try:
        yield
    except ProviderError as error:
        ledger.halt(number, str(error), clock())
        raise
    finally:
        apply_waiting(ledger, number, clock())


def _begin(office: Office, campaign: Row[Any], providers: Sequence[Provider], by: str) -> None:
    """Write down that it is being sent, and through what; claims of a dead sender are unknown."""
    ledger, number, state = office.ledger, campaign.number, CampaignState(campaign.state)
    names = ",".join(each.name for each in providers)
    detail: dict[str, Any] = {"provider": names}
    if discarding := _discarding(providers):
        detail["discards"] = ",".join(discarding)
    with ledger.writing() as connection:
        if state is CampaignState.APPROVED:  # what others send from here on is not before it
            require_nobody_twice(connection, office, campaign)
            detail[REPEATED] = repeated_now(connection, campaign)
        deed = Deed(office.clock(), by, detail)
        if state is CampaignState.SENDING:
            note(connection, campaign.id, SENDING_AGAIN, deed)
        else:
            again: dict[str, Any] = {"paused_by": None, "pause_reason": None}
            ledger.change(connection, number, state, CampaignState.SENDING, deed, **again)
    give_up_claims(ledger, number, office.clock())
    ledger.note_provider(number, names)


def _require_time(campaign: Row[Any], paces: Iterable[Pace], now: datetime) -> None:
    """Refuse to wait for a moment at which nothing may be sent any more.

    Where its time is over already, it is left to expire.
    """
    not_after, opens = campaign.not_after, min(pace.opens(now)[0] for pace in paces)
    if not_after is not None and now <= not_after < opens:
        cause = (
            f"may not go out before {opens:%Y-%m-%d %H:%M} UTC by its schedule and the send window,"
            f" but not after {not_after:%Y-%m-%d %H:%M} UTC"
        )
        cure = "Send it with an earlier --not-before, or change [schedule] in the settings."
        raise CampaignError(cause, campaign.id, cure)


def status_now(office: Office, campaign: Row[Any], changed: Sequence[str] | None) -> Status:
    """Return the account of a campaign at this moment.

    Args:
        office: the ledger and the sources.
        campaign: its row.
        changed: what changed since it was approved; None where that does not matter any more.
    """
    with office.ledger.reading() as connection:
        provider = in_turn(connection, campaign.id)
    provider = provider or office.sources.provider_names().split(",")[0]
    sending = campaign.state == CampaignState.SENDING
    return status_of(
        office.ledger,
        campaign,
        pace_of(office, campaign, provider),
        _limits(office, campaign),
        changed,
        unattended=sending and not office.has_sender(campaign.id),
    )


def pace_of(office: Office, campaign: Row[Any], provider: str) -> Pace:
    """Return the pace at which a campaign goes out through a provider."""
    limits = office.sources.limits(provider)
    longest = office.sources.retry_policy().longest_wait
    return Pace(office.ledger, provider, limits, office.clock, campaign.not_before, longest)


def _limits(office: Office, campaign: Row[Any]) -> Mapping[str, Limits]:
    """Return the limits of the providers that a campaign is sent through, or would be, by name."""
    names = (campaign.provider or office.sources.provider_names()).split(",")
    return {name: office.sources.limits(name) for name in map(str.strip, names)}


def posts(messages: Messages, audiences: Mapping[str, Audience]) -> dict[int, Post]:
    """Return each message with whom it is from and whom it may go to, by variant."""
    return {
        variant.code: Post(
            message=message,
            sender=audiences[variant.audience].sender.address,
            segment=Segment(audiences[variant.audience].segment).condition(),
        )
        for variant, message in messages.items()
    }
