"""The account adds up at every moment, and verify says what does not."""

from collections.abc import Callable

import pytest

from tests.delivery.scripted import accepting, doing
from tests.delivery.world import World
from tigc_mail import Campaign, ProviderError
