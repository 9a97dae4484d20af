"""Any trouble with Redis in this room is a StoreError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from ivr.errors import StoreError


@contextmanager
def guard() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreError(f"Redis: {error or type(error).__name__}") from error
