"""A provider is handed no more batches at a time than its limit, by all processes together."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from tests.databases import Server
from tests.delivery.scripted import accepting
from tests.delivery.world import World, address

from tigc_mail import CampaignError, StoreError
from tigc_mail.delivery import lanes as lanes_module
from tigc_mail.delivery.lanes import lanes
from tigc_mail.delivery.lock import sole_sender
from tigc_mail.delivery.pace import Limits
from tigc_mail.ground.database import open_engine

_TERMINATE_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with ExitStack() as opened:
        url = f"sqlite:///{tmp_path / 'news.db'}"
        if request.param == "postgresql":
            url = opened.enter_context(request.getfixturevalue("postgresql").database())
        engine = open_engine(url)
        opened.callback(engine.dispose)
        yield engine


def test_two_senders_share_the_lanes_of_a_provider(engine: Engine, tmp_path: Path) -> None:
    with (
        lanes(tmp_path, "smtp", 2, engine) as mine,
        lanes(tmp_path, "smtp", 2, engine) as theirs,
        lanes(tmp_path, "sendgrid", 1, engine) as others,
    ):
        first, second = mine.take(), theirs.take()
        assert first
        assert second
        assert mine.take() is None
        assert theirs.take() is None
        assert others.take() is not None
        first()
        again = theirs.take()
        assert again
        assert mine.take() is None
        second()
        again()
        assert mine.take()
        assert mine.take()
        assert theirs.take() is None


def test_what_was_not_given_back_is_free_at_the_end(engine: Engine, tmp_path: Path) -> None:
    with lanes(tmp_path, "smtp", 1, engine) as mine:
        assert mine.take()
    with lanes(tmp_path, "smtp", 1, engine) as theirs:
        assert theirs.take()


def test_who_waits_is_seen_by_the_others_until_it_has_a_lane(
    engine: Engine, tmp_path: Path
) -> None:
    with (
        lanes(tmp_path, "smtp", 1, engine) as mine,
        lanes(tmp_path, "smtp", 1, engine) as theirs,
    ):
        taken = mine.take()
        assert taken
        assert not mine.wanted()
        assert theirs.take() is None
        assert mine.wanted()
        assert not theirs.wanted()
        taken()
        assert theirs.take()
        assert not mine.wanted()


def test_a_lost_connection_is_told_once_a_lane_is_wanted(
    postgresql: Server, tmp_path: Path
) -> None:
    with postgresql.database() as url:
        engine = open_engine(url)
        with lanes(tmp_path, "smtp", 2, engine) as mine:
            taken = mine.take()
            assert taken
            with engine.connect() as other:
                other.execute(_TERMINATE_OTHERS)
            taken()
            taken()
            with pytest.raises(StoreError, match="Run the same command again"):
                mine.take()
        engine.dispose()


_HOLDER = """
import os, sys
from pathlib import Path
from tigc_mail.delivery.lanes import lanes
from tigc_mail.ground.database import open_engine
with lanes(Path(sys.argv[1]), "smtp", 1, open_engine(sys.argv[2])) as mine:
    mine.take()
    print("taken", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_has_no_lane(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _HOLDER, str(tmp_path), url]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder,
        lanes(tmp_path, "smtp", 1, engine) as mine,
    ):
        assert holder.stdout
        assert holder.stdout.readline() == "taken\n"
        assert mine.take() is None
        holder.kill()
        holder.wait()
        while mine.take() is None:  # the server has yet to see that the connection is gone
            pass


def test_who_may_write_the_database_may_take_the_locks(tmp_path: Path) -> None:
    """So a colleague with another account sends from the same folder."""
    file = tmp_path / "news.db"
    engine = open_engine(f"sqlite:///{file}")
    file.chmod(0o660)
    tmp_path.chmod(0o2770)
    folder = tmp_path / "locks"
    with lanes(folder, "smtp", 1, engine) as mine, sole_sender(folder, "news-001", engine):
        assert mine.take() is not None
    assert {stat.S_IMODE(lock.stat().st_mode) for lock in folder.iterdir()} == {0o660}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2770
    engine.dispose()


def test_more_threads_than_a_pool_holds_have_a_connection_each(engine: Engine) -> None:
    with ExitStack() as opened:
        connections = [opened.enter_context(engine.connect()) for _ in range(20)]
        assert [each.scalar(text("SELECT 1")) for each in connections] == [1] * 20


def test_a_folder_that_takes_no_lock_is_told(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'news.db'}")
    (tmp_path / "locks").write_text("a file")
    with lanes(tmp_path / "locks", "smtp", 1, engine) as mine, pytest.raises(CampaignError) as told:
        mine.take()
    assert "a lock cannot be written" in str(told.value)
    engine.dispose()


def enrolled(world: World, limits: Limits) -> None:
    world.pace = limits
    world.enrol({"email": address(at), "sector": "public"} for at in range(25))


def test_a_send_waits_for_a_lane_that_another_send_has(world: World) -> None:
    enrolled(world, Limits(concurrency=1))
    provider = world.providers["scripted"] = accepting()
    campaign, told, naps = world.approved(), list[str](), list[float]()
    with ExitStack() as others:
        elsewhere = others.enter_context(world._office.lanes("scripted", 1))
        taken = elsewhere.take()
        assert taken

        def nap(seconds: float) -> None:
            assert provider.taken == {}
            naps.append(seconds)
            if len(naps) == 3:
                taken()

        world.meanwhile = nap
        status = campaign.send("scripted", waiting=lambda reason, _: told.append(reason))
    assert status.states == {"accepted": 25}
    assert told == ["the limit of batches at a time, which other sends have reached"]
    assert naps == [0.2] * 3


def test_a_send_gives_way_to_another_that_waits_for_a_lane(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "_TURN", 0.0)
    enrolled(world, Limits(concurrency=1))
    provider = world.providers["scripted"] = accepting()
    monkeypatch.setattr(provider, "largest_shipment", 1)
    campaign, given, told = world.approved(), list[int](), list[str]()
    with (
        world._office.lanes("scripted", 1) as before,
        world._office.lanes("scripted", 1) as elsewhere,
    ):
        taken = before.take()
        assert taken
        assert elsewhere.take() is None, "it waits from now on"
        taken()

        def meanwhile(_: float) -> None:
            taken = elsewhere.take()
            if taken is not None:
                given.append(len(provider.taken))
                taken()

        world.meanwhile = meanwhile
        status = campaign.send("scripted", waiting=lambda reason, _: told.append(reason))
    assert status.states == {"accepted": 25}
    assert given
    assert 0 < given[0] < 25, "while the send was under way"
    assert told == []


def test_a_send_that_waits_for_a_lane_can_be_paused(world: World) -> None:
    enrolled(world, Limits(concurrency=1))
    provider = world.providers["scripted"] = accepting()
    campaign = world.approved()
    with world._office.lanes("scripted", 1) as elsewhere:
        assert elsewhere.take()
        world.meanwhile = lambda _: campaign.pause(by="ana")
        status = campaign.send("scripted")
    assert (status.state, provider.taken) == ("paused", {})
