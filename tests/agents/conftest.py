"""The queues of these tests."""

from __future__ import annotations

import pytest
import redis
from hall import Hall, MakeHall

from ivr.agents.rules import Rules


@pytest.fixture
def make_hall(client: redis.Redis) -> MakeHall:
    def make(**rules: Rules) -> Hall:
        return Hall(client, **rules)

    return make


@pytest.fixture
def hall(client: redis.Redis) -> Hall:
    """Queues with the usual rules."""
    return Hall(client)
