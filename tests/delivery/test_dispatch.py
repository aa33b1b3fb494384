"""One batch: nothing is claimed before it is rendered, and every claim gets an outcome."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.databases import BOTH
from tests.delivery.plans import LETTERHEAD
from tests.delivery.scripted import ACTS, Act, Crash, Scripted, accepting, doing
from tests.delivery.world import World, address, worlds

from tigc_mail import Audience, CompiledMessage, Edition, ProviderError
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.dispatch import OverError, dispatch_batch
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.errors import RefusedError
from tigc_mail.render.contexts import Context
from tigc_mail.render.message import Occurrence

GONE = "withdrawn, blocked or no longer in the audience"


def dispatch(world: World, campaign: Campaign, provider: Scripted) -> Counter[DeliveryState]:
    """Dispatch what is open, batch by batch, and return what became of how many."""
    sending, batches = world.sending(campaign, provider)
    counts: Counter[DeliveryState] = Counter()
    for batch in batches:
        counts.update(dispatch_batch(sending, batch).counts)
    return +counts


@BOTH
def test_calling_it_again_hands_nothing_over_again(world: World) -> None:
    world.enrol_public(5)
    campaign, provider = world.approved(), accepting(idempotent=True)
    sending, (batch,) = world.sending(campaign, provider)
    assert +Counter(dispatch_batch(sending, batch).counts) == {DeliveryState.ACCEPTED: 5}
    before = world.fates(campaign)
    assert +Counter(dispatch_batch(sending, batch).counts) == {}
    assert world.fates(campaign) == before
    assert provider.taken == {address(at): 1 for at in range(5)}


def test_the_receipt_is_written_down(world: World) -> None:
    world.enrol_public(1)
    campaign = world.approved()
    dispatch(world, campaign, accepting())
    with world.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT receipt, changed_at FROM deliveries").one()
    assert tuple(row) == (
        f"ref {campaign.id}-1",
        world.clock.now.isoformat(timespec="microseconds"),
    )


def test_a_fault_in_rendering_leaves_no_claim(world: World) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    sending, (batch,) = world.sending(campaign, accepting())
    post = sending.posts[batch.variant]
    wire = (*post.message.wire, Occurrence("no such slot", Context.PLAIN), b"")
    broken = replace(post, message=replace(post.message, wire=wire))
    with pytest.raises(KeyError):
        dispatch_batch(replace(sending, posts={batch.variant: broken}), batch)
    assert set(world.states(campaign).values()) == {"planned"}


def withdraw(world: World, email: str) -> None:
    world.workspace.contacts.withdraw(email, "test")


def suppress(world: World, email: str) -> None:
    world.workspace.contacts.suppress(email, "bounced", "test")


def leave_the_audience(world: World, email: str) -> None:
    world.tamper(f"UPDATE contacts SET sector = 'government' WHERE email = '{email}'")  # noqa: S608


LEAVING = [withdraw, suppress, leave_the_audience]


@BOTH
@pytest.mark.parametrize("leave", LEAVING)
def test_who_must_not_be_written_to_any_more_is_not(
    world: World, leave: Callable[[World, str], None]
) -> None:
    world.enrol_public(3)
    campaign, provider = world.approved(), accepting()
    leave(world, address(1))
    assert dispatch(world, campaign, provider) == {
        DeliveryState.ACCEPTED: 2,
        DeliveryState.SUPPRESSED: 1,
    }
    assert world.fates(campaign)[address(1)] == ("suppressed", GONE)
    assert address(1) not in provider.taken


@pytest.mark.parametrize("leave", LEAVING)
def test_not_even_an_unknown_outcome_is_repeated_for_them(
    world: World, leave: Callable[[World, str], None]
) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    with pytest.raises(Crash):
        dispatch(world, campaign, doing("crash after", address(0)))
    assert set(world.states(campaign).values()) == {"unknown"}
    leave(world, address(1))
    provider = accepting(idempotent=True)
    dispatch(world, campaign, provider)
    assert world.states(campaign)[address(1)] == "unknown"
    assert provider.taken == {address(0): 1, address(2): 1}


@pytest.mark.parametrize("erased", [1, 3])
def test_whose_contact_was_erased_since_is_counted_as_suppressed(world: World, erased: int) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    world.tamper(f"DELETE FROM contacts WHERE id <= {erased}")  # noqa: S608
    status = campaign.send("discard")
    assert status.state == "finished"
    assert +Counter(status.states) == +Counter(suppressed=erased, accepted=3 - erased)
    assert campaign.verify() == ()


def test_a_batch_of_which_nobody_is_left_is_not_handed_over(world: World) -> None:
    world.enrol_public(1)
    campaign, provider = world.approved(), accepting()
    withdraw(world, address(0))
    assert dispatch(world, campaign, provider) == {DeliveryState.SUPPRESSED: 1}
    assert provider.shipments == 0


def test_a_value_that_does_not_fit_rejects_only_its_own_recipient(world: World) -> None:
    pages = ["https://example.org/ana", "javascript:alert(1)", "https://example.org/ben"]
    people = [{"email": address(at), "sector": "public", "page": pages[at]} for at in range(3)]
    world.enrol(people)
    campaign, provider = world.approved(), accepting()
    dispatch(world, campaign, provider)
    assert world.states(campaign) == {
        address(0): "accepted",
        address(1): "rejected",
        address(2): "accepted",
    }
    assert provider.taken == {address(0): 1, address(2): 1}
    assert "recipient.attributes.page" in (world.fates(campaign)[address(1)][1] or "")


def test_each_gets_the_message_with_their_own_values(world: World) -> None:
    names = ["Zoé", "O'Brien <b>", "محمد"]
    world.enrol(
        {"email": address(at), "sector": "public", "given_name": name}
        for at, name in enumerate(names)
    )
    provider = accepting()
    dispatch(world, world.approved(), provider)
    for at, content in ((at, provider.content[address(at)]) for at in range(3)):
        assert f"To: {address(at)}".encode() in content or f"<{address(at)}>".encode() in content
        others = [address(other).encode() for other in range(3) if other != at]
        assert not any(other in content for other in others)


def test_an_outage_midway_keeps_what_was_answered_and_plans_the_rest_again(world: World) -> None:
    world.enrol_public(5)
    campaign = world.approved()
    with pytest.raises(ProviderError):
        dispatch(world, campaign, doing("outage", address(2)))
    assert list(world.states(campaign).values()) == ["accepted"] * 2 + ["planned"] * 3
    provider = accepting()
    dispatch(world, campaign, provider)
    assert set(world.states(campaign).values()) == {"accepted"}
    assert provider.taken == {address(at): 1 for at in (2, 3, 4)}


def test_an_outage_leaves_unknown_what_was_unknown(world: World) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    with pytest.raises(Crash):
        dispatch(world, campaign, doing("crash after", address(0), idempotent=True))
    with pytest.raises(ProviderError):
        dispatch(world, campaign, doing("outage", address(0), idempotent=True))
    assert set(world.states(campaign).values()) == {"unknown"}


@pytest.mark.parametrize("act", ["crash", "crash after"])
def test_any_other_fault_midway_makes_the_rest_unknown(world: World, act: Act) -> None:
    world.enrol_public(4)
    campaign = world.approved()
    with pytest.raises(Crash):
        dispatch(world, campaign, doing(act, address(2)))
    assert list(world.states(campaign).values()) == ["accepted"] * 2 + ["unknown"] * 2
    assert world.fates(campaign)[address(3)] == ("unknown", "the provider did not answer")


@BOTH
def test_whose_time_is_over_while_the_claim_waits_for_its_turn_gets_nothing(world: World) -> None:
    world.enrol_public(2)
    campaign, provider = world.approved(), accepting()
    sending, (batch,) = world.sending(campaign, provider)

    def waited(_: Connection) -> None:
        world.clock.advance(timedelta(minutes=1))

    until = world.clock.now + timedelta(seconds=30)
    with pytest.raises(OverError):
        dispatch_batch(replace(sending, not_after=until, holds=waited), batch)
    assert provider.taken == {}
    assert {*world.states(campaign).values()} == {"planned"}


def test_who_got_no_answer_is_unknown(world: World) -> None:
    world.enrol_public(3)
    campaign = world.approved()
    counts = dispatch(world, campaign, doing("silence", address(1)))
    assert counts == {DeliveryState.ACCEPTED: 2, DeliveryState.UNKNOWN: 1}
    assert world.fates(campaign)[address(1)] == ("unknown", "the provider did not answer")


@BOTH
@pytest.mark.parametrize(("idempotent", "end"), [(False, "unknown"), (True, "accepted")])
def test_an_unknown_outcome_is_only_repeated_by_an_idempotent_provider(
    world: World,
    idempotent: bool,  # noqa: FBT001
    end: str,
) -> None:
    world.enrol_public(2)
    campaign = world.approved()
    with pytest.raises(Crash):
        dispatch(world, campaign, doing("crash after", address(1), idempotent=idempotent))
    provider = accepting(idempotent=idempotent)
    dispatch(world, campaign, provider)
    assert world.states(campaign) == {address(0): "accepted", address(1): end}
    assert provider.taken == ({address(1): 1} if idempotent else {})


def test_a_refusal_is_for_good_and_keeps_its_reason(world: World) -> None:
    world.enrol_public(2)
    campaign = world.approved()
    dispatch(world, campaign, doing("rejected", address(0), idempotent=True))
    assert world.fates(campaign)[address(0)] == ("rejected", "because")
    provider = accepting(idempotent=True)
    assert dispatch(world, campaign, provider) == {}


# Whatever a provider does

CROWD = [(f"reader{at}@example.org", locale) for at, locale in enumerate(["en", "fr"] * 3)]


class QuickWorld(World):
    """Reads its files once, and compiles every variant to next to nothing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._edition, self._audiences = super().edition("news"), super().audiences()

    def edition(self, name: str) -> Edition:  # noqa: ARG002 (there is one)
        return self._edition

    def audiences(self) -> Mapping[str, Audience]:
        return self._audiences

    def compiler(self) -> Self:
        return self

    def compile(self, edition: TailoredEdition) -> CompiledMessage:
        wire = (b"Message of ", Occurrence("delivery.id", Context.RAW), b"\r\n")
        said = (f"In {edition.locale}.",)
        return CompiledMessage(
            edition.audience.id, edition.locale, said, said, said, wire, ("", ""), LETTERHEAD
        )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for world in worlds(tmp_path_factory.mktemp("crowd"), QuickWorld):
        people = [{"email": email, "sector": "public", "locale": locale} for email, locale in CROWD]
        world.enrol(people)
        yield world


