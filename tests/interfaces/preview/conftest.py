"""A small workspace and its preview."""

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import HOST, TOKEN
from tests.interfaces.small import Small

from tigc_mail.interfaces.preview.app import preview_app
from tigc_mail.interfaces.preview.studio import Studio


@pytest.fixture
def preview(small: Small) -> ASGIApp:
    return preview_app(Studio(small.folder), token=TOKEN, hosts=[HOST, "localhost:8765"])
