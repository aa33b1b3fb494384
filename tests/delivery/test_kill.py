"""A send that is killed, however often and whenever, is continued by the same call."""

from pathlib import Path
from random import Random

from tests.delivery.kill import kill_rounds, lost, messages, prepare
from tests.delivery.world import lay_down

from tigc_mail import Workspace

ROUNDS = 4
RECIPIENTS = 2000


def test_kill_9_loses_nobody_and_writes_to_nobody_twice(tmp_path: Path) -> None:
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    workspace = Workspace.open(lay_down(tmp_path))
    campaign = prepare(workspace, "news", RECIPIENTS, ("public", "private-sector"))
    for killed in kill_rounds(tmp_path, campaign, ROUNDS, Random(seed)):
        assert killed.problems == ()
        assert sum(killed.states.values()) == RECIPIENTS
    if campaign.state != "finished":
        campaign.send("outbox")
    assert lost(tmp_path, campaign, RECIPIENTS) == []
    assert messages(tmp_path / "outbox", campaign) == RECIPIENTS