@given(
    idempotent=st.booleans(),
    rounds=st.lists(
        # An outage says that all without a receipt were surely not sent, so silence is none then.
        st.fixed_dictionaries({email: st.sampled_from(ACTS) for email, _ in CROWD}).filter(
            lambda acts: not {"silence", "outage"} <= {*acts.values()}
        ),
        max_size=3,
    ),
)
def test_whatever_a_provider_does_nobody_is_lost_and_nobody_gets_two(
    crowd: World,
    idempotent: bool,  # noqa: FBT001
    rounds: list[dict[str, Act]],
) -> None:
    campaign = crowd.approved()
    taken: Counter[str] = Counter()
    for acts in rounds:
        done = {email for email, state in crowd.states(campaign).items() if state in SETTLED}
        provider = Scripted(lambda envelope, acts=acts: acts[envelope.recipient], idempotent)  # type: ignore[misc]
        crowd.providers["scripted"] = provider
        send(campaign)
        assert not done & provider.taken.keys()
        assert "claimed" not in crowd.states(campaign).values()
        assert campaign.verify() == ()
        taken.update(provider.taken)
        if campaign.state == "finished":
            break
    if not idempotent:
        assert not taken or max(taken.values()) == 1
    finish(crowd, campaign, idempotent=idempotent, taken=taken)


SETTLED = {"accepted", "rejected"}


def send(campaign: Campaign) -> None:
    try:
        campaign.send("scripted")
    except (ProviderError, Crash):
        assert campaign.state in ("sending", "paused")


def finish(crowd: World, campaign: Campaign, *, idempotent: bool, taken: Counter[str]) -> None:
    """Send with a provider that is well again: all that may be repeated is settled."""
    crowd.providers["scripted"] = accepting(idempotent=idempotent)
    if campaign.state != "finished":
        try:
            campaign.send("scripted")
        except RefusedError:  # more were rejected before than are taken now
            campaign.resume("scripted", by="ana", take_refusals=True)
    states = Counter(crowd.states(campaign).values())
    assert states.keys() <= (SETTLED if idempotent else {*SETTLED, "unknown"})
    assert (campaign.state == "finished") == ("unknown" not in states)
    assert campaign.verify() == ()
