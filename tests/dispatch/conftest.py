"""A real Redis, and tests that may be coroutines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from coroutines import pytest_pyfunc_call

from ivr.redisserver import RedisServer
from ivr.store import connect

__all__ = ["pytest_pyfunc_call"]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as client:
        client.flushall()
        yield client
