"""Whatever dies, every recipient's fate is known: a short run of the crash test."""

from pathlib import Path
from random import Random

from tests.delivery.crash import KINDS, crash


def test_senders_killed_at_random_moments_lose_nobody_and_double_nobody(tmp_path: Path) -> None:
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    assert crash(tmp_path, 2 * len(KINDS), 600, Random(seed), print, at_once=2) == []
