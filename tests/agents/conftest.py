"""A real Redis for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from hall import Hall, MakeHall

from ivr.agents.rules import Rules
from ivr.redisserver import RedisServer
from ivr.store import connect


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("agents")) as server:
        yield server.url


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def make_hall(client: redis.Redis) -> MakeHall:
    def make(**rules: Rules) -> Hall:
        return Hall(client, **rules)

    return make


@pytest.fixture
def hall(client: redis.Redis) -> Hall:
    """Queues with the usual rules."""
    return Hall(client)
