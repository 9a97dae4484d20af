"""What every test may rely on: a program that set logging up in this process leaves no trace of it.

``IVR_TESTS=short`` leaves out what is slow and no whole call, and says how much.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import redis

from ivr.redisserver import RedisServer
from ivr.store import connect

IS_SHORT = os.environ.get("IVR_TESTS") == "short"
LOGGERS = ("", "ivr", "twilio.http_client")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis; its tests empty it, so it is theirs alone."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as client:
        client.flushall()
        yield client


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not IS_SHORT:
        return
    left_out = [
        item for item in items if item.get_closest_marker("slow") and not item.get_closest_marker("whole")
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_report_header() -> str:
    return (
        "the short form: slow tests are left out (deselected below); `make test` runs all" if IS_SHORT else ""
    )
