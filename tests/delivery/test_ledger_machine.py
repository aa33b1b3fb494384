"""Whatever happens to a campaign, and in whatever order, the ledger keeps its laws."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from tests.databases import BOTH, Server, examples
from tests.delivery.scripted import ACTS, Act, Crash, Scripted
from tests.delivery.test_dispatch import QuickWorld
from tests.delivery.world import NOON, NOT_AFTER, World, worlds

from tigc_mail import Campaign, CampaignError, Envelope, ProviderError, Receipt, Shipment
from tigc_mail.delivery.dispatch import OverError, dispatch_batch
from tigc_mail.delivery.events import take_events
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.outcomes import Recorded
from tigc_mail.delivery.providers.protocol import EventKind, ProviderEvent
from tigc_mail.delivery.states import CAMPAIGN_TRANSITIONS, DELIVERY_TRANSITIONS, DeliveryState

PEOPLE = [f"reader{at}@example.org" for at in range(1, 5)]
"""The recipient of each delivery: the first two in one variant, the others in another."""

SENT = {"accepted", "delivered", "deferred", "bounced", "dropped"}
UNSENT = {"planned", "rejected", "suppressed", "expired", "cancelled"}
OVER = {"finished", "cancelled", "expired"}

Meanwhile = Literal["nothing", "pause", "cancel", "withdraw", "report"]

acts = st.lists(
    st.just("accepted") | st.sampled_from((*ACTS, "postponed", "undeliverable", "unavailable")),
    min_size=4,
    max_size=4,
).filter(  # an outage says that all without a receipt were surely not sent
    lambda each: "silence" not in each or not {"outage", "unavailable"} & {*each}
)
meanwhiles = st.just("nothing") | st.sampled_from(get_args(Meanwhile))
numbers = st.integers(1, len(PEOPLE))
kinds = st.sampled_from(get_args(EventKind))
names = st.sampled_from(["once", "again"])


class Killed(BaseException):
    """The process is gone."""


class Dying(Ledger):
    """A ledger whose process is killed before it writes down what a provider answered."""

    def record(self, *_: object, **_named: object) -> Recorded:
        raise Killed

    def put_back(self, _batch: object, numbers: Iterable[int], _now: object) -> None:
        if list(numbers):
            raise Killed


@dataclass
class Watched(Scripted):
    """A provider that shows each shipment to the test, and lets something happen meanwhile."""

    look: Callable[[Shipment], None] = lambda _: None
    meanwhile: Callable[[str], None] = lambda _: None

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        self.look(shipment)
        for receipt in super().send(shipment):
            self.meanwhile(receipt.delivery_id)
            yield receipt


class LedgerMachine(RuleBasedStateMachine):
    """One campaign of four deliveries in two batches, through two providers."""

    world: World
    renewed: Callable[[], None]
    """Puts the database back to where every run begins."""

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        world.engine.dispose()
        type(self).renewed()
        world.clock.now = NOON
        self.campaign: Campaign = next(iter(world.campaigns))
        self.handed: dict[str, list[str]] = {email: [] for email in PEOPLE}
        """The providers that took each message, by recipient."""
        self.withdrawn: set[str] = set()
        self.reported: set[str] = set()
        self.state, self.fates = "approved", self._fates()

    # What the model knows

    def _fates(self) -> dict[str, str]:
        return self.world.states(self.campaign)

    def _taken(self, email: str) -> bool:
        return bool(self.handed[email])

    def _look(self, shipment: Shipment) -> None:
        """Hold what is handed over to what may be, at the moment after the claim."""
        self.withdrawn |= self._blocked()
        recipients = {envelope.recipient for envelope in shipment.envelopes}
        assert self.campaign.state == "sending"
        assert self.world.clock.now <= NOT_AFTER
        assert not recipients & self.withdrawn

    def _provider(self, name: str, does: list[Act], meanwhile: Meanwhile) -> Watched:
        first = dict(zip(PEOPLE, does, strict=True))

        def act(envelope: Envelope) -> Act:
            email = envelope.recipient
            chosen = first[email]
            if chosen == "postponed":
                first[email] = "accepted"
            if name == "again" and "again" in self.handed[email] and chosen in REFUSALS:
                chosen = "accepted"
            if chosen in TAKES:
                self.handed[email].append(name)
            return chosen

        def happens(delivery_id: str) -> None:
            if meanwhile == "pause":
                with suppress(CampaignError):
                    self.campaign.pause(by="ana")
            elif meanwhile == "cancel":
                with suppress(CampaignError):
                    self.campaign.cancel(by="ana")
            elif meanwhile == "withdraw":
                self._withdraw(PEOPLE[-1])
            elif meanwhile == "report":
                self._report(int(delivery_id.rpartition("-")[2]), "delivered")

        return Watched(act, name == "again", name, look=self._look, meanwhile=happens)

    def _blocked(self) -> set[str]:
        return {row[0] for row in self._rows("SELECT email_key FROM suppressions")}

    def _rows(self, query: str) -> Sequence[Row[Any]]:
        """Look into the database past the library."""
        with self.world.engine.connect() as connection:
            return connection.execute(text(query)).fetchall()

    def _withdraw(self, email: str) -> None:
        if email not in self.withdrawn:
            self.world.workspace.contacts.withdraw(email, "test")
            self.withdrawn.add(email)

    def _report(self, number: int, kind: EventKind) -> None:
        """Report of a delivery what may be true."""
        email = PEOPLE[number - 1]
        if not self._taken(email):
            return
        delivery_id = f"{self.campaign.id}-{number}"
        event = ProviderEvent(f"{kind} {number}", delivery_id, kind, self.world.clock.now)
        take_events(self.world.ledger, [event, event], self.world.clock.now)
        self.reported.add(email)

    # What may happen

    @rule(name=names, does=acts, meanwhile=meanwhiles, resume=st.booleans())
    def send(self, name: str, does: list[Act], meanwhile: Meanwhile, *, resume: bool) -> None:
        self.world.providers[name] = self._provider(name, does, meanwhile)
        with suppress(ProviderError, CampaignError, Crash):
            if resume:
                self.campaign.resume(name, by="ben", workers=1)
            else:
                self.campaign.send(name, workers=1)
        self._check(sent_through=name)

    @rule(
        name=names,
        does=acts,
        at=st.integers(0, 1),
        killed=st.booleans(),
        early=st.dictionaries(numbers, kinds, max_size=2),
    )
    def dispatch(
        self, name: str, does: list[Act], at: int, *, killed: bool, early: dict[int, EventKind]
    ) -> None:
        if self.campaign.state in OVER:
            return
        sending, batches = self.world.sending(self.campaign, self._provider(name, does, "nothing"))
        sending = replace(sending, not_after=NOT_AFTER)
        if killed:
            sending = replace(sending, ledger=Dying(self.world.engine))
        with suppress(ProviderError, Crash, OverError, Killed):
            for batch in batches[at : at + 1]:
                dispatch_batch(sending, batch)
        for number, kind in early.items() if killed else ():
            self._report(number, kind)
        self._check(sent_through=name)

    @rule(number=numbers, kind=kinds)
    def report(self, number: int, kind: EventKind) -> None:
        self._report(number, kind)
        self._check(told=True)

    @rule(number=st.sampled_from(["7", "x", "-1", "9" * 30]), kind=kinds)
    def report_of_others(self, number: str, kind: EventKind) -> None:
        about = f"{self.campaign.id}-{number}"
        event = ProviderEvent("foreign", about, kind, self.world.clock.now)
        assert take_events(self.world.ledger, [event], self.world.clock.now).foreign == 1
        self._check()

    @rule(number=numbers)
    def report_of_what_nobody_has(self, number: int) -> None:
        if self.fates[PEOPLE[number - 1]] in ("suppressed", "cancelled", "expired"):
            about = f"{self.campaign.id}-{number}"
            event = ProviderEvent(f"wrong {number}", about, "dropped", self.world.clock.now)
            take_events(self.world.ledger, [event], self.world.clock.now)
        self._check()

    @rule()
    def pause(self) -> None:
        with suppress(CampaignError):
            self.campaign.pause(by="ana")
        self._check()

    @precondition(lambda self: any(self.handed.values()))
    @rule()
    def cancel(self) -> None:
        with suppress(CampaignError):
            self.campaign.cancel(by="ana")
        self._check()

    @rule()
    def settle(self) -> None:
        open_ = {self._taken(p) for p, s in self._fates().items() if s in ("unknown", "claimed")}
        if len(open_) == 1:
            self.campaign.settle("sent" if open_.pop() else "not-sent", by="ana")
        self._check(told=True)

    @rule(chosen=st.sets(numbers))
    def settle_from_a_file(self, chosen: set[int]) -> None:
        file = self.world.folder / "activity.csv"
        rows = [
            f"{self.campaign.id}-{at},{'sent' if self._taken(PEOPLE[at - 1]) else 'not-sent'}\n"
            for at in chosen
        ]
        file.write_text("".join(["delivery_id,event\n", *rows]), "utf-8")
        self.campaign.settle_from(file, by="ana")
        self._check(told=True)

    @rule(number=numbers, block=st.booleans())
    def withdraw(self, number: int, *, block: bool) -> None:
        email = PEOPLE[number - 1]
        if block:
            self.world.workspace.contacts.suppress(email, "bounced", "test")
            self.withdrawn.add(email)
        else:
            self._withdraw(email)
        self._check()

    @rule(hours=st.sampled_from([-48, -1, 1, 48]))
    def the_clock_moves(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))
        self._check()

    @precondition(lambda self: any(self.handed.values()) and self.world.clock.now < NOT_AFTER)
    @rule()
    def it_gets_late(self) -> None:
        self.world.clock.now = NOT_AFTER + timedelta(hours=1)
        self._check()

    @rule(number=numbers, to=st.sampled_from(list(DeliveryState)))
    def the_database_refuses_any_other_transition(self, number: int, to: DeliveryState) -> None:
        source = DeliveryState(self.fates[PEOPLE[number - 1]])
        if to in {*DELIVERY_TRANSITIONS[source], source}:
            return
        change = f"UPDATE deliveries SET state = '{to.value}' WHERE id = {number}"  # noqa: S608
        with (
            pytest.raises(IntegrityError, match="no such transition"),
            self.world.engine.begin() as connection,
        ):
            connection.execute(text(change))
        self._check()

    # What holds

    def _check(self, sent_through: str | None = None, *, told: bool = False) -> None:
        """Hold the step just taken to the laws about steps."""
        before, after, through = self.fates, self._fates(), self._through()
        for email, state in before.items():
            if state != "unknown" or after[email] == "unknown" or told or email in self.reported:
                continue
            assert sent_through == "again" == through[email], "it was not to be sent again"
        state = str(self.campaign.state)
        if self.state == "cancelled" or (self.state == "paused" and sent_through is None):
            assert state in (self.state, "cancelled")
        if sent_through is None and state != self.state:
            assert state in CAMPAIGN_TRANSITIONS[self.state]  # type: ignore[index]
        self.state, self.fates = state, after
        self.withdrawn |= self._blocked()

    def _through(self) -> dict[str, str | None]:
        rows = self._rows("SELECT provider FROM deliveries ORDER BY id")
        return {email: provider for email, (provider,) in zip(PEOPLE, rows, strict=True)}

    @invariant()
    def the_account_balances(self) -> None:
        assert self.campaign.verify() == ()
        assert len(self.fates) == len(PEOPLE)

    @invariant()
    def nobody_gets_two(self) -> None:
        for providers in self.handed.values():
            assert providers.count("once") + ("again" in providers) <= 1

    @invariant()
    def the_ledger_tells_the_truth(self) -> None:
        for email, state in self.fates.items():
            assert state not in (UNSENT if self._taken(email) else SENT), (email, state)

    @invariant()
    def no_report_waits_but_for_an_answer(self) -> None:
        waiting = (
            "SELECT count(*) FROM provider_events JOIN deliveries ON deliveries.id = delivery"
            " WHERE NOT applied AND state != 'claimed'"
        )
        assert self._rows(waiting) == [(0,)]

    @invariant()
    def nothing_is_over_with_something_open(self) -> None:
        if self.state in ("finished", "expired"):
            assert not {"planned", "claimed", "unknown"} & {*self.fates.values()}

    def teardown(self) -> None:
        """Whatever happened, the truth told at the end settles everything."""
        everybody = set(range(1, len(PEOPLE) + 1))
        for _ in range(2):
            self.settle_from_a_file(everybody)
            self.send("once", ["accepted"] * 4, "nothing", resume=self.state == "paused")
        self.settle_from_a_file(everybody)
        self.the_account_balances()
        self.nobody_gets_two()
        self.the_ledger_tells_the_truth()
        assert self.state in OVER
        assert not {"planned", "claimed", "unknown"} & {*self.fates.values()}


REFUSALS = {"rejected", "undeliverable", "postponed"}
TAKES = {"accepted", "unknown", "crash after", "silence"}


@pytest.fixture
def renewed(world: World, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Return what puts the database of a world back to where it is now."""
    world.engine.dispose()
    if world.engine.dialect.name == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.copied(world.database)
    fresh, used = world.folder / "fresh.db", world.folder / "tigc-mail.db"
    shutil.copy(used, fresh)

    def renew() -> None:
        for end in ("-wal", "-shm"):
            used.with_name(used.name + end).unlink(missing_ok=True)
        shutil.copy(fresh, used)

    return renew


@pytest.fixture
def world(tmp_path: Path, database: str) -> Iterator[World]:
    for world in worlds(tmp_path, QuickWorld, database):
        locales = ["en", "en", "fr", "fr"]
        world.enrol(
            {"email": email, "sector": "public", "locale": locale}
            for email, locale in zip(PEOPLE, locales, strict=True)
        )
        world.approved()
        yield world


@BOTH
def test_any_order_of_what_may_happen_keeps_the_laws(
    world: World, renewed: Callable[[], None]
) -> None:
    LedgerMachine.world, LedgerMachine.renewed = world, staticmethod(renewed)
    some = max(examples(world.engine).max_examples // 4, 5)
    how = settings(max_examples=some, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(LedgerMachine, settings=how)
