"""Two machines with one PostgreSQL lose nobody and write to nobody twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text, true
from tests.databases import Server
from tests.delivery.scripted import Act, Scripted, accepting
from tests.delivery.test_dispatch import QuickWorld
from tests.delivery.world import World, address, worlds

from tigc_mail import Campaign, CampaignError, Envelope, StoreError
from tigc_mail.delivery.claims import Claims, parameters
from tigc_mail.delivery.dispatch import dispatch_batch
from tigc_mail.delivery.events import take_events
from tigc_mail.delivery.providers.protocol import ProviderEvent
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.ground.database import writing
from tigc_mail.people.tables import insert_into, suppressions

READERS = 12
"""In two batches: those with an even number read French."""


class Machines(NamedTuple):
    """Two machines, each with a workspace of its own, and their campaign."""

    here: World
    there: World
    campaign: Campaign

    @property
    def seen_there(self) -> Campaign:
        return self.there.campaigns.get(self.campaign.id)

    def provide(self, provider: Scripted) -> Scripted:
        """Give both the same provider."""
        for world in (self.here, self.there):
            world.providers["scripted"] = provider
        return provider


@pytest.fixture
def machines(postgresql: Server, tmp_path: Path) -> Iterator[Machines]:
    with postgresql.database() as url:
        for here in worlds(tmp_path / "here", QuickWorld, url):
            for there in worlds(tmp_path / "there", QuickWorld, url, first=501):
                here.enrol(
                    {"email": address(at), "sector": "public", "locale": ("fr", "en")[at % 2]}
                    for at in range(READERS)
                )
                yield Machines(here, there, here.approved())


def everybody(times: int = 1) -> dict[str, int]:
    return {address(at): times for at in range(READERS)}


def until_somebody_waits(engine: Engine) -> None:
    """Return once a transaction waits for its turn to write."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with engine.connect() as connection:
        while not connection.scalar(waiting):
            connection.rollback()


def test_of_two_machines_that_send_the_second_is_told(machines: Machines) -> None:
    provider = machines.provide(accepting())
    with (
        machines.here.sole_sender(machines.campaign),
        pytest.raises(CampaignError, match=r"another process is sending this campaign. Wait"),
    ):
        machines.seen_there.send("scripted")
    assert machines.seen_there.send("scripted").state == "finished"
    assert provider.taken == everybody()


def test_another_campaign_may_be_sent_meanwhile(machines: Machines) -> None:
    machines.provide(accepting())
    other = machines.there.approved()
    with machines.here.sole_sender(machines.campaign):
        assert other.send("scripted").state == "finished"


def test_the_account_adds_up_for_others_at_every_moment_of_a_send(machines: Machines) -> None:
    seen: list[tuple[str, ...]] = []

    def look(_: Envelope) -> Act:
        status = machines.seen_there.status()
        assert sum(status.states.values()) == status.planned == READERS
        seen.append(machines.seen_there.verify())
        return "accepted"

    provider = machines.provide(Scripted(look))
    assert machines.campaign.send("scripted").states == {"accepted": READERS}
    assert (provider.taken, set(seen)) == (everybody(), {()})


def test_two_that_dispatch_the_same_batches_without_a_lock_send_each_once(
    machines: Machines,
) -> None:
    provider = accepting()
    here, batches = machines.here.sending(machines.campaign, provider)
    there, _ = machines.there.sending(machines.seen_there, provider)
    jobs = [(sending, batch) for batch in batches for sending in (here, there)] * 2
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda job: dispatch_batch(*job), jobs))
    assert sum((Counter(count.counts) for count in counts), Counter()) == {"accepted": READERS}
    assert provider.taken == everybody()
    assert machines.campaign.verify() == ()


def test_who_is_suppressed_before_the_claim_gets_nothing(machines: Machines) -> None:
    provider = accepting()
    sending, batches = machines.here.sending(machines.campaign, provider)
    blocked = {"email_key": address(0), "reason": "complained", "source": "page"}
    with ThreadPoolExecutor(1) as pool:
        with writing(machines.there.engine) as connection:
            blocking = insert_into(suppressions, connection).values(
                at=machines.there.clock(), **blocked
            )
            connection.execute(blocking)
            claiming = pool.submit(lambda: [dispatch_batch(sending, batch) for batch in batches])
            until_somebody_waits(machines.there.engine)  # for what is not committed yet
        claiming.result()
    assert provider.taken == {email: n for email, n in everybody().items() if email != address(0)}
    assert machines.here.states(machines.campaign)[address(0)] == "suppressed"


