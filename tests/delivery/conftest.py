"""A small workspace on a real database, for all that delivery does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.delivery.world import World, worlds


@pytest.fixture
def world(tmp_path: Path, database: str) -> Iterator[World]:
    """A workspace with three audiences and one edition, and nobody in it yet."""
    yield from worlds(tmp_path, database=database)
