"""Trouble with Redis as an error of our own, wherever Redis is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from ivr.errors import IvrError


@contextmanager
def redis_as(error: type[IvrError]) -> Iterator[None]:
    """Whatever Redis raises inside becomes an ``error`` that says what it was."""
    try:
        yield
    except redis.RedisError as trouble:
        raise error(f"Redis: {trouble or type(trouble).__name__}") from trouble