def test_who_withdraws_after_the_claim_waits_for_it_and_is_told_the_truth(
    machines: Machines,
) -> None:
    ledger, there = machines.here.ledger, machines.there.workspace.contacts
    _, (batch, _) = machines.here.sending(machines.campaign, accepting())
    everyone = Claims(DeliveryState.PLANNED, true())
    asked = parameters(batch, datetime.now(UTC), timedelta(1), "scripted")
    with ThreadPoolExecutor(1) as pool:
        with ledger.writing() as connection:
            claimed = ledger.claim(connection, everyone, asked)
            withdrawing = pool.submit(there.withdraw, address(1), "page")
            until_somebody_waits(machines.here.engine)
        withdrawing.result()
    assert len(claimed) == batch.size
    found = there.get(address(1))
    assert found is not None
    assert found.consent_basis is None


def test_a_report_that_comes_to_two_machines_is_taken_once(machines: Machines) -> None:
    machines.provide(accepting())
    machines.campaign.send("scripted")
    name, now = machines.campaign.id, machines.here.clock()
    events = [
        ProviderEvent(f"{at}", f"{name}-{at}", "delivered", now) for at in range(1, READERS + 1)
    ]
    ledgers = [machines.here.ledger, machines.there.ledger] * 2
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda ledger: take_events(ledger, events, now), ledgers))
    assert sum(report.taken for report in reports) == READERS
    assert machines.campaign.status().states == {"delivered": READERS}


def test_two_that_plan_at_the_same_time_number_their_deliveries_without_a_gap(
    machines: Machines,
) -> None:
    def create(world: World) -> Campaign:
        return world.campaigns.create("news", author="ana")

    with ThreadPoolExecutor(2) as pool:
        created = list(pool.map(create, [machines.here, machines.there] * 2))
    assert [campaign.verify() for campaign in created] == [()] * 4
    assert [campaign.planned for campaign in created] == [READERS] * 4


def test_a_plan_that_fails_leaves_no_gap_that_the_next_one_would_stumble_over(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(machines.here.ledger, "describe_plan", fail)
    with pytest.raises(RuntimeError):
        machines.here.campaigns.create("news", author="ana")
    again = machines.there.campaigns.create("news", author="ana")
    assert (again.verify(), again.planned) == ((), READERS)


# A lock, or a server, that is lost midway


def terminated(machines: Machines, whose: str) -> None:
    """Have the server end connections to the database of the machines, but that which asks."""
    ending = text(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"  # noqa: S608
        f" WHERE datname = current_database() AND pid != pg_backend_pid() AND {whose}"
    )
    with machines.there.engine.connect() as connection:
        connection.execute(ending)


HOLDER = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"


def test_a_sender_that_lost_its_lock_claims_nothing_more(machines: Machines) -> None:
    def lose(envelope: Envelope) -> Act:
        if not provider.taken:
            terminated(machines, HOLDER)
            with machines.there.sole_sender(machines.campaign):
                pass  # another machine could begin now
        return "accepted"

    provider = machines.provide(Scripted(lose))
    told = r"database_url \(.*\): the server ended the connection that made this the only sender"
    with pytest.raises(StoreError, match=told):
        machines.campaign.send("scripted", workers=1)
    assert machines.campaign.status().states == {"accepted": 6, "planned": 6}
    assert machines.seen_there.send("scripted").state == "finished"
    assert provider.taken == everybody()
    assert machines.campaign.verify() == ()


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_server_that_fails_midway_ends_the_send_and_nobody_is_lost_or_doubled(
    machines: Machines,
    idempotent: bool,  # noqa: FBT001
) -> None:
    failed: list[bool] = []

    def fail(_: Envelope) -> Act:
        if not failed:
            failed.append(True)
            terminated(machines, "true")
        return "accepted"

    provider = machines.provide(Scripted(fail, idempotent))
    with pytest.raises(StoreError, match=r"the server ended the connection.* same command again"):
        machines.campaign.send("scripted", workers=1)
    status = machines.seen_there.send("scripted")
    assert machines.campaign.verify() == ()
    assert sum(status.states.values()) == READERS
    if idempotent:
        assert status.states == {"accepted": READERS}
    else:
        assert provider.taken == everybody()
        assert status.states["accepted"] >= READERS // 2
    assert provider.taken.keys() == everybody().keys()
