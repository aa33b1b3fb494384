"""A small workspace and its preview."""

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import preview_of
from tests.interfaces.small import Small


@pytest.fixture
def preview(small: Small) -> ASGIApp:
    return preview_of(small.folder)
